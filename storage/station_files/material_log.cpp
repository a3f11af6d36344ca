#include "storage/station_files/material_log.hpp"

#include "schemas/json_integer.hpp"
#include "storage/station_files/open_file.hpp"

#include <cerrno>
#include <cstring>
#include <fcntl.h>
#include <filesystem>
#include <nlohmann/json.hpp>
#include <sys/stat.h>
#include <unistd.h>

namespace gantry::storage {

namespace fs = std::filesystem;

namespace {

/// No line is longer: events of a change are small.
constexpr off_t tail_bytes = 256 * 1024;

/// Bytes that are collected before they are written.
constexpr size_t block_bytes = 256 * 1024;

refusal not_written(const std::string& path) {
  return {reason::station_file_not_written,
          {{"file", fs::path{path}.filename().string()}, {"detail", std::strerror(errno)}}};
}

/// The number of the last whole line of `tail`, and where the bytes behind it begin.
struct last_line {
  uint64_t seq = 0;
  size_t end = 0;
};

last_line last_line_of(const std::string& tail) {
  const auto end = tail.rfind('\n');
  if (end == std::string::npos)
    return {};
  const auto begin = end == 0 ? std::string::npos : tail.rfind('\n', end - 1);
  const auto from = begin == std::string::npos ? 0 : begin + 1;
  const auto line = nlohmann::json::parse(tail.substr(from, end - from), nullptr, false);
  const auto seq =
      line.is_object() && line.contains("seq") ? integer_in<uint64_t>(line["seq"]) : std::nullopt;
  return seq ? last_line{*seq, end + 1} : last_line{};
}

/// The end of a file that nobody writes any more; empty if there is none.
std::string tail_of(const std::string& path) {
  const open_file file{path, O_RDONLY};
  struct stat status {};
  if (!file.is_open() || ::fstat(file.number(), &status) != 0)
    return {};
  const auto from = std::max<off_t>(0, status.st_size - tail_bytes);
  std::string tail(static_cast<size_t>(status.st_size - from), '\0');
  const auto count = ::pread(file.number(), tail.data(), tail.size(), from);
  tail.resize(static_cast<size_t>(std::max<ssize_t>(0, count)));
  return tail;
}

} // namespace

std::string material_line(const event_envelope& envelope) {
  nlohmann::ordered_json line{
      {"seq", envelope.seq},
      {"at", format_timestamp(envelope.at)},
      {"station", envelope.entity.id},
      {"type", envelope.type},
      {"by", envelope.who.name},
      {"why", std::string{to_string(envelope.why)}},
      {"data", nlohmann::ordered_json::parse(envelope.data, nullptr, false)}};
  return line.dump(-1, ' ', false, nlohmann::json::error_handler_t::replace) + "\n";
}

std::string material_log::name(unsigned age) const {
  const fs::path whole{path_};
  const auto number = age == 0 ? "" : "." + std::to_string(age);
  return whole.parent_path() / (whole.stem().string() + number + whole.extension().string());
}

bool material_log::append(std::string_view lines) const {
  std::error_code ignored;
  const auto size = fs::file_size(path_, ignored);
  if (!ignored && size > 0 && size + lines.size() > limits_.bytes_max)
    for (auto age = limits_.files_max - 1; age > 0; --age)
      fs::rename(name(age - 1), name(age), ignored);
  const open_file file{path_, O_WRONLY | O_APPEND | O_CREAT};
  return file.is_open() && file.write(lines);
}

outcome material_log::open(const reader& view) {
  std::error_code ignored;
  fs::create_directories(fs::path{path_}.parent_path(), ignored);
  const open_file file{path_, O_RDWR | O_CREAT};
  struct stat status {};
  if (!file.is_open() || ::fstat(file.number(), &status) != 0)
    return not_written(path_);
  const auto from = std::max<off_t>(0, status.st_size - tail_bytes);
  std::string tail(static_cast<size_t>(status.st_size - from), '\0');
  const auto count = ::pread(file.number(), tail.data(), tail.size(), from);
  if (count < 0)
    return not_written(path_);
  tail.resize(static_cast<size_t>(count));
  auto last = last_line_of(tail);
  // A file that was only begun goes on where the one before it ends.
  auto before = last_line_of(tail_of(name(1)));
  if (std::max(last.seq, before.seq) > view.last_seq()) {
    last = before = {};
    for (unsigned age = 1; age < limits_.files_max; ++age)
      fs::remove(name(age), ignored);
  }
  const off_t keep = last.end == 0 ? 0 : from + static_cast<off_t>(last.end);
  if (keep != status.st_size && ::ftruncate(file.number(), keep) != 0)
    return not_written(path_);
  followed_ = last.end == 0 ? before.seq : last.seq;
  // A farm without stations has nothing to tell, and its whole log need not be read for that.
  list_query stations;
  stations.kind = entity_kind::station;
  stations.limit = 1;
  if (followed_ == 0 && view.list(stations).items.empty())
    followed_ = view.last_seq();
  is_open_ = true;
  return success();
}

outcome material_log::follow(const reader& view) {
  std::error_code ignored;
  if (is_open_ && !fs::exists(path_, ignored))
    is_open_ = false;
  if (!is_open_)
    if (auto opened = open(view); !opened)
      return opened;
  const auto block_max = std::min<uint64_t>(block_bytes, limits_.bytes_max / 4);
  std::string block;
  bool written = true;
  uint64_t seen = followed_;
  const auto flush = [&] {
    written = block.empty() || append(block);
    block.clear();
    return written;
  };
  view.events_after(followed_, [&](uint64_t seq, std::string_view text) {
    seen = seq;
    // Most events are of printers and orders; those are not worth decoding.
    if (text.find("\"station.") == std::string_view::npos)
      return true;
    const auto envelope = decode_envelope(text);
    if (envelope && envelope->entity.kind == entity_kind::station && wanted_(envelope->type))
      block += material_line(*envelope);
    return block.size() < block_max || flush();
  });
  if (!written || !flush()) {
    is_open_ = false;
    return not_written(path_);
  }
  followed_ = seen;
  return success();
}

} // namespace gantry::storage
