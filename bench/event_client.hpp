// One reader of the event stream, in a thread of its own.
#pragma once

#include "bench/http_load.hpp"

#include <atomic>
#include <functional>
#include <string>
#include <string_view>
#include <thread>

namespace gantry::bench {

/// Follows `GET /api/v1/events` until its end.
class event_client {
public:
  /// `hear` gets the text of the stream as it arrives, piece by piece, in the reader's thread; it
  /// is the compressed stream if `compressed`. Throws `std::runtime_error` if there is no stream.
  event_client(uint16_t port, const std::string& token, bool compressed,
               std::function<void(std::string_view piece)> hear);
  ~event_client();
  event_client(const event_client&) = delete;
  event_client& operator=(const event_client&) = delete;

  /// Bytes that came over the connection, headers and framing included.
  [[nodiscard]] uint64_t bytes() const { return bytes_; }
  /// False once the server has ended the stream.
  [[nodiscard]] bool open() const { return open_; }

private:
  void read();
  void take_chunks();

  http_client connection_;
  std::function<void(std::string_view)> hear_;
  std::string input_; ///< Not yet complete chunks.
  std::atomic<uint64_t> bytes_{0};
  std::atomic<bool> open_{true};
  std::thread thread_;
};

} // namespace gantry::bench
