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
bool set_thread_rank(thread_rank rank) {
  sched_param wanted{};
  if (rank == thread_rank::urgent) {
    wanted.sched_priority = urgent_priority;
    return ::sched_setscheduler(0, SCHED_RR, &wanted) == 0;
  }
  if (::sched_setscheduler(0, SCHED_OTHER, &wanted) != 0)
    return false;
  if (rank == thread_rank::usual)
    return true;
  errno = 0;
  const auto before = ::getpriority(PRIO_PROCESS, 0);
  return errno == 0
         && ::setpriority(PRIO_PROCESS, 0, std::min(before + nicer_by, niceness_max)) == 0;
}

} // namespace gantry::http
