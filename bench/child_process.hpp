// Programs as children that can be measured from outside: this one again, or another.
#pragma once

#include <cstdint>
#include <string>
#include <vector>

namespace gantry::bench {

/// A child process that is killed at the end.
class child_process {
public:
  /// Starts `gantry` with `words`; what it says goes to `log_path`. Throws `std::runtime_error` if
  /// it cannot be started.
  child_process(const std::vector<std::string>& words, const std::string& log_path);
  /// Starts `program`, found as a shell finds it, with `words`; what it prints goes to the
  /// descriptor `output`, which stays the caller's. Throws `std::runtime_error` likewise.
  child_process(const std::string& program, const std::vector<std::string>& words, int output);
  ~child_process();
  child_process(const child_process&) = delete;
  child_process& operator=(const child_process&) = delete;

  /// Waits for its end. Returns its exit status, -1 if a signal ended it.
  int wait();
  /// Asks it to end and waits; it is killed after 10 s. Returns its exit status.
  int stop();
  /// Resident memory in bytes.
  [[nodiscard]] uint64_t resident_bytes() const;
  /// Processor time used so far in seconds.
  [[nodiscard]] double processor_s() const;
  /// Bytes handed to the disk so far.
  [[nodiscard]] uint64_t written_bytes() const;
  /// Number of threads.
  [[nodiscard]] uint64_t threads() const;

private:
  void spawn(const char* path, const std::string& name, const std::vector<std::string>& words,
             int output, int errors);
  [[nodiscard]] uint64_t figure(const char* file, const std::string& name) const;

  int process_ = -1;
};

} // namespace gantry::bench
