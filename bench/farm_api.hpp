// The API as a person's page uses it, over one connection, with the time that each answer took.
#pragma once

#include "bench/http_load.hpp"

#include <nlohmann/json.hpp>
#include <string>

namespace gantry::bench {

/// One client. Not thread-safe.
class farm_api {
public:
  /// `name` makes this client's idempotency keys its own.
  farm_api(uint16_t port, std::string token, std::string name);

  /// The body of the answer. Throws `std::runtime_error` unless it is 200.
  [[nodiscard]] nlohmann::json get(const std::string& path);
  /// Sends a command. Returns its status; the answer is in `reply`, the time it took in `took_ms`.
  int send(const std::string& method, const std::string& path, const nlohmann::json& body);
  int post(const std::string& path, const nlohmann::json& body) { return send("POST", path, body); }
  /// A command that must succeed; its answer. Throws `std::runtime_error` otherwise.
  nlohmann::json require(const std::string& path, const nlohmann::json& body,
                         const std::string& method = "POST");
  /// Uploads bytes as an artifact. Throws `std::runtime_error` if it is refused.
  nlohmann::json upload(const std::string& name, const std::string& bytes);

  nlohmann::json reply;
  double took_ms = 0;

private:
  http_client connection_;
  const std::string token_;
  const std::string name_;
  uint64_t last_key_ = 0;
};

} // namespace gantry::bench
