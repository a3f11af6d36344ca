#include "cli/demo_operator.hpp"

#include <nlohmann/json.hpp>

namespace gantry::cli {

using nlohmann::json;

namespace {

std::string bed_clear_body(std::string_view note) {
  return json{{"how", "demo"}, {"note", note}}.dump();
}

} // namespace

demo_operator::demo_operator(api_client& api, hal::link_runtime& devices, key_maker& keys,
                             std::vector<demo_printer> printers)
    : api_{api}, devices_{devices}, keys_{keys}, printers_{std::move(printers)} {}

bool demo_operator::post(const std::string& path, const std::string& body) {
  auto reply = api_.send("POST", path, body, keys_.next());
  if (!reply)
    complaint_ = reply.problem;
  return static_cast<bool>(reply);
}

std::string demo_operator::announce_clear(const std::vector<std::string>& ids) {
  for (const auto& id : ids)
    if (!post("/api/v1/printers/" + id + "/bed-clear",
              bed_clear_body("The simulator has just been switched on: its bed is empty.")))
      return complaint_;
  return "";
}

void demo_operator::empty_bed(const std::string& id) {
  for (const auto& each : printers_)
    if (each.id == id) {
      api_client device{devices_, {"127.0.0.1", each.port}, ""};
      [[maybe_unused]] auto reply = device.send("POST", "/sim/bed", "{}", keys_.next());
    }
}

void demo_operator::make_round() {
  inspect();
  approve();
  release_held();
  clear_beds();
}

void demo_operator::clear_beds() {
  auto list = api_.get("/api/v1/printers?limit=500");
  if (!list)
    return;
  for (const auto& each : list.items()) {
    // A bed with a print on it, of ours or not, is left alone.
    if (each["bed"] == "clear" || !each["ticket"].is_null() || !each["foreign"].is_null())
      continue;
    const std::string id = each["id"];
    empty_bed(id);
    post("/api/v1/printers/" + id + "/bed-clear",
         bed_clear_body("The demonstration's operator took the parts away."));
  }
}

void demo_operator::inspect() {
  auto list = api_.get("/api/v1/runs?open=true&limit=500");
  if (!list)
    return;
  for (const auto& each : list.items()) {
    const auto path = "/api/v1/runs/" + each["id"].get<std::string>();
    if (each["state"] == "inspecting") {
      auto plate = api_.get("/api/v1/plates/" + each["plate"].get<std::string>());
      if (!plate)
        continue;
      const json items(plate.items().size(), "good");
      post(path + "/inspection", json{{"items", items}, {"note", "Looks good."}}.dump());
    } else if (each["state"] == "attention") {
      post(path + "/settle", json{{"verdict", "it_failed"},
                                  {"attributed_to", "unknown"},
                                  {"note", "The demonstration's operator threw the parts away."}}
                                 .dump());
    }
  }
}

void demo_operator::approve() {
  auto list = api_.get("/api/v1/approvals");
  if (!list)
    return;
  for (const auto& each : list.items())
    post("/api/v1/approvals/" + each["id"].get<std::string>() + "/approve",
         json{{"note", "Approved by the demonstration's operator."}}.dump());
}

void demo_operator::release_held() {
  auto list = api_.get("/api/v1/plates?state=held&limit=500");
  if (!list)
    return;
  for (const auto& each : list.items())
    post("/api/v1/plates/" + each["id"].get<std::string>() + "/reprint",
         json{{"note", "Printed again by the demonstration's operator."}}.dump());
}

} // namespace gantry::cli
