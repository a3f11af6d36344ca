// Goal: the main job on real parts, from two models to a fulfilled order. Method: the real kernel,
// store, slicer and sockets against simulated printers; what was started is read from the printers'
// own logs.
#include "tests/scenarios/farm.hpp"

#include <boost/test/unit_test.hpp>

using namespace gantry;
using namespace gantry::test;

namespace {

struct farm_with_two_printers {
  scratch_folder folder;
  simulated_printers printers{fast_printers()};
  running_kernel kernel{folder.path() / "data"};

  sim::simulator_options fast_printers() const {
    sim::simulator_options options;
    options.count = 2;
    options.speed = 400;
    options.log_dir = folder.path() / "logs";
    std::filesystem::create_directories(options.log_dir);
    return options;
  }

  farm_with_two_printers() { kernel.seed(); }

  bool fulfilled(const order_id& id) {
    return kernel.get<order>(ref_of(id)).state == order_state::fulfilled;
  }
};

} // namespace

BOOST_FIXTURE_TEST_SUITE(main_path, farm_with_two_printers)

BOOST_AUTO_TEST_CASE(an_order_for_two_models_is_printed_once_each_and_fulfilled) {
  static_cast<void>(kernel.add_printer("left", printers.port(0)));
  static_cast<void>(kernel.add_printer("right", printers.port(1)));
  const auto id = kernel.order_examples("order-1");
  const bool done = kernel.operate_until([&] { return fulfilled(id); }, std::chrono::seconds{30});
  BOOST_TEST(done, kernel.story());
  const auto starts = starts_in(folder.path() / "logs");
  BOOST_TEST(starts.size() == 2u);
  for (const auto& [file, count] : starts)
    BOOST_TEST(count == 1, file << " was started " << count << " times");
}

BOOST_AUTO_TEST_CASE(a_run_waits_with_a_reason_until_the_bed_is_confirmed_clear) {
  const auto where = kernel.add_printer("left", printers.port(0));
  const auto id = kernel.order_examples("order-2");
  const auto waits_for_bed = [&] {
    for (const auto& what : kernel.open<run>(entity_kind::run))
      if (const auto waiting = kernel.kernel().live().waiting(what.id))
        for (const auto& each : waiting->rejections)
          if (each.printer == where && each.why == reason::bed_unknown)
            return true;
    return false;
  };
  BOOST_TEST(kernel.wait_until(waits_for_bed));
  BOOST_TEST(starts_in(folder.path() / "logs").empty());
  BOOST_TEST(!fulfilled(id));
}

BOOST_AUTO_TEST_SUITE_END()
