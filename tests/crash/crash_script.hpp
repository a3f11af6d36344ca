// What people do in the stories of the crash test. Everything follows from the states that are
// there, under keys that do not change, so that a script goes on in the next life.
#pragma once

#include "tests/scenarios/farm.hpp"

#include <array>
#include <string_view>

namespace gantry::test {

/// The stories.
enum class crash_story : uint8_t {
  print,     ///< One print to a fulfilled order.
  trouble,   ///< A cancelled print, a reprint, two failures, a breaker, and a print that is good.
  permits,   ///< Two printers, one behind an approval; each print is paused and resumed.
  withdrawn, ///< An order that is cancelled while it is printed.
};
inline constexpr auto crash_story_names =
    std::to_array<std::string_view>({"print", "trouble", "permits", "withdrawn"});

/// The story called `name`; throws if there is none.
[[nodiscard]] crash_story story_called(const std::string& name);
[[nodiscard]] inline std::string text_of(crash_story what) {
  return std::string{crash_story_names[static_cast<size_t>(what)]};
}

/// Printers that it needs.
[[nodiscard]] size_t machines_of(crash_story what);
/// Prints that begin in it if nobody is killed, which is the most that may begin.
[[nodiscard]] size_t prints_of(crash_story what);
/// How many of them are good.
[[nodiscard]] size_t good_prints_of(crash_story what);

/// An empty farm with the story's printers at `port` and above.
void set_up_story(crash_story what, running_kernel& kernel, uint16_t port);
/// The story's order, placed anew in each life.
[[nodiscard]] order_id place_order(crash_story what, running_kernel& kernel);
/// Waits until its first runs wait for somebody to look at a bed.
void wait_for_queue(crash_story what, running_kernel& kernel);
/// Goes on until the order is fulfilled, or cancelled and nothing printed for it any more; false if
/// it is not in time.
[[nodiscard]] bool play_to_end(crash_story what, running_kernel& kernel, const order_id& id);

} // namespace gantry::test
