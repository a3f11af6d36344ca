#include "hal/sim/simulator_loop.hpp"

#include <csignal>
#include <utility>

#include <sys/prctl.h>
#include <unistd.h>

#include <boost/asio/post.hpp>

namespace gantry::sim {

void simulator_loop::run(loop_ends ends, std::function<void()> at_end) {
  at_end_ = std::move(at_end);
  if (ends.with_signals) {
    signals_.add(SIGTERM);
    signals_.add(SIGINT);
    signals_.async_wait([this](boost::system::error_code error, int) {
      if (!error)
        end();
    });
  }
  if (ends.with_stdin) {
    input_.assign(::dup(STDIN_FILENO));
    watch_input();
  }
  // The acceptors keep the loop alive.
  io_.run();
}

void simulator_loop::stop() {
  boost::asio::post(io_, [this] { end(); });
}

void simulator_loop::watch_input() {
  input_.async_read_some(boost::asio::buffer(input_bytes_),
                         [this](boost::system::error_code error, std::size_t) {
                           if (error)
                             end();
                           else
                             watch_input();
                         });
}

void simulator_loop::end() {
  if (at_end_)
    std::exchange(at_end_, nullptr)();
  io_.stop();
}

bool end_with_parent() {
  const auto parent = ::getppid();
  ::prctl(PR_SET_PDEATHSIG, SIGTERM);
  // The parent may have died before the request.
  return ::getppid() == parent;
}

} // namespace gantry::sim
