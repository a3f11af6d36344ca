// Goal: bad models, a broken slicer, repeated requests and questions to people hold what they
// concern, with the reason, and nothing else. Method: real parts, one simulated printer.
#include "tests/scenarios/enum_printing.hpp"
#include "tests/scenarios/one_printer.hpp"

#include <boost/test/unit_test.hpp>
#include <fstream>

using namespace gantry;
using namespace gantry::test;

namespace {

struct gated_printer : one_printer {
  gated_printer() : one_printer{{.printer_class = "gated"}} {}

  /// The decision that an order's run waits for.
  decision_id asked_for(const order_id& id) {
    expect(kernel().operate_until([&] {
      const auto what = run_of(id);
      return what && what->state == run_state::approval;
    }));
    BOOST_TEST(starts().empty());
    return run_of(id)->pending_decision;
  }
};

/// A slicer that is a script, so that it can be broken and repaired.
struct scripted_slicer {
  scratch_folder place;
  std::string path = (place.path() / "slicer.sh").string();

  void write(const std::string& script) const {
    std::ofstream{path} << "#!/bin/sh\n" << script;
    std::filesystem::permissions(path, std::filesystem::perms::owner_all);
  }
  one_printer_options options() const {
    one_printer_options result;
    result.slicer = {.program = path, .wall_time_max = std::chrono::seconds{3}};
    return result;
  }
};

/// The line is held for `why`, and goes on after the slicer is repaired.
void breaks_and_recovers(const scripted_slicer& script, reason why) {
  one_printer farm{script.options()};
  const auto id = farm.order_cube();
  farm.expect(
      farm.kernel().wait_until([&] { return farm.get(id).lines[0].state == line_state::held; }));
  BOOST_TEST(farm.get(id).lines[0].why == why);
  script.write("exec /usr/bin/prusa-slicer \"$@\"\n");
  farm.kernel().order_to(commands::request_revision{farm.plan_of(id).id, {}, {}});
  farm.expect(farm.is_fulfilled(id));
  BOOST_TEST(farm.starts().size() == 1u);
}

} // namespace

BOOST_AUTO_TEST_CASE(a_missing_slicer_holds_the_line_until_it_is_there) {
  const scripted_slicer script;
  breaks_and_recovers(script, reason::slicer_missing);
}

BOOST_AUTO_TEST_CASE(a_crashing_slicer_holds_the_line_until_it_is_repaired) {
  const scripted_slicer script;
  script.write("if [ \"$1\" = --help ]; then echo PrusaSlicer-2.5.0; exit 0; fi\nkill -SEGV $$\n");
  breaks_and_recovers(script, reason::slicer_crashed);
}

BOOST_AUTO_TEST_CASE(a_hanging_slicer_is_ended_and_holds_the_line) {
  const scripted_slicer script;
  script.write("if [ \"$1\" = --help ]; then echo PrusaSlicer-2.5.0; exit 0; fi\nsleep 60\n");
  breaks_and_recovers(script, reason::slicer_hung);
}

BOOST_FIXTURE_TEST_CASE(an_approved_run_prints, gated_printer) {
  const auto id = order_cube();
  kernel().order_to(commands::settle_approval{asked_for(id), true, {}});
  expect(is_fulfilled(id));
  BOOST_TEST(starts().size() == 1u);
}

BOOST_FIXTURE_TEST_CASE(a_rejected_run_is_held, gated_printer) {
  const auto id = order_cube();
  kernel().order_to(commands::settle_approval{asked_for(id), false, {}});
  BOOST_TEST(run_of(id)->state == run_state::cancelled);
  BOOST_TEST(get(id).lines[0].why == reason::approval_rejected);
  BOOST_TEST(starts().empty());
}

BOOST_FIXTURE_TEST_CASE(bad_models_are_rejected_with_a_reason_and_stop_nothing_else, one_printer) {
  const auto cut = folder() / "cut.stl";
  std::filesystem::copy_file(GANTRY_SOURCE_DIR "/examples/cube.stl", cut);
  std::filesystem::resize_file(cut, 300);
  std::vector<order_id> bad;
  for (const auto& path : {std::string{"tests/data/slicing/cube_hole.stl"},
                           std::string{"tests/data/slicing/flat.stl"}, cut.string()})
    bad.push_back(kernel().order_models("order-" + path, {path}));
  const auto good = order_cube();
  expect(is_fulfilled(good));
  for (const auto& id : bad) {
    BOOST_TEST(plan_of(id).state == plan_state::rejected);
    BOOST_TEST(get(id).lines[0].state == line_state::held);
    BOOST_TEST(get(id).lines[0].why != reason::ok);
  }
  BOOST_TEST(starts().size() == 1u);
}

BOOST_FIXTURE_TEST_CASE(one_key_is_one_order_and_not_another_one, one_printer) {
  commands::create_order body;
  order_line line;
  line.name = "cube";
  line.model = kernel().upload("examples/cube.stl");
  body.lines.push_back(line);
  std::vector<actors::command_reply> replies(2);
  std::thread other{[&] { replies[1] = kernel().ask(body, "same-key"); }};
  replies[0] = kernel().ask(body, "same-key");
  other.join();
  BOOST_TEST(replies[0].code == reason::ok);
  BOOST_TEST(replies[1].code == reason::ok);
  BOOST_TEST(replies[0].entity.id == replies[1].entity.id);
  BOOST_TEST(kernel().open<order>(entity_kind::order).size() == 1u);
  BOOST_TEST(kernel().ask(body, "same-key", "another body").code == reason::key_reused);
}

BOOST_AUTO_TEST_CASE(a_wrong_api_key_is_named_until_the_right_one_is_entered) {
  one_printer farm{{.machine_key = "right", .known_key = "wrong"}};
  farm.expect(farm.kernel().wait_until([&] {
    const auto live = farm.kernel().kernel().live().printer(farm.where());
    return live && live->report.link_reason == reason::link_auth;
  }));
  auto setup = farm.machine().setup;
  farm.kernel().order_to(commands::edit_printer{farm.where(), setup, "right"});
  farm.expect(farm.is_fulfilled(farm.order_cube()));
}

BOOST_FIXTURE_TEST_CASE(an_order_cancelled_in_the_queue_is_never_started, one_printer) {
  const auto id = order_cube();
  expect(run_becomes(id, run_state::queued));
  kernel().order_to(commands::cancel_order{id, {}});
  BOOST_TEST(get(id).state == order_state::cancelled);
  BOOST_TEST(!kernel().operate_until([&] { return !starts().empty(); }, std::chrono::seconds{1}));
}
