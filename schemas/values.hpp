// Value types that several entities share. Lengths are micrometres, masses milligrams.
#pragma once

#include "schemas/describe.hpp"
#include "schemas/ids.hpp"
#include "schemas/reason.hpp"
#include "schemas/time.hpp"

#include <array>
#include <map>
#include <optional>
#include <string>
#include <vector>

namespace gantry {

/// Money as an integer number of the currency's smallest unit.
struct money {
  int64_t minor = 0;
  std::string currency = "EUR";

  template <class V>
  static void describe(V&& v) {
    v("minor", &money::minor, "Amount in the currency's smallest unit.",
      between(0, 1'000'000'000'000));
    v("currency", &money::currency, "ISO 4217 code.", at_most(3));
  }
  bool operator==(const money&) const = default;
};

/// A due date: the instant, and the text and zone in which it was promised.
struct due_date {
  std::string text;
  std::string zone = "UTC";
  std::optional<timestamp> at;

  template <class V>
  static void describe(V&& v) {
    v("text", &due_date::text,
      "Local date, or date and time, as entered (2026-12-01 or 2026-12-01T18:00).", at_most(20));
    v("zone", &due_date::zone, "IANA time zone of the text.", defaulted(at_most(40)));
    v("at", &due_date::at, "The instant it stands for; derived, ignored in requests.", defaulted());
  }
  bool operator==(const due_date&) const = default;
};

/// How a colour is matched against what is loaded.
enum class colour_match : uint8_t { any, exact, any_of, none_of };
constexpr auto names_of(colour_match) {
  return std::to_array<std::string_view>({"any", "exact", "any_of", "none_of"});
}

/// Which colours will do.
struct colour_rule {
  colour_match match = colour_match::any;
  std::vector<std::string> colours;

  template <class V>
  static void describe(V&& v) {
    v("match", &colour_rule::match, "How the colours are compared with what is loaded.");
    v("colours", &colour_rule::colours, "Colour names or #rrggbb, in lower case.",
      defaulted(at_most(16)));
  }
  bool operator==(const colour_rule&) const = default;
};

/// A box in micrometres.
struct box_um {
  int64_t x_um = 0;
  int64_t y_um = 0;
  int64_t z_um = 0;

  template <class V>
  static void describe(V&& v) {
    v("x_um", &box_um::x_um, "Width.", between(0, 5'000'000));
    v("y_um", &box_um::y_um, "Depth.", between(0, 5'000'000));
    v("z_um", &box_um::z_um, "Height.", between(0, 5'000'000));
  }
  /// True if a box of this size contains one of size `inner`, unrotated.
  [[nodiscard]] bool holds(const box_um& inner) const {
    return inner.x_um <= x_um && inner.y_um <= y_um && inner.z_um <= z_um;
  }
  /// For people: `220 x 220 x 250 mm`.
  [[nodiscard]] std::string text() const {
    const auto mm = [](int64_t um) { return std::to_string((um + 500) / 1000); };
    return mm(x_um) + " x " + mm(y_um) + " x " + mm(z_um) + " mm";
  }
  bool operator==(const box_um&) const = default;
};

/// The verdict of one automatic check.
enum class check_verdict : uint8_t { pass, warn, fail };
constexpr auto names_of(check_verdict) {
  return std::to_array<std::string_view>({"pass", "warn", "fail"});
}

/// One automatic check of a model or a toolpath.
struct check {
  std::string id;
  int64_t version = 1;
  check_verdict verdict = check_verdict::pass;
  int64_t value = 0;
  int64_t limit = 0;
  std::string unit;
  reason why = reason::ok;

  template <class V>
  static void describe(V&& v) {
    v("id", &check::id, "What was checked.");
    v("version", &check::version, "Version of the check's definition.");
    v("verdict", &check::verdict, "What came of it.");
    v("value", &check::value, "What was found, in `unit`.");
    v("limit", &check::limit, "What it was compared with, in `unit`.");
    v("unit", &check::unit, "Unit of value and limit.");
    v("why", &check::why, "Reason code of the verdict.");
  }
  bool operator==(const check&) const = default;
};

/// What a slicer promises about one plate.
struct print_estimate {
  int64_t duration_s = 0;
  int64_t filament_mm = 0;
  int64_t filament_mg = 0;
  int64_t layers = 0;
  int64_t height_um = 0;

  template <class V>
  static void describe(V&& v) {
    v("duration_s", &print_estimate::duration_s, "Printing time of the plate.");
    v("filament_mm", &print_estimate::filament_mm, "Filament length.");
    v("filament_mg", &print_estimate::filament_mg, "Filament mass.");
    v("layers", &print_estimate::layers, "Number of layers.");
    v("height_um", &print_estimate::height_um, "Height of the tallest layer.");
  }
  bool operator==(const print_estimate&) const = default;
};

/// What a plate needs from a printer. An unknown need is a refusal, never a match.
struct print_requirements {
  std::string material;
  colour_rule colour;
  int64_t nozzle_um = 0;
  box_um bed;
  box_um size;

  template <class V>
  static void describe(V&& v) {
    v("material", &print_requirements::material, "Name of the material.");
    v("colour", &print_requirements::colour, "Acceptable colours.");
    v("nozzle_um", &print_requirements::nozzle_um, "Nozzle diameter of the profile.");
    v("bed", &print_requirements::bed, "Build volume that the toolpath was made for.");
    v("size", &print_requirements::size, "Size of one piece.");
  }
  bool operator==(const print_requirements&) const = default;
};

/// What became of one piece on a plate.
enum class item_outcome : uint8_t { pending, good, failed, unknown };
constexpr auto names_of(item_outcome) {
  return std::to_array<std::string_view>({"pending", "good", "failed", "unknown"});
}

/// To what a failed run is attributed. Only `plan` counts for the plan's breaker.
enum class attribution : uint8_t { unknown, plan, printer, person, material };
constexpr auto names_of(attribution) {
  return std::to_array<std::string_view>({"unknown", "plan", "printer", "person", "material"});
}

/// How the state of a bed came to be known.
struct evidence {
  std::string by;
  std::string how;
  std::optional<timestamp> at;

  template <class V>
  static void describe(V&& v) {
    v("by", &evidence::by, "Who says so: a principal's name, or the printer.");
    v("how", &evidence::how, "How it is known: seen, photo, print_started, ...");
    v("at", &evidence::at, "When it was recorded.", defaulted());
  }
  bool operator==(const evidence&) const = default;
};

} // namespace gantry
