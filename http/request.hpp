// One request and its answer as plain values: handlers see these and never a socket.
#pragma once

#include "schemas/envelope.hpp"

#include <cstdint>
#include <functional>
#include <map>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace gantry::http {

/// Header or query values by name; header names are in lower case.
using name_values = std::map<std::string, std::string, std::less<>>;

/// Hands the body to `take` piece by piece; false if the connection broke or `take` returned false.
using body_reader = std::function<bool(const std::function<bool(std::string_view)>& take)>;

/// What was asked. The lower part is filled by the facade before a handler sees it.
struct request {
  std::string method;
  std::string path;   ///< Decoded, without the query.
  std::string target; ///< As it was sent, with the query.
  name_values query;
  name_values headers;
  std::string peer;          ///< IP address of the client.
  std::string local_address; ///< IP address at which it arrived.
  std::optional<uint64_t> content_length;
  std::string body;      ///< Empty for uploads, which are read with `read_body`.
  body_reader read_body; ///< Reads an upload.

  std::string id;         ///< Value of `{id}` in the route's pattern.
  std::string item;       ///< Value of `{item}` in the route's pattern.
  principal who;          ///< Who asks; empty id on public routes.
  std::string request_id; ///< Ties the answer, the log and the events together.

  /// The header `name` (lower case); empty if it was not sent.
  [[nodiscard]] std::string_view header(std::string_view name) const {
    const auto position = headers.find(name);
    return position == headers.end() ? std::string_view{} : std::string_view{position->second};
  }
  /// The query parameter `name`; empty if it was not given.
  [[nodiscard]] std::string_view parameter(std::string_view name) const {
    const auto position = query.find(name);
    return position == query.end() ? std::string_view{} : std::string_view{position->second};
  }
};

/// An answer that goes on. Used by one thread.
class stream_source {
public:
  virtual ~stream_source() = default;
  /// Waits a moment for something to say and appends it to `out`; false ends the stream.
  [[nodiscard]] virtual bool next(std::string& out) = 0;
};

/// What is answered: a body, a body that several answers share, a file from disk, or a stream.
struct response {
  int status = 200;
  std::string content_type = "application/json";
  std::string body;
  std::vector<std::pair<std::string, std::string>> headers;
  std::shared_ptr<const std::string> shared_body; ///< Sent instead of `body`; not empty.
  std::string file;                               ///< Path of a file to send instead of `body`.
  std::unique_ptr<stream_source> stream;          ///< Sent instead of `body`.

  /// The header `name` as it was set; empty if it was not.
  [[nodiscard]] std::string_view header(std::string_view name) const {
    for (const auto& [key, value] : headers)
      if (key == name)
        return value;
    return {};
  }
};

} // namespace gantry::http
