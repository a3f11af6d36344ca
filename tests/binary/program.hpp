// A program as a child process, with what it writes in a file.
#pragma once

#include "tests/time_scale.hpp"

#include <chrono>
#include <filesystem>
#include <optional>
#include <string>
#include <sys/types.h>
#include <thread>
#include <vector>

namespace gantry::test {

/// A folder that goes away with its owner.
class temporary_folder {
public:
  temporary_folder();
  ~temporary_folder();
  temporary_folder(const temporary_folder&) = delete;
  temporary_folder& operator=(const temporary_folder&) = delete;

  [[nodiscard]] std::filesystem::path operator/(const std::string& name) const {
    return path_ / name;
  }

private:
  std::filesystem::path path_;
};

/// A running child, killed by the destructor if it still runs.
class program {
public:
  /// Starts the program under test with `words`; both of its outputs go to the file `output`.
  /// `variables` ("NAME=value") are added to its environment. Throws std::runtime_error if it
  /// cannot be started.
  program(std::vector<std::string> words, std::filesystem::path output,
          std::vector<std::string> variables = {});
  ~program();
  program(const program&) = delete;
  program& operator=(const program&) = delete;

  void signal(int number) const;
  /// The exit code; nothing if it runs on after `patience`. 256 + N stands for signal N.
  [[nodiscard]] std::optional<int> exit_code_within(std::chrono::milliseconds patience);
  /// Everything written so far.
  [[nodiscard]] std::string output() const;
  /// Waits for a line that holds `text` and returns it. Throws std::runtime_error after 20 s.
  [[nodiscard]] std::string line_with(const std::string& text) const;
  /// Largest resident memory until now.
  [[nodiscard]] int64_t memory_peak_kb() const;

private:
  std::filesystem::path output_;
  pid_t process_ = -1;
  std::optional<int> exit_code_;
};

/// How a program ended, and everything that it wrote.
struct finished_program {
  int exit_code = -1;
  std::string output;
};

/// Runs the program under test to its end, 60 s at most.
[[nodiscard]] finished_program run_program(std::vector<std::string> words,
                                           const std::filesystem::path& output,
                                           std::vector<std::string> variables = {});

/// Asks `done` every 50 ms until it holds; false after `patience`.
template <class Question>
[[nodiscard]] bool eventually(const Question& done, std::chrono::seconds patience) {
  const auto end = std::chrono::steady_clock::now() + patience * time_scale;
  while (!done()) {
    if (std::chrono::steady_clock::now() > end)
      return false;
    std::this_thread::sleep_for(std::chrono::milliseconds{50});
  }
  return true;
}

} // namespace gantry::test
