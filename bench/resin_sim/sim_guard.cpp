#include "bench/resin_sim/sim_guard.hpp"

namespace gantry::farm_sim {

using namespace std::chrono_literals;
using hal::mono_time;

namespace {

/// Time after which a master relay without heartbeat drops.
constexpr auto relay_drop = 300ms;

} // namespace

sim_guard::sim_guard(agenda& time, dice& random, ledger& counts, const sim_clock& clock,
                     guard::guard_settings settings, std::vector<pump_line*> lines)
    : time_{time},
      random_{random},
      counts_{counts},
      clock_{clock},
      settings_{std::move(settings)},
      lines_{std::move(lines)} {
  // nop
}

void sim_guard::start() {
  ++life_;
  counts_.event("guard", "start");
  for (auto* line : lines_)
    static_cast<void>(line->off(now()));
  was_off_.assign(lines_.size(), false);
  guard::ledger kept;
  if (!stored_.empty()) {
    const auto read = guard::read_ledger(stored_);
    counts_.must(bool{read}, "INV-11", "the guard cannot read its own ledger");
    if (read)
      kept = guard::carried_over(*read, clock_.boot_id(), now());
  }
  core_ = std::make_unique<guard::guard_core>(settings_, std::vector<std::string>(lines_.size()),
                                              kept, clock_.boot_id(), now());
  beginning_ = true;
  act();
  beginning_ = false;
  for (size_t i = 0; i < lines_.size(); ++i)
    counts_.must(was_off_[i], "INV-15", [&] {
      return "the guard begins without ordering " + lines_[i]->station() + "/" + lines_[i]->name()
             + " off";
    });
}

void sim_guard::die() {
  if (!alive())
    return;
  counts_.event("guard", "dies");
  for (auto* line : lines_)
    line->interrupt();
  core_.reset();
  hear_ = {};
  ++life_;
  ++connection_;
  // What was being written is there, or is not.
  if (being_written_ && random_.chance(0.5))
    stored_ = *being_written_;
  being_written_.reset();
  waiting_.reset();
  time_.after(relay_drop, [this, life = life_] {
    if (life == life_)
      for (auto* line : lines_)
        line->drop();
  });
}

// -- the kernel -----------------------------------------------------------------------------------

void sim_guard::join(std::function<void(std::string)> hear) {
  ++connection_;
  hear_ = std::move(hear);
  core_->kernel_joined(now());
  act();
}

void sim_guard::lose_kernel() {
  ++connection_;
  if (!alive() || !hear_)
    return;
  hear_ = {};
  core_->kernel_lost(now());
  act();
  for (const auto* line : lines_)
    counts_.must(!line->run() || line->disobeys(), "INV-12", [line] {
      return line->station() + "/" + line->name() + " stays on although the kernel is gone";
    });
}

void sim_guard::send(std::string packet) {
  last_up_ = std::max(last_up_, time_.now() + std::chrono::microseconds{random_.between(20, 900)});
  time_.at(last_up_, [this, connection = connection_, packet = std::move(packet)] {
    if (connection == connection_ && alive())
      arrive(packet);
  });
}

void sim_guard::arrive(const std::string& packet) {
  const auto order = guard::read_order(packet);
  counts_.must(bool{order}, "INV-35", "the guard does not understand " + packet);
  if (!order)
    return;
  counts_.event("order", packet);
  on_order(*order);
  core_->take_order(now(), *order);
  act();
}

bool sim_guard::stop_at_once(const std::string& station) {
  if (!alive() || !hear_)
    return false;
  counts_.event("order", "emergency stop of " + station);
  off_answer_.reset();
  core_->take_order(now(), {.kind = guard::order_kind::emergency_stop, .station = station});
  act();
  return off_answer_.value_or(false);
}

void sim_guard::button(size_t station, bool pressed) {
  if (!alive())
    return;
  counts_.event("button", std::to_string(station) + (pressed ? " pressed" : " released"));
  core_->stop_input(now(), station, pressed);
  act();
}

// -- time and actions -----------------------------------------------------------------------------

std::optional<mono_time> sim_guard::next() const {
  if (!alive())
    return std::nullopt;
  const auto due = core_->next_deadline();
  if (due == mono_time::max())
    return std::nullopt;
  return due + (time_.now() - now());
}

void sim_guard::catch_up() {
  if (!alive())
    return;
  core_->tick(now());
  act();
}

void sim_guard::act() {
  for (auto actions = core_->take_actions(); !actions.empty(); actions = core_->take_actions())
    for (const auto& action : actions)
      std::visit([this](const auto& what) { do_action(what); }, action);
}

void sim_guard::do_action(const guard::switch_line& what) {
  auto& line = *lines_[what.line];
  counts_.event("line", line.station() + "/" + line.name() + (what.on ? " on" : " off"));
  if (what.on)
    counts_.must(was_off_[what.line], "INV-15", [&line] {
      return line.station() + "/" + line.name() + " is switched on before it was switched off";
    });
  else
    was_off_[what.line] = true;
  const auto problem = what.on ? line.on(what.direction, what.purpose, now()) : line.off(now());
  core_->switched(now(), what.line, what.on, problem);
}

void sim_guard::do_action(const guard::keep_ledger& what) {
  if (beginning_) {
    stored_ = guard::to_text(what.content);
    return core_->kept(now(), what.number, "");
  }
  const bool idle = !being_written_ && !waiting_;
  waiting_ = what;
  if (idle)
    write_next();
}

void sim_guard::write_next() {
  const auto what = *std::exchange(waiting_, std::nullopt);
  being_written_ = guard::to_text(what.content);
  const bool slow = faulty_ && random_.chance(0.02);
  const bool fails = faulty_ && random_.chance(0.005);
  if (slow || fails)
    counts_.fault("F-03");
  const auto length = slow ? random_.span(100ms, 5s) : random_.span(1ms, 20ms);
  time_.after(length, [this, life = life_, number = what.number, fails] {
    if (life != life_)
      return;
    if (!fails)
      stored_ = *being_written_;
    being_written_.reset();
    core_->kept(now(), number, fails ? "injected: the disk fails" : "");
    act();
    if (waiting_ && !being_written_)
      write_next();
  });
}

void sim_guard::do_action(const guard::say_notice& what) {
  on_notice(what.notice);
  if (what.notice.kind == guard::notice_kind::off) {
    off_answer_ = what.notice.why == reason::ok;
    return;
  }
  if (!hear_)
    return;
  last_down_ =
      std::max(last_down_, time_.now() + std::chrono::microseconds{random_.between(20, 900)});
  time_.at(last_down_, [this, connection = connection_, packet = to_packet(what.notice)] {
    if (connection == connection_ && hear_)
      hear_(packet);
  });
}

} // namespace gantry::farm_sim
