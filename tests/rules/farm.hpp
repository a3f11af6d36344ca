// A farm in memory: the real rules on a map of states, for tests that read as sentences.
#pragma once

#include "rules/ruling.hpp"

#include <string>
#include <vector>

namespace gantry::test {

/// One order for one kind of part, and printers to make it. Copies are independent.
class farm {
public:
  /// PLA, a profile for it and a model are there; no printers, no orders.
  farm();

  // -- bringing it into a state ---------------------------------------------

  /// Adds a printer with black PLA and confirms its bed.
  farm& with_printer(const std::string& name, const std::string& printer_class = "open");
  /// Accepts an order; it becomes `the_order`.
  farm& with_order(int64_t quantity = 2, int64_t pieces_per_plate = 2);
  /// Replaces the settings.
  farm& with_settings(const settings& content);
  /// The plan's model is checked and sliced; its plates wait with a run each.
  farm& sliced(int64_t duration_s = 3'600);
  /// The last run of a plate goes to a printer and as far as `phase`.
  farm& up_to(ticket_phase phase, size_t plate_index = 0, size_t printer_index = 0);
  /// The print on a printer completes and its bed is cleared.
  farm& printed(size_t printer_index = 0);
  /// The last run of a plate is inspected; the same outcome for every piece.
  farm& inspected(item_outcome outcome, attribution to = attribution::plan, size_t plate_index = 0);
  /// A run of a plate, from its queue to a failed inspection.
  farm& failed_once(attribution to = attribution::plan, size_t plate_index = 0);

  // -- commands -------------------------------------------------------------

  /// A person asks.
  rules::ruling ask(any_command body);
  /// A part of the kernel, or a device, tells.
  rules::ruling tell(any_command body);
  /// Decides and applies `body`; follows redirections. Forwarded commands are kept in `forwarded`.
  rules::ruling submit(any_command body, const principal& who);
  /// Submits what was forwarded, until nothing is left.
  farm& settle_forwarded();
  /// The printer reports; shorthand for `tell(observe)`.
  rules::ruling reports(const device_report& report, size_t printer_index = 0);

  // -- reports --------------------------------------------------------------

  /// Online, ready and without a print; its history is empty.
  [[nodiscard]] device_report idle() const;
  /// The same with a print state; the file is the ticket's if none is given.
  [[nodiscard]] device_report shows(print_state state, std::string file = {},
                                    size_t printer_index = 0) const;

  // -- what is there --------------------------------------------------------

  /// The state of an entity that exists.
  template <class State>
  [[nodiscard]] const State& get(const entity_ref& entity) const {
    return std::get<State>(world_.at(entity).state);
  }
  [[nodiscard]] bool exists(const entity_ref& entity) const { return world_.contains(entity); }
  /// Every state of a kind, by id.
  template <class State>
  [[nodiscard]] std::vector<const State*> all() const {
    std::vector<const State*> result;
    for (const auto& [entity, what] : world_)
      if (const auto* state = std::get_if<State>(&what.state))
        result.push_back(state);
    return result;
  }
  [[nodiscard]] const order& the_order() const { return get<order>(ref_of(order_)); }
  [[nodiscard]] const order_progress& the_line() const { return the_order().lines.front(); }
  [[nodiscard]] const plan& the_plan() const { return get<plan>(ref_of(the_line().plan)); }
  [[nodiscard]] const breaker& the_breaker() const {
    return get<breaker>(ref_of(the_plan().breaker));
  }
  [[nodiscard]] const plate& the_plate(size_t index = 0) const {
    return get<plate>(ref_of(the_line().plates.at(index)));
  }
  /// The newest run of a plate.
  [[nodiscard]] const run& the_run(size_t plate_index = 0) const {
    return get<run>(ref_of(the_plate(plate_index).runs.back()));
  }
  /// The first run of a plate.
  [[nodiscard]] const run& first_run(size_t plate_index = 0) const {
    return get<run>(ref_of(the_plate(plate_index).runs.front()));
  }
  [[nodiscard]] const printer& the_printer(size_t index = 0) const {
    return get<printer>(ref_of(printers_.at(index)));
  }
  /// The ticket of a printer that has one.
  [[nodiscard]] const print_ticket& the_ticket(size_t index = 0) const {
    return the_printer(index).ticket.value();
  }
  [[nodiscard]] const std::vector<printer_id>& printers() const { return printers_; }
  [[nodiscard]] const std::map<entity_ref, rules::fact>& world() const { return world_; }
  [[nodiscard]] artifact_id model() const { return model_; }
  [[nodiscard]] timestamp now() const { return now_; }
  /// The revision that slicing makes.
  [[nodiscard]] plan_revision revision(int64_t duration_s = 3'600) const;
  /// A command for an order of one line.
  [[nodiscard]] commands::create_order order_for(int64_t quantity, int64_t pieces_per_plate) const;
  /// What a person enters about a printer.
  [[nodiscard]] printer_setup setup_for(const std::string& name,
                                        const std::string& printer_class) const;

  /// Removes an order with everything below it.
  void forget(const order_id& id);
  /// Changes a state behind the rules' back.
  template <class State>
  State& edit(const entity_ref& entity) {
    return std::get<State>(world_.at(entity).state);
  }

  std::vector<rules::effects::send_start> starts_sent;   ///< Every start, in order.
  std::vector<rules::effects::send_action> actions_sent; ///< Every pause, resume and cancel.
  std::vector<any_command> forwarded;                    ///< Not yet submitted.

private:
  [[nodiscard]] rules::facts read(const command& request, const entity_ref& initiator) const;
  [[nodiscard]] rules::ruling decide_at(const command& request, const entity_ref& initiator) const;
  void apply(const rules::ruling& answer, const std::string& note);

  std::map<entity_ref, rules::fact> world_;
  timestamp now_{std::chrono::hours{24 * 365 * 56}};
  uint64_t keys_ = 0;
  order_id order_;
  artifact_id model_;
  std::vector<printer_id> printers_;
};

/// The person who asks.
[[nodiscard]] principal a_person();

} // namespace gantry::test
