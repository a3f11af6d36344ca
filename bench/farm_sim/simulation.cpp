#include "bench/farm_sim/simulation.hpp"

#include "bench/farm_sim/crew.hpp"
#include "bench/farm_sim/invariants.hpp"
#include "bench/farm_sim/nemesis.hpp"
#include "bench/resin_sim/station_floor.hpp"

namespace gantry::farm_sim {

using namespace std::chrono_literals;
using hal::mono_time;

namespace {

/// Steps at one moment after which something is going round in circles.
constexpr uint64_t steps_at_once_max = 1'000'000;
/// Within this time after the last fault everything must have come to its end.
constexpr auto liveness_limit = 48h;
/// Within this time a farm at peace prints something.
constexpr auto peace_limit = 2h;
/// How often it is looked whether it has.
constexpr auto liveness_look = 5min;

/// Everything that takes part.
class simulation {
public:
  explicit simulation(const sim_options& options)
      : options_{options},
        mix_{draw_mix(options)},
        random_{options.seed},
        counts_{options.keep_events, options.trace},
        links_{time_, random_, counts_, mix_},
        host_{options_, mix_, time_, random_, counts_, links_},
        desk_{mix_, host_, time_, random_, counts_},
        crew_{mix_, host_, desk_, machines_, time_, random_, counts_},
        nemesis_{mix_, host_, machines_, time_, random_, counts_},
        watch_{mix_, host_, machines_, time_, counts_},
        floor_{options_, mix_, host_, links_, desk_, time_, counts_} {
    for (size_t i = 0; i < options.printers; ++i) {
      machines_.push_back(std::make_unique<machine>(time_, counts_, "machine-" + std::to_string(i),
                                                    options.seed * 1'000 + i, mix_.report_period));
      links_.connect(machines_.back()->name(), *machines_.back());
    }
    connect_observers();
  }

  sim_result run() {
    counts_.fault("F-18");
    start();
    if (options_.printers > 0)
      crew_.begin();
    floor_.begin();
    const auto hours = std::chrono::duration_cast<mono_time>(
        std::chrono::duration<double, std::ratio<3600>>{options_.hours});
    // The first print begins before the trouble, so that each seed has something to lose.
    run_until([this] { return crew_.set_up() && prints() && floor_.is_at_work(); }, peace_limit);
    desk_.set_unruly(true);
    nemesis_.begin();
    floor_.begin_trouble();
    run_until([] { return false; }, hours);
    nemesis_.cease();
    floor_.cease();
    desk_.set_unruly(false);
    crew_.wind_down();
    calm_ = true;
    rest();
    return result();
  }

private:
  void connect_observers();
  void start();
  void come_back();
  void end_life(ending how);
  void rest();
  void run_until(const std::function<bool()>& done, mono_time limit);
  void settle();
  void one_step();
  void look_after_life();
  void advance_to(mono_time when);
  [[nodiscard]] mono_time next_moment(mono_time limit);
  [[nodiscard]] bool prints() const { return machines_.empty() || watch_.starts() > 0; }
  [[nodiscard]] bool failed() const { return !counts_.violations().empty(); }
  [[nodiscard]] sim_result result();

  sim_options options_;
  fault_mix mix_;
  agenda time_;
  dice random_;
  ledger counts_;
  std::vector<std::unique_ptr<machine>> machines_;
  sim_links links_;
  computer host_;
  client_desk desk_;
  crew crew_;
  nemesis nemesis_;
  invariants watch_;
  station_floor floor_;
  mono_time life_began_{0};
  uint64_t steps_ = 0;
  uint64_t restarts_ = 0;
  uint64_t restarts_in_transit_ = 0;
  bool calm_ = false;
  std::optional<uint64_t> starved_;
  int64_t starved_for_ = 0;
};

void simulation::connect_observers() {
  host_.furnish = [this](actors::kernel_parts& parts) { floor_.furnish(parts); };
  for (auto* line : floor_.lines())
    nemesis_.add_line(*line);
  host_.store().on_event = [this](const logged_event& what) {
    watch_.event_logged(what);
    floor_.event_logged(what);
    if (std::holds_alternative<events::printer_start_intended>(what.event))
      nemesis_.passed(start_step::intent_committed);
    if (std::holds_alternative<events::printer_reserved>(what.event))
      if (auto* real = crew_.machine_of(std::get<printer>(what.after.state)))
        nemesis_.reserved(*real);
    if (std::holds_alternative<events::printer_start_answered>(what.event))
      nemesis_.passed(start_step::result_committed);
  };
  host_.store().on_batch = [this] { watch_.batch_logged(); };
  links_.on_start_sent = [this](machine& where, const std::string& request) {
    watch_.start_sent(where, request);
    nemesis_.passed(start_step::command_sent);
  };
  links_.on_state_heard = [this](machine& where, bool busy) { watch_.state_heard(where, busy); };
  host_.on_crash = [this](const std::string& printer) { watch_.actor_failed(printer); };
  desk_.on_acknowledged = [this] { nemesis_.passed(start_step::reply_given); };
  for (const auto& each : machines_)
    each->on_start = [this](machine& where, const machine_start& start) {
      watch_.print_started(where, start);
      if (start.origin == "api")
        nemesis_.passed(start_step::device_acted);
    };
  nemesis_.on_disk = [this](bool full) { watch_.disk_full(full); };
  nemesis_.printers = [this] {
    std::vector<std::string> ids;
    for (const auto& [entity, known] : host_.store().entities())
      if (entity.kind == entity_kind::printer)
        ids.push_back(entity.id);
    return ids;
  };
}

// -- lives of the kernel --------------------------------------------------------------------------

void simulation::start() {
  life_began_ = time_.now();
  host_.start();
  nemesis_.restarted();
  watch_.restarted();
}

void simulation::end_life(ending how) {
  if (how == ending::clean_stop)
    return host_.end(how);
  ++restarts_;
  restarts_in_transit_ += watch_.in_transient_state() || floor_.in_transient_state() ? 1 : 0;
  host_.end(how);
  floor_.life_ended(how);
  const auto down = random_.span(1s, random_.chance(0.2) ? 20min : 1min);
  time_.after(down, [this] { come_back(); });
}

void simulation::come_back() {
  if (host_.kernel())
    return;
  if (!calm_ && random_.chance(mix_.damage_while_down))
    host_.damage_and_examine();
  desk_.check_journal();
  start();
  desk_.reconnect();
}

void simulation::look_after_life() {
  if (!host_.kernel())
    return;
  if (host_.doomed() || host_.stopped())
    return end_life(host_.doomed() && random_.chance(mix_.power_loss) ? ending::power_loss
                                                                      : ending::kill);
  if (const auto how = nemesis_.verdict(); how && host_.up())
    return end_life(*how);
  if (const auto how = floor_.verdict(); how && host_.up())
    end_life(*how);
}

// -- time -----------------------------------------------------------------------------------------

void simulation::one_step() {
  auto* kernel = host_.kernel();
  const auto actors = kernel ? kernel->runnable() : 0;
  const auto choices = actors + (links_.ready() > 0 ? 1 : 0);
  auto chosen = static_cast<size_t>(random_.bits() % choices);
  if (chosen < actors) {
    // One actor is left out for a while, as long as others can go on.
    if (starved_for_ > 0 && choices > 1 && kernel->name_of(chosen) == starved_) {
      --starved_for_;
      return;
    }
    const auto name = kernel->name_of(chosen);
    if (!calm_ && starved_for_ == 0 && random_.chance(mix_.starvation)) {
      starved_ = name;
      starved_for_ = random_.between(10, 500);
      counts_.fault("F-10");
    }
    counts_.mix(name);
    host_.step(chosen);
  } else {
    counts_.mix(0);
    links_.run_one();
  }
  ++steps_;
  watch_.stepped();
  look_after_life();
}

void simulation::settle() {
  uint64_t count = 0;
  while (!failed() && !floor_.hangs()
         && (links_.ready() > 0 || (host_.kernel() && host_.kernel()->runnable() > 0))) {
    one_step();
    if (++count > steps_at_once_max)
      return counts_.violation("INV-32", "the kernel goes round in circles");
  }
  look_after_life();
}

mono_time simulation::next_moment(mono_time limit) {
  auto next = limit;
  const auto consider = [&next](std::optional<mono_time> when) {
    if (when && *when < next)
      next = *when;
  };
  consider(time_.next());
  for (const auto& each : machines_)
    consider(each->next());
  consider(floor_.next());
  if (auto* kernel = host_.kernel(); kernel && !floor_.hangs())
    if (const auto timer = kernel->next_timer())
      consider(life_began_ + *timer);
  return std::max(next, time_.now());
}

void simulation::advance_to(mono_time when) {
  time_.advance_to(when);
  counts_.set_time(when);
  if (auto* kernel = host_.kernel(); kernel && !floor_.hangs())
    kernel->advance_to(when - life_began_);
  for (const auto& each : machines_)
    if (const auto next = each->next(); next && *next <= when) {
      each->catch_up();
      links_.pump(*each);
    }
  floor_.catch_up(when);
  time_.run_due();
}

void simulation::run_until(const std::function<bool()>& done, mono_time limit) {
  const auto end = time_.now() + limit;
  while (!failed() && !done()) {
    settle();
    if (time_.now() >= end)
      return;
    advance_to(next_moment(end));
  }
}

void simulation::rest() {
  const auto end = time_.now() + liveness_limit;
  const auto resting = [this] {
    return host_.up() && watch_.at_rest(desk_.waiting()) && floor_.at_rest();
  };
  while (!failed() && time_.now() < end && !resting())
    run_until([] { return false; }, liveness_look);
  if (failed())
    return;
  watch_.rested(desk_.waiting(), desk_.oldest());
  floor_.rested();
  desk_.check_journal();
  host_.examine();
}

sim_result simulation::result() {
  sim_result answer;
  answer.seed = options_.seed;
  answer.printer_hours = std::chrono::duration<double, std::ratio<3600>>(time_.now()).count()
                         * static_cast<double>(machines_.size() + options_.stations);
  answer.steps = steps_;
  answer.starts = watch_.starts() + floor_.starts();
  answer.restarts = restarts_;
  answer.restarts_in_transit = restarts_in_transit_;
  answer.faults = counts_.faults();
  answer.checks = counts_.checks();
  answer.violations = counts_.violations();
  answer.mix = mix_.text() + floor_.mix_text();
  answer.last_events = counts_.last_events();
  answer.trace_hash = counts_.hash();
  return answer;
}

} // namespace

std::vector<std::string> faults_in_scope(const sim_options& options) {
  if (options.one_print)
    return {"F-06", "F-18"};
  std::vector<std::string> ids{"F-01", "F-02", "F-03", "F-04", "F-05", "F-06",
                               "F-07", "F-09", "F-10", "F-15", "F-18"};
  if (options.printers > 0)
    ids.insert(ids.end(), {"F-11", "F-12", "F-13"});
  if (options.stations > 0)
    station_floor::add_faults(ids);
  return ids;
}

std::vector<std::string> invariants_in_scope(const sim_options& options) {
  std::vector<std::string> ids{"INV-20", "INV-21", "INV-23", "INV-24",
                               "INV-25", "INV-33", "LIV-1",  "LIV-2"};
  if (options.printers > 0)
    ids.insert(ids.end(), {"INV-01", "INV-02", "INV-03", "INV-04", "INV-05", "INV-22", "INV-30",
                           "INV-31", "INV-32", "INV-34", "INV-35", "LIV-3", "LIV-4", "LIV-5"});
  if (options.stations > 0)
    station_floor::add_invariants(ids);
  return ids;
}

sim_result simulate(const sim_options& options) {
  return simulation{options}.run();
}

} // namespace gantry::farm_sim
