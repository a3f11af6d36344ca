// The seam below the connectors: frames and bytes to and from a machine. `hal/net` has the sockets;
// the simulation replaces this with a network that delays, drops, duplicates and reorders.
#pragma once

#include "hal/clock.hpp"
#include "schemas/reason.hpp"

#include <cstdint>
#include <functional>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

namespace gantry::hal {

/// Where a connector connects to.
struct link_address {
  std::string host;
  uint16_t port = 0;
};

/// A request header.
struct link_header {
  std::string name;
  std::string value;
};

/// An HTTP request. `file` uploads a file as the multipart part `file`, with `fields` before it.
struct link_request {
  std::string method = "GET";
  std::string target;
  std::vector<link_header> headers;
  std::string body;
  std::string file;      ///< Path of a file to upload; empty = none.
  std::string file_name; ///< Name of the uploaded part.
  std::vector<link_header> fields;
  std::chrono::milliseconds timeout{10'000}; ///< Without progress, not in all.
  /// For the first byte of the answer once all is sent, if longer than `timeout`: a machine may
  /// take minutes to look at an uploaded file.
  std::chrono::milliseconds answer_timeout{0};
};

/// What came of an HTTP request. `status` 0 = no answer; then `why` says the cause, and `sent`
/// whether any byte of the request may have reached the machine.
struct link_response {
  int status = 0;
  std::string body; ///< Bounded to 8 MiB; a longer answer is `link_protocol`.
  reason why = reason::ok;
  std::string detail;
  bool sent = false;
  int64_t file_size_bytes = 0; ///< Size of the uploaded `file` as it was read.
};

/// Receives what happens on a link, on the link's own thread and in order. Each callback carries
/// the link's number as `open_websocket` or `open_stream` returned it.
class link_listener {
public:
  virtual ~link_listener() = default;
  virtual void on_open(uint64_t link) = 0;
  /// A text frame of a WebSocket.
  virtual void on_frame(uint64_t link, std::string_view text) = 0;
  /// Bytes of a stream as they arrived; where they are split means nothing. Only who opens streams
  /// needs it.
  virtual void on_bytes(uint64_t /*link*/, std::string_view /*bytes*/) {}
  /// The link is gone, or could not be opened; nothing follows on it.
  virtual void on_close(uint64_t link, reason why, const std::string& detail) = 0;
  virtual void on_response(uint64_t request, const link_response& response) = 0;
  /// The timer armed with `wake_after` has run out; it does not repeat.
  virtual void on_timer() = 0;
};

/// A connector's access to its machine. All calls return at once and come from the link's own
/// thread, that is, from inside a callback or a task given to `link_runtime::post`; none calls the
/// listener back before it returns. What is sent on a link before `on_open` is sent after it.
/// Frames are bounded to 4 MiB; a longer one closes the link with `link_protocol`. An upgrade that
/// is declined closes it with `link_auth` (401, 403), `link_refused` (502, 503, 504) or
/// `link_not_klipper`. A stream is plain TCP; its listener keeps the time.
class link {
public:
  virtual ~link() = default;
  virtual uint64_t open_websocket(const link_address& to, const std::string& path,
                                  const std::vector<link_header>& headers) = 0;
  virtual uint64_t open_stream(const link_address& to) = 0;
  /// Sends a text frame on a WebSocket, bytes on a stream (at most 1 MiB may wait).
  virtual void send(uint64_t link, std::string text) = 0;
  /// Closes a link; the listener hears nothing of it any more.
  virtual void close(uint64_t link) = 0;
  virtual uint64_t request(const link_address& to, link_request what) = 0;
  /// Arms the one timer of this connector anew.
  virtual void wake_after(std::chrono::milliseconds pause) = 0;
};

/// Runs the links of all connectors on one thread.
class link_runtime {
public:
  virtual ~link_runtime() = default;
  /// A connector's access; callbacks go to `listener` until the link object is destroyed (by a
  /// posted task).
  [[nodiscard]] virtual std::unique_ptr<link> attach(link_listener& listener) = 0;
  /// Runs `task` on the links' thread.
  virtual void post(std::function<void()> task) = 0;
};

} // namespace gantry::hal
