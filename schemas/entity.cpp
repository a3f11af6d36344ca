#include "schemas/entity.hpp"

#include <type_traits>

namespace gantry {

namespace {

bool open(const order& x) {
  return x.state != order_state::fulfilled && x.state != order_state::cancelled;
}
bool open(const plan& x) {
  return x.state != plan_state::done && x.state != plan_state::cancelled;
}
bool open(const plate& x) {
  return x.state != plate_state::passed && x.state != plate_state::cancelled;
}
bool open(const run& x) {
  return x.state < run_state::passed;
}
bool open(const printer& x) {
  return x.mode != printer_mode::retired;
}
bool open(const breaker& x) {
  return x.state == breaker_state::open;
}
bool open(const decision& x) {
  return x.approval == approval_state::pending;
}
bool open(const artifact&) {
  return false;
}
bool open(const profile&) {
  return true;
}
bool open(const material&) {
  return true;
}
bool open(const token& x) {
  return !x.revoked;
}
bool open(const settings&) {
  return true;
}
bool open(const station& x) {
  return !x.retired;
}

template <size_t... Index>
any_state blank(size_t kind, std::index_sequence<Index...>) {
  any_state result;
  ((kind == Index ? void(result.emplace<Index>()) : void()), ...);
  return result;
}

} // namespace

static_assert(std::variant_size_v<any_state::alternatives> == entity_kinds);

std::string entity_ref::text() const {
  return std::string{name_of(kind)} + "/" + id;
}

std::string_view id_prefix_of(entity_kind kind) {
  static constexpr auto prefixes = std::to_array<std::string_view>(
      {order_id::prefix, plan_id::prefix, plate_id::prefix, run_id::prefix, printer_id::prefix,
       breaker_id::prefix, decision_id::prefix, artifact_id::prefix, profile_id::prefix,
       material_id::prefix, token_id::prefix, settings_id::prefix, station_id::prefix});
  static_assert(prefixes.size() == entity_kinds);
  return prefixes[static_cast<size_t>(kind)];
}

entity_ref settings_ref() {
  static const std::string id = derive_id(settings_id::prefix, "gantry", "settings");
  return {entity_kind::settings, id};
}

entity_kind kind_of(const any_state& state) {
  return static_cast<entity_kind>(state.index());
}

any_state blank_state(entity_kind kind) {
  return blank(static_cast<size_t>(kind), std::make_index_sequence<entity_kinds>{});
}

bool is_open(const any_state& state) {
  return std::visit([](const auto& x) { return open(x); }, state);
}

std::string_view type_of(const any_event& event) {
  return std::visit([](const auto& x) { return std::decay_t<decltype(x)>::type; }, event);
}

any_state::any_state() = default;
any_state::any_state(const any_state&) = default;
any_state::any_state(any_state&&) noexcept = default;
any_state& any_state::operator=(const any_state&) = default;
any_state& any_state::operator=(any_state&&) noexcept = default;
any_state::~any_state() = default;

any_event::any_event() = default;
any_event::any_event(const any_event&) = default;
any_event::any_event(any_event&&) noexcept = default;
any_event& any_event::operator=(const any_event&) = default;
any_event& any_event::operator=(any_event&&) noexcept = default;
any_event::~any_event() = default;

} // namespace gantry
