#include "cli/stop_signals.hpp"

#include "cli/exit_code.hpp"

#include <cerrno>
#include <cstdlib>
#include <pthread.h>
#include <unistd.h>

namespace gantry::cli {

stop_signals::stop_signals() {
  ::sigemptyset(&set_);
  for (int number : {SIGTERM, SIGINT, SIGHUP})
    ::sigaddset(&set_, number);
  ::pthread_sigmask(SIG_BLOCK, &set_, nullptr);
}

bool stop_signals::wait(std::optional<std::chrono::milliseconds> patience) {
  while (!stopped_) {
    int number = 0;
    if (patience) {
      timespec limit{patience->count() / 1000, patience->count() % 1000 * 1'000'000};
      number = ::sigtimedwait(&set_, nullptr, &limit);
    } else {
      number = ::sigwaitinfo(&set_, nullptr);
    }
    if (number > 0)
      stopped_ = true;
    else if (errno != EINTR)
      return false;
  }
  return true;
}

void stop_signals::stop_within(std::chrono::seconds limit) {
  std::signal(SIGALRM, [](int) { std::_Exit(static_cast<int>(exit_code::stop_timeout)); });
  ::alarm(static_cast<unsigned>(limit.count()));
}

} // namespace gantry::cli
