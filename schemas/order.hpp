// ORDER: the promise to a customer. Its lines never change; what was achieved is counted beside
// them.
#pragma once

#include "schemas/values.hpp"

namespace gantry {

/// One position of an order.
struct order_line {
  std::string name;
  artifact_id model;
  int64_t quantity = 1;
  int64_t pieces_per_plate = 1;
  std::string material = "PLA";
  colour_rule colour;
  profile_id profile;

  template <class V>
  static void describe(V&& v) {
    v("name", &order_line::name, "What the customer calls the part.", at_most(120));
    v("model", &order_line::model, "The uploaded model.");
    v("quantity", &order_line::quantity, "Pieces.", defaulted(between(1, 10'000)));
    v("pieces_per_plate", &order_line::pieces_per_plate,
      "Pieces printed together; divides the quantity.", defaulted(between(1, 100)));
    v("material", &order_line::material, "Name of the material.", defaulted(at_most(40)));
    v("colour", &order_line::colour, "Acceptable colours.", defaulted());
    v("profile", &order_line::profile,
      "Slicing profile; the first one for the material if left out.", defaulted());
  }
  bool operator==(const order_line&) const = default;
};

/// Where a line of an order stands.
enum class line_state : uint8_t { preparing, producing, held, complete, cancelled };
constexpr auto names_of(line_state) {
  return std::to_array<std::string_view>(
      {"preparing", "producing", "held", "complete", "cancelled"});
}

/// A line of an accepted order with what was achieved for it.
struct order_progress {
  order_line line;
  plan_id plan;
  line_state state = line_state::preparing;
  reason why = reason::ok;
  reason_params why_params;
  int64_t pieces_good = 0;
  std::vector<plate_id> plates;

  template <class V>
  static void describe(V&& v) {
    v("line", &order_progress::line, "What was ordered.");
    v("plan", &order_progress::plan, "How it is made.");
    v("state", &order_progress::state, "Where it stands.");
    v("why", &order_progress::why, "Why it is held, if it is.");
    v("why_params", &order_progress::why_params, "Values for the reason's text.");
    v("pieces_good", &order_progress::pieces_good, "Pieces that passed inspection.");
    v("plates", &order_progress::plates, "The plates that carry its pieces.");
  }
  bool operator==(const order_progress&) const = default;
};

/// Where an order stands.
enum class order_state : uint8_t { accepted, producing, held, fulfilled, cancelled };
constexpr auto names_of(order_state) {
  return std::to_array<std::string_view>(
      {"accepted", "producing", "held", "fulfilled", "cancelled"});
}

/// The ORDER's state.
struct order {
  order_id id;
  order_state state = order_state::accepted;
  std::string reference;
  customer_id customer;
  std::optional<due_date> due;
  int64_t priority = 5;
  std::string note;
  std::vector<order_progress> lines;
  std::optional<timestamp> accepted_at;
  std::optional<timestamp> closed_at;

  template <class V>
  static void describe(V&& v) {
    v("id", &order::id, "Order.");
    v("state", &order::state, "Where it stands.");
    v("reference", &order::reference, "The customer's or shop's own number.");
    v("customer", &order::customer, "The erasable customer record; empty if none.");
    v("due", &order::due, "When it was promised.");
    v("priority", &order::priority, "0 (first) to 9 (last).");
    v("note", &order::note, "Free text for the workshop.");
    v("lines", &order::lines, "Positions with progress.");
    v("accepted_at", &order::accepted_at, "When it was accepted.");
    v("closed_at", &order::closed_at, "When it was fulfilled or cancelled.");
  }
  bool operator==(const order&) const = default;
};

namespace events {

struct order_accepted {
  static constexpr std::string_view type = "order.accepted";
  order_id id;
  std::string reference;
  customer_id customer;
  std::optional<due_date> due;
  int64_t priority = 5;
  std::string note;
  std::vector<order_line> lines;
  std::vector<plan_id> plans;

  template <class V>
  static void describe(V&& v) {
    v("id", &order_accepted::id, "Order.");
    v("reference", &order_accepted::reference, "The customer's own number.");
    v("customer", &order_accepted::customer, "Customer record.");
    v("due", &order_accepted::due, "Promise.");
    v("priority", &order_accepted::priority, "0 to 9.");
    v("note", &order_accepted::note, "Free text.");
    v("lines", &order_accepted::lines, "What was ordered.");
    v("plans", &order_accepted::plans, "One plan per line.");
  }
};

struct order_line_released {
  static constexpr std::string_view type = "order.line_released";
  int64_t line = 0;
  std::vector<plate_id> plates;

  template <class V>
  static void describe(V&& v) {
    v("line", &order_line_released::line, "Index of the line.");
    v("plates", &order_line_released::plates,
      "Plates composed for it; empty if they existed before.");
  }
};

struct order_line_held {
  static constexpr std::string_view type = "order.line_held";
  int64_t line = 0;
  reason why = reason::ok;
  reason_params why_params;

  template <class V>
  static void describe(V&& v) {
    v("line", &order_line_held::line, "Index of the line.");
    v("why", &order_line_held::why, "What holds it.");
    v("why_params", &order_line_held::why_params, "Values for the reason's text.");
  }
};

struct order_line_preparing {
  static constexpr std::string_view type = "order.line_preparing";
  int64_t line = 0;

  template <class V>
  static void describe(V&& v) {
    v("line", &order_line_preparing::line, "Index of the line that is planned anew.");
  }
};

struct order_pieces_passed {
  static constexpr std::string_view type = "order.pieces_passed";
  int64_t line = 0;
  int64_t pieces = 0;
  run_id run;

  template <class V>
  static void describe(V&& v) {
    v("line", &order_pieces_passed::line, "Index of the line.");
    v("pieces", &order_pieces_passed::pieces, "Pieces that passed inspection.");
    v("run", &order_pieces_passed::run, "The run that made them.");
  }
};

struct order_fulfilled {
  static constexpr std::string_view type = "order.fulfilled";
  template <class V>
  static void describe(V&&) {}
};

struct order_cancelled {
  static constexpr std::string_view type = "order.cancelled";
  template <class V>
  static void describe(V&&) {}
};

} // namespace events

} // namespace gantry
