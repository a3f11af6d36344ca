// The HTTP API from the client's side, for the parts of this program that act like anybody else.
#pragma once

#include "hal/link.hpp"

#include <memory>
#include <nlohmann/json_fwd.hpp>
#include <string>
#include <string_view>

namespace gantry::cli {

/// An answer of the API.
struct api_reply {
  int status = 0;      ///< 0 = no answer.
  std::string body;    ///< JSON.
  std::string problem; ///< A sentence; empty if the request succeeded.

  explicit operator bool() const { return problem.empty(); }
  /// The body, parsed; null if it is not JSON.
  [[nodiscard]] nlohmann::json json() const;
  /// The list in the body; empty if there is none.
  [[nodiscard]] nlohmann::json items() const;
};

/// Talks to one server with one token. Calls block; one thread at a time.
class api_client {
public:
  /// `links` outlives the client and runs on its own thread.
  api_client(hal::link_runtime& links, hal::link_address server, std::string secret);
  ~api_client();
  api_client(const api_client&) = delete;
  api_client& operator=(const api_client&) = delete;

  [[nodiscard]] api_reply get(const std::string& path);
  /// Sends `body` with `method` (POST or PUT) under `key`. The same key never does a thing twice.
  [[nodiscard]] api_reply send(std::string_view method, const std::string& path, std::string body,
                               std::string key, std::string_view content_type = "application/json");

private:
  class exchange;
  [[nodiscard]] api_reply run(hal::link_request request);

  hal::link_runtime& links_;
  hal::link_address server_;
  std::string secret_;
};

} // namespace gantry::cli
