#include "tests/scenarios/station_kernel.hpp"

#include "schemas/codec.hpp"
#include "storage/initialise.hpp"
#include "storage/reader.hpp"

#include <future>
#include <thread>

namespace gantry::test {

using namespace commands;

namespace {

station_pump pump(const std::string& name, pump_role role, const std::string& material) {
  station_pump out;
  out.name = name;
  out.role = role;
  out.material = material;
  out.flow_ul_per_s = 100'000;
  out.direction_confirmed = true;
  return out;
}

} // namespace

station_setup quick_setup() {
  station_setup setup;
  setup.name = "Resin 1";
  setup.host = "192.168.4.2";
  setup.pump_bank = "bank1";
  setup.pumps = {pump("a", pump_role::fill, "A"), pump("b", pump_role::fill, "B"),
                 pump("c", pump_role::fill, "C"), pump("drain", pump_role::drain, "")};
  setup.change.quiescence_s = 0;
  setup.change.plate_clear_delay_s = 0;
  setup.change.settle_delay_s = 0;
  setup.offline_grace_s = 1;
  setup.initial_material = "A";
  return setup;
}

station_kernel::station_kernel(resin_machines& machines) : machines_{machines} {
  static_cast<void>(storage::initialise(store_, {.site_bits = 1, .epoch_bits = 2}));
  begin();
}

station_kernel::~station_kernel() = default;

void station_kernel::begin() {
  actors::kernel_parts parts;
  parts.store = &store_;
  parts.artifacts = &artifacts_;
  parts.clock = clock_.get();
  parts.ids = ids_.get();
  parts.resin_printers = &machines_;
  parts.pumps = &machines_;
  kernel_ = actors::start_kernel(parts);
}

void station_kernel::restart() {
  kernel_.reset();
  begin();
}

command station_kernel::by_person(any_command body) {
  command request;
  request.context.who = {.id = "tok-abcdefghijkl2",
                         .name = "Kim",
                         .kind = principal_kind::user,
                         .roles = {role::admin}};
  request.context.via = "test";
  request.context.idempotency_key = "key-" + std::to_string(++keys_);
  request.context.body_sha256 = request.context.idempotency_key;
  request.body = std::move(body);
  return request;
}

void station_kernel::submit(any_command body) {
  kernel_->submit(by_person(std::move(body)), [](const actors::command_reply&) {});
}

std::string station_kernel::ask(any_command body) {
  const auto request = by_person(std::move(body));
  auto done = std::make_shared<std::promise<actors::command_reply>>();
  auto reply = done->get_future();
  kernel_->submit(request, [done](actors::command_reply x) { done->set_value(std::move(x)); });
  const auto answer = reply.get();
  if (std::holds_alternative<add_station>(request.body))
    id_.value = answer.entity.id;
  return std::string{to_string(answer.code)};
}

void station_kernel::set_up(const std::vector<recipe_step>& recipe, const station_setup& setup) {
  ask(add_station{setup});
  for (const auto* name : {"a", "b", "c"})
    ask(set_level{id_, name, 200'000, {}});
  ask(set_recipe{id_, recipe, {}});
}

std::string station_kernel::start() {
  start_station body;
  body.id = id_;
  body.file = "vase.pwmb";
  body.internal_file = "3.pwmb";
  // The first report may still be on its way.
  static_cast<void>(until([this](const station&) {
    const auto live = kernel_->live().station(id_);
    return live && live->facts.fresh && live->facts.pumps.connected;
  }));
  return ask(body);
}

station station_kernel::now() const {
  const auto stored = storage::reader{store_}.get(ref_of(id_));
  if (!stored)
    return {};
  return *from_json_text<station>(stored->json, strictness::stored);
}

std::vector<std::string> station_kernel::events() const {
  std::vector<std::string> names;
  storage::reader{store_}.events_of(ref_of(id_), [&names](uint64_t, std::string_view text) {
    if (const auto envelope = decode_envelope(text))
      names.push_back(envelope->type);
    return true;
  });
  return names;
}

bool station_kernel::until(const std::function<bool(const station&)>& reached) const {
  for (int round = 0; round < 4'000; ++round) {
    if (reached(now()))
      return true;
    std::this_thread::sleep_for(std::chrono::milliseconds{5});
  }
  return false;
}

bool station_kernel::becomes(station_state wanted) const {
  return until([wanted](const station& x) { return x.state == wanted; });
}

bool station_kernel::reaches(change_step wanted) const {
  return until([wanted](const station& x) {
    return x.state == station_state::material_change && x.change() && x.change()->step == wanted;
  });
}

} // namespace gantry::test
