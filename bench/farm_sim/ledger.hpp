// What a simulation counts: faults that it caused, checks that it made, violations that it found,
// and the trace that says whether two runs were the same.
#pragma once

#include "hal/clock.hpp"

#include <cstdint>
#include <deque>
#include <map>
#include <string>
#include <string_view>
#include <type_traits>
#include <vector>

namespace gantry::farm_sim {

/// How often, by id.
using counters = std::map<std::string, uint64_t, std::less<>>;

/// Counts, and the trace of everything that happened.
class ledger {
public:
  /// Events kept for the report of a violation.
  static constexpr size_t events_kept = 200;

  /// With `keep_events` the last events are kept as text, with `print` all of them are written to
  /// standard error. Both cost time and change no hash.
  ledger(bool keep_events, bool print) : keep_{keep_events || print}, print_{print} {}

  /// A fault of the catalogue (`F-06`) took place.
  void fault(std::string_view id) { ++slot(faults_, id); }
  /// An invariant (`INV-01`) was looked at.
  void check(std::string_view id, uint64_t times = 1) { slot(checks_, id) += times; }
  /// An invariant does not hold. `what` is a sentence.
  void violation(std::string_view id, const std::string& what);
  /// Checks `holds`; a violation otherwise. `what` is the sentence, or makes it.
  template <class Text>
  void must(bool holds, std::string_view id, const Text& what) {
    check(id);
    if (holds)
      return;
    if constexpr (std::is_invocable_v<Text>)
      violation(id, what());
    else
      violation(id, what);
  }

  /// Something happened; becomes part of the trace.
  void event(std::string_view kind, std::string_view what);
  /// The same for numbers, at next to no cost.
  void mix(uint64_t number);
  /// Tells the time of the events to come.
  void set_time(hal::mono_time now) {
    now_ = now;
    mix(static_cast<uint64_t>(now.count()));
  }
  /// True if somebody reads the texts of events.
  [[nodiscard]] bool keeps_events() const { return keep_; }

  [[nodiscard]] uint64_t hash() const { return hash_; }
  [[nodiscard]] const counters& faults() const { return faults_; }
  [[nodiscard]] const counters& checks() const { return checks_; }
  [[nodiscard]] const std::vector<std::string>& violations() const { return violations_; }
  [[nodiscard]] const std::deque<std::string>& last_events() const { return events_; }

private:
  static uint64_t& slot(counters& in, std::string_view id) {
    const auto found = in.find(id);
    return found != in.end() ? found->second : in[std::string{id}];
  }

  bool keep_;
  bool print_;
  hal::mono_time now_{0};
  uint64_t hash_ = 0x9e3779b97f4a7c15;
  counters faults_;
  counters checks_;
  std::vector<std::string> violations_;
  std::deque<std::string> events_;
};

} // namespace gantry::farm_sim
