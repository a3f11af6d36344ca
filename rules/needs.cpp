#include "rules/needs.hpp"

#include <type_traits>

namespace gantry::rules {

using namespace commands;

namespace {

/// Collects what is not known yet.
class collector {
public:
  collector(const facts& known, read_request& out) : known_{known}, out_{out} {}

  void want(const entity_ref& entity) {
    if (!entity.id.empty() && !known_.has(entity))
      out_.entities.push_back(entity);
  }

  void want_all(entity_kind kind) {
    if (!known_.complete(kind))
      out_.kinds.push_back(kind);
  }

  /// A plan with what guards and feeds it.
  void want_plan(const plan_id& id) {
    want(ref_of(id));
    if (const auto* how = known_.find<plan>(ref_of(id))) {
      want(ref_of(how->order));
      want(ref_of(how->breaker));
      want(ref_of(how->profile));
      if (const auto* revision = how->current())
        want(ref_of(revision->profile));
    }
  }

  /// A run with everything that its end may touch.
  void want_run(const run_id& id) {
    want(ref_of(id));
    if (const auto* what = known_.find<run>(ref_of(id))) {
      want(ref_of(what->plate));
      want(ref_of(what->pending_decision));
      want_plan(what->plan);
      want(settings_ref());
    }
  }

  /// A printer with its ticket's run.
  void want_printer(const printer_id& id) {
    want(ref_of(id));
    if (const auto* where = known_.find<printer>(ref_of(id)); where && where->ticket)
      want_run(where->ticket->run);
  }

  /// An order with everything below it.
  void want_order(const order_id& id) {
    want(ref_of(id));
    const auto* promise = known_.find<order>(ref_of(id));
    if (!promise)
      return;
    for (const auto& line : promise->lines) {
      want(ref_of(line.plan));
      for (const auto& each : line.plates) {
        want(ref_of(each));
        if (const auto* arranged = known_.find<plate>(ref_of(each));
            arranged && !arranged->runs.empty()) {
          const auto last = ref_of(arranged->runs.back());
          want(last);
          if (const auto* what = known_.find<run>(last))
            want(ref_of(what->pending_decision));
        }
      }
    }
  }

private:
  const facts& known_;
  read_request& out_;
};

struct need_finder {
  collector& read;
  const entity_ref& initiator;

  void operator()(const create_order& x) const {
    read.want_all(entity_kind::profile);
    read.want_all(entity_kind::material);
    for (const auto& line : x.lines)
      read.want(ref_of(line.model));
  }
  void operator()(const cancel_order& x) const { read.want_order(x.id); }
  void operator()(const model_checked& x) const { read.want_plan(x.id); }
  void operator()(const slicing_settled& x) const {
    read.want_plan(x.id);
    if (x.revision)
      read.want(ref_of(x.revision->gcode));
  }
  void operator()(const request_revision& x) const {
    read.want_plan(x.id);
    read.want(ref_of(x.profile));
  }
  void operator()(const reprint_plate& x) const {
    read.want(ref_of(x.id));
    if (const auto* arranged = known().find<plate>(ref_of(x.id))) {
      read.want_plan(arranged->plan);
      if (!arranged->runs.empty())
        read.want(ref_of(arranged->runs.back()));
    }
  }
  void operator()(const cancel_run& x) const { by_run(x.id); }
  void operator()(const pause_run& x) const { by_run(x.id); }
  void operator()(const resume_run& x) const { by_run(x.id); }
  void operator()(const settle_run& x) const { by_run(x.id); }
  void operator()(const inspect_run& x) const { read.want_run(x.id); }
  void operator()(const reserve_run& x) const {
    read.want_printer(x.id);
    read.want_run(x.run);
  }
  void operator()(const add_printer&) const { read.want_all(entity_kind::printer); }
  void operator()(const edit_printer& x) const {
    read.want_printer(x.id);
    read.want_all(entity_kind::printer);
  }
  void operator()(const settle_approval& x) const {
    read.want(ref_of(x.id));
    if (const auto* asked = known().find<decision>(ref_of(x.id)))
      read.want_run(asked->run);
  }
  void operator()(const reset_breaker& x) const {
    read.want(ref_of(x.id));
    if (const auto* guard = known().find<breaker>(ref_of(x.id))) {
      read.want_plan(guard->plan);
      if (const auto* how = known().find<plan>(ref_of(guard->plan)))
        for (const auto& each : how->plates)
          read.want(ref_of(each));
    }
  }
  void operator()(const revoke_token&) const { read.want_all(entity_kind::token); }
  void operator()(const add_station&) const { read.want_all(entity_kind::station); }
  void operator()(const edit_station& x) const { with_other_stations(x.id); }
  void operator()(const take_station_files& x) const { with_other_stations(x.id); }
  void operator()(const add_profile&) const { read.want_all(entity_kind::material); }
  void operator()(const add_material&) const {}
  void operator()(const issue_token&) const {}
  void operator()(const change_settings&) const {}
  void operator()(const store_artifact&) const {}
  /// Every other command is about a station, or a printer and its ticket.
  template <class Command>
  void operator()(const Command& x) const {
    if constexpr (std::is_same_v<std::decay_t<decltype(x.id)>, station_id>)
      read.want(ref_of(x.id));
    else
      read.want_printer(x.id);
  }

  /// Names and addresses are unique among stations.
  void with_other_stations(const station_id& id) const {
    read.want(ref_of(id));
    read.want_all(entity_kind::station);
  }

  /// A command about a run is decided by the run, or by the printer that holds its ticket.
  void by_run(const run_id& id) const {
    read.want_run(id);
    if (initiator.kind == entity_kind::printer)
      read.want_printer(printer_id{initiator.id});
  }

  [[nodiscard]] const facts& known() const { return known_; }
  const facts& known_;
};

} // namespace

read_request missing_facts(const command& request, const entity_ref& initiator,
                           const facts& known) {
  read_request result;
  collector read{known, result};
  read.want(initiator);
  std::visit(need_finder{read, initiator, known}, request.body);
  return result;
}

std::string gate_of(const any_command& body) {
  if (std::holds_alternative<reserve_run>(body))
    return "reserve";
  if (std::holds_alternative<begin_start>(body))
    return "start";
  return {};
}

} // namespace gantry::rules
