#pragma once

// The mechanics of a simulated resin printer: layers, pauses and ends, in the machine's own time.

#include <chrono>
#include <cstdint>
#include <optional>
#include <random>
#include <string>
#include <vector>

namespace gantry::sim {

/// Time on the machine's own clock, which a speed factor may make faster than the world's.
using machine_time = std::chrono::microseconds;

/// A file on the machine's stick. Names are bytes as the machine stores them.
struct resin_job {
  std::string display;
  std::string internal;
  int64_t layers = 200;
  double layer_s = 12; ///< From the beginning of a layer to that of the next.
  double layer_height_mm = 0.05;
  int64_t resin_ml = 100;
  int64_t size_bytes = 9'204'986;
};

/// How long the machine takes for what is not a layer, seconds of its own clock.
struct resin_mechanics {
  double prepare_s = 4;  ///< From a start to the first layer.
  double lift_s = 6;     ///< From the end of a layer to a pause.
  double lower_s = 3;    ///< From a resume to printing.
  double stop_s = 3;     ///< How long a stop shows before the machine is at rest.
  double finish_s = 10;  ///< How long a finished print shows; 0 = not at all.
  double jump_share = 0; ///< Chance of a layer not to show before the next one does.
};

/// What the machine does.
enum class machine_phase : uint8_t {
  resting,
  preparing,
  printing,
  pausing,
  paused,
  resuming,
  stopping,
  finished,
};

/// Something that happened to the print.
struct machine_event {
  std::string what; ///< `print_started`, `layer`, `print_paused`, `print_resumed`, `print_stopped`,
                    ///< `print_finished` or `print_lost`.
  int64_t layer = 0;
  machine_time at{};
};

/// One machine. Commands say whether they were accepted; what becomes of them follows in time.
class resin_machine {
public:
  resin_machine(resin_mechanics mechanics, uint64_t seed) : mechanics_{mechanics}, random_{seed} {}

  // -- commands ---------------------------------------------------------------
  /// Begins a print; `layer` and `elapsed_s` are where it stands if it began before.
  bool start(const resin_job& job, int64_t layer = 0, double elapsed_s = 0);
  bool pause();
  bool resume();
  bool stop();

  // -- time -------------------------------------------------------------------
  void advance(machine_time to);
  [[nodiscard]] std::optional<machine_time> next() const;
  std::vector<machine_event> take_events();

  // -- disturbances -----------------------------------------------------------
  /// The print and all that was shown are gone.
  void lose_power();
  /// The current layer takes `longer` more.
  void stagnate(machine_time longer);
  /// `count` layers pass at once.
  void jump(int64_t count);
  /// The layer is shown too low by `count` from now on.
  void show_less(int64_t count) { shown_less_ = count; }
  void set_jump_share(double share) { mechanics_.jump_share = share; }
  void set_layer_time(double layer_s) { job_.layer_s = layer_s; }

  // -- what there is to see ---------------------------------------------------
  [[nodiscard]] machine_phase phase() const { return phase_; }
  [[nodiscard]] bool has_print() const { return phase_ != machine_phase::resting; }
  [[nodiscard]] const resin_job& job() const { return job_; }
  [[nodiscard]] int64_t layer() const { return layer_; }
  [[nodiscard]] int64_t shown_layer() const;
  [[nodiscard]] double elapsed_s() const;
  [[nodiscard]] double remaining_s() const;

private:
  void become(machine_phase phase, double for_s);
  void begin_layer();
  void end_of_phase();
  void tell(std::string what);

  resin_mechanics mechanics_;
  std::mt19937_64 random_;
  machine_phase phase_ = machine_phase::resting;
  resin_job job_;
  machine_time now_{};
  std::optional<machine_time> until_; ///< End of the layer or of the phase.
  bool pause_wanted_ = false;
  int64_t layer_ = 0;
  int64_t shown_ = 0;
  int64_t shown_less_ = 0;
  double elapsed_s_ = 0; ///< Up to the beginning of the current layer.
  machine_time layer_began_{};
  std::vector<machine_event> events_;
};

} // namespace gantry::sim
