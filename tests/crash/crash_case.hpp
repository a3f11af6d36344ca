// One story of a kernel that is killed and started again, and what must be true afterwards.
#pragma once

#include "tests/crash/crash_script.hpp"
#include "tests/crash/kill_point.hpp"

#include <array>
#include <filesystem>
#include <string>
#include <vector>

namespace gantry::test {

/// A place where one story is told in many ways: ports of its own and prepared data folders for
/// them. One telling at a time.
class crash_stage {
public:
  /// Prepares below `folder`; `number` keeps the ports of several stages apart.
  crash_stage(std::filesystem::path folder, unsigned number, crash_story story);

  /// What a story left.
  struct outcome {
    std::vector<std::string> problems; ///< Empty = everything is as promised.
    size_t kills = 0;
    std::array<uint64_t, kill_steps> last_life{}; ///< Steps of the life that ended by itself.
  };

  /// Starts from the prepared folder `start` ("seed" or "queue"), lives once per point of `lives`,
  /// and then once more to the end.
  [[nodiscard]] outcome play(const std::string& start, const std::vector<kill_point>& lives);

private:
  [[nodiscard]] int live(const std::filesystem::path& where, const kill_point& point) const;
  void finish(const std::filesystem::path& where, outcome& what) const;

  std::filesystem::path folder_;
  crash_story story_;
  uint16_t port_ = 0;
  unsigned stories_ = 0;
};

} // namespace gantry::test
