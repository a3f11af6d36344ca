#include "tests/guard/core_history.hpp"

#include "tests/guard/core_bench.hpp"

#include <algorithm>
#include <array>
#include <random>

namespace gantry::test {

namespace {

using namespace guard;
using namespace std::chrono_literals;
using std::chrono::milliseconds;

constexpr int steps = 250;
/// The ledger counts in microseconds.
constexpr mono_time rounding = 1ms;
constexpr int64_t lease_limit_ms = 40'000;

const std::string small_windows = R"({"version": 1, "stations": [
  {"name": "one", "lease_limit_ms": 40000, "lines": [
    {"name": "a", "single_limit_ms": 30000, "window_ms": 100000, "window_limit_ms": 40000,
     "driver": {"kind": "simulated"}},
    {"name": "b", "bank": "shared", "single_limit_ms": 30000, "window_ms": 100000,
     "window_limit_ms": 30000, "driver": {"kind": "simulated"}},
    {"name": "air", "role": "valve", "single_limit_ms": 30000, "window_ms": 100000,
     "window_limit_ms": 50000, "driver": {"kind": "simulated"}}]},
  {"name": "two", "lease_limit_ms": 40000, "lines": [
    {"name": "b", "bank": "shared", "single_limit_ms": 30000, "window_ms": 100000,
     "window_limit_ms": 30000, "driver": {"kind": "simulated"}}]}]})";

class history {
public:
  history(unsigned seed, bool master_relay)
      : random_{seed}, bench_{small_windows}, places_{lines_of(bench_.settings)} {
    bench_.master_relay = master_relay;
    bench_.slow_disk = any(1, 2) == 1;
    for (int i = 0; i < steps; ++i) {
      step();
      check_charges();
      check_lease();
    }
    // The log is of the whole history, so one look at its end sees every moment of it.
    check_log();
  }

  history_result result;

private:
  int64_t any(int64_t low, int64_t high) {
    return std::uniform_int_distribution<int64_t>{low, high}(random_);
  }
  mono_time some_time() {
    return std::chrono::microseconds{any(0, 1) == 0 ? any(0, 3'000'000) : any(0, 60'000'000)};
  }

  void step() {
    switch (any(0, 15)) {
    case 0:
      return restart();
    case 1:
      bench_.reboot(some_time(), some_time());
      return everything_is_off("INV-15: a line is on after a reboot");
    case 2:
      bench_.lose_kernel();
      everything_is_off("INV-12: a line is on without a kernel");
      return bench_.join_kernel();
    case 3:
      return stop_and_acknowledge();
    case 4:
      return renew();
    case 5:
      return bench_.order({.kind = order_kind::stop, .ticket = last_});
    case 6:
      return bench_.pass(some_time());
    case 7:
    case 8:
      return bench_.write_out();
    case 9:
      return disturb_lines();
    default:
      return ask();
    }
  }

  void ask() {
    static constexpr std::array<const char*, 4> lines{"a", "b", "air", "z"};
    guard_order more{.direction =
                         any(0, 1) == 0 ? pump_direction::forward : pump_direction::reverse,
                     .lease_ms = any(0, 2) == 0 ? 0 : any(1, 50'000),
                     .epoch = epoch_,
                     .with_valve = any(0, 3) == 0};
    more.station = any(0, 2) == 0 ? "two" : "one";
    const auto lease =
        more.lease_ms == 0 ? lease_limit_ms : std::min(more.lease_ms, lease_limit_ms);
    const auto ticket =
        bench_.run(lines[static_cast<size_t>(any(0, 3))], milliseconds{any(0, 35'000)}, more);
    const auto end = bench_.end_of(ticket);
    if (end && !end->started) {
      ++result.refused;
    } else {
      ++result.started;
      last_ = ticket;
      station_ = more.station;
      lease_ = milliseconds{lease};
      lease_end_ = bench_.true_now() + lease_;
    }
    bench_.pass(some_time());
  }

  void renew() {
    bench_.order({.kind = order_kind::renew, .ticket = last_});
    if (!bench_.end_of(last_))
      lease_end_ = bench_.true_now() + lease_;
  }

  void restart() {
    bench_.kill();
    bench_.pass(some_time());
    bench_.start();
    everything_is_off("INV-15: a line is on after a restart");
  }

  void stop_and_acknowledge() {
    bench_.order({.kind = order_kind::emergency_stop, .station = "one"});
    for (size_t i = 0; i < places_.size(); ++i)
      expect(places_[i].station != 0 || !bench_.is_on(i),
             "INV-12: a line is on after an emergency stop");
    bench_.write_out();
    bench_.order({.kind = order_kind::acknowledge, .station = "one", .epoch = ++epoch_});
    bench_.order({.kind = order_kind::acknowledge, .station = "two", .epoch = epoch_});
  }

  void disturb_lines() {
    bench_.on_fault.clear();
    if (any(0, 1) == 0)
      bench_.on_fault[static_cast<size_t>(any(0, 3))] = "drawn";
  }

  void expect(bool holds, const std::string& sentence) {
    if (!holds)
      result.violations.insert(sentence);
  }

  void everything_is_off(const std::string& sentence) {
    for (size_t i = 0; i < bench_.logs.size(); ++i)
      expect(!bench_.is_on(i), sentence);
  }

  /// What the guard charges is never less than what was on within the window.
  void check_charges() {
    for (size_t i = 0; i < places_.size(); ++i) {
      const auto& name = bench_.settings.stations[places_[i].station].name;
      const auto state = bench_.state(name);
      const auto line =
          std::ranges::find(state.lines, places_[i].settings->name, &line_notice::name);
      const auto window = milliseconds{places_[i].settings->window_ms};
      // The state is what was said last; it is compared with what was on by then.
      if (line != state.lines.end() && !line->is_on && !bench_.is_on(i))
        expect(bench_.logs[i].within(bench_.said_at(name) - window, bench_.said_at(name))
                   <= milliseconds{line->window_used_ms} + rounding,
               "INV-13: " + line->name + " was on for longer than it is charged");
    }
  }

  /// Nothing of a run is on when its lease is over.
  void check_lease() {
    for (size_t i = 0; i < places_.size() && last_ > 0; ++i)
      if (bench_.settings.stations[places_[i].station].name == station_)
        expect(!bench_.is_on(i) || bench_.true_now() <= lease_end_,
               "INV-12: a line is on although its lease is over");
  }

  void check_log() {
    expect(bench_.worst_overlap() == mono_time{0}, "INV-10: two pumps were on together");
    for (size_t i = 0; i < places_.size() && bench_.master_relay; ++i) {
      const auto& line = *places_[i].settings;
      const auto& log = bench_.logs[i];
      expect(log.peak(milliseconds{line.window_ms}, bench_.true_now())
                 <= milliseconds{line.window_limit_ms} + rounding,
             "INV-11: the window of " + line.name + " was exceeded");
      for (const auto& [from, to] : log.runs)
        expect(to - from <= milliseconds{line.single_limit_ms} + rounding,
               "INV-12: " + line.name + " ran longer than it may at a time");
    }
  }

  std::mt19937 random_;
  core_bench bench_;
  std::vector<line_place> places_;
  uint64_t last_ = 0;
  std::string station_;
  mono_time lease_{0};
  mono_time lease_end_{0};
  uint64_t epoch_ = 0;
};

} // namespace

history_result play_history(unsigned seed, bool master_relay) {
  return history{seed, master_relay}.result;
}

} // namespace gantry::test
