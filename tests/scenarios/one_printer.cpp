#include "tests/scenarios/one_printer.hpp"

#include <algorithm>
#include <cstdio>

namespace gantry::test {

namespace {

using namespace std::chrono_literals;

/// Long enough for a busy machine; a scenario that is right needs a fraction of it.
constexpr auto patience = 25s;

} // namespace

one_printer::one_printer(one_printer_options options)
    : options_{std::move(options)}, machines_{machine_options()} {
  start_kernel();
  kernel_->seed();
  kernel_->change_settings([](settings& x) {
    x.start_lag_s = 1;
    x.settle_after_ready_s = 0;
    x.start_deadline_s = 5;
  });
  where_ = kernel_->add_printer("left", port(), options_.printer_class, options_.known_key);
}

sim::simulator_options one_printer::machine_options() const {
  sim::simulator_options result;
  result.speed = 1'500;
  result.api_key = options_.machine_key;
  result.log_dir = folder_.path() / "logs";
  std::filesystem::create_directories(result.log_dir);
  return result;
}

void one_printer::stop_kernel() {
  kernel_.reset();
}

void one_printer::start_kernel() {
  kernel_options options;
  options.slicer = options_.slicer;
  options.around_ports = [this](hal::printer_port_factory& inner) {
    return make_hooked_ports(inner, hooks_);
  };
  kernel_ = std::make_unique<running_kernel>(folder_.path() / "data", std::move(options));
}

void one_printer::start_at_screen() {
  std::string gcode = "G28\n";
  for (int i = 0; i < 100; ++i)
    gcode += "G4 P600000\n";
  act({{"kind", "screen_start"}, {"file", "by-hand.gcode"}, {"gcode", gcode}});
}

std::vector<print_start> one_printer::starts() const {
  return print_starts_in(folder_.path() / "logs");
}

size_t one_printer::commands_given(const std::string& command) const {
  const auto given = events_in(folder_.path() / "logs", "gcode");
  return static_cast<size_t>(std::ranges::count_if(
      given, [&](const auto& x) { return x["command"] == command && x["origin"] == "api"; }));
}

plan one_printer::plan_of(const order_id& id) const {
  return kernel_->get<plan>(ref_of(get(id).lines.at(0).plan));
}

std::optional<run> one_printer::run_of(const order_id& id) const {
  const auto plates = plan_of(id).plates;
  if (plates.empty())
    return std::nullopt;
  return get(kernel_->get<plate>(ref_of(plates.at(0))).runs.back());
}

order_id one_printer::order_cube(const std::string& key) {
  return kernel_->order_models(key, {"examples/cube.stl"});
}

void one_printer::expect(bool came_true, std::source_location where) const {
  if (came_true)
    return;
  // The text of an exception would be cut.
  std::fputs(kernel_->story().c_str(), stderr);
  must(false, std::string{where.file_name()} + ":" + std::to_string(where.line()));
}

bool one_printer::becomes(const order_id& id, order_state state) {
  return kernel_->wait_until([&] { return get(id).state == state; }, patience);
}

bool one_printer::run_becomes(const order_id& id, run_state state) {
  return kernel_->wait_until(
      [&] {
        const auto what = run_of(id);
        return what && what->state == state;
      },
      patience);
}

bool one_printer::prints(const order_id& id) {
  return kernel_->operate_until(
      [&] {
        const auto what = run_of(id);
        return what && what->state == run_state::printing;
      },
      patience);
}

bool one_printer::is_fulfilled(const order_id& id) {
  return kernel_->operate_until([&] { return get(id).state == order_state::fulfilled; }, patience);
}

bool one_printer::has_event(const std::string& type) const {
  bool found = false;
  storage::reader{kernel_->store()}.events_after(0, [&](uint64_t, std::string_view encoded) {
    found = decode_envelope(encoded)->type == type;
    return !found;
  });
  return found;
}

} // namespace gantry::test
