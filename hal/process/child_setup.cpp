#include "hal/process/child_setup.hpp"

#include <algorithm>
#include <cerrno>
#include <csignal>
#include <string_view>

#include <fcntl.h>
#include <sys/personality.h>
#include <sys/prctl.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <unistd.h>

namespace gantry::process {

namespace {

/// Descriptors are closed one by one up to this number where the kernel lacks close_range.
constexpr int descriptors_checked = 4096;

/// Lower than everything else that somebody may wait for.
constexpr int child_niceness = 10;

/// CLOSE_RANGE_CLOEXEC, which older headers lack.
constexpr unsigned close_on_exec = 4;

bool runnable(const std::string& path) {
  struct stat facts = {};
  return ::stat(path.c_str(), &facts) == 0 && S_ISREG(facts.st_mode)
         && ::access(path.c_str(), X_OK) == 0;
}

std::vector<char*> pointers_to(const std::vector<std::string>& texts) {
  std::vector<char*> pointers;
  pointers.reserve(texts.size() + 1);
  for (const auto& text : texts)
    pointers.push_back(const_cast<char*>(text.c_str()));
  pointers.push_back(nullptr);
  return pointers;
}

void send(int descriptor, child_step step, int error_number) {
  const child_report report{step, error_number};
  // The parent sees the pipe close if even this fails.
  [[maybe_unused]] const auto sent = ::write(descriptor, &report, sizeof(report));
}

/// Marks all descriptors but the standard ones as closed by exec; the report pipe lives until then.
void close_others() {
  if (::syscall(SYS_close_range, 3U, ~0U, close_on_exec) == 0)
    return;
  for (int descriptor = 3; descriptor < descriptors_checked; ++descriptor)
    ::fcntl(descriptor, F_SETFD, FD_CLOEXEC);
}

/// Undoes handlers, ignored signals and the mask of the parent.
void reset_signals() {
  struct sigaction standard = {};
  standard.sa_handler = SIG_DFL;
  for (int number = 1; number < NSIG; ++number)
    ::sigaction(number, &standard, nullptr);
  sigset_t none;
  ::sigemptyset(&none);
  ::sigprocmask(SIG_SETMASK, &none, nullptr);
}

} // namespace

child_setup::child_setup(const process_spec& spec)
    : spec_(spec),
      folder_(spec.working_folder.string()),
      argv_(pointers_to(spec.argv)),
      environment_(pointers_to(spec.environment)) {
  find_program();
  add_limit(RLIMIT_AS, spec.memory_max_bytes);
  add_limit(RLIMIT_CPU,
            static_cast<std::uint64_t>(std::max<std::int64_t>(0, spec.cpu_time_max.count())));
  add_limit(RLIMIT_FSIZE, spec.file_max_bytes);
  limits_.push_back({RLIMIT_CORE, {0, 0}});
  if (spec.processor)
    choose_processor();
}

void child_setup::find_program() {
  if (spec_.argv.empty())
    return;
  const auto& name = spec_.argv.front();
  if (name.find('/') != std::string::npos) {
    if (runnable(name))
      program_ = name;
    return;
  }
  for (const auto& variable : spec_.environment) {
    if (!variable.starts_with("PATH="))
      continue;
    std::string_view rest(variable);
    rest.remove_prefix(5);
    while (!rest.empty() && program_.empty()) {
      const auto end = std::min(rest.find(':'), rest.size());
      const auto candidate = std::string(rest.substr(0, end)) + "/" + name;
      if (end > 0 && runnable(candidate))
        program_ = candidate;
      rest.remove_prefix(std::min(end + 1, rest.size()));
    }
  }
}

void child_setup::add_limit(__rlimit_resource resource, std::uint64_t bound) {
  if (bound > 0)
    limits_.push_back({resource, {bound, bound}});
}

void child_setup::choose_processor() {
  cpu_set_t ours;
  CPU_ZERO(&ours);
  CPU_ZERO(&processors_);
  if (::sched_getaffinity(0, sizeof(ours), &ours) != 0 || CPU_COUNT(&ours) == 0)
    return;
  auto skip = *spec_.processor % static_cast<unsigned>(CPU_COUNT(&ours));
  for (std::size_t number = 0; number < CPU_SETSIZE && !fix_processor_; ++number) {
    if (!CPU_ISSET(number, &ours))
      continue;
    if (skip-- == 0) {
      CPU_SET(number, &processors_);
      fix_processor_ = true;
    }
  }
}

bool child_setup::apply(pid_t parent, int null_in, int out, int err, int report) const {
  if (::setpgid(0, 0) != 0 || ::prctl(PR_SET_PDEATHSIG, SIGKILL) != 0)
    return false;
  // The parent may have died before the line above took effect.
  if (::getppid() != parent) {
    errno = ESRCH;
    return false;
  }
  if (::dup2(null_in, 0) < 0 || ::dup2(out, 1) < 0 || ::dup2(err, 2) < 0)
    return false;
  close_others();
  // Long work gives way to whoever answers people and machines.
  ::setpriority(PRIO_PROCESS, 0, child_niceness);
  if (::chdir(folder_.c_str()) != 0)
    return false;
  if (spec_.fixed_layout && ::personality(ADDR_NO_RANDOMIZE) != -1)
    send(report, child_step::layout_fixed, 0);
  if (fix_processor_ && ::sched_setaffinity(0, sizeof(processors_), &processors_) == 0)
    send(report, child_step::processor_fixed, 0);
  for (const auto& each : limits_)
    if (::setrlimit(each.resource, &each.bound) != 0)
      return false;
  reset_signals();
  return true;
}

void child_setup::become(pid_t parent, int null_in, int out, int err, int report) const {
  if (apply(parent, null_in, out, err, report)) {
    ::execve(program_.c_str(), argv_.data(), environment_.data());
    send(report, child_step::exec_failed, errno);
  } else {
    send(report, child_step::setup_failed, errno);
  }
  ::_exit(127);
}

} // namespace gantry::process
