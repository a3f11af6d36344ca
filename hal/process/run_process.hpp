// Running a foreign program to its end, within bounds.
#pragma once

#include <atomic>
#include <chrono>
#include <cstddef>
#include <cstdint>
#include <filesystem>
#include <functional>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace gantry::process {

/// What to run and how far it may go.
struct process_spec {
  /// Program and arguments. A program without a slash is looked up in PATH of `environment`.
  std::vector<std::string> argv;
  /// The whole environment as "NAME=value"; nothing is inherited.
  std::vector<std::string> environment{"PATH=/usr/bin:/bin", "HOME=/nonexistent", "LC_ALL=C.UTF-8",
                                       "TZ=UTC"};
  /// Folder to run in. Must exist.
  std::filesystem::path working_folder = "/";
  /// Address space per process; 0 leaves it unbounded.
  std::uint64_t memory_max_bytes = 0;
  /// Processor time per process; 0 leaves it unbounded. Beyond it the program ends by SIGXCPU.
  std::chrono::seconds cpu_time_max{0};
  /// Largest file the program may write; 0 leaves it unbounded.
  std::uint64_t file_max_bytes = 0;
  /// After this time the program and its whole process group are killed.
  std::chrono::milliseconds wall_time_max{std::chrono::minutes{1}};
  /// Ties the program to one processor: the n-th (modulo their number) of those we may use
  /// ourselves.
  std::optional<unsigned> processor;
  /// Asks for a fixed memory layout, which some programs need to give the same output twice.
  bool fixed_layout = false;
  /// The last bytes of each output stream that are kept.
  std::size_t output_max_bytes = 16 * 1024;
  /// Set to true, by any thread, to have the program killed.
  const std::atomic<bool>* cancel = nullptr;
  /// Called with every line of standard output, without its line break and cut at 4 KiB, on the
  /// calling thread. Must not throw.
  std::function<void(std::string_view)> on_line;
};

/// How a run ended.
enum class process_end : std::uint8_t {
  exited,      ///< by itself; see `exit_code`
  signalled,   ///< by a signal; see `signal`
  timed_out,   ///< killed by us at `wall_time_max`
  cancelled,   ///< killed by us because of `cancel`
  not_found,   ///< there is no such program, or it may not be run
  not_started, ///< the system refused: out of processes, no such folder, ...
};

/// What a run left behind.
struct process_result {
  process_end end = process_end::not_started;
  /// Valid for `exited`.
  int exit_code = 0;
  /// Valid for `signalled`.
  int signal = 0;
  /// errno, valid for `not_found` and `not_started`.
  int error_number = 0;
  std::string stdout_tail;
  std::string stderr_tail;
  /// Largest resident size of any process of the run. The child begins in our memory, so the kernel
  /// counts our own largest size as well: that is a lower bound.
  std::uint64_t memory_peak_bytes = 0;
  std::chrono::milliseconds wall_time{0};
  std::chrono::milliseconds cpu_time{0};
  /// Whether memory layout and processor were fixed as asked for. Containers may refuse the layout.
  bool deterministic = false;

  /// Whether the program ended by itself with exit code 0.
  [[nodiscard]] bool ok() const { return end == process_end::exited && exit_code == 0; }
};

/// Runs a program and waits for it. Standard input is empty. The program gets its own process
/// group, which is killed as a whole at the end of the run, however it ends; it is killed as well
/// if the calling thread dies. A descendant that leaves the group escapes this. Safe to call from
/// several threads at once.
[[nodiscard]] process_result run_process(const process_spec& spec);

} // namespace gantry::process
