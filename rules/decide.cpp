#include "rules/decide.hpp"

#include "rules/deciders.hpp"

namespace gantry::rules {

using namespace commands;

namespace {

/// Overload resolution picks the group; commands about a run go to the run or, with a ticket, to
/// the printer.
struct dispatcher {
  const case_file& file;

  template <class Command>
  ruling operator()(const Command& x) const {
    if constexpr (
        requires { decide_run(file, x); } && requires { decide_ticket(file, x); }) {
      return file.initiator.kind == entity_kind::printer ? decide_ticket(file, x)
                                                         : decide_run(file, x);
    } else if constexpr (requires { decide_order(file, x); }) {
      return decide_order(file, x);
    } else if constexpr (requires { decide_plan(file, x); }) {
      return decide_plan(file, x);
    } else if constexpr (requires { decide_run(file, x); }) {
      return decide_run(file, x);
    } else if constexpr (requires { decide_printer(file, x); }) {
      return decide_printer(file, x);
    } else if constexpr (requires { decide_ticket(file, x); }) {
      return decide_ticket(file, x);
    } else if constexpr (requires { decide_station(file, x); }) {
      return decide_station(file, x);
    } else if constexpr (requires { decide_governance(file, x); }) {
      return decide_governance(file, x);
    } else {
      return decide_catalogue(file, x);
    }
  }
};

/// Refuses if the asker named a version that is no longer the current one.
std::optional<ruling> refuse_stale(const command& request, const entity_ref& initiator,
                                   const facts& known) {
  if (!request.context.expected)
    return std::nullopt;
  // If-Match speaks of the entity in the request's path, which a redirect does not change.
  const auto named = initiator_of(request);
  const auto actual = known.version_of(known.has(named) ? named : initiator);
  if (actual == *request.context.expected)
    return std::nullopt;
  return refuse(reason::precondition_failed,
                {{"entity", named.text()}, {"actual", std::to_string(actual)}});
}

} // namespace

ruling decide(const command& request, const entity_ref& initiator, const facts& known,
              const decision* gate) {
  if (auto stale = refuse_stale(request, initiator, known))
    return *stale;
  return std::visit(dispatcher{case_file{request.context, initiator, known, gate}}, request.body);
}

} // namespace gantry::rules
