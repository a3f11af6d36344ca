// One pump of a simulated station: what it is told, what it does, and when it was really on.
#pragma once

#include "bench/farm_sim/agenda.hpp"
#include "hal/pumps/line_driver.hpp"
#include "hal/pumps/simulated_fault.hpp"

#include <deque>

namespace gantry::farm_sim {

/// A time in which a line was on, in the world's time.
struct line_run {
  hal::mono_time from{0};
  hal::mono_time to{0};
  std::string purpose{};
  bool interrupted = false; ///< The guard died while it was on.
};

/// A line behind a master relay that drops when the guard is gone.
class pump_line final : public pumps::line_driver {
public:
  pump_line(const agenda& time, std::string station, std::string name)
      : time_{time}, station_{std::move(station)}, name_{std::move(name)} {}

  [[nodiscard]] pumps::line_problem on(pump_direction way, const std::string& purpose,
                                       hal::mono_time now) override;
  [[nodiscard]] pumps::line_problem off(hal::mono_time now) override;
  [[nodiscard]] pumps::line_service serve(hal::mono_time) override { return {}; }

  /// The next run shows `what`, once; `length` is for a refused off.
  void spoil(pumps::simulated_fault what, hal::mono_time length) {
    fault_ = what;
    fault_time_ = length;
  }
  /// Takes the supply away, whatever the line was told.
  void drop();
  /// The guard dies now.
  void interrupt() {
    if (run_)
      run_->interrupted = true;
  }

  [[nodiscard]] const std::string& station() const { return station_; }
  [[nodiscard]] const std::string& name() const { return name_; }
  [[nodiscard]] const std::optional<line_run>& run() const { return run_; }
  [[nodiscard]] bool is_reverse() const { return reverse_; }
  /// False while it turns and nothing flows.
  [[nodiscard]] bool flows() const { return !clogged_; }
  /// True while it refuses to go off.
  [[nodiscard]] bool disobeys() const { return refused_since_.has_value(); }
  /// The runs that have ended, oldest first; kept for an hour.
  [[nodiscard]] const std::deque<line_run>& past() const { return past_; }
  /// On-time within the `window` that ends now; of interrupted runs as well, or not.
  [[nodiscard]] hal::mono_time on_time(hal::mono_time window, bool interrupted = true) const;

  /// Told before the line goes on or off.
  std::function<void(pump_line&)> before_change;
  /// Told after it has gone on or off.
  std::function<void(pump_line&)> after_change;
  /// Told when it begins not to move what it should: nothing, or more.
  std::function<void(pump_line&)> on_misconduct;

private:
  void end_run();

  const agenda& time_;
  std::string station_;
  std::string name_;
  pumps::simulated_fault fault_ = pumps::simulated_fault::none;
  hal::mono_time fault_time_{0};
  std::optional<line_run> run_;
  bool reverse_ = false;
  bool clogged_ = false;
  bool refuses_ = false;
  std::optional<hal::mono_time> refused_since_;
  std::deque<line_run> past_;
};

} // namespace gantry::farm_sim
