// Goal: starting, stopping and maintaining a farm works as the manual says, and prints go on
// meanwhile. Method: the program's own processes, exit codes, sentences and data folders.
#include "tests/binary/kernel_process.hpp"

#include <boost/test/unit_test.hpp>
#include <fstream>
#include <nlohmann/json.hpp>
#include <sstream>

using namespace gantry::test;
using namespace std::chrono_literals;
using nlohmann::json;

namespace {

constexpr int folder_in_use = 3;
constexpr int port_in_use = 4;
constexpr int folder_unfit = 5;

struct work_folder {
  temporary_folder folder;

  [[nodiscard]] finished_program gantry(const std::vector<std::string>& words) const {
    return run_program(words, folder / "program.output");
  }

  [[nodiscard]] std::string data() const { return (folder / "data").string(); }
};

bool says(const finished_program& ended, const std::string& text) {
  return ended.output.find(text) != std::string::npos;
}

/// Orders a cube and waits until `machine` prints it. Answers the run's id.
std::string print_a_cube(kernel_process& kernel, const printer_process& machine) {
  const auto printer = kernel.add_printer("left", machine.port());
  const auto model = kernel.upload("cube.stl", source_bytes("examples/cube.stl"));
  static_cast<void>(kernel.order("A-1", model));
  kernel.post("/api/v1/printers/" + printer + "/bed-clear", json{{"how", "seen"}});
  std::string run;
  const auto prints = [&] {
    const auto list = kernel.get("/api/v1/runs");
    if (list["items"].empty())
      return false;
    run = list["items"][0]["id"];
    return list["items"][0]["state"] == "printing";
  };
  BOOST_REQUIRE(eventually(prints, 40s));
  return run;
}

std::string why_held(kernel_process& kernel, const std::string& order) {
  json line;
  const auto held = [&] {
    line = kernel.get("/api/v1/orders/" + order)["lines"][0];
    return line["state"] == "held";
  };
  BOOST_TEST(eventually(held, 20s), line.dump());
  return line["why"];
}

/// Text of the health report's check of the slicer, once it is `status`.
std::string slicer_health(kernel_process& kernel, const std::string& status) {
  json check;
  const auto found = [&] {
    const auto report = json::parse(kernel.ask(kernel.text("GET", "/health")).body);
    check = report["checks"]["slicer"][0];
    return check["status"] == status;
  };
  BOOST_TEST(eventually(found, 20s), check.dump());
  return check["output"];
}

} // namespace

BOOST_FIXTURE_TEST_SUITE(lifecycle, work_folder)

BOOST_AUTO_TEST_CASE(a_second_instance_says_what_is_taken_and_harms_nothing) {
  kernel_process kernel{data()};
  const auto same_folder = gantry({"serve", "--data", data(), "--port", "0"});
  BOOST_TEST(same_folder.exit_code == folder_in_use);
  BOOST_TEST(says(same_folder, data() + " is in use by another process"), same_folder.output);
  const auto port = std::to_string(kernel.port());
  const auto same_port = gantry({"serve", "--data", (folder / "other").string(), "--port", port});
  BOOST_TEST(same_port.exit_code == port_in_use);
  BOOST_TEST(says(same_port, "already listens on 127.0.0.1:" + port), same_port.output);
  BOOST_TEST(gantry({"doctor", "--data", data()}).exit_code == folder_in_use);
  BOOST_TEST(gantry({"backup", (folder / "copy").string(), "--data", data()}).exit_code
             == folder_in_use);
  BOOST_TEST(kernel.get("/api/v1/session")["principal"]["name"] == "administrator");
  BOOST_TEST(kernel.stop().value_or(-1) == 0);
}

BOOST_AUTO_TEST_CASE(a_stop_ends_streams_at_once_and_the_print_goes_on_after_a_restart) {
  printer_process machine{folder / "machine", 100};
  std::string run;
  {
    kernel_process kernel{data()};
    run = print_a_cube(kernel, machine);
    raw_client stream{kernel.port()};
    stream.send(kernel.text("GET", "/api/v1/events", "", "Accept: text/event-stream\r\n"));
    BOOST_TEST(stream.read_until("event: hello"));
    const auto began = std::chrono::steady_clock::now();
    BOOST_TEST(kernel.stop().value_or(-1) == 0);
    BOOST_TEST_MESSAGE("stopped after " << (std::chrono::steady_clock::now() - began) / 1ms
                                        << " ms");
    BOOST_TEST(stream.closes());
    BOOST_TEST(!std::filesystem::exists(folder / "data/listens-at"));
  }
  kernel_process kernel{data()};
  BOOST_TEST(kernel.child().output().find("Log in once") == std::string::npos);
  const auto before = kernel.get("/api/v1/runs/" + run);
  BOOST_TEST((before["state"] == "printing" || before["state"] == "inspecting"), before.dump());
  json after;
  const auto inspecting = [&] {
    after = kernel.get("/api/v1/runs/" + run);
    return after["state"] == "inspecting";
  };
  BOOST_TEST(eventually(inspecting, 60s), after.dump());
  kernel.post("/api/v1/runs/" + run + "/inspection", json{{"items", json::array({"good"})}});
  BOOST_TEST(kernel.get("/api/v1/orders")["items"][0]["state"] == "fulfilled");
  BOOST_TEST(machine.starts() == 1);
}

BOOST_AUTO_TEST_CASE(defect_a_stop_waited_for_a_slicer_that_did_not_tell_its_version) {
  const auto program = folder / "slicer";
  const auto asked = folder / "asked";
  std::ofstream{program} << "#!/bin/sh\ntouch '" << asked.string() << "'\nsleep 60\n";
  std::filesystem::permissions(program, std::filesystem::perms::owner_all);
  kernel_process kernel{data(), {"--slicer", program.string()}};
  static_cast<void>(kernel.ask(kernel.text("GET", "/health")));
  BOOST_TEST(eventually([&asked] { return std::filesystem::exists(asked); }, 20s));
  BOOST_TEST(kernel.stop().value_or(-1) == 0);
}

BOOST_AUTO_TEST_CASE(a_missing_slicer_holds_the_line_until_it_is_installed_and_asked_again) {
  const auto program = folder / "slicer";
  kernel_process kernel{data(), {"--slicer", program.string()}};
  BOOST_TEST(slicer_health(kernel, "fail").find(program.string()) != std::string::npos);
  BOOST_TEST(kernel.ask(kernel.text("GET", "/health")).status == 503);
  const auto order =
      kernel.order("A-1", kernel.upload("cube.stl", source_bytes("examples/cube.stl")));
  BOOST_TEST(why_held(kernel, order) == "slicer_missing");
  std::ofstream{program} << "#!/bin/sh\nexec /usr/bin/prusa-slicer \"$@\"\n";
  std::filesystem::permissions(program, std::filesystem::perms::owner_all);
  BOOST_TEST(slicer_health(kernel, "pass").find("PrusaSlicer") != std::string::npos);
  const std::string plan = kernel.get("/api/v1/orders/" + order)["lines"][0]["plan"];
  kernel.post("/api/v1/plans/" + plan + "/revisions", json{{"note", "it is installed now"}});
  json now;
  const auto producing = [&] {
    now = kernel.get("/api/v1/orders/" + order)["lines"][0];
    return now["state"] == "producing";
  };
  BOOST_TEST(eventually(producing, 40s), now.dump());
  BOOST_TEST(now["why"] == "ok");
}

BOOST_AUTO_TEST_CASE(tokens_are_issued_and_revoked_from_the_command_line) {
  BOOST_TEST(gantry({"token", "list", "--data", data()}).exit_code == 1);
  kernel_process kernel{data()};
  const auto issued = gantry({"token", "new", "wall", "--roles", "viewer", "--data", data()});
  BOOST_REQUIRE(issued.exit_code == 0);
  const auto secret = issued.output.substr(0, issued.output.find('\n'));
  BOOST_TEST(issued.output == secret + "\n");
  const auto asked_with_it = [&] {
    auto bytes = kernel.text("GET", "/api/v1/session");
    return kernel.ask(bytes.replace(bytes.find(kernel.secret()), kernel.secret().size(), secret));
  };
  BOOST_TEST(asked_with_it().has("\"name\":\"wall\",\"roles\":[\"viewer\"]"));
  const auto list = gantry({"token", "list", "--data", data()});
  BOOST_TEST(list.exit_code == 0);
  BOOST_TEST(!says(list, secret));
  std::istringstream lines{list.output};
  std::string id;
  for (std::string line; std::getline(lines, line);)
    if (line.ends_with("  wall"))
      id = line.substr(0, line.find(' '));
  BOOST_REQUIRE(!id.empty());
  BOOST_TEST(gantry({"token", "revoke", id, "--data", data()}).exit_code == 0);
  BOOST_TEST(asked_with_it().status == 401);
  BOOST_TEST(says(gantry({"token", "list", "--data", data()}), id + "  revoked"));
  BOOST_TEST(gantry({"token", "new", "x", "--roles", "king", "--data", data()}).exit_code == 1);
  BOOST_TEST(gantry({"token", "revoke", "tok-abcdefghijkl2", "--data", data()}).exit_code == 1);
  BOOST_TEST(gantry({"token", "steal", "--data", data()}).exit_code == 2);
}

BOOST_AUTO_TEST_CASE(a_farm_is_examined_backed_up_rehearsed_and_restored) {
  std::string run;
  printer_process machine{folder / "machine", 20};
  {
    kernel_process kernel{data()};
    run = print_a_cube(kernel, machine);
    BOOST_TEST(kernel.stop().value_or(-1) == 0);
  }
  const auto copy = (folder / "copy").string();
  const auto examined = gantry({"doctor", "--data", data()});
  BOOST_TEST(examined.exit_code == 0, examined.output);
  BOOST_TEST(says(examined, "The store agrees with its log."), examined.output);
  const auto made = gantry({"backup", copy, "--data", data()});
  BOOST_TEST(made.exit_code == 0, made.output);
  BOOST_TEST(gantry({"backup", copy, "--data", data()}).exit_code == 1);
  const auto rehearsed = gantry({"restore", copy, "--rehearse"});
  BOOST_TEST(rehearsed.exit_code == 0, rehearsed.output);
  BOOST_TEST(says(rehearsed, "The backup is good."), rehearsed.output);
  BOOST_TEST(gantry({"restore", copy}).exit_code == 2);
  BOOST_TEST(gantry({"restore", copy, "--data", data()}).exit_code == folder_unfit);
  const auto restored = (folder / "restored").string();
  BOOST_TEST(gantry({"restore", copy, "--data", restored}).exit_code == 0);
  BOOST_TEST(gantry({"doctor", "--data", (folder / "nothing").string()}).exit_code == folder_unfit);
  kernel_process kernel{restored};
  BOOST_TEST(kernel.get("/api/v1/runs/" + run)["id"] == run);
  BOOST_TEST(kernel.get("/api/v1/printers")["items"][0]["unreconciled"] == true);
}

BOOST_AUTO_TEST_CASE(a_damaged_backup_is_found_by_its_rehearsal) {
  {
    kernel_process kernel{data()};
    static_cast<void>(kernel.upload("cube.stl", source_bytes("examples/cube.stl")));
    BOOST_TEST(kernel.stop().value_or(-1) == 0);
  }
  const auto copy = (folder / "copy").string();
  BOOST_REQUIRE(gantry({"backup", copy, "--data", data()}).exit_code == 0);
  const auto cube_bytes = source_bytes("examples/cube.stl");
  int damaged = 0;
  for (const auto& each : std::filesystem::recursive_directory_iterator{copy})
    if (each.is_regular_file() && bytes_of(each.path()) == cube_bytes) {
      // A new file: the backup may share the old one with the data folder.
      std::filesystem::remove(each.path());
      std::ofstream{each.path(), std::ios::binary} << "x" + cube_bytes.substr(1);
      ++damaged;
    }
  BOOST_TEST(damaged == 1);
  const auto rehearsed = gantry({"restore", copy, "--rehearse"});
  BOOST_TEST(rehearsed.exit_code == 1, rehearsed.output);
  BOOST_TEST(!says(rehearsed, "The backup is good."), rehearsed.output);
  BOOST_TEST(gantry({"doctor", "--data", data()}).exit_code == 0);
}

BOOST_AUTO_TEST_SUITE_END()
