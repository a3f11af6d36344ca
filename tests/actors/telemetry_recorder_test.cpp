// Goal: a printer's reports are thinned out while it works and more so while it rests, and blocks
// are complete.
#include "actors/telemetry_recorder.hpp"

#include <boost/test/unit_test.hpp>

using namespace gantry;
using namespace gantry::actors;
using std::chrono::seconds;

namespace {

device_report report_of(int64_t target_mc) {
  device_report report;
  report.link = link_state::online;
  report.firmware = firmware_state::ready;
  report.temperatures = {{"extruder", 24'000, target_mc}};
  return report;
}

/// Reports four times a second for `duration`; returns the blocks.
std::vector<finished_block> feed(telemetry_recorder& recorder, const device_report& report,
                                 seconds duration) {
  std::vector<finished_block> blocks;
  for (auto at = std::chrono::milliseconds{0}; at < duration; at += std::chrono::milliseconds{250})
    if (auto done = recorder.take(report, at, timestamp{at}))
      blocks.push_back(std::move(*done));
  return blocks;
}

} // namespace

BOOST_AUTO_TEST_CASE(a_hot_printer_is_sampled_every_ten_seconds) {
  telemetry_recorder recorder;
  const auto blocks = feed(recorder, report_of(200'000), seconds{1'200});
  BOOST_REQUIRE(blocks.size() == 2u);
  BOOST_TEST((blocks[0].from == timestamp{seconds{0}}));
  BOOST_TEST((blocks[1].from == timestamp{seconds{600}}));
  const auto samples = read_telemetry_block(blocks[1].bytes);
  BOOST_TEST(samples.size() == telemetry_recorder::samples_max);
  BOOST_TEST((samples[1].at - samples[0].at == telemetry_recorder::busy_pace));
}

BOOST_AUTO_TEST_CASE(a_resting_printer_is_sampled_every_five_minutes) {
  telemetry_recorder recorder;
  BOOST_TEST(feed(recorder, report_of(0), seconds{1'200}).empty());
  BOOST_TEST(read_telemetry_block(recorder.open_block()).size() == 4u);
}

BOOST_AUTO_TEST_CASE(another_tool_head_begins_another_block) {
  telemetry_recorder recorder;
  static_cast<void>(feed(recorder, report_of(200'000), seconds{100}));
  auto other = report_of(200'000);
  other.temperatures.push_back({"heater_bed", 60'000, 60'000});
  const auto done = recorder.take(other, seconds{200}, timestamp{seconds{200}});
  BOOST_REQUIRE(!!done);
  BOOST_TEST(read_telemetry_block(done->bytes).size() == 10u);
  const auto open = read_telemetry_block(recorder.open_block());
  BOOST_REQUIRE(open.size() == 1u);
  BOOST_TEST(open[0].temperatures.size() == 2u);
}

BOOST_AUTO_TEST_CASE(an_absent_printer_leaves_a_gap) {
  telemetry_recorder recorder;
  auto absent = report_of(200'000);
  absent.link = link_state::offline;
  BOOST_TEST(feed(recorder, absent, seconds{100}).empty());
  BOOST_TEST(recorder.open_block().empty());
  BOOST_TEST(!recorder.fresh());
}
