#include "hal/sim/control.hpp"

#include <cstdlib>

#include <nlohmann/json.hpp>

namespace gantry::sim {

std::pair<int, std::string> answer_control(const control_handles& machine,
                                           const std::string& method, const std::string& target,
                                           const std::string& body) {
  const auto path = target.substr(0, target.find('?'));
  if (path == "/sim/state" && method == "GET")
    return {200, machine.state()};
  if (path == "/sim/log" && method == "GET") {
    const auto at = target.find("since=");
    return {200, machine.log.since(at == std::string::npos
                                       ? 0
                                       : std::strtoull(target.c_str() + at + 6, nullptr, 10))};
  }
  if (path != "/sim/fault" || method != "POST")
    return {404, R"({"error":"unknown control path"})"};
  const auto refusal = machine.inject(body);
  if (refusal.empty())
    return {200, R"({"ok":true})"};
  return {400, nlohmann::json{{"error", refusal}}.dump()};
}

} // namespace gantry::sim
