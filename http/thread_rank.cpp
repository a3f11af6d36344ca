#include "http/thread_rank.hpp"

#include <algorithm>
#include <cerrno>
#include <sched.h>
#include <sys/resource.h>

namespace gantry::http {

namespace {

/// The lowest real-time priority: the guard comes before it.
constexpr int urgent_priority = 1;
/// A third of the weight of the other threads.
constexpr int nicer_by = 5;
constexpr int niceness_max = 19;

} // namespace

// Linux means the calling thread where POSIX speaks of a process.
void set_thread_rank(thread_rank rank) {
  sched_param wanted{};
  if (rank == thread_rank::urgent) {
    wanted.sched_priority = urgent_priority;
    ::sched_setscheduler(0, SCHED_RR, &wanted);
    return;
  }
  ::sched_setscheduler(0, SCHED_OTHER, &wanted);
  if (rank == thread_rank::usual)
    return;
  errno = 0;
  const auto before = ::getpriority(PRIO_PROCESS, 0);
  if (errno == 0)
    ::setpriority(PRIO_PROCESS, 0, std::min(before + nicer_by, niceness_max));
}

} // namespace gantry::http
