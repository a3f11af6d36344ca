#include "hal/process/tail_buffer.hpp"

#include <algorithm>
#include <utility>

namespace gantry::process {

tail_buffer::tail_buffer(std::size_t bytes_max, std::function<void(std::string_view)> on_line)
    : bytes_max_(bytes_max), on_line_(std::move(on_line)) {
  // nop
}

void tail_buffer::add(std::string_view bytes) {
  if (on_line_)
    add_lines(bytes);
  // Cutting at twice the size moves every byte at most once.
  kept_.append(bytes);
  if (kept_.size() > 2 * bytes_max_)
    kept_.erase(0, kept_.size() - bytes_max_);
}

std::string tail_buffer::finish() {
  if (on_line_ && !line_.empty())
    on_line_(line_);
  line_.clear();
  if (kept_.size() > bytes_max_)
    kept_.erase(0, kept_.size() - bytes_max_);
  return std::exchange(kept_, {});
}

void tail_buffer::add_lines(std::string_view bytes) {
  while (!bytes.empty()) {
    const auto end = bytes.find('\n');
    const auto part = bytes.substr(0, end);
    line_.append(part.substr(0, std::min(part.size(), line_bytes_max - line_.size())));
    if (end == std::string_view::npos)
      return;
    on_line_(line_);
    line_.clear();
    bytes.remove_prefix(end + 1);
  }
}

} // namespace gantry::process
