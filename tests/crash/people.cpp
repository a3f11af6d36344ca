#include "tests/crash/people.hpp"

#include "tests/binary/kernel_process.hpp"
#include "tests/scenarios/farm.hpp"

namespace gantry::test {

using nlohmann::json;
using namespace std::chrono_literals;

namespace {

/// The identifier in an acknowledgement; empty if there is none.
std::string id_in(const std::optional<raw_answer>& got) {
  return got && got->status / 100 == 2 ? json::parse(got->body).value("id", "") : std::string{};
}

std::string version_of(const json& entity) {
  return std::to_string(entity.value("version", 0));
}

} // namespace

people::people(uint16_t machine) : machine_{machine} {
  // nop
}

bool people::write(farm_client& farm, size_t number) {
  const auto name = "M-" + std::to_string(number) + "-" + std::to_string(written_[number]);
  const auto got = farm.tell("/api/v1/materials", name,
                             json{{"name", name}, {"density_mg_per_cm3", 1'240}}.dump());
  // A refusal is an answer too, but what was wanted is still to do.
  written_[number] += !id_in(got).empty() ? 1u : 0u;
  return got.has_value();
}

bool people::set_up(farm_client& farm) {
  if (is_set_up_)
    return true;
  const json setup{{"name", "left"},
                   {"address", json{{"host", "127.0.0.1"}, {"port", machine_}}},
                   {"slots", json::array({json{{"material", "PLA"}}})}};
  printer_ = id_in(farm.tell("/api/v1/printers", "printer", json{{"setup", setup}}.dump()));
  model_ = id_in(farm.tell("/api/v1/artifacts?kind=model&name=cube.stl", "model",
                           source_bytes("examples/cube.stl")));
  const json settings{{"start_lag_s", 1}, {"settle_after_ready_s", 0}, {"start_deadline_s", 5}};
  const auto set = farm.tell("PUT", "/api/v1/settings", "settings", settings.dump());
  is_set_up_ = !printer_.empty() && !model_.empty() && set && set->status == 200;
  return is_set_up_;
}

void people::place_order(farm_client& farm) {
  const auto name = "order-" + std::to_string(orders_.size() + 1);
  const json line{{"name", "cube"}, {"model", model_}, {"quantity", 1}};
  const auto id = id_in(farm.tell(
      "/api/v1/orders", name, json{{"reference", name}, {"lines", json::array({line})}}.dump()));
  if (!id.empty())
    orders_.push_back(id);
}

bool people::operate(farm_client& farm) {
  if (!set_up(farm))
    return false;
  const auto where = farm.get("/api/v1/printers/" + printer_);
  if (where.is_object() && where["bed"] != "clear" && where["ticket"].is_null()) {
    control_machine(machine_, "POST", "/sim/bed");
    static_cast<void>(farm.tell("/api/v1/printers/" + printer_ + "/bed-clear",
                                "bed-" + version_of(where), json{{"how", "seen"}}.dump()));
  }
  const auto runs = farm.get("/api/v1/runs?state=inspecting");
  if (runs.is_object())
    for (const auto& each : runs["items"])
      static_cast<void>(farm.tell("/api/v1/runs/" + each["id"].get<std::string>() + "/inspection",
                                  "inspect-" + each["id"].get<std::string>(),
                                  json{{"items", json::array({"good"})}}.dump()));
  const auto last = orders_.empty() ? json{} : farm.get("/api/v1/orders/" + orders_.back());
  const bool done = orders_.empty() || (last.is_object() && last["state"] == "fulfilled");
  if (done && orders_.size() < orders_max_) {
    place_order(farm);
    return false;
  }
  return done;
}

busy_people::busy_people(people& who, const farm_client& farm, bool with_clerks) {
  threads_.emplace_back([this, &who, client = farm]() mutable {
    while (!stopping_) {
      static_cast<void>(who.operate(client));
      std::this_thread::sleep_for(10ms);
    }
  });
  for (size_t i = 0; with_clerks && i < people::clerks; ++i)
    threads_.emplace_back([this, &who, i, client = farm]() mutable {
      while (!stopping_ && who.write(client, i))
        ;
    });
}

busy_people::~busy_people() {
  stopping_ = true;
  for (auto& thread : threads_)
    thread.join();
}

} // namespace gantry::test
