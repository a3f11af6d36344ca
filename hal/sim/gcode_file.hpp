#pragma once

// What a printer knows about a G-code file: its lines, one at a time, and its slicer's notes.

#include <cstdint>
#include <map>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "hal/sim/printer_files.hpp"

namespace gantry::sim {

/// One command of G-code: an upper-case name, letter parameters ("X10") and named ones ("BED=60").
struct gcode_command {
  std::string name;
  /// Keys are upper case; a letter parameter has its letter as key.
  std::map<std::string, std::string, std::less<>> arguments;

  /// Returns a numeric argument, or nothing when it is absent or not a number.
  std::optional<double> number(std::string_view key) const;
  /// Returns a text argument without its quotes, or "" when absent.
  std::string text(std::string_view key) const;
};

/// Parses one line; nothing for blank lines and comments.
std::optional<gcode_command> parse_gcode(std::string_view line);

/// Reads a file line by line with a fixed buffer, so that its size does not matter.
class gcode_lines {
public:
  /// Longest accepted line; more bytes are treated as a line of their own.
  static constexpr size_t line_bytes_max = 64 * 1024;

  explicit gcode_lines(std::unique_ptr<file_reader> file);
  /// Returns the next line without its end, or nothing at the end of the file. A last line without
  /// a line break is dropped, as Klipper does.
  std::optional<std::string_view> next();
  /// Offset of the first byte after the line last returned.
  uint64_t position() const { return position_; }
  uint64_t size() const { return size_; }

private:
  std::unique_ptr<file_reader> file_;
  uint64_t size_;
  uint64_t position_ = 0;
  uint64_t filled_to_ = 0;
  std::string buffer_;
  size_t taken_ = 0;
};

/// What a slicer wrote into a file; absent facts are empty.
struct gcode_metadata {
  std::string slicer = "Unknown";
  std::string slicer_version = "?";
  std::optional<double> estimated_time_s;
  std::optional<double> filament_mm;
  std::optional<double> filament_g;
  std::optional<double> layer_height_mm;
  std::optional<double> nozzle_mm;
  std::optional<int> layer_count;
  std::string filament_type;
  std::optional<double> bed_c;
  std::optional<double> extruder_c;
  uint64_t gcode_start_byte = 0;
  uint64_t gcode_end_byte = 0;
};

/// Reads the first and last 64 KiB of a file for the notes of known slicers.
gcode_metadata scan_gcode(file_reader& file);

} // namespace gantry::sim
