// Goal: blocks keep what is worth keeping of a printer's measurements, in few bytes, and a damaged
// one does no harm.
#include "schemas/telemetry_block.hpp"

#include <boost/test/unit_test.hpp>

using namespace gantry;

namespace {

telemetry_sample sample(int64_t second, int64_t nozzle_mc, int64_t bed_mc, int64_t permille = 0) {
  return {timestamp{std::chrono::seconds{1'795'575'436 + second}},
          permille,
          permille / 10,
          {{"extruder", nozzle_mc, 215'000}, {"heater_bed", bed_mc, 60'000}}};
}

telemetry_writer ten_minutes() {
  telemetry_writer writer;
  for (int64_t i = 0; i < 60; ++i)
    BOOST_TEST(writer.add(sample(10 * i, 214'800 + 100 * (i % 5), 59'900 + 100 * (i % 3), i)));
  return writer;
}

} // namespace

BOOST_AUTO_TEST_CASE(samples_come_back_as_they_were) {
  const auto samples = read_telemetry_block(ten_minutes().block());
  BOOST_REQUIRE(samples.size() == 60u);
  for (int64_t i = 0; i < 60; ++i)
    BOOST_TEST((samples[static_cast<size_t>(i)]
                == sample(10 * i, 214'800 + 100 * (i % 5), 59'900 + 100 * (i % 3), i)));
}

BOOST_AUTO_TEST_CASE(temperatures_are_rounded_to_tenths_of_a_degree) {
  telemetry_writer writer;
  BOOST_TEST(writer.add(sample(0, 199'951, -4'049)));
  const auto samples = read_telemetry_block(writer.block());
  BOOST_REQUIRE(samples.size() == 1u);
  BOOST_TEST(samples[0].temperatures[0].actual_mc == 200'000);
  BOOST_TEST(samples[0].temperatures[1].actual_mc == -4'000);
}

BOOST_AUTO_TEST_CASE(ten_minutes_of_a_print_take_less_than_a_kilobyte) {
  BOOST_TEST(ten_minutes().block().size() < 700u);
}

BOOST_AUTO_TEST_CASE(other_heaters_need_another_block) {
  auto writer = ten_minutes();
  const auto before = writer.block();
  auto other = sample(700, 1, 2);
  other.temperatures[1].name = "heater_generic chamber";
  BOOST_TEST(!writer.add(other));
  other.temperatures.pop_back();
  BOOST_TEST(!writer.add(other));
  BOOST_TEST(writer.block() == before);
}

BOOST_AUTO_TEST_CASE(a_damaged_block_ends_early) {
  const auto block = ten_minutes().block();
  BOOST_TEST(read_telemetry_block("").empty());
  BOOST_TEST(read_telemetry_block("\x07 something else").empty());
  for (size_t size = 0; size < block.size(); ++size)
    BOOST_TEST(read_telemetry_block(std::string_view{block}.substr(0, size)).size() < 60u);
  auto wrong = block;
  for (auto& byte : wrong)
    byte = static_cast<char>(0xff);
  wrong[0] = 1;
  BOOST_TEST(read_telemetry_block(wrong).empty());
}

BOOST_AUTO_TEST_CASE(defect_a_damaged_block_held_temperatures_beyond_all_numbers) {
  // One heater without a name; then time, progress and layer, and the heater's two numbers.
  const std::string head{"\x01\x02\x00\x02\x02\x02", 6};
  const std::string most = std::string(9, '\xff') + '\x01';
  BOOST_TEST(read_telemetry_block(head + "\x02\x02").size() == 1u);
  BOOST_TEST(read_telemetry_block(head + most + "\x02").empty());
  BOOST_TEST(read_telemetry_block(head + "\x02" + most).empty());
}

BOOST_AUTO_TEST_CASE(moments_that_are_far_apart_come_back_as_they_were) {
  telemetry_writer writer;
  std::vector<telemetry_sample> samples{sample(0, 0, 0), sample(1, 0, 0)};
  samples[0].at = timestamp::min();
  samples[1].at = timestamp::max();
  for (const auto& each : samples)
    BOOST_TEST(writer.add(each));
  BOOST_TEST((read_telemetry_block(writer.block()) == samples));
}

BOOST_AUTO_TEST_CASE(a_printer_that_is_not_there_gives_no_sample) {
  device_report report;
  report.temperatures = {{"extruder", 1, 2}};
  BOOST_TEST(!sample_of(report, {}));
  report.link = link_state::online;
  BOOST_TEST(!!sample_of(report, {}));
  report.temperatures.clear();
  BOOST_TEST(!sample_of(report, {}));
}
