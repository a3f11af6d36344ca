// Goal: with a guard's file, `gantry serve` is a guard with the kernel as its child: it starts,
// stops and fails as before, and a killed kernel comes back. Method: the program's own processes.
#include "tests/binary/guarded_kernel.hpp"
#include "tests/binary/kernel_process.hpp"

#include <boost/test/unit_test.hpp>
#include <csignal>
#include <fstream>
#include <nlohmann/json.hpp>

using namespace gantry::test;
using namespace std::chrono_literals;

namespace {

constexpr const char* simulated_station = R"({"version": 1, "stations": [{"name": "one", "lines": [
  {"name": "a", "driver": {"kind": "simulated"}},
  {"name": "relay", "driver": {"kind": "gpio", "chip": "/dev/none", "line": 4}}]}]})";

struct guarded_folder {
  temporary_folder folder;

  guarded_folder() {
    std::filesystem::create_directories(folder / "data");
    std::ofstream{folder / "data/guard.json"} << simulated_station;
  }
  [[nodiscard]] std::string data() const { return (folder / "data").string(); }

  [[nodiscard]] std::map<pid_t, pid_t> processes() const { return processes_serving(data()); }
  [[nodiscard]] pid_t kernel() const { return guarded_kernel(data()); }
};

size_t count_of(const std::string& text, const std::string& what) {
  size_t count = 0;
  for (auto at = text.find(what); at != std::string::npos; at = text.find(what, at + 1))
    ++count;
  return count;
}

} // namespace

BOOST_FIXTURE_TEST_SUITE(serving_below_a_guard, guarded_folder)

BOOST_AUTO_TEST_CASE(it_names_absent_hardware_answers_and_stops_in_time) {
  kernel_process served{data()};
  BOOST_TEST(served.get("/api/v1/session")["principal"]["name"] == "administrator");
  BOOST_TEST(processes().size() == 2u);
  BOOST_TEST(served.child().output().find("gpio_absent /dev/none line 4") != std::string::npos);
  served.post("/api/v1/stations", {{"setup",
                                    {{"name", "Resin"},
                                     {"host", "127.0.0.1"},
                                     {"port", 1},
                                     {"pump_bank", "one"},
                                     {"initial_material", "A"}}}});
  const auto check = [&served] {
    const auto health = nlohmann::json::parse(served.ask(served.text("GET", "/health")).body);
    for (const auto& [name, found] : health["checks"].items())
      if (name.starts_with("station:"))
        return found.at(0);
    return nlohmann::json{};
  };
  const auto names_it = [&check] {
    return check().dump().find("gpio_absent /dev/none line 4") != std::string::npos;
  };
  BOOST_TEST(eventually(names_it, 20s), check().dump());
  BOOST_TEST(check()["status"] == "fail", check().dump());
  BOOST_TEST(served.stop().value_or(-1) == 0);
  BOOST_TEST(processes().empty());
  BOOST_TEST(std::filesystem::exists(data() + "/guard-ledger"));
  const auto shown =
      run_program({"sim", "pumps", data() + "/pump-record.jsonl"}, folder / "program.output");
  BOOST_TEST(shown.exit_code == 0, shown.output);
  BOOST_TEST(shown.output.find("one/a ") != std::string::npos, shown.output);
}

BOOST_AUTO_TEST_CASE(a_killed_kernel_comes_back_below_the_same_guard) {
  kernel_process served{data()};
  const auto first = kernel();
  BOOST_REQUIRE(first > 0);
  ::kill(first, SIGKILL);
  const auto serves_again = [&] {
    return count_of(served.child().output(), "Gantry listens at") == 2u && kernel() > 0;
  };
  BOOST_TEST(eventually(serves_again, 20s), served.child().output());
  BOOST_TEST(kernel() != first);
  BOOST_TEST(served.stop().value_or(-1) == 0);
}

BOOST_AUTO_TEST_CASE(a_killed_guard_takes_its_kernel_with_it) {
  kernel_process served{data()};
  served.child().signal(SIGKILL);
  BOOST_TEST(eventually([this] { return processes().empty(); }, 10s));
}

BOOST_AUTO_TEST_CASE(what_a_start_cannot_mend_ends_with_its_exit_status) {
  kernel_process other{(folder / "other").string()};
  const auto port = std::to_string(other.port());
  const auto taken =
      run_program({"serve", "--data", data(), "--port", port}, folder / "program.output");
  BOOST_TEST(taken.exit_code == 4, taken.output);
  kernel_process served{data()};
  const auto second =
      run_program({"serve", "--data", data(), "--port", "0"}, folder / "program.output");
  BOOST_TEST(second.exit_code == 3, second.output);
  BOOST_TEST(served.stop().value_or(-1) == 0);
  std::ofstream{data() + "/guard.json"} << "{";
  const auto broken =
      run_program({"serve", "--data", data(), "--port", "0"}, folder / "program.output");
  BOOST_TEST(broken.exit_code == 5, broken.output);
  BOOST_TEST(broken.output.find("guard.json") != std::string::npos, broken.output);
}

BOOST_AUTO_TEST_SUITE_END()
