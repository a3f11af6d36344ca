// Goal: whatever is asked, whoever is killed and whatever the clocks do, never two pumps on, no
// window exceeded, no run longer than it may be. Method: random histories; the lines' own log in
// true time is the oracle. A failure names its seed.
#include "tests/guard/core_bench.hpp"

#include <boost/test/unit_test.hpp>
#include <random>

using namespace gantry;
using namespace gantry::test;
using namespace gantry::guard;
using namespace std::chrono_literals;

namespace {

constexpr unsigned seeds = 300;
constexpr int steps = 250;
/// The ledger counts in microseconds.
constexpr mono_time rounding = 1ms;

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

/// One random history.
class history {
public:
  explicit history(unsigned seed, bool master_relay)
      : seed_{seed}, random_{seed}, bench_{small_windows} {
    bench_.master_relay = master_relay;
    bench_.slow_disk = any(1, 2) == 1;
    for (int i = 0; i < steps; ++i)
      step();
    // The log is of the whole history, so one look at its end sees every moment of it.
    check();
  }

  int started = 0;
  int refused = 0;

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
      return bench_.reboot(some_time(), some_time());
    case 2:
      bench_.lose_kernel();
      everything_is_off();
      return bench_.join_kernel();
    case 3:
      return stop_and_acknowledge();
    case 4:
      return bench_.order({.kind = order_kind::renew, .ticket = last_});
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
    last_ = bench_.run(lines[static_cast<size_t>(any(0, 3))],
                       std::chrono::milliseconds{any(0, 35'000)}, more);
    const auto end = bench_.end_of(last_);
    (end && !end->started ? refused : started) += 1;
    bench_.pass(some_time());
  }

  void restart() {
    bench_.kill();
    bench_.pass(some_time());
    bench_.start();
    everything_is_off();
  }

  void stop_and_acknowledge() {
    bench_.order({.kind = order_kind::emergency_stop, .station = "one"});
    bench_.write_out();
    bench_.order({.kind = order_kind::acknowledge, .station = "one", .epoch = ++epoch_});
    bench_.order({.kind = order_kind::acknowledge, .station = "two", .epoch = epoch_});
  }

  void disturb_lines() {
    const auto line = static_cast<size_t>(any(0, 3));
    bench_.on_fault.clear();
    if (any(0, 1) == 0)
      bench_.on_fault[line] = "drawn";
  }

  void everything_is_off() {
    for (size_t i = 0; i < bench_.logs.size(); ++i)
      expect(!bench_.is_on(i), "a line is on where everything must be off", i);
  }

  void expect(bool holds, const std::string& sentence, size_t line) {
    if (!holds && std::exchange(sound_, false))
      BOOST_ERROR("seed " << seed_ << ", line " << line << ": " << sentence);
  }

  void check() {
    expect(bench_.worst_overlap() == mono_time{0}, "two pumps were on together", 0);
    // Without a relay that drops with the guard, its death can leave a line on: the residual
    // hazard.
    const auto places = lines_of(bench_.settings);
    for (size_t i = 0; i < places.size() && bench_.master_relay; ++i) {
      const auto& line = *places[i].settings;
      const auto& log = bench_.logs[i];
      expect(log.peak(std::chrono::milliseconds{line.window_ms}, bench_.true_now())
                 <= std::chrono::milliseconds{line.window_limit_ms} + rounding,
             "its window was exceeded", i);
      for (const auto& [from, to] : log.runs)
        expect(to - from <= std::chrono::milliseconds{line.single_limit_ms} + rounding,
               "it ran longer than it may at a time", i);
    }
  }

  unsigned seed_;
  std::mt19937 random_;
  core_bench bench_;
  uint64_t last_ = 0;
  uint64_t epoch_ = 0;
  bool sound_ = true;
};

void run_histories(bool master_relay) {
  int started = 0, refused = 0;
  for (unsigned seed = 1; seed <= seeds; ++seed) {
    const history one{seed, master_relay};
    started += one.started;
    refused += one.refused;
  }
  // Neither a guard that refuses everything nor one that is never tempted would prove anything.
  BOOST_TEST_MESSAGE(started << " runs accepted, " << refused << " refused");
  BOOST_TEST(started > static_cast<int>(seeds) * 10);
  BOOST_TEST(refused > static_cast<int>(seeds) * 10);
}

} // namespace

BOOST_AUTO_TEST_CASE(no_history_breaks_a_limit_when_lines_fall_with_the_guard) {
  run_histories(true);
}

BOOST_AUTO_TEST_CASE(no_history_has_two_pumps_on_even_if_lines_keep_their_level) {
  run_histories(false);
}
