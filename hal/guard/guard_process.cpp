#include "hal/guard/guard_process.hpp"

#include "hal/guard/guard_loop.hpp"
#include "hal/guard/kernel_child.hpp"
#include "hal/guard/real_time.hpp"

#include <algorithm>
#include <csignal>
#include <fcntl.h>
#include <fstream>
#include <iterator>
#include <sys/signalfd.h>
#include <sys/wait.h>
#include <unistd.h>

namespace gantry::guard {

namespace {

using namespace std::chrono_literals;
using hal::mono_time;

constexpr mono_time pause_min = 500ms;
constexpr mono_time pause_max = 30s;
/// A kernel that ran this long was healthy: the next pause is short again.
constexpr mono_time healthy_after = 60s;
/// The kernel ends itself after 5 s; who does not is killed.
constexpr mono_time stop_patience = 6s;

/// Owns a descriptor.
struct descriptor {
  int number = -1;
  ~descriptor() {
    if (number >= 0)
      ::close(number);
  }
};

/// Signals as something to poll.
int open_signals() {
  sigset_t set;
  ::sigemptyset(&set);
  for (int number : {SIGTERM, SIGINT, SIGHUP, SIGCHLD})
    ::sigaddset(&set, number);
  ::pthread_sigmask(SIG_BLOCK, &set, nullptr);
  return ::signalfd(-1, &set, SFD_CLOEXEC | SFD_NONBLOCK);
}

/// A running guard.
class guard_process {
public:
  guard_process(const guard_options& options, const guard_settings& settings,
                const hal::clock& time, int signals)
      : options_{options},
        time_{time},
        signals_{signals},
        pins_{pumps::make_gpio()},
        loop_{
            settings,
            open_lines(settings, *pins_, record_path(options.folder), time.boot_id(), time.mono()),
            options.folder + "/guard-ledger",
            time,
            {options.notify, options.log}} {}

  int run() {
    start();
    while (!ended_) {
      loop_.step(std::min(start_due_, kill_due_), signals_);
      read_signals();
      const auto now = time_.mono();
      if (start_due_ <= now)
        start();
      if (kill_due_ <= now && kernel_ > 0) {
        ::kill(kernel_, SIGKILL);
        kill_due_ = never;
        killed_ = true;
      }
    }
    return exit_code_;
  }

private:
  void start() {
    start_due_ = never;
    started_at_ = time_.mono();
    auto child = start_kernel(options_.kernel_words);
    if (!child) {
      options_.log("the kernel cannot be started; trying again");
      start_due_ = started_at_ + pause_max;
      return;
    }
    kernel_ = child->process;
    loop_.join_kernel(std::move(child->orders), std::move(child->urgent));
  }

  void read_signals() {
    signalfd_siginfo info{};
    while (::read(signals_, &info, sizeof info) == static_cast<ssize_t>(sizeof info)) {
      if (info.ssi_signo == SIGCHLD)
        reap();
      else
        stop();
    }
  }

  void stop() {
    loop_.stop_accepting();
    if (stopping_)
      return;
    stopping_ = true;
    start_due_ = never;
    if (kernel_ <= 0) {
      ended_ = true;
      return;
    }
    ::kill(kernel_, SIGTERM);
    kill_due_ = time_.mono() + stop_patience;
  }

  void reap() {
    int status = 0;
    if (kernel_ <= 0 || ::waitpid(kernel_, &status, WNOHANG) != kernel_)
      return;
    kernel_ = -1;
    // Off before anything else is thought about.
    loop_.drop_kernel();
    const int code = WIFEXITED(status) ? WEXITSTATUS(status) : -1;
    if (stopping_
        || std::ranges::find(options_.final_exit_codes, code) != options_.final_exit_codes.end()) {
      exit_code_ = killed_ || code < 0 ? options_.exit_code_timeout : code;
      ended_ = true;
      return;
    }
    const auto now = time_.mono();
    pause_ = now - started_at_ >= healthy_after ? pause_min : std::min(pause_ * 2, pause_max);
    start_due_ = now + pause_;
    options_.log("the kernel ended "
                 + (code >= 0 ? "with exit status " + std::to_string(code)
                              : "by signal " + std::to_string(WTERMSIG(status)))
                 + "; every line is off, and it is started again in " + std::to_string(pause_ / 1ms)
                 + " ms");
  }

  const guard_options& options_;
  const hal::clock& time_;
  int signals_;
  std::unique_ptr<pumps::gpio> pins_;
  guard_loop loop_;
  pid_t kernel_ = -1;
  mono_time started_at_{0};
  mono_time start_due_ = never;
  mono_time kill_due_ = never;
  mono_time pause_ = pause_min / 2;
  bool stopping_ = false;
  bool killed_ = false;
  bool ended_ = false;
  int exit_code_ = 0;
};

} // namespace

std::string settings_path(const std::string& folder) {
  return folder + "/guard.json";
}

std::string record_path(const std::string& folder) {
  return folder + "/pump-record.jsonl";
}

int run_guard(const guard_options& options) {
  const auto file = settings_path(options.folder);
  const descriptor lock{
      ::open((options.folder + "/guard.lock").c_str(), O_RDWR | O_CREAT | O_CLOEXEC, 0600)};
  // A record lock, since flock's would live on in a kernel that was forked and is no program yet.
  struct flock whole {};
  whole.l_type = F_WRLCK;
  whole.l_whence = SEEK_SET;
  if (::fcntl(lock.number, F_SETLK, &whole) != 0) {
    options.log(options.folder + " is in use by another process");
    return options.exit_code_in_use;
  }
  std::ifstream in{file, std::ios::binary};
  const std::string text{std::istreambuf_iterator<char>{in}, {}};
  const auto settings = read_settings(text, file);
  if (!settings) {
    options.log(settings.why().text());
    return options.exit_code_unfit;
  }
  const descriptor signals{open_signals()};
  for (const auto& missing : enter_real_time())
    options.log(render(reason::guard_not_realtime, {{"detail", missing}}));
  const auto time = hal::make_system_clock();
  guard_process guard{options, *settings, *time, signals.number};
  return guard.run();
}

} // namespace gantry::guard
