// Goal: a print of three materials survives the kernel's death in every state and sub-state of the
// station. Method: `gantry serve` below its guard, a simulated printer over TCP and simulated
// pumps; the kernel's process gets SIGKILL once the API shows the state; the guard starts it again,
// and a careful person answers what it asks. One print per state, all of them side by side. Pass:
// each print completes with every change made, and the printer's log and the pumps' record agree
// that nothing was started, pumped or resumed twice, mixed or spilled.
#include "tests/crash/effort.hpp"
#include "tests/crash/station_bench.hpp"

#include <boost/test/unit_test.hpp>
#include <cstdio>
#include <future>

using namespace gantry::test;

namespace {

/// A short print per change, and the whole one of 200 layers in a sweep.
struct print {
  int64_t layers;
  std::vector<bench_change> recipe;
};

print chosen_print() {
  if (crash_effort::from_environment().sweep)
    return {200, {{50, "B"}, {120, "C"}}};
  return {24, {{6, "B"}, {14, "C"}}};
}

std::vector<std::string> print_with_kills(const std::filesystem::path& folder, const print& what,
                                          const std::vector<std::string>& states) try {
  station_bench bench{folder, what.layers, what.recipe};
  bench.start();
  for (const auto& state : states)
    if (!bench.kill_in(state))
      return {state + " was not seen, or the kernel did not come back: " + bench.now().dump()};
  if (!bench.finish())
    return {"the print was not over in time: " + bench.now().dump()};
  return bench.violations();
} catch (const std::exception& error) {
  return {error.what()};
}

} // namespace

BOOST_AUTO_TEST_CASE(a_print_of_three_materials_survives_a_kill_in_every_state) {
  const std::vector<std::vector<std::string>> stories{
      {"starting"},         {"monitoring"},     {"request_pause"},
      {"wait_plate_clear"}, {"draining"},       {"filling"},
      {"settling"},         {"request_resume"}, {"draining", "filling", "settling"}};
  const temporary_folder folder;
  const auto what = chosen_print();
  std::vector<std::future<std::vector<std::string>>> running;
  for (const auto& states : stories) {
    auto name = "print-" + std::to_string(running.size());
    running.push_back(std::async(std::launch::async, print_with_kills, folder / name,
                                 std::cref(what), std::cref(states)));
  }
  size_t kills = 0;
  for (size_t i = 0; i < stories.size(); ++i) {
    const auto problems = running[i].get();
    BOOST_TEST(problems.empty());
    for (const auto& each : problems)
      BOOST_ERROR("killed in " << stories[i].front() << ": " << each);
    kills += stories[i].size();
  }
  std::printf("%zu prints of %ld layers, %zu kills\n", stories.size(), what.layers, kills);
}
