// A resin station as it stands on a bench: the program below its guard, a simulated printer over
// TCP and simulated pumps, with a person who answers what the station asks. What happened is read
// from the printer's own log and the pumps' own record.
#pragma once

#include "tests/binary/kernel_process.hpp"
#include "tests/binary/reserved_port.hpp"

#include <chrono>
#include <optional>
#include <string>
#include <utility>
#include <vector>

namespace gantry::test {

/// A change of a recipe.
struct bench_change {
  int64_t layer = 0;
  std::string material;
};

/// One print on one station.
class station_bench {
public:
  /// Starts printer and kernel in `folder`; the printer has a file of so many layers.
  station_bench(const std::filesystem::path& folder, int64_t layers,
                std::vector<bench_change> recipe);

  /// Adds the station and starts the print once every check passes.
  void start();
  /// Looks after the print until the station is in that state, or its change in that step. False if
  /// it is not seen in time.
  bool reach(const std::string& state);
  /// Kills the kernel in that state and waits until another one answers. False if either fails.
  bool kill_in(const std::string& state);
  /// Looks after the print until it is over; false if that takes too long.
  bool finish();

  /// The station as the API shows it; null while nobody answers.
  [[nodiscard]] nlohmann::json now();
  /// Stops kernel and guard as a service manager does; false if they do not end well.
  bool stop();
  /// What broke a rule, in sentences; empty if all is well. Stops the kernel.
  [[nodiscard]] std::vector<std::string> violations();

private:
  struct stretch {
    double from = 0; ///< Seconds since boot.
    double to = 0;
  };
  struct pumped {
    std::string line;
    stretch when;
    double ml = 0;
  };

  [[nodiscard]] std::string path() const { return "/api/v1/stations/" + id_; }
  [[nodiscard]] std::vector<nlohmann::json> printer_log(const std::string& event) const;
  /// When the printer may have moved.
  [[nodiscard]] std::vector<stretch> movements() const;
  [[nodiscard]] std::vector<pumped> pump_runs(std::vector<std::string>& broken) const;
  void check_vat(const std::vector<pumped>& runs, std::vector<std::string>& broken) const;
  void check_printer(std::vector<std::string>& broken) const;
  void press_start();
  void start_again();
  void answer(const nlohmann::json& station);

  std::filesystem::path folder_;
  std::vector<bench_change> recipe_;
  program printer_;
  uint16_t printer_port_ = 0;
  /// A kernel that is started again must be found where it was.
  reserved_port kernel_port_;
  std::optional<kernel_process> kernel_;
  std::string id_;
  /// When a person emptied the vat, in seconds since boot.
  std::vector<double> emptied_;
  double killed_at_ = 0; ///< Seconds since boot.
  int64_t asked_ = 0;
  double answer_at_ = 0; ///< Seconds since boot.
};

} // namespace gantry::test
