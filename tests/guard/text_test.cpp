// Goal: the guard's file, ledger and messages are read strictly: what is not understood is refused
// with its place, and no bytes whatever do harm.
#include "hal/guard/guard_messages.hpp"
#include "hal/guard/guard_settings.hpp"
#include "hal/guard/ledger.hpp"
#include "hal/guard/on_time_window.hpp"

#include <boost/test/data/test_case.hpp>
#include <boost/test/unit_test.hpp>
#include <random>

using namespace gantry;
using namespace gantry::guard;
using namespace std::chrono_literals;

namespace {

std::string with_line(const std::string& fields) {
  return R"({"version": 1, "stations": [{"name": "one", "lines": [{"name": "a", )" + fields
         + "}]}]}";
}

const std::string pin4 = R"("driver": {"kind": "gpio", "chip": "/dev/gpiochip0", "line": 4})";

struct bad_file {
  std::string text;
  std::string says;
};

std::ostream& operator<<(std::ostream& out, const bad_file& file) {
  return out << file.says;
}

const std::vector<bad_file> bad_files{
    {"", "JSON"},
    {"[]", "object"},
    {R"({"version": 2, "stations": []})", "version"},
    {R"({"version": 1, "stations": []})", "names no station"},
    {R"({"version": 1, "stations": [{"name": "one", "lines": []}]})", "lines is empty"},
    {with_line(R"("driver": {"kind": "gpio", "line": 4})"), "lines[0].driver.chip"},
    {with_line(R"("driver": {"kind": "gpio", "chip": "/dev/gpiochip0"})"), "driver.line"},
    {with_line(R"("driver": {"kind": "stepper"})"), "driver.bus"},
    {with_line(R"("driver": {"kind": "laser"})"), "lines[0].driver.kind"},
    {with_line(R"("driver": {"kind": "simulated", "speed": 3})"), "driver.speed"},
    {with_line(R"("single_limit_ms": 200000, )" + pin4), "single_limit_ms is longer"},
    {with_line(R"("window_limit_ms": 700000, )" + pin4), "window_limit_ms is longer"},
    {with_line(R"("window_ms": 1e9, )" + pin4), "window_ms"},
    {with_line(R"("single_limit_ms": -1, )" + pin4), "single_limit_ms"},
    {with_line(pin4 + R"(}, {"name": "a", "driver": {"kind": "simulated"})"), "a is used twice"},
    {with_line(pin4 + R"(}, {"name": "b", )" + pin4), "line 4 is used twice"},
    {R"({"version": 1, "stations": [{"name": "A b", "lines": [{"name": "a", )" + pin4 + "}]}]}",
     "a-z"},
};

} // namespace

BOOST_DATA_TEST_CASE(a_file_that_cannot_be_meant_is_refused_with_its_place, bad_files, file) {
  const auto read = read_settings(file.text, "guard.json");
  BOOST_REQUIRE(!read);
  BOOST_TEST((read.why().code == reason::guard_file_invalid));
  BOOST_TEST(read.why().text().find(file.says) != std::string::npos, read.why().text());
}

BOOST_AUTO_TEST_CASE(a_small_file_has_safe_limits_and_one_bank_per_station) {
  const auto read = read_settings(with_line(pin4), "guard.json");
  BOOST_REQUIRE(read);
  const auto& line = read->stations[0].lines[0];
  BOOST_TEST(line.bank == "one");
  BOOST_TEST(line.window_ms == 600'000);
  BOOST_TEST(line.window_limit_ms == 180'000);
  BOOST_TEST(line.single_limit_ms == 120'000);
  BOOST_TEST(can_turn(line, pump_direction::forward));
  BOOST_TEST(!can_turn(line, pump_direction::reverse));
}

BOOST_AUTO_TEST_CASE(a_ledger_comes_back_as_it_was_and_no_damage_goes_unseen) {
  ledger kept{.boot = "b", .saved_us = 9'000'000};
  kept.stations.push_back({"one", 3, true, false});
  kept.lines.push_back({"one", "a", {{1, 2'000'000, false}, {3'000'000, 8'000'000, true}}});
  const auto text = to_text(kept);
  const auto read = read_ledger(text);
  BOOST_REQUIRE(read);
  BOOST_TEST((*read == kept));
  for (size_t i = 0; i < text.size(); ++i) {
    auto damaged = text;
    damaged[i] = static_cast<char>(damaged[i] ^ 1);
    BOOST_TEST(!read_ledger(damaged));
    BOOST_TEST(!read_ledger(text.substr(0, i)));
  }
}

BOOST_AUTO_TEST_CASE(defect_a_ledger_with_times_that_cannot_be_was_taken_for_a_whole_one) {
  const auto with = [](int64_t saved_us, const kept_interval& run) {
    ledger kept{.boot = "b", .saved_us = saved_us};
    kept.lines.push_back({"one", "a", {run}});
    return bool{read_ledger(to_text(kept))};
  };
  BOOST_TEST(with(5'000'000, {1, 9'000'000, true}));
  BOOST_TEST(!with(0, {4'000'000, 5'000'000, true}));
  BOOST_TEST(!with(-1, {-9, -5, false}));
  BOOST_TEST(!with(5'000'000, {-ledger_time_us_max - 1, 5, false}));
  BOOST_TEST(!with(5'000'000, {1, ledger_time_us_max + 1, true}));
}

BOOST_AUTO_TEST_CASE(a_damaged_ledger_means_that_everything_was_just_spent) {
  const auto settings = read_settings(with_line(pin4), "guard.json");
  BOOST_REQUIRE(settings);
  const auto worst = worst_case(*settings, "b", 1000s);
  BOOST_TEST(worst.stations[0].latched);
  on_time_window window{600s, 180s};
  for (const auto& run : worst.lines[0].runs)
    window.add({std::chrono::microseconds{run.from_us}, std::chrono::microseconds{run.to_us}});
  BOOST_TEST(!window.admits(1000s, 1ms));
  BOOST_TEST(window.admits(1600s, 180s));
}

BOOST_AUTO_TEST_CASE(a_window_joins_what_it_cannot_keep_apart_and_never_charges_less) {
  on_time_window window{100'000s, 50'000s};
  hal::mono_time sum{0};
  for (int i = 0; i < 1000; ++i) {
    window.add({i * 10s, i * 10s + 1s});
    sum += 1s;
  }
  BOOST_TEST(window.closed().size() <= on_time_window::intervals_max);
  BOOST_TEST((window.used(10'000s) >= sum));
}

BOOST_AUTO_TEST_CASE(messages_come_back_as_they_were) {
  const guard_order order{.kind = order_kind::run,
                          .ticket = 7,
                          .station = "one",
                          .pump = "a",
                          .direction = pump_direction::reverse,
                          .duration_ms = 9000,
                          .lease_ms = 2000,
                          .epoch = 3,
                          .with_valve = true,
                          .purpose = "step \xc3\xa4"};
  BOOST_TEST((*read_order(to_packet(order)) == order));
  const guard_notice notice{.kind = notice_kind::state,
                            .station = "one",
                            .latched = true,
                            .faults = {"a: absent"},
                            .lines = {{"a", true, false, 1, 2, 3, 4}}};
  BOOST_TEST((*read_notice(to_packet(notice)) == notice));
}

BOOST_AUTO_TEST_CASE(no_bytes_are_an_order_by_accident) {
  std::mt19937 random{7};
  const auto good = to_packet(guard_order{.kind = order_kind::stop, .ticket = 1});
  int refused = 0;
  for (int i = 0; i < 20'000; ++i) {
    auto packet = good;
    for (unsigned n = random() % 4 + 1; n > 0; --n)
      switch (random() % 3) {
      case 0:
        packet[random() % packet.size()] = static_cast<char>(random());
        break;
      case 1:
        packet.resize(random() % packet.size() + 1);
        break;
      default:
        packet.insert(random() % packet.size(), 1, "{}[]\",:9-"[random() % 9]);
      }
    if (const auto read = read_order(packet); !read) {
      BOOST_TEST((read.why().code == reason::pump_request_invalid));
      ++refused;
    }
  }
  BOOST_TEST(refused > 15'000);
  BOOST_TEST(!read_order(std::string(packet_bytes_max + 1, ' ')));
  BOOST_TEST(!read_order(R"({"kind": "run", "duration_ms": 86400001})"));
  BOOST_TEST(!read_order(R"({"kind": "run", "ticket": -1})"));
}

BOOST_AUTO_TEST_CASE(defect_a_ticket_below_zero_became_one_that_nobody_could_read) {
  const auto packet = [](const std::string& ticket) {
    return R"({"kind":"started","protocol":2,"stations":[],"ticket":)" + ticket
           + R"(,"started":true,"completed":false,"why":"ok","on_time_us":0,"latched":false,)"
             R"("latched_by_input":false,"epoch":0,"lease_limit_ms":0,"valve_extra_ms":0,)"
             R"("simulated":true,"faults":[],"lines":[]})";
  };
  BOOST_TEST_REQUIRE(bool{read_notice(packet("7"))});
  const auto refused = read_notice(packet("-1"));
  BOOST_TEST_REQUIRE(!refused);
  BOOST_TEST(to_string(refused.why().code) == "pump_request_invalid");
}
