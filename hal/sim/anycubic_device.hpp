#pragma once

// A simulated Anycubic Photon behind its Wi-Fi module, without sockets and without a clock of its
// own: bytes, connections and the time go in, bytes come out.

#include <functional>
#include <memory>
#include <set>
#include <string_view>

#include "hal/sim/model_time.hpp"
#include "hal/sim/resin_machine.hpp"

namespace gantry::sim {

/// Something the device does to a connection.
struct stream_output {
  enum class kind : uint8_t { bytes, close, reset };
  kind what = kind::bytes;
  connection_id connection = 0;
  std::string bytes;
};

/// An entry of the machine's own list of past prints.
struct resin_history_entry {
  resin_job job;
  int64_t minutes = 0;
  std::string bottom_exposure_s = "45.0";
  std::string exposure_s = "3.0";
};

/// What makes one simulated machine different from another. The defaults are a Mono X 6K.
struct anycubic_options {
  std::string name = "resin";
  std::string model = "Photon Mono X 6K";
  std::string firmware = "V0.2.2";
  std::string serial = "0000170300020034";
  std::string network = "SkyNet";      ///< SSID.
  std::string machine_name = "Photon"; ///< What `getname` answers.
  std::string ok = "OK";               ///< The word for success.
  std::string stopped = "stop\r\n";    ///< The word for rest, with what firmwares add to it.
  std::string stopping = "stopprn";    ///< The word right after a stop.
  bool elapsed_in_minutes = false;
  /// Answers the first request of a connection and closes it.
  bool one_request_per_connection = false;
  /// How long a new connection waits until it is served.
  model_time accept_delay{0};
  /// Commands that this firmware does not know.
  std::set<std::string, std::less<>> commands_missing;
  uint64_t seed = 1;
  /// How many seconds pass on the machine's clock in one second of the world (> 0).
  double speed = 1;
  /// Unix time of the model's epoch, seconds.
  double epoch_unix_s = 1'800'000'000;
  std::vector<resin_job> files;
  std::vector<resin_history_entry> history;
  resin_mechanics mechanics;
};

/// The options of a known model: `mono-x-6k`, `mono-x`, `mono-se`; nothing for other names.
[[nodiscard]] std::optional<anycubic_options> anycubic_model(std::string_view name);

/// The simulated printer. All calls from one thread; each `advance` must not go back in time. Its
/// log is the ground truth that tests compare the kernel's belief with. One client is served at a
/// time; others wait, connected, until it leaves.
class anycubic_device {
public:
  explicit anycubic_device(anycubic_options options);
  ~anycubic_device();
  anycubic_device(const anycubic_device&) = delete;
  anycubic_device& operator=(const anycubic_device&) = delete;

  /// Receives each log entry as one line of JSON without a line break.
  void set_log(std::function<void(std::string_view)> log);

  // -- time -------------------------------------------------------------------
  void advance(model_time now);
  /// When `advance` has something to do even if nobody calls; nothing while the machine rests.
  [[nodiscard]] std::optional<model_time> next_deadline() const;
  /// Returns what is to be done to connections, in order.
  std::vector<stream_output> take_outputs();

  // -- clients ----------------------------------------------------------------
  /// Whether a new TCP connection is accepted at the moment.
  [[nodiscard]] bool accepts_connections() const;
  connection_id connect();
  void receive(connection_id from, std::string_view bytes);
  /// The client closed or lost the connection. What it sent before is still carried out.
  void close(connection_id connection);

  // -- control and ground truth -----------------------------------------------
  /// Applies a fault or an action at the machine, given as JSON ({"kind": ...}, see README.md).
  /// Returns "" or why it was refused.
  std::string inject(std::string_view fault_json);
  /// Ground truth of the machine as JSON, with counters of what clients sent and what came of it.
  [[nodiscard]] std::string state_json() const;

  /// The working parts; private to the source files of this class.
  struct impl;

private:
  std::unique_ptr<impl> impl_;
};

} // namespace gantry::sim
