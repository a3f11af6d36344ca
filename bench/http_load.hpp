// A client that costs as little as possible, and many of them at once.
#pragma once

#include <cstdint>
#include <string>
#include <vector>

namespace gantry::bench {

/// One kept-alive connection to a server on this machine. Calls block.
class http_client {
public:
  explicit http_client(uint16_t port);
  ~http_client();
  http_client(const http_client&) = delete;
  http_client& operator=(const http_client&) = delete;

  [[nodiscard]] bool connected() const { return connected_; }
  /// Sends `text` and reads one answer with a Content-Length into `body()`. Returns its status; 0
  /// if the connection broke.
  int ask(const std::string& text);
  [[nodiscard]] const std::string& body() const { return body_; }

private:
  bool receive();

  int socket_;
  bool connected_ = false;
  std::string input_;
  std::string body_;
};

/// The text of a GET request.
[[nodiscard]] std::string get_text(const std::string& path, const std::string& token);

/// A port that was free just now.
[[nodiscard]] uint16_t free_port();

/// What a number of connections achieved.
struct load_result {
  double per_s = 0;
  double p50_us = 0;
  double p99_us = 0;
};

/// Asks `text` on `connections` connections at once for `duration_s` seconds. Throws
/// `std::runtime_error` unless every answer is 200.
[[nodiscard]] load_result put_load(uint16_t port, const std::string& text, size_t connections,
                                   double duration_s);

} // namespace gantry::bench
