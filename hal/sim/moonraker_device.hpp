#pragma once

// A simulated Klipper printer behind Moonraker's API, without sockets and without a clock of its
// own.

#include <cstdint>
#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "hal/sim/klipper_model.hpp"
#include "hal/sim/model_time.hpp"
#include "hal/sim/printer_files.hpp"

namespace gantry::sim {

using request_id = uint64_t;

/// One HTTP request; header names in any case.
struct http_request {
  std::string method;
  /// Path with query, still percent-encoded.
  std::string target;
  std::vector<std::pair<std::string, std::string>> headers;
  std::string body;
};

/// Something the device sends.
struct device_output {
  enum class kind : uint8_t {
    /// A text frame to `connection`.
    frame,
    /// The reply to `request`.
    http_reply,
    /// A WebSocket close of `connection` with `code` and `text` as reason.
    close,
    /// The TCP connection of `connection` or `request` breaks.
    reset,
  };
  kind what = kind::frame;
  connection_id connection = 0;
  request_id request = 0;
  /// HTTP status or close code.
  int code = 0;
  /// HTTP reason phrase.
  std::string reason;
  std::vector<std::pair<std::string, std::string>> headers;
  std::string text;
};

/// What makes one simulated printer different from another.
struct device_options {
  std::string name = "sim";
  uint64_t seed = 1;
  /// How many seconds pass on the printer's clock in one second of the world (> 0).
  double speed = 1;
  /// Behaves like a stock Creality K2: an old API without history, job queue and checksums.
  bool creality = false;
  /// Clients must show this key; empty means that every client is trusted.
  std::string api_key;
  /// Unix time of the model's epoch, seconds.
  double epoch_unix_s = 1'800'000'000;
  /// Whether Klipper is connected and ready from the start.
  bool klippy_ready = true;
  /// How often subscribers hear of changes (Moonraker's own pace is 250 ms).
  model_time sample_period{250'000};
  /// How often clients hear something even if nothing changes.
  model_time heartbeat_period{1'000'000};
  /// How long a restart of Klipper takes.
  model_time restart_time{2'000'000};
  /// What `saved_state` of an earlier life returned; empty for a new printer.
  std::string saved_state;
  klipper_options physics;
};

/// Counters of what clients did, for tests that limit how much the kernel may send.
struct device_counters {
  uint64_t http_requests = 0;
  uint64_t rpc_calls = 0;
  uint64_t connections = 0;
  uint64_t frames_out = 0;
};

/// The simulated printer. All calls from one thread; each `advance` must not go back in time.
/// Its log is the ground truth that tests compare the kernel's belief with.
class moonraker_device {
public:
  /// Longest accepted body except for uploads, bytes.
  static constexpr uint64_t body_bytes_max = 1024 * 1024;
  /// Longest accepted upload, bytes (Moonraker's default).
  static constexpr uint64_t upload_bytes_max = 1024ULL * 1024 * 1024;

  moonraker_device(device_options options, std::unique_ptr<printer_files> files);
  ~moonraker_device();
  moonraker_device(const moonraker_device&) = delete;
  moonraker_device& operator=(const moonraker_device&) = delete;

  /// Receives each log entry as one line of JSON without a line break.
  void set_log(std::function<void(std::string_view)> log);

  // -- time -------------------------------------------------------------------
  void advance(model_time now);
  /// When `advance` has something to do even if nobody calls; nothing while the printer rests.
  std::optional<model_time> next_deadline() const;
  /// Returns what is to be sent, in order.
  std::vector<device_output> take_outputs();

  // -- clients ----------------------------------------------------------------
  /// Whether a new TCP connection is accepted at the moment.
  bool accepts_connections() const;
  /// Opens a WebSocket; the upgrade request carries credentials.
  connection_id open_websocket(const http_request& upgrade);
  void receive_frame(connection_id connection, std::string_view text);
  /// The client closed or lost the connection. Commands it sent still run.
  void close(connection_id connection);
  /// Handles a whole request.
  request_id http(http_request request);
  /// Begins a request whose body comes in pieces; `head.body` is ignored.
  request_id begin_http(http_request head);
  /// Adds body bytes; false when the body is too large and may be skipped.
  bool http_body(request_id request, std::string_view bytes);
  /// The body is complete; the reply comes as an output.
  void end_http(request_id request);
  /// The client gave up. What it asked for still happens, only the reply is dropped.
  void abort_http(request_id request);

  // -- control and ground truth -----------------------------------------------
  /// Applies a fault or an action at the machine, given as JSON ({"kind": ...}, see README.md).
  /// Returns "" or why it was refused.
  std::string inject(std::string_view fault_json);
  /// Ground truth of the machine as JSON, with the counters.
  std::string state_json() const;
  /// What lies on the bed as JSON: {"items": [{file, ordinal, state}]}.
  std::string bed_json() const;
  /// What survives a power cycle (history, bed), as JSON for `device_options::saved_state`.
  std::string saved_state() const;
  const device_counters& counters() const;
  /// The printer's files, for placing some at the machine.
  printer_files& files();

  /// The working parts; private to the source files of this class.
  struct impl;

private:
  std::unique_ptr<impl> impl_;
};

} // namespace gantry::sim
