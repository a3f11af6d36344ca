#pragma once

// What really happened to a simulated machine, kept for a file and for `GET /sim/log`.

#include <cstddef>
#include <deque>
#include <filesystem>
#include <fstream>
#include <string>
#include <string_view>

namespace gantry::sim {

/// The log of one machine. The newest lines stay in memory; all of them go to the file.
class log_book {
public:
  /// Most lines that stay in memory.
  static constexpr std::size_t lines_max = 20'000;

  /// Appends to `file` from now on; a machine without one keeps its log in memory only.
  void open(const std::filesystem::path& file);
  /// Takes one entry, a line of JSON without a line break.
  void append(std::string_view line);
  /// The entries from number `index` on, as {"next", "entries"}; `next` continues there.
  [[nodiscard]] std::string since(std::size_t index) const;

private:
  std::ofstream file_;
  std::deque<std::string> lines_;
  std::size_t dropped_ = 0;
};

} // namespace gantry::sim
