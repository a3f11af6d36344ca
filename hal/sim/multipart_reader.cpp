#include "hal/sim/multipart_reader.hpp"

#include <utility>

namespace gantry::sim {
namespace {

std::string_view trimmed(std::string_view text) {
  while (!text.empty() && (text.front() == ' ' || text.front() == '\t'))
    text.remove_prefix(1);
  while (!text.empty() && (text.back() == ' ' || text.back() == '\t'))
    text.remove_suffix(1);
  return text;
}

/// Finds `key="value"` (or `key=value`) in a header line.
std::string_view parameter(std::string_view line, std::string_view key) {
  size_t at = 0;
  while ((at = line.find(key, at)) != std::string_view::npos) {
    const bool starts = at == 0 || line[at - 1] == ' ' || line[at - 1] == ';';
    const auto value = line.substr(at + key.size());
    at += key.size();
    if (!starts || value.empty() || value.front() != '=')
      continue;
    if (value.size() > 1 && value[1] == '"')
      return value.substr(2, value.find('"', 2) - 2);
    return trimmed(value.substr(1, value.find(';') - 1));
  }
  return {};
}

} // namespace

std::string multipart_boundary(std::string_view content_type) {
  if (content_type.substr(0, 19) != "multipart/form-data")
    return {};
  const auto boundary = parameter(content_type, "boundary");
  return boundary.size() <= 200 ? std::string(boundary) : std::string();
}

multipart_reader::multipart_reader(std::string boundary, multipart_events events)
    : delimiter_("\r\n--" + std::move(boundary)), events_(std::move(events)), buffer_("\r\n") {
  // The leading line break lets the first boundary look like all the others.
}

bool multipart_reader::feed(std::string_view bytes) {
  if (state_ == state::failed)
    return false;
  if (state_ == state::done)
    return true;
  buffer_.append(bytes);
  while (step()) {
    // Each step consumes one element of the body.
  }
  return state_ != state::failed;
}

bool multipart_reader::step() {
  switch (state_) {
  case state::preamble:
    return step_preamble();
  case state::headers:
    return step_headers();
  case state::data:
    return step_data();
  case state::done:
  case state::failed:
    return false;
  }
  return false;
}

bool multipart_reader::step_preamble() {
  const auto at = buffer_.find(delimiter_);
  if (at == std::string::npos) {
    if (buffer_.size() > header_bytes_max)
      state_ = state::failed;
    return false;
  }
  if (buffer_.size() < at + delimiter_.size() + 2)
    return false;
  const auto mark = buffer_.substr(at + delimiter_.size(), 2);
  buffer_.erase(0, at + delimiter_.size() + 2);
  state_ = mark == "--" ? state::done : mark == "\r\n" ? state::headers : state::failed;
  return state_ == state::headers;
}

bool multipart_reader::step_headers() {
  const auto end = buffer_.find("\r\n\r\n");
  if (end == std::string::npos) {
    if (buffer_.size() > header_bytes_max)
      state_ = state::failed;
    return false;
  }
  const auto block = std::string_view(buffer_).substr(0, end);
  events_.on_part(parameter(block, "name"), parameter(block, "filename"));
  buffer_.erase(0, end + 4);
  state_ = state::data;
  return true;
}

bool multipart_reader::step_data() {
  const auto at = buffer_.find(delimiter_);
  if (at == std::string::npos) {
    // A delimiter may be cut by the end of the buffer, so that much is kept back.
    if (buffer_.size() > delimiter_.size()) {
      const auto ready = buffer_.size() - delimiter_.size();
      events_.on_data(std::string_view(buffer_).substr(0, ready));
      buffer_.erase(0, ready);
    }
    return false;
  }
  if (at > 0)
    events_.on_data(std::string_view(buffer_).substr(0, at));
  buffer_.erase(0, at);
  state_ = state::preamble;
  return true;
}

} // namespace gantry::sim
