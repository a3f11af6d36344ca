// What is kept of an endless stream of output.
#pragma once

#include <cstddef>
#include <functional>
#include <string>
#include <string_view>

namespace gantry::process {

/// Keeps the last bytes of a stream and cuts it into lines on the way. Memory is bounded by twice
/// the bytes kept plus one line. One thread at a time.
class tail_buffer {
public:
  /// Longer lines are handed out cut to this length.
  static constexpr std::size_t line_bytes_max = 4096;

  /// Keeps `bytes_max` bytes; `on_line` may be empty.
  tail_buffer(std::size_t bytes_max, std::function<void(std::string_view)> on_line);

  /// Adds bytes as they come.
  void add(std::string_view bytes);

  /// Hands out an unfinished last line, and the kept bytes.
  [[nodiscard]] std::string finish();

private:
  void add_lines(std::string_view bytes);

  std::size_t bytes_max_;
  std::function<void(std::string_view)> on_line_;
  std::string kept_;
  std::string line_;
};

} // namespace gantry::process
