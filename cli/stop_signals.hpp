// SIGTERM and SIGINT as something to wait for.
#pragma once

#include <chrono>
#include <csignal>
#include <optional>

namespace gantry::cli {

/// Holds SIGTERM, SIGINT and SIGHUP back from every thread that is started later, so that one place
/// waits for them. Made by the main thread before any other thread.
class stop_signals {
public:
  stop_signals();

  /// Waits for a signal, at most `patience` if given. True once one came.
  bool wait(std::optional<std::chrono::milliseconds> patience = std::nullopt);

  /// From now on the process ends with `exit_code::stop_timeout` after `limit`, whatever still
  /// hangs: the store survives a kill, a service manager's patience does not.
  static void stop_within(std::chrono::seconds limit);

private:
  sigset_t set_;
  bool stopped_ = false;
};

} // namespace gantry::cli
