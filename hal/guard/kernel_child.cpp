#include "hal/guard/kernel_child.hpp"

#include <array>
#include <charconv>
#include <csignal>
#include <cstdlib>
#include <cstring>
#include <fcntl.h>
#include <fstream>
#include <iterator>
#include <sys/prctl.h>
#include <sys/resource.h>
#include <unistd.h>

namespace gantry::guard {

namespace {

/// The default of Linux, which a kernel does not inherit from a guard that wants none.
constexpr unsigned long timer_slack_ns = 50'000;

std::vector<char*> pointers_to(std::vector<std::string>& texts) {
  std::vector<char*> pointers;
  for (auto& text : texts)
    pointers.push_back(text.data());
  pointers.push_back(nullptr);
  return pointers;
}

/// The environment of the kernel. It speaks to the service manager through the guard, which is the
/// process that the manager knows.
std::vector<std::string> environment_with(const std::string& links) {
  std::vector<std::string> all{std::string{link_variable} + "=" + links};
  for (char** each = environ; *each; ++each)
    if (!std::string_view{*each}.starts_with("NOTIFY_SOCKET="))
      all.emplace_back(*each);
  return all;
}

/// An emergency stop from a page goes through the kernel, which must not wait for a processor
/// behind a slicer. Without the right to it the kernel has the usual priority.
constexpr int kernel_niceness = -10;

/// The child between fork and exec: only calls that are safe there.
[[noreturn]] void become_kernel(pid_t guard, int orders, int urgent, char** argv, char** envp) {
  ::prctl(PR_SET_PDEATHSIG, SIGTERM);
  ::prctl(PR_SET_TIMERSLACK, timer_slack_ns);
  ::setpriority(PRIO_PROCESS, 0, kernel_niceness);
  sigset_t none;
  ::sigemptyset(&none);
  ::sigprocmask(SIG_SETMASK, &none, nullptr);
  // The guard may have died before the first line took effect.
  if (::getppid() == guard && ::fcntl(orders, F_SETFD, 0) == 0 && ::fcntl(urgent, F_SETFD, 0) == 0)
    ::execve("/proc/self/exe", argv, envp);
  ::_exit(127);
}

} // namespace

std::optional<kernel_child> start_kernel(const std::vector<std::string>& words) {
  auto orders = packet_link::make_pair();
  auto urgent = packet_link::make_pair();
  if (!orders || !urgent)
    return {};
  const auto guard = ::getpid();
  const auto links = std::to_string(guard) + ":" + std::to_string(orders->second.descriptor()) + ":"
                     + std::to_string(urgent->second.descriptor());
  auto texts = words;
  auto variables = environment_with(links);
  auto argv = pointers_to(texts);
  auto envp = pointers_to(variables);
  // With all signals blocked, no handler of the guard can run inside the child.
  sigset_t all;
  sigset_t before;
  ::sigfillset(&all);
  ::pthread_sigmask(SIG_SETMASK, &all, &before);
  const auto child = ::fork();
  if (child == 0)
    become_kernel(guard, orders->second.descriptor(), urgent->second.descriptor(), argv.data(),
                  envp.data());
  ::pthread_sigmask(SIG_SETMASK, &before, nullptr);
  if (child < 0)
    return {};
  return kernel_child{child, std::move(orders->first), std::move(urgent->first)};
}

std::vector<std::string> own_words() {
  std::ifstream in{"/proc/self/cmdline", std::ios::binary};
  std::vector<std::string> words;
  for (std::string word; std::getline(in, word, '\0');)
    words.push_back(word);
  return words;
}

std::optional<inherited_links> take_inherited_links() {
  const char* given = std::getenv(link_variable);
  if (!given)
    return {};
  const std::string text{given};
  ::unsetenv(link_variable);
  std::array<int, 3> numbers{};
  const char* at = text.data();
  const char* const end = text.data() + text.size();
  for (auto& number : numbers) {
    const auto read = std::from_chars(at, end, number);
    if (read.ec != std::errc{})
      return {};
    at = read.ptr == end ? end : read.ptr + 1;
  }
  // A variable that somebody else set does not make a kernel.
  if (numbers[0] != ::getppid())
    return {};
  for (int descriptor : {numbers[1], numbers[2]})
    if (::fcntl(descriptor, F_SETFD, FD_CLOEXEC) != 0)
      return {};
  return inherited_links{packet_link{numbers[1]}, packet_link{numbers[2]}};
}

} // namespace gantry::guard
