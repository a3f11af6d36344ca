#include "tests/rules/consistency.hpp"

#include "tests/rules/resin_bench.hpp"

#include <algorithm>

namespace gantry::test {

namespace {

class inspector {
public:
  explicit inspector(const farm& shop) : shop_{shop} {}

  std::vector<std::string> everything() {
    for (const auto& [entity, what] : shop_.world()) {
      subject_ = &entity;
      std::visit([this](const auto& state) { look(state); }, what.state);
    }
    return std::move(found_);
  }

private:
  void must(bool holds, std::string_view rule) {
    if (!holds)
      found_.push_back(subject_->text() + ": " + std::string{rule});
  }

  template <class State, class Id>
  const State* find(const Id& id) {
    const auto position = shop_.world().find(ref_of(id));
    if (position == shop_.world().end())
      return nullptr;
    return std::get_if<State>(&position->second.state);
  }

  static bool phase_fits(ticket_phase phase, run_state state) {
    using enum run_state;
    switch (phase) {
    case ticket_phase::reserved: // `starting` after a fence
      return state == reserved || state == starting;
    case ticket_phase::uploading:
    case ticket_phase::uploaded:
      return state == uploading;
    case ticket_phase::starting:
    case ticket_phase::fencing:
      return state == starting || state == cancelling;
    case ticket_phase::printing:
      return state == printing || state == cancelling;
    case ticket_phase::paused:
      return state == paused || state == cancelling;
    case ticket_phase::attention:
      return state == attention;
    }
    return false;
  }

  void look(const printer& x) {
    must(x.mode != printer_mode::retired || !x.ticket, "a retired printer has no ticket");
    must(x.bed != bed_state::clear || x.bed_evidence.by == a_person().name,
         "only a person makes a bed clear");
    if (!x.ticket)
      return;
    const auto* what = find<run>(x.ticket->run);
    must(what != nullptr, "the run of a ticket exists");
    if (!what)
      return;
    must(what->on_printer(), "the run of a ticket is on a printer");
    must(what->printer == x.id, "the run of a ticket names that printer");
    must(phase_fits(x.ticket->phase, what->state), std::string{name_of(x.ticket->phase)}
                                                       + " does not fit a run that is "
                                                       + std::string{name_of(what->state)});
    must(what->plate == x.ticket->plate && what->plan == x.ticket->plan
             && what->order == x.ticket->order,
         "a ticket agrees with its run");
    must(x.ticket->phase == ticket_phase::reserved || x.ticket->file == what->file,
         "ticket and run name one file");
    must(x.ticket->phase != ticket_phase::attention || x.attention != reason::ok,
         "attention has a reason");
    const bool seen =
        x.ticket->phase == ticket_phase::printing || x.ticket->phase == ticket_phase::paused;
    must(!seen || x.bed != bed_state::clear, "a bed is not clear under a print");
  }

  void look(const run& x) {
    const auto* where = find<printer>(x.printer);
    if (x.on_printer())
      must(where && where->ticket && where->ticket->run == x.id,
           "a run on a printer has the ticket there");
    const auto* arranged = find<plate>(x.plate);
    must(arranged != nullptr, "a run has a plate");
    if (!arranged)
      return;
    const bool ended = !is_open(any_state{x});
    must(ended || arranged->runs.back() == x.id, "only the last run of a plate is open");
    const bool waiting = x.state == run_state::queued || x.state == run_state::approval;
    must(!waiting || is_open(any_state{*arranged}), "nothing waits for a closed plate");
    if (x.state == run_state::approval) {
      const auto* asked = find<decision>(x.pending_decision);
      must(asked && asked->approval == approval_state::pending, "a waiting approval can be given");
    }
  }

  void look(const decision& x) {
    if (x.approval != approval_state::pending)
      return;
    const auto* what = find<run>(x.run);
    must(what && what->state == run_state::approval && what->pending_decision == x.id,
         "an approval is pending for a run that waits for it");
  }

  void look(const plate& x) {
    const bool all_good =
        std::ranges::all_of(x.items, [](item_outcome item) { return item == item_outcome::good; });
    must((x.state == plate_state::passed) == (all_good && x.state != plate_state::cancelled),
         "a plate has passed when every piece is good");
    const auto* last = x.runs.empty() ? nullptr : find<run>(x.runs.back());
    must(last != nullptr, "a plate has a run");
    if (!last)
      return;
    const bool open = is_open(any_state{*last});
    if (x.state == plate_state::held || x.state == plate_state::passed)
      must(!open, "a held or passed plate has no open run");
    if (x.state == plate_state::waiting || x.state == plate_state::printing)
      must(open, "a waiting or printing plate has an open run");
    if (x.state == plate_state::inspecting)
      must(last->state == run_state::inspecting, "an inspected plate's run is inspected");
    const auto* promise = find<order>(x.order);
    must(promise && (is_open(any_state{*promise}) || !is_open(any_state{x})),
         "a closed order has no open plates");
  }

  void look(const plan& x) {
    const auto* promise = find<order>(x.order);
    must(promise && (is_open(any_state{*promise}) || !is_open(any_state{x})),
         "a closed order has no open plans");
    const auto* guard = find<breaker>(x.breaker);
    must(guard != nullptr, "a plan has a breaker");
    if (!guard)
      return;
    const bool reviewed = x.state == plan_state::review;
    must(!reviewed || guard->state == breaker_state::open, "a review has an open breaker");
    // A reviewed plan may be sliced anew; it comes back to the review, not into print.
    must(x.state != plan_state::ready || guard->state == breaker_state::closed,
         "a plan with an open breaker is not ready");
    must(x.state != plan_state::ready || x.current(), "a ready plan has a revision");
  }

  void look(const breaker& x) {
    must((x.state == breaker_state::open) == x.opened_at.has_value(),
         "an open breaker says since when");
  }

  void look(const order& x) {
    bool complete = true;
    for (const auto& line : x.lines) {
      int64_t good = 0;
      for (const auto& id : line.plates)
        if (const auto* arranged = find<plate>(id))
          good += std::ranges::count(arranged->items, item_outcome::good);
      must(line.pieces_good == good, "the order counts each good piece once");
      must(line.pieces_good <= line.line.quantity, "no more pieces count than were ordered");
      must((line.state == line_state::complete) == (line.pieces_good == line.line.quantity),
           "a line is complete when every piece is good");
      must(x.state != order_state::cancelled || line.state == line_state::cancelled
               || line.state == line_state::complete,
           "a cancelled order has no open lines");
      complete = complete && line.state == line_state::complete;
    }
    must((x.state == order_state::fulfilled) == complete,
         "an order is fulfilled when its lines are complete");
    must(is_open(any_state{x}) != x.closed_at.has_value(), "a closed order says when, an open not");
  }

  void look(const artifact&) {}
  void look(const profile&) {}
  void look(const material&) {}
  void look(const token&) {}
  void look(const settings&) {}
  void look(const station& x) {
    for (const auto& fault : station_faults(x))
      must(false, fault);
  }

  const farm& shop_;
  const entity_ref* subject_ = nullptr;
  std::vector<std::string> found_;
};

} // namespace

std::vector<std::string> inconsistencies(const farm& shop) {
  return inspector{shop}.everything();
}

} // namespace gantry::test
