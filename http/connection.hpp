// One accepted TCP connection with limits on time and size. Included by server.cpp alone, since it
// derives from the HTTP library's stream.
#pragma once

#include "hal/clock.hpp"

#include <array>
#include <functional>
#include <httplib.h>
#include <string>
#include <string_view>

namespace gantry::http {

/// Limits of a connection.
struct connection_limits {
  std::chrono::milliseconds idle{60'000};    ///< Between two requests.
  std::chrono::milliseconds headers{10'000}; ///< From the first byte to the last header.
  std::chrono::milliseconds body{30'000};    ///< Without any byte of a body.
  std::chrono::milliseconds write{10'000};   ///< For a reader that does not read.
  size_t header_bytes = 64 << 10;            ///< All headers of a request together.
};

/// A socket that is read and written by one thread. `stop_event` becomes readable when the server
/// is being stopped, which ends every wait. Answers are gathered and sent in one piece, so that
/// small ones take one packet.
class connection final : public httplib::Stream {
public:
  connection(socket_t socket, int stop_event, const hal::clock& clock, connection_limits limits);
  ~connection() override;
  connection(const connection&) = delete;
  connection& operator=(const connection&) = delete;

  /// Waits for the next request; false if there will be none. `crowded` is asked now and then: an
  /// idle connection gives way when others wait.
  [[nodiscard]] bool wait_for_request(const std::function<bool()>& crowded);
  /// The headers were read; from now on the limits of the body count.
  void headers_done() { in_headers_ = false; }
  /// From now on each write is sent at once.
  void write_through() { gathering_ = false; }
  /// Sends what was gathered; false if that failed.
  bool flush();
  /// True if the other side closed the connection.
  [[nodiscard]] bool peer_gone() const;
  /// Tells the other side that nothing more comes and drops what it still sends, for a moment, so
  /// that it can read the answer.
  void linger();

  bool is_readable() const override;
  bool is_writable() const override;
  ssize_t read(char* into, size_t size) override;
  ssize_t write(const char* from, size_t size) override;
  void get_remote_ip_and_port(std::string& ip, int& port) const override;
  void get_local_ip_and_port(std::string& ip, int& port) const override;
  socket_t socket() const override { return socket_; }

private:
  [[nodiscard]] bool ready(short what, std::chrono::milliseconds patience) const;
  [[nodiscard]] bool fill();
  [[nodiscard]] bool receive();
  /// Sends what was gathered, then `more`.
  bool send(std::string_view more);

  const socket_t socket_;
  const int stop_event_;
  const hal::clock& clock_;
  const connection_limits limits_;
  std::array<char, 16'384> input_;
  size_t input_at_ = 0;
  size_t input_end_ = 0;
  std::string output_;
  bool in_headers_ = true;
  bool gathering_ = true;
  bool broken_ = false;
  size_t header_bytes_ = 0;
  hal::mono_time headers_due_{};
};

} // namespace gantry::http
