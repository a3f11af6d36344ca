#include "tests/crash/crash_script.hpp"

#include <algorithm>
#include <nlohmann/json.hpp>

namespace gantry::test {

namespace {

using namespace std::chrono_literals;

/// Runs of the story of trouble; all but the last go wrong.
constexpr size_t troubled_runs = 4;

/// The machine's clock, slow enough for somebody to step in, or fast.
void set_speed(uint16_t port, bool fast) {
  control_machine(port, "POST", "/sim/fault",
                  nlohmann::json{{"kind", "speed"}, {"factor", fast ? 2'000 : 10}}.dump());
}

void make_trouble(running_kernel& kernel, const order_id& id) {
  const auto how = kernel.get<plan>(ref_of(kernel.get<order>(ref_of(id)).lines.at(0).plan));
  if (how.plates.empty())
    return;
  const auto what = kernel.get<plate>(ref_of(how.plates.at(0)));
  const auto newest = kernel.get<run>(ref_of(what.runs.back()));
  const auto printers = kernel.open<printer>(entity_kind::printer);
  const auto port = static_cast<uint16_t>(printers.at(0).setup.address.port);
  set_speed(port, what.runs.size() >= troubled_runs);
  if (newest.state == run_state::printing && what.runs.size() == 1)
    kernel.ask(commands::cancel_run{newest.id, {}}, "cancel-" + newest.id.value);
  else if (newest.state == run_state::printing && what.runs.size() < troubled_runs)
    control_machine(port, "POST", "/sim/fault", R"({"kind":"fail_print"})");
  if (newest.state == run_state::cancelled && what.state == plate_state::held)
    kernel.ask(commands::reprint_plate{what.id, {}}, "reprint-" + newest.id.value);
  if (kernel.get<breaker>(ref_of(how.breaker)).state == breaker_state::open)
    kernel.ask(commands::reset_breaker{how.breaker, "checked"}, "reset-" + newest.id.value);
}

void withdraw_order(running_kernel& kernel, const order_id& id) {
  const auto printers = kernel.open<printer>(entity_kind::printer);
  set_speed(static_cast<uint16_t>(printers.at(0).setup.address.port), false);
  for (const auto& what : kernel.open<run>(entity_kind::run))
    if (what.state == run_state::printing)
      kernel.ask(commands::cancel_order{id, {}}, "withdraw-" + id.value);
}

void give_permits(running_kernel& kernel) {
  for (const auto& what : kernel.open<run>(entity_kind::run)) {
    if (what.state == run_state::approval)
      kernel.ask(commands::settle_approval{what.pending_decision, true, {}},
                 "approve-" + what.pending_decision.value);
    if (what.state == run_state::printing)
      kernel.ask(commands::pause_run{what.id, {}}, "pause-" + what.id.value);
    if (what.state != run_state::paused)
      continue;
    // A resume that comes too early fails, and is asked for again.
    const auto where = storage::reader{kernel.store()}.get(ref_of(what.printer));
    const auto state = std::get<printer>(*decode_state(entity_kind::printer, where->json));
    if (state.ticket && state.ticket->wanted == wanted_action::none)
      kernel.ask(commands::resume_run{what.id, {}},
                 "resume-" + what.id.value + "-" + std::to_string(where->version));
  }
}

} // namespace

crash_story story_called(const std::string& name) {
  const auto at = std::ranges::find(crash_story_names, name);
  must(at != crash_story_names.end(), "no story " + name);
  return static_cast<crash_story>(at - crash_story_names.begin());
}

size_t machines_of(crash_story what) {
  return what == crash_story::permits ? 2 : 1;
}

size_t prints_of(crash_story what) {
  if (what == crash_story::trouble)
    return troubled_runs;
  return machines_of(what);
}

size_t good_prints_of(crash_story what) {
  return what == crash_story::withdrawn ? 0 : machines_of(what);
}

void set_up_story(crash_story what, running_kernel& kernel, uint16_t port) {
  kernel.seed();
  kernel.change_settings([](settings& x) {
    x.start_lag_s = 1;
    x.settle_after_ready_s = 0;
    x.start_deadline_s = 5;
  });
  static_cast<void>(kernel.add_printer("left", port));
  if (what == crash_story::permits)
    static_cast<void>(kernel.add_printer("right", static_cast<uint16_t>(port + 1), "gated"));
}

order_id place_order(crash_story what, running_kernel& kernel) {
  std::vector<std::string> models{"examples/cube.stl"};
  if (what == crash_story::permits)
    models.emplace_back("examples/overhang.stl");
  return kernel.order_models("the-order", models);
}

void wait_for_queue(crash_story what, running_kernel& kernel) {
  must(kernel.wait_until([&] {
    return kernel.open<run>(entity_kind::run).size() == machines_of(what)
           && kernel.waits_for(reason::bed_unknown);
  }),
       "the runs do not wait");
}

bool play_to_end(crash_story what, running_kernel& kernel, const order_id& id) {
  return kernel.operate_until(
      [&] {
        if (what == crash_story::trouble)
          make_trouble(kernel, id);
        if (what == crash_story::permits)
          give_permits(kernel);
        if (what == crash_story::withdrawn) {
          withdraw_order(kernel, id);
          return kernel.get<order>(ref_of(id)).state == order_state::cancelled
                 && kernel.open<run>(entity_kind::run).empty();
        }
        return kernel.get<order>(ref_of(id)).state == order_state::fulfilled;
      },
      what == crash_story::print ? 20s : 50s);
}

} // namespace gantry::test
