#include "bench/farm_api.hpp"

#include <chrono>
#include <stdexcept>

namespace gantry::bench {

using nlohmann::json;

farm_api::farm_api(uint16_t port, std::string token, std::string name)
    : connection_{port}, token_{std::move(token)}, name_{std::move(name)} {}

json farm_api::get(const std::string& path) {
  if (const auto status = connection_.ask(get_text("/api/v1" + path, token_)); status != 200)
    throw std::runtime_error{"GET " + path + " was answered with " + std::to_string(status)};
  return json::parse(connection_.body());
}

int farm_api::send(const std::string& method, const std::string& path, const json& body) {
  const auto key = name_ + "-" + std::to_string(++last_key_);
  const auto text = command_text(method, "/api/v1" + path, token_, body.dump(), key);
  const auto began = std::chrono::steady_clock::now();
  const auto status = connection_.ask(text);
  took_ms =
      std::chrono::duration<double, std::milli>(std::chrono::steady_clock::now() - began).count();
  reply = json::parse(connection_.body(), nullptr, false);
  return status;
}

json farm_api::require(const std::string& path, const json& body, const std::string& method) {
  if (const auto status = send(method, path, body); status != 200 && status != 201)
    throw std::runtime_error{method + " " + path + " was answered with " + std::to_string(status)
                             + " " + connection_.body()};
  return reply;
}

json farm_api::upload(const std::string& name, const std::string& bytes) {
  const auto key = name_ + "-" + std::to_string(++last_key_);
  const auto head = "POST /api/v1/artifacts?kind=model&name=" + name
                    + " HTTP/1.1\r\nHost: localhost\r\nAuthorization: Bearer " + token_
                    + "\r\nIdempotency-Key: " + key
                    + "\r\nContent-Type: model/stl\r\nContent-Length: "
                    + std::to_string(bytes.size()) + "\r\n\r\n";
  if (!connection_.send(head) || !connection_.send(bytes))
    throw std::runtime_error{"an upload broke off"};
  if (const auto status = connection_.answer(); status != 201)
    throw std::runtime_error{"an upload was answered with " + std::to_string(status)};
  return json::parse(connection_.body());
}

} // namespace gantry::bench
