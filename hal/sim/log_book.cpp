#include "hal/sim/log_book.hpp"

#include <algorithm>

namespace gantry::sim {

void log_book::open(const std::filesystem::path& file) {
  file_.open(file, std::ios::app | std::ios::binary);
}

void log_book::append(std::string_view line) {
  if (file_.is_open())
    file_ << line << '\n' << std::flush;
  lines_.emplace_back(line);
  if (lines_.size() > lines_max) {
    lines_.pop_front();
    ++dropped_;
  }
}

std::string log_book::since(std::size_t index) const {
  std::string text = "{\"next\":" + std::to_string(dropped_ + lines_.size()) + ",\"entries\":[";
  const auto first = std::max(index, dropped_) - dropped_;
  for (std::size_t i = first; i < lines_.size(); ++i) {
    if (i > first)
      text += ",\n";
    text += lines_[i];
  }
  return text + "]}";
}

} // namespace gantry::sim
