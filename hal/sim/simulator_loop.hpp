#pragma once

// The one thread of a simulator process, and what ends it.

#include <array>
#include <functional>

#include <boost/asio/io_context.hpp>
#include <boost/asio/posix/stream_descriptor.hpp>
#include <boost/asio/signal_set.hpp>

namespace gantry::sim {

/// What ends a simulator besides `stop`.
struct loop_ends {
  bool with_signals = false; ///< SIGTERM and SIGINT.
  bool with_stdin = false;   ///< The end of standard input.
};

/// Runs everything of one simulator.
class simulator_loop {
public:
  simulator_loop() : signals_(io_), input_(io_) {}

  boost::asio::io_context& io() { return io_; }
  /// Serves until `stop` or one of `ends`; calls `at_end` right before it returns.
  void run(loop_ends ends, std::function<void()> at_end);
  /// Ends `run`; may be called from any thread.
  void stop();

private:
  void watch_input();
  void end();

  boost::asio::io_context io_{1};
  boost::asio::signal_set signals_;
  boost::asio::posix::stream_descriptor input_;
  std::array<char, 256> input_bytes_{};
  std::function<void()> at_end_;
};

/// Lets this process end with its parent; false if the parent is gone already.
[[nodiscard]] bool end_with_parent();

} // namespace gantry::sim
