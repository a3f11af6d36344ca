// The API on a socket. Only this part knows the HTTP library.
#pragma once

#include "http/facade.hpp"
#include "schemas/result.hpp"

#include <cstdint>
#include <memory>
#include <string>

namespace gantry::http {

/// Where to listen, and what to serve.
struct server_options {
  std::string address = "127.0.0.1";
  uint16_t port = 0; ///< 0 = any free port.
  /// Requests are waited for with real-time priority, which only an emergency stop keeps once its
  /// headers are read. For a kernel whose pumps somebody guards.
  bool urgent_stops = false;
  facade_options api;
};

/// A running server with its own threads.
class server {
public:
  /// Listens at once, or refuses with `port_in_use`. `kernel` must outlive the server.
  [[nodiscard]] static result<std::unique_ptr<server>> start(server_options options,
                                                             actors::kernel& kernel);
  /// Stops if that was not done yet.
  ~server();
  server(const server&) = delete;
  server& operator=(const server&) = delete;

  /// The port that it listens at.
  [[nodiscard]] uint16_t port() const;
  /// True if `urgent_stops` was wanted and the system grants it.
  [[nodiscard]] bool stops_come_first() const;
  /// Ends every stream and idle connection and joins all threads; takes less than 2 s.
  void stop();
  /// Answers a request without a socket.
  [[nodiscard]] facade& api();

private:
  struct state;
  explicit server(std::unique_ptr<state> made);

  std::unique_ptr<state> state_;
};

} // namespace gantry::http
