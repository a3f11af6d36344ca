// Goal: drivers switch what they are told to, in the order that is safe, and say what they cannot
// do. Method: pins and buses that keep a log; the motor board's is compared byte by byte with a
// trace that was worked out from the PCA9685 data sheet and the motor HAT's wiring.
#include "hal/guard/guard_lines.hpp"
#include "hal/pumps/gpio_line.hpp"
#include "hal/pumps/motor_board.hpp"
#include "hal/pumps/pump_record.hpp"
#include "hal/pumps/simulated_line.hpp"

#include <boost/test/unit_test.hpp>
#include <filesystem>
#include <fstream>
#include <sstream>
#include <unistd.h>

using namespace gantry;
using namespace gantry::pumps;
using namespace std::chrono_literals;

namespace {

/// Pins that write down what happens to them.
class logged_gpio final : public gpio {
public:
  std::vector<std::string> log;
  std::string fault;

  result<std::unique_ptr<output_pin>> open_output(const std::string& chip, unsigned line,
                                                  bool high) override {
    log.push_back("open " + chip + " " + std::to_string(line) + (high ? " high" : " low"));
    return std::unique_ptr<output_pin>{new pin{*this, line}};
  }
  result<std::unique_ptr<input_pin>> open_input(const std::string&, unsigned, bool) override {
    return refusal{reason::pump_hardware_absent, {}};
  }

private:
  struct pin final : output_pin {
    pin(logged_gpio& all, unsigned number) : owner{all}, line{number} {}
    std::string set(bool high) override {
      owner.log.push_back(std::to_string(line) + (high ? " high" : " low"));
      return owner.fault;
    }
    logged_gpio& owner;
    unsigned line;
  };
};

/// A bus that writes down every transaction in hexadecimal.
class logged_bus final : public i2c_bus {
public:
  std::ostringstream log;
  std::string fault;

  std::string write(uint8_t address, std::span<const uint8_t> bytes) override {
    static constexpr auto digits = "0123456789abcdef";
    auto hex = [this](uint8_t byte) { log << digits[byte >> 4] << digits[byte & 15]; };
    hex(address);
    log << ':';
    for (const auto byte : bytes) {
      log << ' ';
      hex(byte);
    }
    log << '\n';
    return fault;
  }
};

struct record_folder {
  std::filesystem::path path =
      std::filesystem::temp_directory_path() / ("gantry-lines-" + std::to_string(::getpid()));
  record_folder() { std::filesystem::create_directories(path); }
  ~record_folder() { std::filesystem::remove_all(path); }
  [[nodiscard]] std::string file() const { return (path / "record.jsonl").string(); }
};

} // namespace

BOOST_AUTO_TEST_CASE(a_relay_is_off_from_its_first_moment_and_turns_before_it_has_power) {
  logged_gpio pins;
  auto line = make_gpio_line(pins, {.chip = "c0",
                                    .line = 17,
                                    .on_is_high = false,
                                    .direction_line = 27,
                                    .reverse_is_high = true});
  BOOST_REQUIRE(line);
  BOOST_TEST((*line)->on(pump_direction::reverse, "", 0s).empty());
  BOOST_TEST((*line)->off(1s).empty());
  const std::vector<std::string> expected{"open c0 17 high", "open c0 27 low", "27 high", "17 low",
                                          "17 high"};
  BOOST_TEST(pins.log == expected, boost::test_tools::per_element());
}

BOOST_AUTO_TEST_CASE(a_pin_that_does_not_follow_is_said) {
  logged_gpio pins;
  auto line = make_gpio_line(pins, {.chip = "c0", .line = 17, .direction_line = {}});
  pins.fault = "the pin reads back low";
  BOOST_TEST((*line)->on(pump_direction::forward, "", 0s) == "the pin reads back low");
}

BOOST_AUTO_TEST_CASE(a_motor_board_sees_exactly_the_golden_trace) {
  auto bus = std::make_shared<logged_bus>();
  auto board = std::make_shared<motor_board>(bus, 0x60);
  auto say = [&bus](const char* text) { bus->log << "# " << text << '\n'; };
  say("prepare");
  BOOST_TEST(board->prepare().empty());
  auto first = make_stepper_line(board, 1, 200);
  auto second = make_stepper_line(board, 2, 100);
  say("motor 1 forward, five steps at 5 ms");
  BOOST_TEST(first->on(pump_direction::forward, "", 1s).empty());
  auto next = first->serve(1s).next;
  for (int i = 0; i < 5; ++i) {
    BOOST_TEST((next == 1s + (i + 1) * 5ms));
    next = first->serve(next).next;
  }
  say("motor 1 off");
  BOOST_TEST(first->off(2s).empty());
  say("motor 2 reverse, two steps at 10 ms");
  BOOST_TEST(second->on(pump_direction::reverse, "", 3s).empty());
  next = second->serve(3s).next;
  for (int i = 0; i < 2; ++i)
    next = second->serve(next).next;
  BOOST_TEST((next == 3030ms));
  say("motor 2 off");
  BOOST_TEST(second->off(4s).empty());
  std::ifstream in{std::string{GANTRY_SOURCE_DIR} + "/tests/data/pumps/motor_board.trace"};
  std::ostringstream golden;
  golden << in.rdbuf();
  BOOST_TEST(bus->log.str() == golden.str());
}

BOOST_AUTO_TEST_CASE(a_motor_does_not_hurry_after_a_delay) {
  auto board = std::make_shared<motor_board>(std::make_shared<logged_bus>(), 0x60);
  auto line = make_stepper_line(board, 1, 200);
  BOOST_TEST(line->on(pump_direction::forward, "", 1s).empty());
  // On time and slightly late keep the cadence; far too late begins a new one.
  BOOST_TEST((line->serve(1005ms).next == 1010ms));
  BOOST_TEST((line->serve(1011ms).next == 1015ms));
  BOOST_TEST((line->serve(1050ms).next == 1055ms));
}

BOOST_AUTO_TEST_CASE(a_bus_that_hangs_is_said_and_a_motor_that_is_off_wants_nothing) {
  auto bus = std::make_shared<logged_bus>();
  auto board = std::make_shared<motor_board>(bus, 0x61);
  auto line = make_stepper_line(board, 1, 200);
  BOOST_TEST((line->serve(5s).next == hal::mono_time::max()));
  BOOST_TEST(line->on(pump_direction::forward, "", 1s).empty());
  bus->fault = "Connection timed out";
  BOOST_TEST(line->serve(1005ms).problem == bus->fault);
  BOOST_TEST(line->off(2s) == bus->fault);
  BOOST_TEST(board->prepare() == bus->fault);
}

BOOST_AUTO_TEST_CASE(absent_hardware_has_a_name_and_stops_nothing) {
  const auto settings = guard::read_settings(
      R"({"version": 1, "heartbeat": {"chip": "/dev/none", "line": 9}, "stations": [
          {"name": "one", "stop_input": {"kind": "gpio", "chip": "/dev/none", "line": 3},
           "lines": [
            {"name": "a", "driver": {"kind": "gpio", "chip": "/dev/none", "line": 4}},
            {"name": "b", "driver": {"kind": "stepper", "bus": "/dev/none"}},
            {"name": "c", "driver": {"kind": "simulated"}}]}]})",
      "guard.json");
  BOOST_REQUIRE(settings);
  const record_folder folder;
  auto pins = make_gpio();
  const auto lines = guard::open_lines(*settings, *pins, folder.file(), "boot", 0s);
  BOOST_TEST(lines.absent[0] == "gpio_absent /dev/none line 4: No such file or directory");
  BOOST_TEST(lines.absent[1] == "i2c_absent /dev/none: No such file or directory");
  BOOST_TEST(lines.absent[2].empty());
  BOOST_TEST(lines.drivers[0] == nullptr);
  BOOST_TEST(lines.drivers[2] != nullptr);
  // A button that nobody can read is a pressed one.
  BOOST_TEST(lines.buttons[0]->pressed());
  BOOST_TEST(lines.faults.size() == 2u);
}

BOOST_AUTO_TEST_CASE(a_record_is_integrated_to_time_volume_and_overlap) {
  const record_folder folder;
  auto file = record_file::open(folder.file());
  BOOST_REQUIRE(file);
  auto one =
      make_simulated_line(*file, {.name = "s/a", .bank = "s", .flow_ul_per_s = 5000}, "b", 0s);
  auto two =
      make_simulated_line(*file, {.name = "s/b", .bank = "s", .flow_ul_per_s = 1000}, "b", 0s);
  BOOST_TEST(one->off(0s).empty());
  BOOST_TEST(two->off(0s).empty());
  BOOST_TEST(one->on(pump_direction::forward, "x", 10s).empty());
  BOOST_TEST(one->off(20s).empty());
  BOOST_TEST(one->on(pump_direction::reverse, "y", 100s).empty());
  BOOST_TEST(one->off(102s).empty());
  BOOST_TEST(two->on(pump_direction::forward, "z", 101s).empty());
  const auto read = pump_record::read(folder.file());
  BOOST_REQUIRE(read);
  const auto& a = read->lines().at("s/a");
  BOOST_TEST((a.on_time() == 12s));
  BOOST_TEST(a.volume_ul() == 40'000);
  BOOST_TEST((a.window_peak(92s) == 12s));
  BOOST_TEST((a.window_peak(91s) == 11s));
  BOOST_TEST(a.runs[1].purpose == "y");
  BOOST_TEST(!read->lines().at("s/b").runs[0].ended);
  BOOST_TEST(read->overlaps().size() == 1u);
  BOOST_TEST(read->late_offs().empty());
}

BOOST_AUTO_TEST_CASE(defect_a_record_could_hold_times_beyond_all_numbers) {
  const std::string opened =
      R"({"at_us":0,"line":"s/a","event":"line","boot":"b","bank":"s","flow_ul_per_s":)";
  const std::string on = "5000}\n"
                         R"({"at_us":1000,"line":"s/a","event":"on"})"
                         "\n";
  const auto is_read = [](const std::string& text) {
    const record_folder folder;
    std::ofstream{folder.file()} << text;
    return static_cast<bool>(pump_record::read(folder.file()));
  };
  BOOST_TEST(is_read(opened + on
                     + R"({"at_us":2000,"line":"s/a","event":"off"})"
                       "\n"));
  BOOST_TEST(!is_read(opened + on
                      + R"({"at_us":999,"line":"s/a","event":"off"})"
                        "\n"));
  for (const auto* time : {"-1", "9223372036854775807", "18446744073709551615"})
    BOOST_TEST(!is_read(opened + on + R"({"at_us":)" + time
                        + R"(,"line":"s/a","event":"off"})"
                          "\n"));
  BOOST_TEST(!is_read(opened + "9223372036854775807}\n"));
}

BOOST_AUTO_TEST_CASE(simulated_faults_are_in_the_record_and_not_in_the_answer) {
  const record_folder folder;
  auto file = record_file::open(folder.file());
  BOOST_REQUIRE(file);
  const std::map<simulated_fault, hal::mono_time> expected{
      {simulated_fault::none, 10s},      {simulated_fault::stuck_off, 0s},
      {simulated_fault::stuck_on, 50s},  {simulated_fault::late_stop, 13s},
      {simulated_fault::on_unsaid, 10s}, {simulated_fault::off_refused, 13s}};
  for (const auto& [fault, on_time] : expected) {
    auto line = make_simulated_line(
        *file,
        {.name = "s/" + std::string{name_of(fault)}, .bank = "s", .fault = fault, .fault_time = 3s},
        "b", 0s);
    const auto went_on = line->on(pump_direction::forward, "", 10s);
    BOOST_TEST(went_on.empty() == (fault != simulated_fault::on_unsaid));
    const auto went_off = line->off(20s);
    BOOST_TEST(went_off.empty() == (fault != simulated_fault::off_refused));
    if (!went_off.empty())
      BOOST_TEST(line->off(23s).empty());
  }
  // The record ends at 60 s: what is stuck was on until then.
  auto last = make_simulated_line(*file, {.name = "s/last", .bank = "t"}, "b", 60s);
  const auto read = pump_record::read(folder.file());
  BOOST_REQUIRE(read);
  for (const auto& [fault, on_time] : expected)
    BOOST_TEST((read->lines().at("s/" + std::string{name_of(fault)}).on_time() == on_time),
               name_of(fault));
}
