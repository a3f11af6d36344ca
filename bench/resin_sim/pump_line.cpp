#include "bench/resin_sim/pump_line.hpp"

#include <utility>

namespace gantry::farm_sim {

using namespace std::chrono_literals;
using pumps::simulated_fault;

pumps::line_problem pump_line::on(pump_direction way, const std::string& purpose, hal::mono_time) {
  end_run();
  const auto fault = std::exchange(fault_, simulated_fault::none);
  clogged_ = fault == simulated_fault::clogged;
  refuses_ = fault == simulated_fault::off_refused;
  if (fault == simulated_fault::stuck_off || clogged_)
    on_misconduct(*this);
  if (fault == simulated_fault::stuck_off)
    return {};
  before_change(*this);
  reverse_ = way == pump_direction::reverse;
  run_ = line_run{time_.now(), time_.now(), purpose};
  after_change(*this);
  return fault == simulated_fault::on_unsaid ? "simulated: no acknowledgement of on" : "";
}

pumps::line_problem pump_line::off(hal::mono_time) {
  if (run_ && refuses_) {
    if (!refused_since_)
      on_misconduct(*this);
    refused_since_ = refused_since_.value_or(time_.now());
    if (time_.now() - *refused_since_ < fault_time_)
      return "simulated: off is refused";
  }
  drop();
  return {};
}

void pump_line::drop() {
  refuses_ = false;
  end_run();
  refused_since_.reset();
}

void pump_line::end_run() {
  if (!run_)
    return;
  before_change(*this);
  run_->to = time_.now();
  past_.push_back(*std::exchange(run_, std::nullopt));
  while (past_.front().to < time_.now() - 1h)
    past_.pop_front();
  after_change(*this);
}

hal::mono_time pump_line::on_time(hal::mono_time window, bool interrupted) const {
  const auto from = time_.now() - window;
  hal::mono_time sum{0};
  for (const auto& each : past_)
    if (interrupted || !each.interrupted)
      sum += std::max(hal::mono_time{0}, each.to - std::max(each.from, from));
  if (run_ && (interrupted || !run_->interrupted))
    sum += time_.now() - std::max(run_->from, from);
  return sum;
}

} // namespace gantry::farm_sim
