#include "tests/crash/kill_point.hpp"

#include <algorithm>
#include <chrono>
#include <csignal>
#include <string_view>
#include <thread>

namespace gantry::test {

namespace {

constexpr auto step_names = std::to_array<std::string_view>({"write", "call", "answer"});
constexpr auto moment_names = std::to_array<std::string_view>({"before", "after", "later"});

template <class Enum, size_t Count>
std::optional<Enum> find(const std::array<std::string_view, Count>& names, std::string_view name) {
  const auto found = std::ranges::find(names, name);
  if (found == names.end())
    return std::nullopt;
  return static_cast<Enum>(found - names.begin());
}

} // namespace

std::string kill_point::text() const {
  if (number == 0)
    return "never";
  return std::string{step_names[static_cast<size_t>(step)]} + ":"
         + std::string{moment_names[static_cast<size_t>(moment)]} + ":" + std::to_string(number);
}

std::optional<kill_point> kill_point::parse(const std::string& text) {
  if (text == "never")
    return kill_point{};
  const auto first = text.find(':');
  const auto second = text.find(':', first + 1);
  if (first == std::string::npos || second == std::string::npos)
    return std::nullopt;
  const auto what = find<kill_step>(step_names, text.substr(0, first));
  const auto when = find<kill_moment>(moment_names, text.substr(first + 1, second - first - 1));
  if (!what || !when)
    return std::nullopt;
  return kill_point{*what, *when, std::stoull(text.substr(second + 1))};
}

uint64_t executioner::begin(kill_step step) {
  const auto number = ++counts_[static_cast<size_t>(step)];
  if (step == point_.step && number == point_.number && point_.moment == kill_moment::before)
    std::raise(SIGKILL);
  return number;
}

void executioner::end(kill_step step, uint64_t number) {
  if (step != point_.step || number != point_.number)
    return;
  if (point_.moment == kill_moment::after)
    std::raise(SIGKILL);
  if (point_.moment == kill_moment::later)
    std::thread{[] {
      std::this_thread::sleep_for(std::chrono::milliseconds{later_ms});
      std::raise(SIGKILL);
    }}.detach();
}

} // namespace gantry::test
