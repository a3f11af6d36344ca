// The port to a printer: what the kernel may ask of a machine of any make, and what it hears back.
#pragma once

#include "schemas/device_report.hpp"
#include "schemas/printer.hpp"

#include <cstdint>
#include <functional>
#include <memory>
#include <string>

namespace gantry::hal {

/// How a request to a device ended. `lost` = sent, but no answer came: it may or may not have
/// happened.
enum class port_outcome : uint8_t { done, refused, lost, not_sent };
constexpr auto names_of(port_outcome) {
  return std::to_array<std::string_view>({"done", "refused", "lost", "not_sent"});
}

/// What came back for one request.
struct port_answer {
  port_outcome outcome = port_outcome::not_sent;
  reason why = reason::ok; ///< For `refused`, `lost` and `not_sent`.
  std::string detail;      ///< The device's or the system's own words, bounded to 400 bytes.
  int64_t size_bytes = 0;  ///< For uploads: the size that the device reports.
};

/// What the port needs to know of a machine.
struct port_config {
  printer_id printer;
  std::string name;
  std::string host;
  uint16_t port = 7125;
  std::string api_key; ///< Empty = none. Never logged.
  int64_t poll_interval_s = 30;
};

/// Receives what a port hears. Called from the port's own thread: implementations only hand over.
class port_listener {
public:
  virtual ~port_listener() = default;
  /// The newest report; each is complete, and an unread older one may be replaced by it.
  virtual void on_report(const device_report& report) = 0;
  /// The answer to request `ticket`; exactly one per request.
  virtual void on_answer(uint64_t ticket, const port_answer& answer) = 0;
};

/// One printer's connection. Reconnects by itself until it is destroyed. All calls return at once
/// and may come from any thread; answers arrive at the listener. Nothing is queued while the
/// printer is not online: such a request is answered `not_sent`. Nothing is ever sent twice by
/// itself.
class printer_port {
public:
  virtual ~printer_port() = default;
  /// Uploads `file` under `remote_name` and verifies its size at the printer. Repeatable under the
  /// same name.
  virtual void upload(uint64_t ticket, const std::string& file, const std::string& sha256,
                      const std::string& remote_name) = 0;
  /// Sends one start. `lost` must be taken as "may still happen".
  virtual void start(uint64_t ticket, const std::string& remote_name) = 0;
  virtual void pause(uint64_t ticket) = 0;
  virtual void resume(uint64_t ticket) = 0;
  virtual void cancel(uint64_t ticket) = 0;
  /// Removes a file, so that no start of it can begin any more; also if it was already gone. `done`
  /// means that none has begun before either. `refused` if the printer is printing it, has printed
  /// it, or cannot tell.
  virtual void remove_file(uint64_t ticket, const std::string& remote_name) = 0;
  /// Reads the device afresh; a report with a later `observed_at` precedes the answer.
  virtual void refresh(uint64_t ticket) = 0;
};

/// Makes ports and tests addresses. Thread-safe.
class printer_port_factory {
public:
  virtual ~printer_port_factory() = default;
  /// Opens a connection; `listener` outlives the returned port.
  [[nodiscard]] virtual std::unique_ptr<printer_port>
  open(const port_config& config, std::shared_ptr<port_listener> listener) = 0;
  /// Tests an address within 3 s; `done` with `link_ok`, or `refused` with the cause (`link_dns`,
  /// `link_refused`, `link_timeout`, `link_auth`, `link_not_klipper`). `then` is called exactly
  /// once, from any thread.
  virtual void probe(const port_config& config, std::function<void(port_answer)> then) = 0;
};

} // namespace gantry::hal
