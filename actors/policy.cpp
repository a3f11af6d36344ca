#include "actors/policy.hpp"

#include "logging/log.hpp"
#include "rules/gate.hpp"

#include <caf/typed_event_based_actor.hpp>

namespace gantry::actors {

namespace {

policy_actor::behavior_type policy(policy_actor::pointer self, const process_end& end) {
  end_process_with(self, "policy", end);
  return {[](gate_atom, const gate_request_ptr& request) -> decision_ptr {
    auto answer = std::make_shared<const decision>(
        rules::evaluate_gate(request->question, request->known, request->now));
    const auto& rule = rules::deciding_rule(*answer);
    logging::write(logging::level::info, "policy", "a gate was asked",
                   {{"gate", answer->gate},
                    {"run", answer->run.value},
                    {"printer", answer->printer.value},
                    {"answer", std::string{name_of(answer->answer)}},
                    {"why", std::string{to_string(rule.why)}}});
    return answer;
  }};
}

} // namespace

policy_actor spawn_policy(caf::actor_system& system, const process_end& end) {
  return system.spawn(policy, end);
}

} // namespace gantry::actors
