#include "bench/resin_sim/station_trouble.hpp"

#include "bench/farm_sim/recur.hpp"

#include <nlohmann/json.hpp>

namespace gantry::farm_sim {

using namespace std::chrono_literals;
using nlohmann::json;

station_trouble::station_trouble(const sim_options& options, const station_mix& mix,
                                 const fault_mix& farm, computer& host, sim_guard& guard,
                                 station_rigs& rigs, agenda& time, dice& random, ledger& counts)
    : options_{options},
      mix_{mix},
      farm_{farm},
      host_{host},
      guard_{guard},
      rigs_{rigs},
      time_{time},
      random_{random},
      counts_{counts} {
  // nop
}

void station_trouble::again(hal::mono_time mean, act what) {
  recur(time_, random_, mean, [this, what] {
    if (active_)
      (this->*what)();
    return active_;
  });
}

void station_trouble::begin() {
  if (rigs_.empty())
    return;
  active_ = true;
  guard_.set_faulty(!options_.one_print);
  for (size_t i = 0; i < rigs_.size(); ++i)
    upset_printers(i);
  again(mix_.pump_fault_mean, &station_trouble::spoil_pump);
  again(mix_.guard_death_mean, &station_trouble::kill_guard);
  again(mix_.hang_mean, &station_trouble::hang);
  again(mix_.button_mean, &station_trouble::press_button);
  again(mix_.kill_mean, &station_trouble::choose_moment);
}

void station_trouble::cease() {
  active_ = false;
  guard_.set_faulty(false);
  wanted_.reset();
  at_moment_.reset();
  hangs_until_ = std::min(hangs_until_, time_.now());
  for (const auto& rig : rigs_) {
    rig->printer().act({{"kind", "clear"}});
    rig->printer().act({{"kind", "jump_share"}, {"share", 0}});
    for (auto* line : rig->lines())
      line->spoil(pumps::simulated_fault::none, 0s);
  }
  for (size_t i = 0; i < rigs_.size(); ++i)
    guard_.button(i, false);
}

station_rig& station_trouble::any_rig() {
  return *rigs_[static_cast<size_t>(random_.bits() % rigs_.size())];
}

// -- printers -------------------------------------------------------------------------------------

void station_trouble::upset_printers(size_t index) {
  const auto mean = mix_.printer_fault_mean;
  if (mean <= 0s)
    return;
  time_.after(random_.span(mean / 4, mean * 7 / 4), [this, index] {
    if (!active_)
      return;
    auto& where = rigs_[index]->printer();
    counts_.fault("F-07");
    switch (random_.between(0, 2)) {
    case 0:
      upset_replies(where);
      break;
    case 1:
      upset_line(where);
      break;
    default:
      upset_print(where);
      break;
    }
    host_.links().pump(where);
    upset_printers(index);
  });
}

void station_trouble::cause(resin_printer& where, const char* name, const json& what) {
  counts_.fault(std::string{"resin/"} + name);
  where.act(what);
}

void station_trouble::upset_replies(resin_printer& where) {
  static const std::vector<std::string> commands{"", "goprint", "gopause", "goresume", "getstatus"};
  const auto count = random_.between(1, 4);
  const auto& command = random_.pick(commands);
  const bool reset = random_.chance(0.4);
  switch (random_.between(0, 6)) {
  case 0:
    return cause(
        where, "lost_reply",
        {{"kind", "lose_replies"}, {"command", command}, {"count", count}, {"reset", reset}});
  case 1:
    return cause(
        where, "lost_command",
        {{"kind", "lose_commands"}, {"command", command}, {"count", count}, {"reset", reset}});
  case 2:
    cause(where, "late_reply", {{"kind", "delay_replies"}, {"min_ms", 0}, {"max_ms", 4'000}});
    return time_.after(random_.span(10s, 120s), [&where] {
      where.act({{"kind", "delay_replies"}, {"min_ms", 0}, {"max_ms", 0}});
    });
  case 3:
    return cause(where, "split_reply",
                 {{"kind", "split_replies"},
                  {"count", count},
                  {"bytes", random_.between(1, 12)},
                  {"gap_ms", random_.between(1, 150)}});
  case 4:
    return cause(where, "truncated_reply",
                 {{"kind", "truncate_replies"}, {"count", 1}, {"bytes", random_.between(1, 20)}});
  case 5:
    return cause(where, "foreign_reply",
                 {{"kind", "foreign_replies"}, {"count", count}, {"text", "getwifi,SkyNet,end"}});
  default:
    return cause(where, "reset_after_reply", {{"kind", "reset_after_reply"}, {"count", count}});
  }
}

void station_trouble::upset_line(resin_printer& where) {
  switch (random_.between(0, 3)) {
  case 0:
    return cause(where, "drop", {{"kind", "drop_connections"}});
  case 1:
    return cause(where, "refuse",
                 {{"kind", "refuse_connections"}, {"for_ms", random_.between(1'000, 120'000)}});
  case 2:
    return cause(where, "silent",
                 {{"kind", "silent"},
                  {"for_ms", random_.between(3'000, 180'000)},
                  {"executes", random_.chance(0.5)},
                  {"resets", random_.chance(0.5)}});
  default:
    return cause(where, "dropout_after_resume",
                 {{"kind", "dropout_after_resume"},
                  {"after_ms", random_.between(0, 15'000)},
                  {"for_ms", random_.between(1'000, 60'000)},
                  {"resets", random_.chance(0.5)}});
  }
}

void station_trouble::upset_print(resin_printer& where) {
  switch (random_.between(0, 12)) {
  case 0:
  case 1:
  case 2:
    return cause(where, "jump", {{"kind", "jump"}, {"by", random_.between(1, 6)}});
  case 3:
    return cause(where, "hidden_layers", {{"kind", "jump_share"}, {"share", random_.unit() * 0.6}});
  case 4:
  case 5:
    cause(where, "rollback", {{"kind", "rollback"}, {"by", random_.between(1, 8)}});
    return time_.after(random_.span(5s, 120s), [&where] {
      where.act({{"kind", "rollback"}, {"by", 0}});
    });
  case 6:
  case 7:
    return cause(where, "stagnate",
                 {{"kind", "stagnate"}, {"for_ms", random_.between(5'000, 120'000)}});
  case 8:
  case 9:
    return cause(where, "screen_pause", {{"kind", "screen_pause"}});
  case 10:
    cause(where, "wrong_file", {{"kind", "report_file"}, {"file", "else.pwmb"}});
    return time_.after(random_.span(1s, 20s), [&where] {
      where.act({{"kind", "report_file"}, {"file", ""}});
    });
  case 11:
    return cause(where, "screen_stop", {{"kind", "screen_stop"}});
  default:
    return cause(where, "power_cycle",
                 {{"kind", "power_cycle"}, {"for_ms", random_.between(5'000, 60'000)}});
  }
}

// -- pumps and processes --------------------------------------------------------------------------

/// Not among them is a relay that stays on and says that it is off: without a sensor nobody knows.
void station_trouble::spoil_pump() {
  using pumps::simulated_fault;
  static const std::vector<simulated_fault> faults{
      simulated_fault::stuck_off, simulated_fault::on_unsaid, simulated_fault::off_refused,
      simulated_fault::clogged};
  auto& rig = any_rig();
  const auto fault = random_.pick(faults);
  counts_.fault("F-08");
  counts_.fault("pump/" + std::string{name_of(fault)});
  for (auto* line : rig.lines())
    line->spoil(fault, random_.span(50ms, 4s));
  // It is mended, or was never noticed.
  time_.after(random_.span(1min, 10min), [&rig] {
    for (auto* line : rig.lines())
      line->spoil(pumps::simulated_fault::none, 0s);
  });
}

void station_trouble::kill_guard() {
  if (!host_.up() || !guard_.alive())
    return;
  counts_.fault("guard_death");
  guard_.die();
  on_guard_death();
  // Its child is told by the system, and goes too.
  time_.after(random_.span(1ms, 2s), [this] {
    if (host_.up() && !guard_.alive())
      wanted_ = random_.chance(0.5) ? ending::clean_stop : ending::kill;
  });
}

void station_trouble::hang() {
  if (!host_.up())
    return;
  counts_.fault("hang");
  hangs_until_ = time_.now() + random_.span(500ms, 20s);
  // Time must stop there, so that the kernel goes on then.
  time_.at(hangs_until_, [] {});
}

void station_trouble::press_button() {
  const auto index = static_cast<size_t>(random_.bits() % rigs_.size());
  if (!guard_.alive())
    return;
  counts_.fault("button");
  guard_.button(index, true);
  on_button(*rigs_[index]);
  time_.after(random_.span(500ms, 30s), [this, index] { guard_.button(index, false); });
}

// -- moments --------------------------------------------------------------------------------------

void station_trouble::choose_moment() {
  at_moment_ =
      static_cast<station_moment>((options_.seed * 7 + moments_chosen_++) % station_moments);
}

void station_trouble::passed(station_moment moment) {
  if (!active_ || at_moment_ != moment)
    return;
  at_moment_.reset();
  // At the moment itself, or some time into what it began.
  const auto pause =
      random_.chance(0.4) ? 0ms : std::chrono::milliseconds{random_.between(1, 8'000)};
  time_.after(pause, [this, moment] {
    if (!active_ || !host_.up())
      return;
    counts_.fault("F-05");
    counts_.fault("kill/" + std::string{name_of(moment)});
    wanted_ = random_.chance(farm_.power_loss) ? ending::power_loss : ending::kill;
  });
}

void station_trouble::event_logged(const logged_event& what) {
  using moment = station_moment;
  if (const auto* step = std::get_if<events::station_step_began>(&what.event)) {
    static constexpr auto moments = std::to_array<station_moment>(
        {moment::request_pause, moment::wait_plate_clear, moment::draining, moment::filling,
         moment::settling, moment::request_resume});
    if (const auto at = static_cast<size_t>(step->step); at < moments.size())
      passed(moments[at]);
  }
  if (std::holds_alternative<events::station_start_intended>(what.event))
    passed(moment::start_intended);
  if (std::holds_alternative<events::station_print_observed>(what.event))
    passed(moment::print_observed);
  if (std::holds_alternative<events::station_step_accepted>(what.event))
    passed(moment::pause_accepted);
  if (std::holds_alternative<events::station_change_completed>(what.event))
    passed(moment::change_completed);
  if (std::holds_alternative<events::station_error_raised>(what.event))
    passed(moment::error_raised);
  if (std::holds_alternative<events::station_error_settled>(what.event))
    passed(moment::answered);
}

void station_trouble::printer_said(const std::string& event) {
  if (event == "goprint")
    passed(station_moment::start_received);
  if (event == "gopause")
    passed(station_moment::pause_received);
  if (event == "goresume")
    passed(station_moment::resume_received);
}

void station_trouble::line_changed(const station_rig& rig, const pump_line& line) {
  if (&line == &rig.valve())
    return;
  const auto* where = station_of(host_, rig);
  const bool manual = !where || !where->change();
  if (line.run())
    passed(manual                   ? station_moment::manual_on
           : line.name() == "drain" ? station_moment::drain_on
                                    : station_moment::fill_on);
  else if (line.name() != "drain")
    passed(station_moment::fill_off);
}

} // namespace gantry::farm_sim
