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
  /// Reads one answer to what was sent, as `ask` does.
  int answer();
  /// Sends `text`; false if the connection broke.
  bool send(const std::string& text);
  /// Appends what arrives next; false at the end of the connection.
  bool receive_into(std::string& input);
  /// Ends the connection under a call that waits.
  void shut_down();
  [[nodiscard]] const std::string& body() const { return body_; }

private:
  int socket_;
  bool connected_ = false;
  std::string input_;
  std::string body_;
};

/// The text of a GET request.
[[nodiscard]] std::string get_text(const std::string& path, const std::string& token);

/// The text of a request with a JSON body; `key` is its idempotency key and may be empty.
[[nodiscard]] std::string command_text(const std::string& method, const std::string& path,
                                       const std::string& token, const std::string& body,
                                       const std::string& key);

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
