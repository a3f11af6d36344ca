#include "bench/busy_farm.hpp"

#include <array>
#include <chrono>
#include <stdexcept>
#include <thread>

namespace gantry::bench {

using nlohmann::json;

namespace {

constexpr auto patience = std::chrono::seconds{120};
constexpr size_t stl_header_bytes = 80;

using corner = std::array<float, 3>;

void append_triangle(std::string& out, const corner& a, const corner& b, const corner& c) {
  const corner normal{};
  for (const auto* each : {&normal, &a, &b, &c})
    out.append(reinterpret_cast<const char*>(each->data()), sizeof(corner));
  out.append(2, '\0');
}

size_t printing_printers(farm_api& api) {
  size_t printing = 0;
  const auto page = api.get("/printers?limit=500");
  for (const auto& each : page["items"])
    printing += each["ticket"].is_object() && each["ticket"]["phase"] == "printing"
                        && each["live"]["report"].value("print_duration_s", 0) > 0
                    ? 1
                    : 0;
  return printing;
}

} // namespace

std::string box_model(double x_mm, double y_mm, double z_mm, size_t padding, uint32_t seed) {
  const auto x = static_cast<float>(x_mm), y = static_cast<float>(y_mm),
             z = static_cast<float>(z_mm);
  const corner corners[] = {{0, 0, 0}, {x, 0, 0}, {x, y, 0}, {0, y, 0},
                            {0, 0, z}, {x, 0, z}, {x, y, z}, {0, y, z}};
  constexpr int faces[][3] = {{0, 2, 1}, {0, 3, 2}, {4, 5, 6}, {4, 6, 7}, {0, 1, 5}, {0, 5, 4},
                              {1, 2, 6}, {1, 6, 5}, {2, 3, 7}, {2, 7, 6}, {3, 0, 4}, {3, 4, 7}};
  std::string out = "box " + std::to_string(seed);
  out.resize(stl_header_bytes, ' ');
  const auto count = static_cast<uint32_t>(std::size(faces) + padding);
  out.append(reinterpret_cast<const char*>(&count), sizeof count);
  for (const auto& face : faces)
    append_triangle(out, corners[face[0]], corners[face[1]], corners[face[2]]);
  for (size_t i = 0; i < padding; ++i)
    append_triangle(out, corners[0], corners[0], corners[0]);
  return out;
}

json order_of(const std::string& reference, const std::string& model, size_t pieces) {
  json line{{"name", "Box"}, {"model", model}, {"quantity", pieces}, {"material", "PLA"}};
  return json{{"reference", reference}, {"lines", json::array({std::move(line)})}};
}

std::map<std::string, size_t> open_runs(farm_api& api) {
  std::map<std::string, size_t> states;
  std::string cursor;
  do {
    const auto page =
        api.get("/runs?open=true&limit=500" + (cursor.empty() ? "" : "&cursor=" + cursor));
    for (const auto& each : page["items"])
      ++states[each["state"].get<std::string>()];
    cursor = page["next"].is_string() ? page["next"].get<std::string>() : "";
  } while (!cursor.empty());
  return states;
}

std::string put_to_work(served_farm& farm, farm_api& api, size_t pieces) {
  const auto model = api.upload("box.stl", box_model(60, 60, 20))["id"].get<std::string>();
  api.require("/orders", order_of("BUSY", model, pieces));
  for (const auto& id : farm.printer_ids())
    api.require("/printers/" + id + "/bed-clear", json::object());
  const auto due = std::chrono::steady_clock::now() + patience;
  while (printing_printers(api) < farm.printer_ids().size()) {
    if (std::chrono::steady_clock::now() > due)
      throw std::runtime_error{"not every printer begins to print"};
    std::this_thread::sleep_for(std::chrono::milliseconds{200});
  }
  return model;
}

} // namespace gantry::bench
