#include "hal/sim/resin_machine.hpp"

#include <algorithm>
#include <cmath>
#include <utility>

namespace gantry::sim {
namespace {

machine_time span_of(double seconds) {
  return machine_time(std::max<int64_t>(1, std::llround(seconds * 1e6)));
}

double seconds_of(machine_time span) {
  return std::chrono::duration<double>(span).count();
}

} // namespace

// -- commands --------------------------------------------------------------------

bool resin_machine::start(const resin_job& job, int64_t layer, double elapsed_s) {
  if (phase_ != machine_phase::resting && phase_ != machine_phase::finished)
    return false;
  job_ = job;
  elapsed_s_ = elapsed_s;
  layer_ = shown_ = std::clamp<int64_t>(layer, 0, job.layers);
  shown_less_ = 0;
  tell("print_started");
  if (layer_ == 0) {
    become(machine_phase::preparing, mechanics_.prepare_s);
  } else {
    layer_began_ = now_;
    become(machine_phase::printing, job_.layer_s);
  }
  return true;
}

bool resin_machine::pause() {
  if (phase_ != machine_phase::printing && phase_ != machine_phase::preparing)
    return false;
  // The plate is lifted only after the layer; a print that is still preparing stops where it is.
  if (phase_ == machine_phase::preparing)
    become(machine_phase::pausing, mechanics_.lift_s);
  else
    pause_wanted_ = true;
  phase_ = machine_phase::pausing;
  return true;
}

bool resin_machine::resume() {
  if (phase_ != machine_phase::paused)
    return false;
  become(machine_phase::resuming, mechanics_.lower_s);
  return true;
}

bool resin_machine::stop() {
  const bool running =
      has_print() && phase_ != machine_phase::stopping && phase_ != machine_phase::finished;
  if (running)
    become(machine_phase::stopping, mechanics_.stop_s);
  return running;
}

// -- time ------------------------------------------------------------------------

void resin_machine::advance(machine_time to) {
  while (until_ && *until_ <= to) {
    now_ = *until_;
    end_of_phase();
  }
  now_ = std::max(now_, to);
}

std::optional<machine_time> resin_machine::next() const {
  return until_;
}

std::vector<machine_event> resin_machine::take_events() {
  return std::exchange(events_, {});
}

void resin_machine::become(machine_phase phase, double for_s) {
  phase_ = phase;
  pause_wanted_ = false;
  until_ = now_ + span_of(for_s);
}

void resin_machine::begin_layer() {
  ++layer_;
  layer_began_ = now_;
  const double chance = static_cast<double>(random_() >> 11U) * 0x1.0p-53;
  if (chance >= mechanics_.jump_share || layer_ == job_.layers)
    shown_ = layer_;
  tell("layer");
  become(machine_phase::printing, job_.layer_s);
}

void resin_machine::end_of_phase() {
  switch (phase_) {
  case machine_phase::preparing:
    return begin_layer();
  case machine_phase::printing:
  case machine_phase::pausing:
    if (phase_ == machine_phase::printing || pause_wanted_) {
      // The end of a layer.
      elapsed_s_ += seconds_of(now_ - layer_began_);
      layer_began_ = now_;
      if (layer_ >= job_.layers) {
        tell("print_finished");
        return become(machine_phase::finished, mechanics_.finish_s);
      }
      return phase_ == machine_phase::printing ? begin_layer()
                                               : become(machine_phase::pausing, mechanics_.lift_s);
    }
    phase_ = machine_phase::paused;
    shown_ = layer_;
    until_.reset();
    return tell("print_paused");
  case machine_phase::resuming:
    tell("print_resumed");
    return begin_layer();
  case machine_phase::stopping:
    tell("print_stopped");
    break;
  case machine_phase::finished:
  case machine_phase::paused:
  case machine_phase::resting:
    break;
  }
  phase_ = machine_phase::resting;
  until_.reset();
}

void resin_machine::tell(std::string what) {
  events_.push_back({std::move(what), layer_, now_});
}

// -- disturbances ----------------------------------------------------------------

void resin_machine::lose_power() {
  if (has_print() && phase_ != machine_phase::finished)
    tell("print_lost");
  phase_ = machine_phase::resting;
  pause_wanted_ = false;
  until_.reset();
}

void resin_machine::stagnate(machine_time longer) {
  if (until_ && phase_ == machine_phase::printing)
    *until_ += longer;
}

void resin_machine::jump(int64_t count) {
  if (phase_ != machine_phase::printing)
    return;
  layer_ = shown_ = std::min(layer_ + count, job_.layers);
  tell("layer");
}

// -- what there is to see --------------------------------------------------------

int64_t resin_machine::shown_layer() const {
  return std::max<int64_t>(0, shown_ - shown_less_);
}

double resin_machine::elapsed_s() const {
  const bool in_layer =
      phase_ == machine_phase::printing || (phase_ == machine_phase::pausing && pause_wanted_);
  return elapsed_s_ + (in_layer ? seconds_of(now_ - layer_began_) : 0);
}

double resin_machine::remaining_s() const {
  return static_cast<double>(job_.layers - layer_) * job_.layer_s;
}

} // namespace gantry::sim
