#include "tests/rules/resin_bench.hpp"

#include "rules/decide.hpp"
#include "rules/evolve.hpp"
#include "rules/needs.hpp"
#include "tests/rules/farm.hpp"

#include <algorithm>
#include <stdexcept>

namespace gantry::test {

using namespace commands;

namespace {

station_pump filler(const std::string& name, const std::string& material) {
  station_pump pump;
  pump.name = name;
  pump.material = material;
  pump.direction_confirmed = true;
  return pump;
}

const entity_ref self{entity_kind::station, make_id("stn", 7)};

} // namespace

station_setup bench_setup(const std::string& name) {
  station_setup setup;
  setup.name = name;
  setup.host = "192.168.4.2";
  setup.pump_bank = "bank1";
  setup.pumps = {filler("a", "A"), filler("b", "B"), filler("c", "C"), filler("drain", "")};
  setup.pumps.back().role = pump_role::drain;
  setup.initial_material = "A";
  return setup;
}

resin_bench::resin_bench() {
  state_ = std::get<station>(
      rules::evolve(station{}, events::station_added{station_id{self.id}, bench_setup()}, at_));
  version_ = 1;
  live.fresh = true;
  live.report.link = link_state::online;
  live.report.state = resin_state::stopped;
  live.pumps.connected = true;
  for (const auto* name : {"a", "b", "c", "drain"})
    live.pumps.lines.push_back({name, false, false, 0, 180'000, 600'000, 180'000});
  for (const auto* name : {"a", "b", "c"})
    ask(set_level{{self.id}, name, 200'000, {}});
}

resin_bench& resin_bench::with_recipe(const std::vector<recipe_step>& steps) {
  ask(set_recipe{{self.id}, steps, {}});
  return *this;
}

resin_bench& resin_bench::printing(int64_t layer) {
  if (state_.recipe.empty())
    with_recipe({{50, "B"}, {120, "C"}});
  start_station start;
  start.id.value = self.id;
  start.file = "vase.pwmb";
  start.internal_file = "3.pwmb";
  ask(start);
  tell(begin_station_start{{self.id}, state_.jobs, {}});
  tell(station_control_settled{
      {self.id}, resin_control::start, 0, control_outcome::done, {}, 0, {}});
  live.report.internal_file = "3.pwmb";
  live.report.file = "vase.pwmb";
  live.report.layers = 200;
  reports(resin_state::printing, layer);
  static_cast<void>(sent());
  return *this;
}

resin_bench& resin_bench::changing(change_step step, int64_t layer) {
  if (!state_.has_open_job())
    printing(layer - 1);
  reports(resin_state::printing, layer);
  if (step == change_step::request_pause)
    return *this;
  answered(control_outcome::done);
  reports(resin_state::paused, layer);
  if (step == change_step::wait_plate_clear)
    return *this;
  wait_over();
  if (step == change_step::draining)
    return *this;
  pump_ran();
  if (step == change_step::filling)
    return *this;
  pump_ran();
  if (step == change_step::settling)
    return *this;
  wait_over();
  if (step == change_step::request_resume)
    return *this;
  answered(control_outcome::done);
  reports(resin_state::printing, layer);
  return *this;
}

rules::ruling resin_bench::submit(any_command body, const principal& who) {
  std::visit(
      [this](auto& x) {
        if constexpr (requires { x.live; })
          x.live = live;
      },
      body);
  command request;
  request.context.who = who;
  request.context.at = at_ += std::chrono::seconds{1};
  request.context.idempotency_key = "key-" + std::to_string(++keys_);
  request.body = std::move(body);
  rules::facts known;
  known.put(self, {version_, state_});
  known.mark_complete(entity_kind::station);
  if (!rules::missing_facts(request, self, known).empty())
    throw std::logic_error{"a command about a station needs more than the station"};
  auto answer = rules::decide(request, self, known, nullptr);
  for (const auto& write : answer.writes) {
    if (write.entity != self)
      throw std::logic_error{"a station wrote to something else"};
    for (const auto& event : write.events) {
      state_ = std::get<station>(rules::evolve(state_, event, request.context.at));
      ++version_;
      recorded_.push_back(event);
    }
  }
  for (const auto& effect : answer.effects) {
    if (const auto* asked = std::get_if<rules::effects::resin_command>(&effect)) {
      sent_.emplace_back(name_of(asked->control));
      if (asked->attempt > 0)
        live.asked_attempt = asked->attempt;
      if (asked->control == resin_control::pause) {
        live.pausing = true;
        live.pause_refused = false;
      }
      live.resuming = live.resuming || asked->control == resin_control::resume;
    }
    if (const auto* run = std::get_if<rules::effects::run_pump>(&effect))
      pumped_.push_back(run->run.pump + " " + std::to_string(run->run.planned_ms));
    stops_ += std::holds_alternative<rules::effects::stop_pump>(effect) ? 1 : 0;
  }
  return answer;
}

rules::ruling resin_bench::ask(any_command body) {
  return submit(std::move(body), a_person());
}

rules::ruling resin_bench::tell(any_command body) {
  return submit(std::move(body), kernel_principal("station"));
}

rules::ruling resin_bench::reports(resin_state state, int64_t layer) {
  live.report.link = link_state::online;
  live.fresh = true;
  live.pausing = live.pausing && state == resin_state::printing;
  live.pause_refused = live.pause_refused && state == resin_state::printing;
  live.resuming = live.resuming && state != resin_state::printing;
  live.report.state = state;
  live.polls_on_layer = layer == live.report.layer ? live.polls_on_layer + 1 : 1;
  live.report.layer = layer;
  auto answer = tell(observe_station{{self.id}, {}});
  live.highest_layer = std::max(live.highest_layer, layer);
  return answer;
}

rules::ruling resin_bench::silent_for(int64_t seconds, int64_t failed) {
  live.report.link = link_state::offline;
  live.fresh = false;
  live.offline_ms = seconds * 1'000;
  live.outage_ms = live.offline_ms;
  live.report.reconnects_failed = failed;
  return tell(observe_station{{self.id}, {}});
}

rules::ruling resin_bench::wait_over() {
  const auto& steps = change().steps;
  const auto planned_ms = steps.empty() ? 0 : steps.back().planned_ms;
  return tell(station_wait_over{{self.id}, change().attempt, planned_ms + 3, {}});
}

rules::ruling resin_bench::answered(control_outcome outcome, const std::string& detail) {
  const auto control =
      change().step == change_step::request_pause ? resin_control::pause : resin_control::resume;
  const auto attempt = change().attempt;
  if (control == resin_control::pause && outcome != control_outcome::done) {
    live.pausing = live.pausing && outcome == control_outcome::lost;
    live.pause_refused = outcome == control_outcome::refused;
  }
  if (control == resin_control::resume
      && (outcome == control_outcome::refused || outcome == control_outcome::not_sent))
    live.resuming = false;
  auto answer =
      tell(station_control_settled{{self.id}, control, attempt, outcome, detail, 400, {}});
  if (outcome != control_outcome::done && live.asked_attempt == attempt)
    live.asked_attempt = 0;
  return answer;
}

rules::ruling resin_bench::pump_ran() {
  const auto run = state_.run.value();
  return tell(
      station_pump_settled{{self.id}, run.number, true, true, reason::ok, {}, run.planned_ms, {}});
}

rules::ruling resin_bench::pump_failed(int64_t on_time_ms, bool started, reason why) {
  const auto run = state_.run.value();
  return tell(station_pump_settled{
      {self.id}, run.number, started, false, why, "the line says no", on_time_ms, {}});
}

rules::ruling resin_bench::answers(station_answer answer, const std::string& vat) {
  return ask(
      answer_station{{self.id}, state_.error ? state_.error->question : 1, answer, vat, {}, {}});
}

rules::ruling resin_bench::wakes() {
  live.asked_attempt = 0;
  live.pausing = live.pause_refused = live.resuming = false;
  return tell(wake_station{{self.id}, 0, {}});
}

std::string resin_bench::step() const {
  return state_.change() ? std::string{name_of(state_.change()->step)} : std::string{};
}

std::string resin_bench::cause() const {
  return state_.error ? std::string{name_of(state_.error->cause)} : std::string{};
}

std::vector<std::string> resin_bench::sent() {
  return std::exchange(sent_, {});
}

std::vector<std::string> resin_bench::pumped() {
  return std::exchange(pumped_, {});
}

std::vector<station_trial> station_trials(const resin_bench& bench) {
  const station_id id{self.id};
  const auto attempt = bench.now().change() ? bench.change().attempt : 1;
  const auto run = bench.now().run ? bench.now().run->number : 1;
  const auto question = bench.now().error ? bench.now().error->question : 1;
  start_station start;
  start.id = id;
  start.internal_file = "3.pwmb";
  std::vector<station_trial> out{
      {"add_station", add_station{bench_setup()}},
      {"edit_station", edit_station{id, bench_setup("Other"), {}}},
      {"retire_station", retire_station{id, {}}},
      {"set_recipe", set_recipe{id, {{7, "C"}}, {}}},
      {"set_recipe: layer 0", set_recipe{id, {{0, "C"}}, {}}},
      {"take_station_files", take_station_files{id,
                                                bench_setup("Filed"),
                                                std::vector<recipe_step>{{8, "B"}},
                                                {{"recipe.txt", 1, "00"}}}},
      {"set_level", set_level{id, "a", 100'000, {}}},
      {"set_level: waste", set_level{id, "waste", 0, {}}},
      {"calibrate_pump", calibrate_pump{id, "a", {{5'000, 24'000}}, {}, {}}},
      {"start_station", start},
      {"attach_station", attach_station{id, "A", false, {}, {}}},
      {"stop_station", stop_station{id, {}}},
      {"run_station_pump",
       run_station_pump{id, "a", pump_direction::forward, 5'000, pump_preset::none, false, {}, {}}},
      {"stop_station_pump", stop_station_pump{id, {}, {}}},
      {"acknowledge_station", acknowledge_station{id, {}, {}}},
      {"emergency_stop_station", emergency_stop_station{id, false, {}}},
      {"observe_station", observe_station{id, {}}, false},
      {"wake_station", wake_station{id, 0, {}}, false},
      {"begin_station_start", begin_station_start{id, bench.now().jobs, {}}, false},
      {"station_wait_over", station_wait_over{id, attempt, 20'000, {}}, false},
      {"station_step_overdue", station_step_overdue{id, attempt, 80, {}}, false},
      {"station_step_overdue: start", station_step_overdue{id, 0, 60, {}}, false},
      {"station_pump_settled: done",
       station_pump_settled{id, run, true, true, reason::ok, {}, 10'000, {}}, false},
      {"station_pump_settled: failed",
       station_pump_settled{id, run, true, false, reason::pump_guard_lost, {}, 4'000, {}}, false},
      {"station_pump_settled: refused",
       station_pump_settled{id, run, false, false, reason::pump_busy, {}, 0, {}}, false},
      {"station_lock_over", station_lock_over{id}, false},
  };
  for (const auto control : {resin_control::pause, resin_control::resume, resin_control::stop})
    out.push_back({"control_station: " + std::string{name_of(control)},
                   control_station{id, control, {}, {}}});
  for (const auto answer : {station_answer::continue_, station_answer::redo, station_answer::skip,
                            station_answer::abort})
    for (const auto* vat : {"", "empty", "B"})
      out.push_back({"answer_station: " + std::string{name_of(answer)} + " " + vat,
                     answer_station{id, question, answer, vat, {}, {}}});
  for (const auto outcome : {control_outcome::done, control_outcome::refused, control_outcome::lost,
                             control_outcome::not_sent})
    for (const auto control : {resin_control::pause, resin_control::resume, resin_control::stop})
      out.push_back({"station_control_settled: asked " + std::string{name_of(control)} + " "
                         + std::string{name_of(outcome)},
                     station_control_settled{id, control, 0, outcome, {}, 1, {}}, false});
  for (const auto outcome : {control_outcome::done, control_outcome::refused, control_outcome::lost,
                             control_outcome::not_sent})
    for (const auto control : {resin_control::start, resin_control::pause, resin_control::resume}) {
      const auto name = std::string{name_of(control)} + " " + std::string{name_of(outcome)};
      const auto number = control == resin_control::start ? 0 : attempt;
      out.push_back({"station_control_settled: " + name,
                     station_control_settled{id, control, number, outcome, {}, 1, {}}, false});
    }
  return out;
}

namespace {

/// Every step of a change, and what may happen to it; and what may be wanted before one.
void add_stages_of_changes(std::vector<station_stage>& out) {
  using enum change_step;
  const auto add = [&out](std::string name, resin_bench bench) {
    out.push_back({std::move(name), std::move(bench)});
  };
  for (const auto step :
       {request_pause, wait_plate_clear, draining, filling, settling, request_resume}) {
    const auto name = std::string{name_of(step)};
    auto bench = resin_bench{}.changing(step);
    add(name, bench);
    auto interrupted = bench;
    interrupted.wakes();
    add(name + " after a restart", interrupted);
    auto lost = bench;
    lost.silent_for(40, 3);
    add(name + " without the printer", lost);
    auto stopped = bench;
    stopped.ask(emergency_stop_station{{self.id}, false, {}});
    add(name + " after an emergency stop", stopped);
    auto moved = bench;
    moved.reports(resin_state::printing, 51);
    add(name + " with a printer that moves", moved);
    auto wished = bench;
    wished.ask(control_station{{self.id}, resin_control::pause, {}, {}});
    add(name + " with a pause that waits", wished);
  }
  for (const auto control : {resin_control::pause, resin_control::stop}) {
    auto wished = resin_bench{}.printing(49);
    wished.ask(control_station{{self.id}, control, {}, {}});
    add("monitoring with a " + std::string{name_of(control)} + " that waits", wished);
  }
}

} // namespace

std::vector<station_stage> station_stages() {
  std::vector<station_stage> out;
  const auto add = [&out](std::string name, resin_bench bench) {
    out.push_back({std::move(name), std::move(bench)});
  };
  resin_bench fresh;
  add("idle", fresh);
  add("idle with recipe", resin_bench{}.with_recipe({{50, "B"}}));
  resin_bench starting;
  starting.with_recipe({{50, "B"}});
  start_station start;
  start.id.value = self.id;
  start.internal_file = "3.pwmb";
  starting.ask(start);
  add("starting", starting);
  starting.tell(begin_station_start{{self.id}, 1, {}});
  add("start sent", starting);
  starting.tell(station_step_overdue{{self.id}, 0, 60, {}});
  add("start unconfirmed", starting);
  add("monitoring", resin_bench{}.printing(10));
  add_stages_of_changes(out);
  auto late = resin_bench{}.printing(40);
  late.reports(resin_state::printing, 54);
  add("change late", late);
  auto back = resin_bench{}.printing(40);
  back.reports(resin_state::printing, 30);
  add("rollback", back);
  auto failed = resin_bench{}.changing(change_step::filling);
  failed.pump_failed(2'000);
  add("fill failed", failed);
  auto stopping = resin_bench{}.changing(change_step::draining);
  stopping.ask(stop_station{{self.id}, {}});
  add("stop requested", stopping);
  auto printed = resin_bench{}.printing(10);
  printed.reports(resin_state::finished, 200);
  add("completed", printed);
  auto manual = resin_bench{};
  manual.ask(run_station_pump{
      {self.id}, "a", pump_direction::forward, 5'000, pump_preset::none, false, {}, {}});
  add("manual run", manual);
  auto retired = resin_bench{};
  retired.ask(retire_station{{self.id}, {}});
  add("retired", retired);
  return out;
}

std::vector<std::string> station_faults(const station& now) {
  std::vector<std::string> found;
  const auto expect = [&found](bool holds, const char* what) {
    if (!holds)
      found.emplace_back(what);
  };
  const bool works = now.state == station_state::starting || now.state == station_state::monitoring
                     || now.state == station_state::material_change
                     || now.state == station_state::error
                     || now.state == station_state::stop_requested;
  expect(works == now.has_open_job(), "a working station has an open job, and no other has");
  expect((now.state == station_state::error) == now.error.has_value(), "an error has its record");
  expect(now.state != station_state::material_change || now.change(), "a change has its record");
  expect(
      !now.job || now.job->asked == resin_control::none
          || (now.has_open_job()
              && (now.job->asked == resin_control::pause || now.job->asked == resin_control::stop)),
      "a pause or stop that waits belongs to an open job");
  expect(now.state != station_state::monitoring || !now.change(), "no change while monitoring");
  expect(now.latched == (now.state == station_state::aborted), "latched until acknowledged");
  expect(!now.error || now.error->question > 0
             || now.error->cause == error_cause::transient_printer_disconnect,
         "an error asks, or goes on alone");
  expect(!now.error || (now.error->question > 0) == !now.error->choices.empty(),
         "a question has its answers");
  expect(now.waste_used_ul >= 0, "no negative waste");
  for (const auto& x : now.levels)
    expect(x.remaining_ul >= 0, "no negative reservoir");
  if (now.job)
    expect(now.job->next <= static_cast<int64_t>(now.job->plan.size()), "the plan ends");
  if (now.state == station_state::material_change && now.run)
    expect(now.change()->step == change_step::draining
               || now.change()->step == change_step::filling,
           "a pump runs in its own step");
  return found;
}

} // namespace gantry::test
