#include "hal/guard/real_time.hpp"

#include <cerrno>
#include <sched.h>
#include <sys/mman.h>
#include <sys/prctl.h>
#include <system_error>

namespace gantry::guard {

namespace {

/// Above everything that is not real-time, below the kernel's own threads.
constexpr int priority = 40;

} // namespace

std::vector<std::string> enter_real_time() {
  std::vector<std::string> missing;
  auto note = [&missing](const char* what) {
    missing.push_back(std::string{what} + ": " + std::generic_category().message(errno));
  };
  // Pages are locked as they are touched: the whole program would be tens of megabytes.
  if (::mlockall(MCL_CURRENT | MCL_FUTURE | MCL_ONFAULT) != 0)
    note("memory_not_locked");
  sched_param wanted{};
  wanted.sched_priority = priority;
  if (::sched_setscheduler(0, SCHED_FIFO | SCHED_RESET_ON_FORK, &wanted) != 0)
    note("no_real_time_priority");
  // Without real-time priority timers may be late by 50 us on purpose.
  ::prctl(PR_SET_TIMERSLACK, 1UL);
  return missing;
}

} // namespace gantry::guard
