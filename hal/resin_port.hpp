// The port to a resin printer: what a station may ask of one, and what it hears back. Such a
// machine prints files that are already on it; nothing can be uploaded, and nothing but its state
// and layer is reported.
#pragma once

#include "hal/printer_port.hpp"
#include "schemas/resin_report.hpp"

namespace gantry::hal {

/// A file on the machine.
struct resin_file {
  std::string name; ///< As shown to people.
  /// As the machine takes it. Bytes that are no UTF-8 are written `\xNN`, and are sent as bytes.
  std::string internal_name;
};

/// What the port needs to know of a machine.
struct resin_config {
  std::string name;
  std::string host;
  uint16_t port = 6000;
  std::chrono::milliseconds poll_interval{3'000};  ///< 1 to 10 s.
  std::chrono::milliseconds reply_timeout{10'000}; ///< For one whole reply.
};

/// Receives what a port hears. Called from the port's own thread: implementations only hand over.
class resin_listener {
public:
  virtual ~resin_listener() = default;
  /// The newest report; an unread older one may be replaced by it.
  virtual void on_report(const resin_report& report) = 0;
  /// The answer to request `ticket`; exactly one per request.
  virtual void on_answer(uint64_t ticket, const port_answer& answer) = 0;
  /// The files on the machine; precedes the answer to `list_files`.
  virtual void on_files(uint64_t ticket, const std::vector<resin_file>& files) = 0;
};

/// One resin printer's connection. Polls and reconnects by itself until it is destroyed; one
/// command is in flight at a time. All calls return at once and may come from any thread. Without a
/// connection a request is answered `not_sent`; a pause or a stop makes one more attempt to connect
/// at once and is answered `not_sent` if that fails.
class resin_port {
public:
  virtual ~resin_port() = default;
  virtual void list_files(uint64_t ticket) = 0;
  /// Sends one start. Never repeated; `lost` must be taken as "may have happened".
  virtual void start(uint64_t ticket, const std::string& internal_name) = 0;
  /// Sent again (3 times at most, after 0.5, 1 and 2 s) only if a read shows that it had no effect
  /// and was not acknowledged. `done` = the machine has acknowledged it; the state follows later.
  /// After a pause that is `done` nothing is sent for a second, so that a `keep_silent` that
  /// follows the answer misses nothing.
  virtual void pause(uint64_t ticket) = 0;
  virtual void resume(uint64_t ticket) = 0;
  /// Sent once, before everything that waits, and at most 2 s after a command without an answer.
  virtual void stop(uint64_t ticket) = 0;
  /// Reads the state afresh; a report precedes the answer.
  virtual void refresh(uint64_t ticket) = 0;
  /// Sends nothing at all to the machine for `length` from now, not even polls. Requests made in
  /// that time wait, except `stop`, which ends the silence.
  virtual void keep_silent(std::chrono::milliseconds length) = 0;
};

/// Makes ports and tests addresses. Thread-safe.
class resin_port_factory {
public:
  virtual ~resin_port_factory() = default;
  /// Opens a connection; `listener` outlives the returned port.
  [[nodiscard]] virtual std::unique_ptr<resin_port>
  open(const resin_config& config, std::shared_ptr<resin_listener> listener) = 0;
  /// Tests an address within 3 s; `done` with `link_ok` and the round trip in `detail`, or
  /// `refused` with the cause (`link_dns`, `link_refused`, `link_timeout`, `link_protocol`). `then`
  /// is called exactly once, from any thread.
  virtual void probe(const resin_config& config, std::function<void(port_answer)> then) = 0;
};

} // namespace gantry::hal
