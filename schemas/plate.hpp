// PLATE: pieces arranged to be printed together, with an outcome for each of them.
#pragma once

#include "schemas/values.hpp"

namespace gantry {

/// Where a plate stands.
enum class plate_state : uint8_t { waiting, printing, inspecting, passed, held, cancelled };
constexpr auto names_of(plate_state) {
  return std::to_array<std::string_view>(
      {"waiting", "printing", "inspecting", "passed", "held", "cancelled"});
}

/// The PLATE's state.
struct plate {
  plate_id id;
  plate_state state = plate_state::waiting;
  order_id order;
  int64_t line = 0;
  plan_id plan;
  std::vector<item_outcome> items;
  std::vector<run_id> runs;
  reason why = reason::ok;

  template <class V>
  static void describe(V&& v) {
    v("id", &plate::id, "Plate.");
    v("state", &plate::state, "Where it stands.");
    v("order", &plate::order, "Order it serves.");
    v("line", &plate::line, "Index of the order's line.");
    v("plan", &plate::plan, "How it is made.");
    v("items", &plate::items, "What became of each piece.");
    v("runs", &plate::runs, "Attempts to print it; the last one counts.");
    v("why", &plate::why, "Why it is held.");
  }
  bool operator==(const plate&) const = default;
};

namespace events {

struct plate_composed {
  static constexpr std::string_view type = "plate.composed";
  plate_id id;
  order_id order;
  int64_t line = 0;
  plan_id plan;
  int64_t pieces = 1;

  template <class V>
  static void describe(V&& v) {
    v("id", &plate_composed::id, "Plate.");
    v("order", &plate_composed::order, "Order.");
    v("line", &plate_composed::line, "Index of the order's line.");
    v("plan", &plate_composed::plan, "Plan.");
    v("pieces", &plate_composed::pieces, "Pieces on it.");
  }
};

struct plate_run_queued {
  static constexpr std::string_view type = "plate.run_queued";
  run_id run;

  template <class V>
  static void describe(V&& v) {
    v("run", &plate_run_queued::run, "The new attempt.");
  }
};

struct plate_print_began {
  static constexpr std::string_view type = "plate.print_began";
  run_id run;

  template <class V>
  static void describe(V&& v) {
    v("run", &plate_print_began::run, "The attempt that prints it.");
  }
};

struct plate_print_ended {
  static constexpr std::string_view type = "plate.print_ended";
  run_id run;

  template <class V>
  static void describe(V&& v) {
    v("run", &plate_print_ended::run, "The attempt whose parts wait for inspection.");
  }
};

struct plate_inspected {
  static constexpr std::string_view type = "plate.inspected";
  run_id run;
  std::vector<item_outcome> items;

  template <class V>
  static void describe(V&& v) {
    v("run", &plate_inspected::run, "The attempt.");
    v("items", &plate_inspected::items, "What became of each piece.");
  }
};

struct plate_held {
  static constexpr std::string_view type = "plate.held";
  reason why = reason::ok;

  template <class V>
  static void describe(V&& v) {
    v("why", &plate_held::why, "Why no further run was queued.");
  }
};

struct plate_cancelled {
  static constexpr std::string_view type = "plate.cancelled";
  template <class V>
  static void describe(V&&) {}
};

} // namespace events

} // namespace gantry
