#include "hal/guard/guard_core.hpp"

#include "schemas/defect.hpp"

#include <algorithm>

namespace gantry::guard {

using hal::mono_time;

namespace {

mono_time from_ms(int64_t count) {
  return std::chrono::milliseconds{count};
}

/// `1.5` for people.
std::string seconds(mono_time time) {
  auto tenths = std::chrono::round<std::chrono::duration<int64_t, std::deci>>(time).count();
  return std::to_string(tenths / 10)
         + (tenths % 10 == 0 ? "" : "." + std::to_string(std::abs(tenths % 10)));
}

/// True for ends that leave the valve open for its configured time.
bool is_graceful(reason why) {
  return why == reason::ok || why == reason::pump_stopped;
}

} // namespace

guard_core::guard_core(guard_settings settings, std::vector<std::string> absent, const ledger& kept,
                       std::string boot, mono_time now)
    : settings_{std::move(settings)}, boot_{std::move(boot)} {
  stations_.resize(settings_.stations.size());
  absent.resize(lines_of(settings_).size());
  for (const auto& [station, line] : lines_of(settings_)) {
    auto& why = absent[lines_.size()];
    lines_.push_back(
        {.settings = line,
         .station = station,
         .absent = std::move(why),
         .fault = {},
         .window = on_time_window{from_ms(line->window_ms), from_ms(line->window_limit_ms)},
         .on_since = {}});
  }
  restore(kept);
  for (size_t i = 0; i < stations_.size() && !GANTRY_DEFECT("INV-15"); ++i)
    order_off_all(i);
  keep(now);
}

void guard_core::restore(const ledger& kept) {
  for (const auto& each : kept.stations)
    if (auto station = find_station(each.name)) {
      auto& state = stations_[*station];
      state.epoch = each.epoch;
      state.latched = each.latched;
      state.latched_by_input = each.latched_by_input;
    }
  for (const auto& each : kept.lines) {
    auto station = find_station(each.station);
    auto line = station ? find_line(*station, each.line) : std::nullopt;
    for (const auto& run : each.runs)
      if (line)
        lines_[*line].window.add(
            {std::chrono::microseconds{run.from_us}, std::chrono::microseconds{run.to_us}});
  }
}

std::vector<guard_action> guard_core::take_actions() {
  return std::exchange(actions_, {});
}

mono_time guard_core::next_deadline() const {
  auto next = std::min(connected_ ? state_due_ : never, ledger_retry_at_);
  for (const auto& station : stations_)
    if (const auto& run = station.current) {
      next = std::min(next, run->lease_until);
      if (run->now != phase::keeping)
        next = std::min(next, run->due);
    }
  for (const auto& line : lines_)
    next = std::min(next, line.retry_at);
  return next;
}

void guard_core::kernel_joined(mono_time now) {
  connected_ = true;
  guard_notice hello{.kind = notice_kind::hello};
  for (const auto& station : settings_.stations)
    hello.stations.push_back(station.name);
  say(std::move(hello));
  say_all_states(now);
}

void guard_core::kernel_lost(mono_time now) {
  connected_ = false;
  for (size_t i = 0; i < stations_.size(); ++i) {
    stations_[i].acknowledging.reset();
    if (stations_[i].current)
      conclude(now, i, reason::pump_guard_lost,
               {{"station", settings_.stations[i].name}, {"detail", "the kernel is gone"}});
    order_off_all(i);
  }
}

void guard_core::take_order(mono_time now, const guard_order& order) {
  switch (order.kind) {
  case order_kind::run:
    if (auto why = objection(now, order))
      refuse(order, *why);
    else
      begin_run(now, order);
    break;
  case order_kind::renew:
    renew(now, order.ticket);
    break;
  case order_kind::stop:
    stop_run(now, order.ticket);
    break;
  case order_kind::acknowledge:
    acknowledge(now, order);
    break;
  case order_kind::emergency_stop:
    emergency_stop(now, order.station);
    break;
  case order_kind::notify:
    break; // the process's own affair
  }
}

void guard_core::tick(mono_time now) {
  for (size_t i = 0; i < stations_.size(); ++i)
    if (stations_[i].current)
      tick_run(now, i);
  for (size_t i = 0; i < lines_.size(); ++i)
    if (lines_[i].retry_at <= now) {
      lines_[i].retry_at = never;
      order_off(i);
    }
  if (ledger_retry_at_ <= now)
    keep(now);
  if (connected_ && state_due_ <= now)
    say_all_states(now);
}

void guard_core::tick_run(mono_time now, size_t station) {
  auto& run = *stations_[station].current;
  const bool is_due = run.now != phase::keeping && run.due <= now;
  if (run.lease_until <= now && !(is_due && run.due <= run.lease_until)) {
    conclude(now, station, reason::pump_lease_expired, {{"pump", run.asked.pump}});
    return;
  }
  if (!is_due)
    return;
  switch (run.now) {
  case phase::valve_lead:
    order_on(now, run.pump, run.asked);
    break;
  case phase::pumping:
    run.completed = true;
    conclude(now, station, reason::ok);
    break;
  case phase::valve_tail:
    order_off(*run.valve);
    break;
  case phase::keeping:
    break;
  }
}

// -- what the kernel asks for -------------------------------------------------

std::optional<refusal> guard_core::objection(mono_time now, const guard_order& order) const {
  const auto station = find_station(order.station);
  if (!station)
    return refusal{reason::pump_station_unknown, {{"station", order.station}}};
  const auto& state = stations_[*station];
  if (stopping_)
    return refusal{reason::pump_guard_stopping, {}};
  if (state.pressed)
    return refusal{reason::guard_stop_input, {{"station", order.station}}};
  if (state.latched && !GANTRY_DEFECT("ESTOP"))
    return refusal{reason::pump_latched, {{"station", order.station}}};
  if (order.epoch < state.epoch)
    return refusal{
        reason::pump_epoch_old,
        {{"given", std::to_string(order.epoch)}, {"epoch", std::to_string(state.epoch)}}};
  const auto line = find_line(*station, order.pump);
  if (!line)
    return refusal{reason::pump_unknown, {{"pump", order.pump}, {"station", order.station}}};
  const auto valve = find_valve(*station);
  if (order.with_valve && (!valve || *valve == *line))
    return refusal{reason::pump_valve_missing, {{"station", order.station}}};
  if (auto why = objection_of_line(now, *line, order))
    return why;
  if (!order.with_valve)
    return {};
  if (!lines_[*valve].absent.empty())
    return refusal{reason::pump_hardware_absent,
                   {{"pump", lines_[*valve].settings->name}, {"detail", lines_[*valve].absent}}};
  return objection_of_time(now, *valve, valve_time(*station, order));
}

std::optional<refusal> guard_core::objection_of_line(mono_time now, size_t line,
                                                     const guard_order& order) const {
  const auto& state = lines_[line];
  const auto& settings = *state.settings;
  if (!state.absent.empty())
    return refusal{reason::pump_hardware_absent,
                   {{"pump", settings.name}, {"detail", state.absent}}};
  if (order.duration_ms <= 0)
    return refusal{reason::pump_duration_invalid, {}};
  if (!can_turn(settings, order.direction))
    return refusal{reason::pump_direction_impossible,
                   {{"pump", settings.name}, {"direction", std::string{name_of(order.direction)}}}};
  if (auto other = busy_with(line))
    return refusal{reason::pump_busy, {{"pump", *other}}};
  return objection_of_time(now, line, from_ms(order.duration_ms));
}

std::optional<refusal> guard_core::objection_of_time(mono_time now, size_t line,
                                                     mono_time planned) const {
  const auto& settings = *lines_[line].settings;
  const auto& window = lines_[line].window;
  if (planned > from_ms(settings.single_limit_ms))
    return refusal{reason::pump_single_limit,
                   {{"pump", settings.name},
                    {"limit", seconds(from_ms(settings.single_limit_ms))},
                    {"asked", seconds(planned)}}};
  if (window.admits(now, planned))
    return {};
  return refusal{reason::pump_window_spent,
                 {{"pump", settings.name},
                  {"used", seconds(window.used(now))},
                  {"limit", seconds(window.limit())},
                  {"window", seconds(window.window())}}};
}

std::optional<std::string> guard_core::busy_with(size_t line) const {
  const auto& wanted = lines_[line];
  auto excludes = [&](const line_state& other) {
    return other.station == wanted.station
           || (other.settings->bank == wanted.settings->bank && !GANTRY_DEFECT("INV-10"));
  };
  for (const auto& station : stations_)
    if (station.current && excludes(lines_[station.current->pump]))
      return station.current->asked.pump;
  for (const auto& other : lines_)
    if (other.on_since && excludes(other))
      return other.settings->name;
  return {};
}

mono_time guard_core::valve_time(size_t station, const guard_order& order) const {
  const auto& settings = settings_.stations[station];
  return from_ms(settings.valve_before_ms + order.duration_ms + settings.valve_after_ms);
}

void guard_core::begin_run(mono_time now, const guard_order& order) {
  const auto station = *find_station(order.station);
  const auto limit = settings_.stations[station].lease_limit_ms;
  pump_run begun{.asked = order, .pump = *find_line(station, order.pump), .valve = {}, .on_at = {}};
  begun.asked.lease_ms = order.lease_ms > 0 ? std::min(order.lease_ms, limit) : limit;
  begun.lease_until = GANTRY_DEFECT("INV-12") ? never : now + from_ms(begun.asked.lease_ms);
  lines_[begun.pump].window.open(now, from_ms(order.duration_ms));
  if (order.with_valve) {
    begun.valve = find_valve(station);
    lines_[*begun.valve].window.open(now, valve_time(station, order));
  }
  stations_[station].current = std::move(begun);
  // Charged in full, durably, before anything moves: a crash can only charge too much.
  stations_[station].current->keep_number = keep(now);
}

void guard_core::renew(mono_time now, uint64_t ticket) {
  for (auto& station : stations_)
    if (auto& run = station.current; run && run->asked.ticket == ticket && !run->why)
      run->lease_until = now + from_ms(run->asked.lease_ms);
}

void guard_core::stop_run(mono_time now, uint64_t ticket) {
  for (size_t i = 0; i < stations_.size(); ++i)
    if (auto& run = stations_[i].current; run && run->asked.ticket == ticket)
      conclude(now, i, reason::pump_stopped, {{"pump", run->asked.pump}});
}

void guard_core::acknowledge(mono_time now, const guard_order& order) {
  const auto station = find_station(order.station);
  if (!station)
    return;
  auto& state = stations_[*station];
  // A line that does not obey, or a button that is still pressed, keeps the latch.
  if (order.epoch > state.epoch && !state.pressed && all_off(*station)) {
    state.acknowledging = std::max(order.epoch, state.acknowledging.value_or(0));
    state.acknowledge_number = keep(now);
  } else {
    say_state(now, *station);
  }
}

void guard_core::emergency_stop(mono_time now, const std::string& name) {
  const auto station = find_station(name);
  if (!station) {
    auto unknown = refusal{reason::pump_station_unknown, {{"station", name}}};
    say({.kind = notice_kind::off, .station = name, .why = unknown.code, .detail = unknown.text()});
    return;
  }
  stations_[*station].wants_off_answer = true;
  latch(now, *station, false);
  answer_off(*station);
}

// -- the latch ----------------------------------------------------------------

void guard_core::latch(mono_time now, size_t station, bool by_input) {
  auto& state = stations_[station];
  state.latched = true;
  state.latched_by_input = by_input || state.latched_by_input;
  state.acknowledging.reset();
  if (state.current)
    conclude(now, station, reason::pump_emergency_stopped, {{"pump", state.current->asked.pump}});
  order_off_all(station);
  keep(now);
  say_state(now, station);
}

void guard_core::answer_off(size_t station) {
  auto& state = stations_[station];
  if (!state.wants_off_answer || !all_off(station))
    return;
  state.wants_off_answer = false;
  say({.kind = notice_kind::off, .station = settings_.stations[station].name});
}

void guard_core::stop_input(mono_time now, size_t station, bool pressed) {
  auto& state = stations_[station];
  if (state.pressed == pressed)
    return;
  state.pressed = pressed;
  if (pressed)
    latch(now, station, true);
  else
    say_state(now, station);
}

// -- a run, from its charge to its end ----------------------------------------

void guard_core::kept(mono_time now, uint64_t number, const std::string& problem) {
  const bool changed = ledger_fault_ != problem;
  ledger_fault_ = problem;
  ledger_retry_at_ = problem.empty() ? never : now + ledger_retry;
  for (size_t i = 0; i < stations_.size(); ++i) {
    auto& state = stations_[i];
    if (state.acknowledging && state.acknowledge_number <= number) {
      if (problem.empty()) {
        state.epoch = *state.acknowledging;
        state.latched = state.latched_by_input = false;
      }
      state.acknowledging.reset();
      say_state(now, i);
    }
    if (state.current && state.current->now == phase::keeping
        && state.current->keep_number <= number) {
      if (problem.empty())
        go_on(now, i);
      else
        conclude(now, i, reason::pump_ledger_failed,
                 {{"pump", state.current->asked.pump}, {"detail", problem}});
    }
  }
  if (changed)
    say_all_states(now);
}

void guard_core::go_on(mono_time now, size_t station) {
  auto& run = *stations_[station].current;
  order_on(now, run.valve.value_or(run.pump), run.asked);
}

void guard_core::conclude(mono_time now, size_t station, reason why, reason_params params) {
  auto& run = *stations_[station].current;
  if (!run.why) {
    run.why = why;
    run.detail = why == reason::ok ? "" : render(why, params);
  }
  run.cut = run.cut || !is_graceful(why);
  if (maybe_on(run.pump))
    order_off(run.pump);
  if (run.valve && maybe_on(*run.valve) && (run.cut || run.now != phase::pumping))
    order_off(*run.valve);
  settle(now, station);
}

void guard_core::settle(mono_time now, size_t station) {
  auto& run = *stations_[station].current;
  if (!run.why || maybe_on(run.pump))
    return;
  if (!run.valve || !maybe_on(*run.valve)) {
    finish(now, station);
  } else if (!run.cut && run.now == phase::pumping) {
    run.now = phase::valve_tail;
    run.due = now + from_ms(settings_.stations[station].valve_after_ms);
  }
}

void guard_core::finish(mono_time now, size_t station) {
  auto ended = *std::exchange(stations_[station].current, std::nullopt);
  for (auto line : {std::optional{ended.pump}, ended.valve})
    if (line && !maybe_on(*line))
      lines_[*line].window.cancel();
  say({.kind = notice_kind::finished,
       .ticket = ended.asked.ticket,
       .station = ended.asked.station,
       .started = ended.on_at.has_value(),
       .completed = ended.completed && *ended.why == reason::ok,
       .why = *ended.why,
       .detail = ended.detail,
       .on_time_us = std::chrono::floor<std::chrono::microseconds>(ended.on_time).count()});
  keep(now);
  say_state(now, station);
}

// -- lines --------------------------------------------------------------------

void guard_core::switched(mono_time now, size_t line, bool on, const std::string& problem) {
  if (problem.empty())
    on ? line_is_on(now, line) : line_is_off(now, line);
  else if (on)
    line_did_not_go_on(now, line, problem);
  else
    line_did_not_go_off(now, line, problem);
  answer_off(lines_[line].station);
}

void guard_core::line_is_on(mono_time now, size_t line) {
  const auto station = lines_[line].station;
  auto& run = *stations_[station].current;
  if (run.valve == line) {
    run.now = phase::valve_lead;
    run.due = now + from_ms(settings_.stations[station].valve_before_ms);
    return;
  }
  run.now = phase::pumping;
  run.on_at = now;
  run.due = now + from_ms(run.asked.duration_ms);
  say({.kind = notice_kind::started,
       .ticket = run.asked.ticket,
       .station = run.asked.station,
       .started = true});
  say_state(now, station);
}

void guard_core::line_is_off(mono_time now, size_t line) {
  auto& state = lines_[line];
  const auto since = std::exchange(state.on_since, std::nullopt);
  const bool was_stuck = !std::exchange(state.fault, {}).empty();
  state.retry_at = never;
  if (since)
    state.window.close(*since, now);
  auto& current = stations_[state.station].current;
  if (current && current->pump == line && current->on_at && since)
    current->on_time = now - *current->on_at;
  if (current)
    settle(now, state.station);
  if (was_stuck) {
    keep(now);
    say_state(now, state.station);
  }
}

void guard_core::line_did_not_go_on(mono_time now, size_t line, const std::string& problem) {
  // It may be on all the same.
  const auto& state = lines_[line];
  auto& run = stations_[state.station].current;
  if (run && run->pump == line && !run->on_at)
    run->on_at = state.on_since;
  if (run)
    conclude(now, state.station, reason::pump_actuation_failed,
             {{"pump", state.settings->name}, {"detail", problem}});
  order_off_all(state.station);
}

void guard_core::line_did_not_go_off(mono_time now, size_t line, const std::string& problem) {
  auto& state = lines_[line];
  auto& station = stations_[state.station];
  state.fault = problem;
  state.retry_at = now + off_retry;
  if (!state.on_since)
    state.on_since = now;
  const auto why =
      refusal{reason::pump_not_off, {{"pump", state.settings->name}, {"detail", problem}}};
  if (auto& run = station.current; run && (run->pump == line || run->valve == line)) {
    run->why = why.code;
    run->detail = why.text();
    if (run->on_at && run->pump == line)
      run->on_time = now - *run->on_at;
    // The other line of the run goes off by the latch.
    finish(now, state.station);
  }
  if (station.wants_off_answer) {
    station.wants_off_answer = false;
    say({.kind = notice_kind::off,
         .station = settings_.stations[state.station].name,
         .why = why.code,
         .detail = why.text()});
  }
  if (!station.latched)
    latch(now, state.station, false);
}

void guard_core::line_failed(mono_time now, size_t line, const std::string& problem) {
  line_did_not_go_on(now, line, problem);
}

void guard_core::order_on(mono_time now, size_t line, const guard_order& order) {
  lines_[line].on_since = now;
  const bool is_valve = lines_[line].settings->role == line_role::valve;
  actions_.push_back(
      switch_line{line, true, is_valve ? pump_direction::forward : order.direction, order.purpose});
}

void guard_core::order_off(size_t line) {
  if (lines_[line].absent.empty())
    actions_.push_back(switch_line{.line = line, .on = false, .purpose = {}});
}

void guard_core::order_off_all(size_t station) {
  // What may be on comes first: every switch of a slow bus takes its time.
  for (bool on : {true, false})
    for (size_t i = 0; i < lines_.size(); ++i)
      if (lines_[i].station == station && maybe_on(i) == on)
        order_off(i);
}

// -- what is known ------------------------------------------------------------

std::optional<size_t> guard_core::find_station(const std::string& name) const {
  const auto at = std::ranges::find(settings_.stations, name, &station_settings::name);
  if (at == settings_.stations.end())
    return {};
  return static_cast<size_t>(at - settings_.stations.begin());
}

std::optional<size_t> guard_core::find_line(size_t station, const std::string& name) const {
  for (size_t i = 0; i < lines_.size(); ++i)
    if (lines_[i].station == station && lines_[i].settings->name == name)
      return i;
  return {};
}

std::optional<size_t> guard_core::find_valve(size_t station) const {
  for (size_t i = 0; i < lines_.size(); ++i)
    if (lines_[i].station == station && lines_[i].settings->role == line_role::valve)
      return i;
  return {};
}

bool guard_core::all_off(size_t station) const {
  return std::ranges::none_of(lines_, [station](const line_state& each) {
    return each.station == station && each.on_since.has_value();
  });
}

void guard_core::add_fault(std::string fault) {
  faults_.push_back(std::move(fault));
}

ledger guard_core::present(mono_time now) const {
  auto us = [](mono_time time) {
    return std::chrono::floor<std::chrono::microseconds>(time).count();
  };
  ledger all{.boot = boot_, .saved_us = us(now), .stations = {}, .lines = {}};
  for (size_t i = 0; i < stations_.size(); ++i) {
    const auto& state = stations_[i];
    const bool taken = state.acknowledging.has_value();
    all.stations.push_back({settings_.stations[i].name, state.acknowledging.value_or(state.epoch),
                            state.latched && !taken, state.latched_by_input && !taken});
  }
  for (const auto& line : lines_) {
    kept_line kept{settings_.stations[line.station].name, line.settings->name, {}};
    for (const auto& each : line.window.closed())
      kept.runs.push_back({us(each.from), us(each.to), false});
    if (const auto& open = line.window.open_run())
      kept.runs.push_back({us(open->from), us(open->to), true});
    else if (line.on_since)
      kept.runs.push_back({us(*line.on_since), us(now), true});
    all.lines.push_back(std::move(kept));
  }
  return all;
}

uint64_t guard_core::keep(mono_time now) {
  ledger_retry_at_ = never;
  for (auto& line : lines_)
    line.window.forget_before(now);
  actions_.push_back(keep_ledger{++keep_number_, present(now)});
  return keep_number_;
}

void guard_core::refuse(const guard_order& order, const refusal& why) {
  say({.kind = notice_kind::finished,
       .ticket = order.ticket,
       .station = order.station,
       .why = why.code,
       .detail = why.text()});
}

void guard_core::say(guard_notice what) {
  // Nobody listens to what was meant for a kernel that is gone.
  if (connected_)
    actions_.push_back(say_notice{std::move(what)});
}

void guard_core::say_all_states(mono_time now) {
  state_due_ = now + state_interval;
  for (size_t i = 0; i < stations_.size(); ++i)
    say_state(now, i);
}

void guard_core::say_state(mono_time now, size_t station) {
  const auto& state = stations_[station];
  guard_notice notice{.kind = notice_kind::state,
                      .station = settings_.stations[station].name,
                      .latched = state.latched,
                      .latched_by_input = state.latched_by_input,
                      .epoch = state.epoch,
                      .lease_limit_ms = settings_.stations[station].lease_limit_ms,
                      .valve_extra_ms = settings_.stations[station].valve_before_ms
                                        + settings_.stations[station].valve_after_ms,
                      .faults = faults_};
  auto add_fault = [&notice](std::string text) {
    text.resize(std::min<size_t>(text.size(), 300));
    notice.faults.push_back(std::move(text));
  };
  if (!ledger_fault_.empty())
    add_fault("ledger: " + ledger_fault_);
  if (state.pressed)
    add_fault("stop_input pressed");
  auto ms = [](mono_time time) {
    return std::chrono::ceil<std::chrono::milliseconds>(time).count();
  };
  for (const auto& line : lines_) {
    if (line.station != station)
      continue;
    const auto& settings = *line.settings;
    notice.simulated = notice.simulated || settings.driver.kind == driver_kind::simulated;
    notice.lines.push_back({settings.name, line.on_since.has_value(),
                            settings.role == line_role::valve, ms(line.window.used(now)),
                            settings.window_limit_ms, settings.window_ms,
                            settings.single_limit_ms});
    if (!line.absent.empty())
      add_fault(settings.name + ": " + line.absent);
    if (!line.fault.empty())
      add_fault(settings.name + " does not go off: " + line.fault);
  }
  say(std::move(notice));
}

} // namespace gantry::guard
