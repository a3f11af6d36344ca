// A pump or valve made of software. What it really does goes to a record file, line by line and at
// once, so that the record outlives whoever is killed; tests and benchmarks believe only that.
#pragma once

#include "hal/pumps/line_driver.hpp"
#include "hal/pumps/simulated_fault.hpp"
#include "schemas/result.hpp"

#include <cstdint>
#include <memory>
#include <string>
#include <string_view>

namespace gantry::pumps {

/// Where records go. Appends whole lines.
class record_file {
public:
  /// Opens or makes the file. Refuses with `storage_failed`.
  [[nodiscard]] static result<std::shared_ptr<record_file>> open(const std::string& path);
  explicit record_file(int descriptor) : descriptor_{descriptor} {}
  ~record_file();
  record_file(const record_file&) = delete;
  record_file& operator=(const record_file&) = delete;

  /// Appends one line. What cannot be written is lost, as the device's log would be.
  void append(const std::string& line);

private:
  int descriptor_;
};

/// What a simulated line is.
struct simulated_setup {
  std::string name{}; ///< `station/line`.
  std::string bank{};
  bool is_valve = false;
  int64_t flow_ul_per_s = 5000;
  simulated_fault fault = simulated_fault::none;
  int64_t fault_from_run = 1; ///< First run of this process that shows the fault.
  hal::mono_time fault_time{0};
};

/// Makes a line that writes to `record`, beginning with what it is. `boot` names the boot whose
/// monotonic time the record uses.
[[nodiscard]] std::unique_ptr<line_driver> make_simulated_line(std::shared_ptr<record_file> record,
                                                               simulated_setup setup,
                                                               const std::string& boot,
                                                               hal::mono_time now);

} // namespace gantry::pumps
