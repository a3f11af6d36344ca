// The moves of a G-code file, followed one line at a time.
#pragma once

#include "geometry/gcode_reader.hpp"

#include <array>
#include <optional>
#include <string_view>

namespace gantry::geometry {

/// Follows position and extruder through the lines of a file. Positions are unknown until set, so
/// the first move draws no line from the origin.
class toolpath_tracker {
public:
  /// Takes one line without its line break. Returns what is wrong with a line that cannot be
  /// trusted, a string literal.
  [[nodiscard]] std::optional<std::string_view> take(std::string_view line);

  /// Tells whether the lines that follow are the machine's own code.
  void set_custom(bool custom) { custom_ = custom; }

  /// What was found so far.
  [[nodiscard]] gcode_toolpath result() const;

private:
  /// The parameters of one command; letters are kept for axes, arcs and nothing else.
  struct words {
    std::array<std::optional<double>, 4> axes; // X Y Z E
    std::optional<double> i;
    std::optional<double> j;
    bool radius = false;
  };

  std::optional<std::string_view> run(int number, std::string_view parameters);
  static std::optional<words> split(std::string_view parameters);
  void move(const words& given, int number);
  void set_position(const words& given);
  void cover(double x, double y, double z);
  void cover_arc(double from_x, double from_y, const words& given, bool clockwise);

  /// X Y Z E in millimetres.
  std::array<std::optional<double>, 4> position_;
  bool relative_moves_ = false;
  bool relative_extrusion_ = false;
  bool custom_ = false;
  double extruded_mm_ = 0;
  gcode_toolpath found_;
};

} // namespace gantry::geometry
