#include "hal/process/run_process.hpp"

#include "hal/process/child_setup.hpp"
#include "hal/process/tail_buffer.hpp"

#include <algorithm>
#include <array>
#include <cerrno>
#include <csignal>

#include <fcntl.h>
#include <poll.h>
#include <sys/resource.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

namespace gantry::process {

namespace {

using clock = std::chrono::steady_clock;

/// How often the cancel flag is looked at, and the end of the child where the kernel cannot
/// announce it.
constexpr int poll_interval_ms = 50;

/// How long output is still read after the program ended and its group was killed.
constexpr auto drain_time_max = std::chrono::milliseconds{500};

/// Owns a descriptor.
class descriptor {
public:
  explicit descriptor(int number = -1) : number_(number) {}
  ~descriptor() { close(); }
  descriptor(const descriptor&) = delete;
  descriptor& operator=(const descriptor&) = delete;

  [[nodiscard]] int get() const { return number_; }
  void set(int number) {
    close();
    number_ = number;
  }
  void close() {
    if (number_ >= 0)
      ::close(number_);
    number_ = -1;
  }

private:
  int number_;
};

struct pipe_ends {
  descriptor read;
  descriptor write;

  bool open() {
    std::array<int, 2> ends{-1, -1};
    if (::pipe2(ends.data(), O_CLOEXEC) != 0)
      return false;
    read.set(ends[0]);
    write.set(ends[1]);
    return true;
  }
};

/// One run, from vfork to the last byte of output.
class run {
public:
  explicit run(const process_spec& spec)
      : spec_(spec),
        setup_(spec),
        started_(clock::now()),
        out_tail_(spec.output_max_bytes, spec.on_line),
        err_tail_(spec.output_max_bytes, {}) {}

  process_result execute() {
    if (!setup_.found()) {
      result_.end = process_end::not_found;
      result_.error_number = ENOENT;
    } else if (!start()) {
      result_.end = process_end::not_started;
      result_.error_number = errno;
    } else {
      if (read_reports())
        follow();
      reap();
      drain();
    }
    result_.stdout_tail = out_tail_.finish();
    result_.stderr_tail = err_tail_.finish();
    result_.wall_time =
        std::chrono::duration_cast<std::chrono::milliseconds>(clock::now() - started_);
    return std::move(result_);
  }

private:
  bool start() {
    const descriptor null_in(::open("/dev/null", O_RDONLY | O_CLOEXEC));
    if (null_in.get() < 0 || !out_.open() || !err_.open() || !report_.open())
      return false;
    // With all signals blocked, no handler of ours can run inside the child.
    sigset_t all;
    sigset_t before;
    ::sigfillset(&all);
    ::pthread_sigmask(SIG_SETMASK, &all, &before);
    const auto parent = ::getpid();
    // Until exec the child lives in our memory and this thread waits. A copy of that memory would
    // make every other thread fault on each page that it writes to, for as long as the child's
    // preparations take: some 100 ms in which nobody is answered.
    child_ = ::vfork();
    if (child_ == 0)
      setup_.become(parent, null_in.get(), out_.write.get(), err_.write.get(), report_.write.get());
    const auto fork_error = errno;
    ::pthread_sigmask(SIG_SETMASK, &before, nullptr);
    if (child_ < 0) {
      errno = fork_error;
      return false;
    }
    out_.write.close();
    err_.write.close();
    report_.write.close();
    ::fcntl(out_.read.get(), F_SETFL, O_NONBLOCK);
    ::fcntl(err_.read.get(), F_SETFL, O_NONBLOCK);
#ifdef SYS_pidfd_open
    end_of_child_.set(static_cast<int>(::syscall(SYS_pidfd_open, child_, 0)));
#endif
    return true;
  }

  /// Reads what the child says until exec closes the pipe. False if it did not become the program.
  bool read_reports() {
    bool layout = !spec_.fixed_layout;
    bool processor = !spec_.processor;
    child_report report;
    for (;;) {
      const auto count = ::read(report_.read.get(), &report, sizeof(report));
      if (count < 0 && errno == EINTR)
        continue;
      if (count != static_cast<ssize_t>(sizeof(report)))
        break;
      switch (report.step) {
      case child_step::layout_fixed:
        layout = true;
        break;
      case child_step::processor_fixed:
        processor = true;
        break;
      case child_step::setup_failed:
      case child_step::exec_failed:
        end_known_ = true;
        result_.end = report.step == child_step::exec_failed ? process_end::not_found
                                                             : process_end::not_started;
        result_.error_number = report.error_number;
        return false;
      }
    }
    result_.deterministic = spec_.fixed_layout && spec_.processor && layout && processor;
    return true;
  }

  bool child_ended() const {
    siginfo_t facts = {};
    // WNOWAIT keeps the zombie, and with it the number of its group, until reap().
    return ::waitid(P_PID, static_cast<id_t>(child_), &facts, WEXITED | WNOHANG | WNOWAIT) == 0
           && facts.si_pid == child_;
  }

  /// Reads output until the child ends, its time is over or someone cancels.
  void follow() {
    const auto deadline = started_ + spec_.wall_time_max;
    while (!child_ended()) {
      const auto left =
          std::chrono::duration_cast<std::chrono::milliseconds>(deadline - clock::now()).count();
      const bool cancelled = spec_.cancel != nullptr && spec_.cancel->load();
      if (left <= 0 || cancelled) {
        end_known_ = true;
        result_.end = cancelled ? process_end::cancelled : process_end::timed_out;
        return;
      }
      wait_and_read(static_cast<int>(std::min<std::int64_t>(left, poll_interval_ms)));
    }
  }

  /// True while an output stream is open.
  bool wait_and_read(int wait_ms) {
    // poll() passes over negative descriptors.
    std::array<pollfd, 3> watched{pollfd{out_.read.get(), POLLIN, 0},
                                  pollfd{err_.read.get(), POLLIN, 0},
                                  pollfd{end_of_child_.get(), POLLIN, 0}};
    if (::poll(watched.data(), watched.size(), wait_ms) > 0) {
      if (watched[0].revents != 0)
        read_some(out_.read, out_tail_);
      if (watched[1].revents != 0)
        read_some(err_.read, err_tail_);
    }
    return out_.read.get() >= 0 || err_.read.get() >= 0;
  }

  static void read_some(descriptor& from, tail_buffer& to) {
    std::array<char, 16 * 1024> buffer;
    const auto count = ::read(from.get(), buffer.data(), buffer.size());
    if (count > 0)
      to.add({buffer.data(), static_cast<std::size_t>(count)});
    else if (count == 0 || (errno != EAGAIN && errno != EINTR))
      from.close();
  }

  /// Kills what is left of the group and collects the child.
  void reap() {
    ::kill(-child_, SIGKILL);
    // One that failed at once may have no group of its own.
    ::kill(child_, SIGKILL);
    int status = 0;
    rusage used = {};
    while (::wait4(child_, &status, 0, &used) < 0 && errno == EINTR) {
    }
    end_of_child_.close();
    // Kilobytes on Linux.
    result_.memory_peak_bytes = static_cast<std::uint64_t>(used.ru_maxrss) * 1024;
    const auto spent = std::chrono::seconds{used.ru_utime.tv_sec + used.ru_stime.tv_sec}
                       + std::chrono::microseconds{used.ru_utime.tv_usec + used.ru_stime.tv_usec};
    result_.cpu_time = std::chrono::duration_cast<std::chrono::milliseconds>(spent);
    if (end_known_)
      return;
    if (WIFEXITED(status)) {
      result_.end = process_end::exited;
      result_.exit_code = WEXITSTATUS(status);
    } else {
      result_.end = process_end::signalled;
      result_.signal = WTERMSIG(status);
    }
  }

  /// Reads what is left in the pipes; bounded, as a descendant that left the group may hold them
  /// open.
  void drain() {
    const auto deadline = clock::now() + drain_time_max;
    while (clock::now() < deadline && wait_and_read(poll_interval_ms)) {
    }
  }

  const process_spec& spec_;
  child_setup setup_;
  clock::time_point started_;
  tail_buffer out_tail_;
  tail_buffer err_tail_;
  pipe_ends out_;
  pipe_ends err_;
  pipe_ends report_;
  descriptor end_of_child_;
  pid_t child_ = -1;
  bool end_known_ = false;
  process_result result_;
};

} // namespace

process_result run_process(const process_spec& spec) {
  return run(spec).execute();
}

} // namespace gantry::process
