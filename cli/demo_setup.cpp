#include "cli/demo_setup.hpp"

#include "cli/data_folder.hpp"
#include "cli/demo_models.hpp"

#include <nlohmann/json.hpp>

namespace gantry::cli {

using nlohmann::json;

namespace {

/// What is loaded in the simulated printers.
const json& loaded_slots() {
  static const json slots =
      json::array({json{{"material", "PLA"}, {"colour", "black"}, {"nozzle_um", 400}}});
  return slots;
}

json set_up_of(const simulated_printer& one) {
  return {{"setup",
           {{"name", one.name},
            {"address", {{"host", "127.0.0.1"}, {"port", one.port}}},
            {"slots", loaded_slots()},
            {"poll_interval_s", 5}}}};
}

/// The printer called `name` in an answer of GET /printers; null if there is none.
json find_printer(const json& list, const std::string& name) {
  for (const auto& each : list["items"])
    if (each["setup"]["name"] == name)
      return each;
  return nullptr;
}

json order_of(int64_t number, const std::vector<std::string>& models) {
  auto lines = json::array();
  for (size_t i = 0; i < models.size(); ++i)
    lines.push_back({{"name", demo_models()[i].name},
                     {"model", models[i]},
                     {"quantity", i == 0 ? 2 : 1},
                     {"material", "PLA"}});
  return {{"reference", "DEMO-" + std::to_string(number)},
          {"lines", lines},
          {"note", "Submitted by the demonstration."}};
}

} // namespace

std::string key_maker::next() {
  return "demo-" + std::to_string(ids_.bits());
}

std::string set_up_printers(api_client& api, key_maker& keys,
                            const std::vector<simulated_printer>& simulated,
                            std::vector<demo_printer>& printers, std::vector<std::string>& added) {
  auto list = api.get("/api/v1/printers?limit=500");
  if (!list)
    return list.problem;
  const auto known = list.json();
  for (const auto& one : simulated) {
    auto existing = find_printer(known, one.name);
    if (existing.is_null()) {
      auto reply = api.send("POST", "/api/v1/printers", set_up_of(one).dump(), keys.next());
      if (!reply)
        return reply.problem;
      existing = reply.json();
      added.push_back(existing["id"]);
    } else if (existing["setup"]["address"]["port"] != one.port) {
      auto reply = api.send("PUT", "/api/v1/printers/" + existing["id"].get<std::string>(),
                            set_up_of(one).dump(), keys.next());
      if (!reply)
        return reply.problem;
    }
    printers.push_back({existing["id"], one.name, one.port});
  }
  return "";
}

std::string set_up_orders(api_client& api, key_maker& keys, int64_t count) {
  auto orders = api.get("/api/v1/orders?limit=1");
  if (!orders)
    return orders.problem;
  if (!orders.items().empty())
    return "";
  std::vector<std::string> models;
  for (const auto& each : demo_models()) {
    auto reply =
        api.send("POST", "/api/v1/artifacts?kind=model&name=" + std::string{each.name} + ".stl",
                 std::string{each.stl}, keys.next(), "model/stl");
    if (!reply)
      return reply.problem;
    models.push_back(reply.json()["id"]);
  }
  for (int64_t number = 1; number <= count; ++number) {
    auto reply = api.send("POST", "/api/v1/orders", order_of(number, models).dump(), keys.next());
    if (!reply)
      return reply.problem;
  }
  return "";
}

std::string operator_secret(api_client& admin, key_maker& keys, const std::string& path) {
  if (auto kept = first_line(path); !kept.empty())
    return kept;
  json body{{"name", "demo operator"}, {"roles", {"viewer", "operator", "planner"}}};
  auto reply = admin.send("POST", "/api/v1/tokens", body.dump(), keys.next());
  if (!reply)
    return "";
  auto secret = reply.json().value("secret", "");
  if (secret.empty() || !write_private_file(path, secret))
    return "";
  return secret;
}

} // namespace gantry::cli
