// Goal: a foreign program can neither outlive nor outgrow what it was given.
// Method: small shell scripts that misbehave in one way each.

#include "hal/process/run_process.hpp"
#include "tests/unit/geometry_models.hpp"

#include <boost/test/unit_test.hpp>
#include <thread>

#include <csignal>
#include <fcntl.h>
#include <unistd.h>

using namespace gantry::process;
using namespace std::chrono_literals;
using gantry::testing::content_of;
using gantry::testing::scratch_folder;

namespace {

process_spec shell(const std::string& script) {
  process_spec spec;
  spec.argv = {"/bin/sh", "-c", script};
  spec.wall_time_max = 10s;
  return spec;
}

/// Whether a process is there and no zombie, given a second to go: being killed takes a moment.
bool survives(pid_t process) {
  for (int i = 0; i < 100; ++i) {
    const auto status = content_of("/proc/" + std::to_string(process) + "/stat");
    if (status.empty() || status.find(") Z") != std::string::npos
        || status.find(") X") != std::string::npos)
      return false;
    std::this_thread::sleep_for(10ms);
  }
  return true;
}

} // namespace

BOOST_AUTO_TEST_CASE(output_exit_code_and_usage_are_reported) {
  const auto ran = run_process(shell("echo out; echo err >&2; exit 3"));
  BOOST_TEST((ran.end == process_end::exited));
  BOOST_TEST(ran.exit_code == 3);
  BOOST_TEST(!ran.ok());
  BOOST_TEST(ran.stdout_tail == "out\n");
  BOOST_TEST(ran.stderr_tail == "err\n");
  BOOST_TEST(ran.memory_peak_bytes > 100'000u);
}

BOOST_AUTO_TEST_CASE(nothing_is_inherited) {
  ::setenv("GANTRY_SECRET", "x", 1);
  const int leaked = ::open("/dev/null", O_RDONLY);
  auto spec = shell("env; ls /proc/self/fd; cat; ulimit -c; grep SigBlk /proc/self/status");
  ::signal(SIGPIPE, SIG_IGN);
  const auto ran = run_process(spec);
  ::close(leaked);
  BOOST_TEST(ran.ok());
  BOOST_TEST(ran.stdout_tail.find("GANTRY_SECRET") == std::string::npos);
  BOOST_TEST(ran.stdout_tail.find("TZ=UTC") != std::string::npos);
  // ls itself opens the folder as descriptor 3.
  BOOST_TEST(ran.stdout_tail.find("0\n1\n2\n3\n0\n") != std::string::npos, ran.stdout_tail);
  BOOST_TEST(ran.stdout_tail.find("SigBlk:\t0000000000000000") != std::string::npos);
}

BOOST_AUTO_TEST_CASE(the_working_folder_is_the_one_asked_for) {
  const scratch_folder folder;
  auto spec = shell("pwd");
  spec.working_folder = folder.path();
  BOOST_TEST(run_process(spec).stdout_tail == folder.path().string() + "\n");
  spec.working_folder = "/nonexistent";
  BOOST_TEST((run_process(spec).end == process_end::not_started));
}

BOOST_AUTO_TEST_CASE(missing_programs_are_a_named_state) {
  for (const auto* program : {"/nonexistent/tool", "no-such-tool", "/tmp", ""}) {
    process_spec spec;
    spec.argv = {program};
    BOOST_TEST((run_process(spec).end == process_end::not_found), program);
  }
  BOOST_TEST((run_process({}).end == process_end::not_found));
}

BOOST_AUTO_TEST_CASE(a_program_without_a_slash_is_looked_up) {
  process_spec spec;
  spec.argv = {"true"};
  BOOST_TEST(run_process(spec).ok());
  spec.environment = {"PATH=/nonexistent"};
  BOOST_TEST((run_process(spec).end == process_end::not_found));
}

BOOST_AUTO_TEST_CASE(signals_are_reported) {
  const auto ran = run_process(shell("kill -SEGV $$"));
  BOOST_TEST((ran.end == process_end::signalled));
  BOOST_TEST(ran.signal == SIGSEGV);
}

BOOST_AUTO_TEST_CASE(the_whole_group_is_killed_at_the_time_limit) {
  auto spec = shell("sleep 60 & echo $!; trap '' TERM INT; sleep 60; sleep 60");
  spec.wall_time_max = 300ms;
  const auto ran = run_process(spec);
  BOOST_TEST((ran.end == process_end::timed_out));
  BOOST_TEST(ran.wall_time.count() < 5000);
  BOOST_TEST(!survives(std::stoi(ran.stdout_tail)));
}

BOOST_AUTO_TEST_CASE(children_left_behind_are_killed) {
  const auto ran = run_process(shell("sleep 60 & echo $!"));
  BOOST_TEST(ran.ok());
  BOOST_TEST(ran.wall_time.count() < 5000);
  BOOST_TEST(!survives(std::stoi(ran.stdout_tail)));
}

BOOST_AUTO_TEST_CASE(a_run_can_be_cancelled) {
  std::atomic<bool> cancel = false;
  auto spec = shell("echo begun; sleep 60");
  spec.cancel = &cancel;
  spec.on_line = [&](std::string_view) { cancel = true; };
  const auto ran = run_process(spec);
  BOOST_TEST((ran.end == process_end::cancelled));
  BOOST_TEST(ran.wall_time.count() < 5000);
}

BOOST_AUTO_TEST_CASE(endless_output_is_kept_to_its_end) {
  auto spec = shell("yes 0123456789 | head -c 20000000; echo; echo last");
  spec.output_max_bytes = 1000;
  std::size_t lines = 0;
  spec.on_line = [&](std::string_view) { ++lines; };
  const auto ran = run_process(spec);
  BOOST_TEST(ran.ok());
  BOOST_TEST(ran.stdout_tail.size() == 1000u);
  BOOST_TEST(ran.stdout_tail.ends_with("last\n"));
  BOOST_TEST(lines > 1'800'000u);
}

BOOST_AUTO_TEST_CASE(long_lines_are_cut_and_unfinished_ones_delivered) {
  auto spec = shell("head -c 100000 /dev/zero | tr '\\0' x; echo; printf end");
  std::vector<std::string> lines;
  spec.on_line = [&](std::string_view line) { lines.emplace_back(line); };
  BOOST_TEST(run_process(spec).ok());
  BOOST_REQUIRE(lines.size() == 2u);
  BOOST_TEST(lines[0].size() == 4096u);
  BOOST_TEST(lines[1] == "end");
}

BOOST_AUTO_TEST_CASE(files_and_processor_time_are_bounded) {
  const scratch_folder folder;
  process_spec spec;
  spec.argv = {"dd", "if=/dev/zero", "of=big", "bs=1000", "count=1000"};
  spec.working_folder = folder.path();
  spec.file_max_bytes = 10'000;
  BOOST_TEST(!run_process(spec).ok());
  BOOST_TEST(std::filesystem::file_size(folder.path() / "big") <= 10'000u);
  auto busy = shell("while :; do :; done");
  busy.cpu_time_max = 1s;
  const auto ran = run_process(busy);
  BOOST_TEST((ran.end == process_end::signalled));
  BOOST_TEST(ran.cpu_time.count() >= 900);
}

BOOST_AUTO_TEST_CASE(memory_is_bounded) {
  auto spec = shell("head -c 400000000 /dev/zero | tail -c 300000000 > /dev/null");
  spec.memory_max_bytes = 100'000'000;
  BOOST_TEST(!run_process(spec).ok());
}

BOOST_AUTO_TEST_CASE(processor_and_layout_are_fixed_or_the_result_says_so) {
  auto spec = shell("grep Cpus_allowed_list /proc/self/status; cat /proc/self/personality");
  spec.fixed_layout = true;
  spec.processor = 1;
  const auto ran = run_process(spec);
  BOOST_TEST(ran.ok());
  BOOST_TEST(ran.stdout_tail.find_first_of(",-") == std::string::npos, ran.stdout_tail);
  BOOST_TEST(ran.deterministic == (ran.stdout_tail.find("00040000") != std::string::npos));
  BOOST_TEST(!run_process(shell("true")).deterministic);
}

BOOST_AUTO_TEST_CASE(many_threads_can_run_programs_at_once) {
  std::atomic<int> good = 0;
  std::vector<std::thread> threads;
  for (int i = 0; i < 8; ++i)
    threads.emplace_back([&good, i] {
      for (int k = 0; k < 10; ++k) {
        const auto ran = run_process(shell("echo " + std::to_string(i * 100 + k)));
        if (ran.ok() && ran.stdout_tail == std::to_string(i * 100 + k) + "\n")
          ++good;
      }
    });
  for (auto& thread : threads)
    thread.join();
  BOOST_TEST(good.load() == 80);
}
