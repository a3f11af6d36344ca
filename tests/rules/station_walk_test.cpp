// Goal: whatever happens in whatever order, the rules keep the invariants about pumps. Method: a
// random walk over everything that machines, clocks, people and crashes can do, with a model of
// printer, pumps and vat that knows what really happened; after each step the model is asked.
#include "tests/rules/resin_bench.hpp"

#include <boost/test/unit_test.hpp>
#include <map>
#include <random>

using namespace gantry;
using namespace gantry::test;
using namespace gantry::commands;

namespace {

constexpr uint32_t walks = 1'500;
constexpr int steps_per_walk = 160;

/// What the walk did, so that a walk that did nothing is noticed.
struct tally {
  int pumped = 0, changes = 0, stops = 0, restarts = 0, questions = 0, refused_answers = 0;
};

class walk {
public:
  walk(uint32_t seed, tally& done) : chance_{seed}, done_{done} {
    bench_.with_recipe({{10, "B"}, {11, "C"}, {20, "A"}, {34, "B"}});
    bench_.printing(1);
    printer_ = resin_state::printing;
    layer_ = 1;
    static_cast<void>(bench_.pumped());
  }

  void go() {
    for (int i = 0; i < steps_per_walk && problem_.empty(); ++i) {
      step();
      look();
    }
  }
  [[nodiscard]] const std::string& problem() const { return problem_; }

private:
  int below(int limit) { return static_cast<int>(chance_() % static_cast<unsigned>(limit)); }
  station_id id() const { return bench_.now().id; }

  void step() {
    switch (below(16)) {
    case 0:
    case 1:
    case 2:
    case 3:
      return print();
    case 4:
    case 5:
      return end_run();
    case 6:
    case 7:
      if (bench_.now().change())
        bench_.wait_over();
      return;
    case 8:
      if (bench_.now().change())
        bench_.answered(static_cast<control_outcome>(below(4)));
      return;
    case 9:
      return crash();
    case 10:
      bench_.silent_for(below(60), below(5));
      return;
    case 11:
    case 12:
      return answer();
    case 13:
      return person();
    case 14:
      if (below(6) == 0)
        emergency();
      return;
    default:
      bench_.reports(printer_, layer_);
    }
  }

  /// Time passes at the printer, and it reports.
  void print() {
    if (printer_ == resin_state::printing && ++layer_ > 40)
      printer_ = resin_state::finished;
    if (printer_ == resin_state::printing && below(30) == 0)
      layer_ += 3;
    bench_.reports(printer_, layer_);
    follow_commands();
  }

  void end_run() {
    if (!pump_on_)
      return;
    pump_on_ = false;
    if (below(4) > 0)
      bench_.pump_ran();
    else
      bench_.pump_failed(below(5'000), below(3) > 0);
  }

  /// The controller dies: the guard switches everything off and nobody hears about it.
  void crash() {
    pump_on_ = false;
    bench_.live.fresh = below(2) == 0;
    bench_.wakes();
    ++done_.restarts;
  }

  void answer() {
    if (!bench_.now().error || bench_.now().error->question == 0)
      return;
    ++done_.questions;
    const auto given = static_cast<station_answer>(below(4));
    const auto* vats =
        std::array{"", "empty", "A", "B", "C", "unknown"}.at(static_cast<size_t>(below(6)));
    const auto* change = bench_.now().change();
    const auto key = change
                         ? std::to_string(bench_.now().jobs) + "/" + std::to_string(change->index)
                         : std::string{};
    const auto ruling = bench_.answers(given, vats);
    if (ruling.code != reason::ok)
      ++done_.refused_answers;
    else if (given == station_answer::redo || given == station_answer::continue_)
      allowed_[key] += 2;
  }

  void person() {
    switch (below(5)) {
    case 0:
      bench_.ask(control_station{id(), resin_control::pause, {}, {}});
      break;
    case 1:
      bench_.ask(control_station{id(), resin_control::resume, {}, {}});
      break;
    case 2:
      // Who says that the printer is idle has looked.
      bench_.ask(run_station_pump{id(),
                                  below(2) ? "a" : "drain",
                                  pump_direction::forward,
                                  5'000,
                                  pump_preset::none,
                                  printer_ != resin_state::printing,
                                  {},
                                  {}});
      break;
    case 3:
      bench_.ask(acknowledge_station{id(), {}, {}});
      bench_.tell(station_lock_over{id()});
      break;
    default:
      if (below(8) == 0)
        bench_.ask(stop_station{id(), {}});
      bench_.ask(set_level{id(), "b", 200'000, {}});
    }
  }

  /// The latch goes first, the record follows.
  void emergency() {
    ++done_.stops;
    const bool was_on = pump_on_;
    pump_on_ = false;
    bench_.live.pumps.latched = true;
    bench_.ask(emergency_stop_station{id(), false, {}});
    if (was_on)
      bench_.pump_failed(below(4'000));
    if (below(2) == 0) {
      bench_.tell(station_lock_over{id()});
      bench_.ask(acknowledge_station{id(), {}, {}});
    }
  }

  /// The printer does what it was told, or not.
  void follow_commands() {
    for (const auto& command : bench_.sent()) {
      if (command == "resume" && bench_.now().latched)
        problem_ = "resumed although stopped";
      if (below(8) == 0)
        continue;
      if (command == "pause" && printer_ == resin_state::printing)
        printer_ = resin_state::paused;
      if (command == "resume" && printer_ == resin_state::paused)
        printer_ = resin_state::printing;
    }
  }

  /// The oracle.
  void look() {
    const auto& now = bench_.now();
    for (const auto& run : bench_.pumped()) {
      ++done_.pumped;
      if (pump_on_)
        problem_ = "INV-10: " + run + " while another pump is on";
      pump_on_ = true;
      if (printer_ == resin_state::printing && bench_.live.report.state == resin_state::printing)
        problem_ = "INV-14: " + run + " while the printer prints";
      if (now.latched)
        problem_ = run + " although stopped";
      if (now.run && now.run->purpose != run_purpose::manual) {
        const auto key = std::to_string(now.jobs) + "/" + std::to_string(now.change()->index);
        const auto part = key + std::string{name_of(now.run->purpose)};
        if (++runs_[part] > 1 + allowed_[key])
          problem_ = "INV-13: " + part + " was repeated without a person";
        if (now.run->planned_ms > 10'000)
          problem_ = "longer than planned";
      }
    }
    // What was switched on is charged before, so a crash cannot hide it.
    if (pump_on_ && !now.run)
      problem_ = "a pump is on that the state does not know";
    follow_commands();
    for (const auto& fault : station_faults(now))
      problem_ = fault;
    if (now.job)
      done_.changes = std::max(done_.changes, static_cast<int>(now.job->changes.size()));
    if (!now.has_open_job() && printer_ == resin_state::printing && now.latched)
      bench_.live.pumps.latched = true;
    if (!now.latched)
      bench_.live.pumps.latched = false;
  }

  resin_bench bench_;
  std::mt19937 chance_;
  tally& done_;
  resin_state printer_ = resin_state::stopped;
  int64_t layer_ = 0;
  bool pump_on_ = false;
  std::map<std::string, int> runs_, allowed_;
  std::string problem_;
};

} // namespace

BOOST_AUTO_TEST_CASE(no_walk_breaks_an_invariant_about_pumps) {
  tally done;
  for (uint32_t seed = 0; seed < walks; ++seed) {
    walk each{seed, done};
    each.go();
    BOOST_TEST_REQUIRE(each.problem().empty(), "seed " << seed << ": " << each.problem());
  }
  BOOST_TEST(done.pumped > 1'000);
  BOOST_TEST(done.changes >= 3);
  BOOST_TEST(done.stops > 500);
  BOOST_TEST(done.restarts > 5'000);
  BOOST_TEST(done.questions > 1'000);
  BOOST_TEST(done.refused_answers > 100);
}
