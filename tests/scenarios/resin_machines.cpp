#include "tests/scenarios/resin_machines.hpp"

#include <chrono>

namespace gantry::test {

namespace {

constexpr int64_t tick_ms = 5;
/// Flow of every pump.
constexpr int64_t flow_ul_per_s = 100'000;
/// What the vat holds; more runs over.
constexpr int64_t vat_capacity_ul = 60'000;
/// Less than this cannot be printed with.
constexpr int64_t vat_least_ul = 20'000;
/// A guard writes an acknowledgement to its disk before it takes the latch away.
constexpr int64_t acknowledge_ms = 60;

} // namespace

class resin_machines::printer_side final : public hal::resin_port {
public:
  printer_side(resin_machines& all, std::shared_ptr<hal::resin_listener> listener)
      : all_{all}, listener_{std::move(listener)} {
    // nop
  }
  ~printer_side() override {
    const std::lock_guard lock{all_.mutex_};
    if (all_.printer_listener_ == listener_)
      all_.printer_listener_.reset();
  }

  void list_files(uint64_t ticket) override {
    listener_->on_files(ticket, {{"vase.pwmb", "3.pwmb"}});
    answer(ticket, hal::port_outcome::done);
  }
  void start(uint64_t ticket, const std::string&) override {
    const std::lock_guard lock{all_.mutex_};
    if (offline(ticket))
      return;
    if (all_.state_ != resin_state::stopped && all_.state_ != resin_state::finished)
      return answer(ticket, hal::port_outcome::refused);
    ++all_.starts_;
    all_.state_ = resin_state::printing;
    all_.layer_ = 1;
    all_.ticks_on_layer_ = 0;
    answer(ticket, hal::port_outcome::done);
  }
  void pause(uint64_t ticket) override {
    while (all_.held_)
      std::this_thread::sleep_for(std::chrono::milliseconds{tick_ms});
    act(ticket, resin_state::printing, resin_state::paused);
  }
  void resume(uint64_t ticket) override { act(ticket, resin_state::paused, resin_state::printing); }
  void stop(uint64_t ticket) override {
    const std::lock_guard lock{all_.mutex_};
    if (offline(ticket))
      return;
    all_.state_ = resin_state::stopped;
    all_.layer_ = 0;
    answer(ticket, hal::port_outcome::done);
  }
  void refresh(uint64_t ticket) override {
    const std::lock_guard lock{all_.mutex_};
    if (offline(ticket))
      return;
    all_.say_report();
    answer(ticket, hal::port_outcome::done);
  }
  void keep_silent(std::chrono::milliseconds length) override {
    const std::lock_guard lock{all_.mutex_};
    all_.silent_ms_ = length.count();
  }

private:
  void answer(uint64_t ticket, hal::port_outcome outcome) {
    listener_->on_answer(ticket, {outcome, reason::ok, {}, 0});
  }
  bool offline(uint64_t ticket) {
    if (all_.silent_ms_ > 0)
      all_.violations_.emplace_back("the printer was spoken to in its silence");
    if (!all_.dropped_)
      return false;
    answer(ticket, hal::port_outcome::not_sent);
    return true;
  }
  void act(uint64_t ticket, resin_state from, resin_state to) {
    const std::lock_guard lock{all_.mutex_};
    if (offline(ticket))
      return;
    auto& kept_back = to == resin_state::paused ? all_.pauses_kept_back_ : all_.resumes_kept_back_;
    if (kept_back > 0) {
      --kept_back;
      return answer(ticket, hal::port_outcome::not_sent);
    }
    if (all_.state_ != from)
      return answer(ticket, hal::port_outcome::refused);
    ++(to == resin_state::paused ? all_.pauses_ : all_.resumes_);
    if (to == resin_state::printing && all_.latched_)
      all_.violations_.emplace_back("resumed after an emergency stop");
    all_.state_ = to;
    answer(ticket, hal::port_outcome::done);
  }

  resin_machines& all_;
  std::shared_ptr<hal::resin_listener> listener_;
};

class resin_machines::pump_side final : public hal::pump_port {
public:
  pump_side(resin_machines& all, std::shared_ptr<hal::pump_listener> listener)
      : all_{all}, listener_{std::move(listener)} {
    // nop
  }
  /// End of the connection: everything is switched off.
  ~pump_side() override {
    const std::lock_guard lock{all_.mutex_};
    if (all_.pump_listener_ != listener_)
      return;
    all_.pump_listener_.reset();
    all_.on_.reset();
  }

  void run(uint64_t ticket, const hal::pump_run_request& what) override {
    const std::lock_guard lock{all_.mutex_};
    hal::pump_run_result refused;
    if (all_.latched_ || what.epoch < all_.epoch_ || all_.on_) {
      refused.why = all_.on_ ? reason::pump_busy : reason::pump_latched;
      return listener_->on_finished(ticket, refused);
    }
    if (all_.state_ == resin_state::printing)
      all_.violations_.push_back("pump " + what.pump + " while the printer prints");
    all_.on_ = pump_on{ticket, what, 0, what.lease.count(), listener_};
    listener_->on_started(ticket);
  }
  void renew(uint64_t ticket) override {
    const std::lock_guard lock{all_.mutex_};
    if (all_.on_ && all_.on_->ticket == ticket)
      all_.on_->lease_left_ms = all_.on_->what.lease.count();
  }
  void stop(uint64_t ticket) override {
    const std::lock_guard lock{all_.mutex_};
    if (all_.on_ && all_.on_->ticket == ticket)
      all_.off(false, reason::pump_stopped);
  }
  bool emergency_stop(std::chrono::milliseconds) override {
    const std::lock_guard lock{all_.mutex_};
    all_.latched_ = true;
    if (all_.on_)
      all_.off(false, reason::pump_latched);
    all_.say_guard();
    return true;
  }
  void acknowledge(uint64_t epoch) override {
    const std::lock_guard lock{all_.mutex_};
    if (epoch <= all_.epoch_)
      return;
    all_.acknowledged_ = epoch;
    all_.acknowledge_left_ms_ = acknowledge_ms;
  }

private:
  resin_machines& all_;
  std::shared_ptr<hal::pump_listener> listener_;
};

resin_machines::resin_machines(int64_t layers, int ticks_per_layer)
    : layers_{layers}, ticks_per_layer_{ticks_per_layer}, thread_{[this] { live(); }} {
  // nop
}

resin_machines::~resin_machines() {
  stopping_ = true;
  thread_.join();
}

std::unique_ptr<hal::resin_port>
resin_machines::open(const hal::resin_config&, std::shared_ptr<hal::resin_listener> listener) {
  const std::lock_guard lock{mutex_};
  printer_listener_ = listener;
  ++generation_;
  silent_ms_ = 0;
  return std::make_unique<printer_side>(*this, std::move(listener));
}

void resin_machines::probe(const hal::resin_config&, std::function<void(hal::port_answer)> then) {
  then({hal::port_outcome::done, reason::link_ok, {}, 0});
}

std::unique_ptr<hal::pump_port> resin_machines::open(const std::string&,
                                                     std::shared_ptr<hal::pump_listener> listener) {
  const std::lock_guard lock{mutex_};
  pump_listener_ = listener;
  on_.reset();
  say_guard();
  return std::make_unique<pump_side>(*this, std::move(listener));
}

void resin_machines::live() {
  while (!stopping_) {
    std::this_thread::sleep_for(std::chrono::milliseconds{tick_ms});
    const std::lock_guard lock{mutex_};
    tick();
  }
}

void resin_machines::tick() {
  clock_ms_ += tick_ms;
  tick_printer();
  tick_pump();
  if (clock_ms_ % (4 * tick_ms) != 0)
    return;
  if (dropped_)
    ++reconnects_failed_;
  if (silent_ms_ <= 0)
    say_report();
  say_guard();
}

void resin_machines::tick_printer() {
  silent_ms_ = std::max<int64_t>(0, silent_ms_ - tick_ms);
  if (state_ != resin_state::printing || ++ticks_on_layer_ < ticks_per_layer_)
    return;
  ticks_on_layer_ = 0;
  if (vat_ul_ < vat_least_ul)
    violations_.push_back("layer " + std::to_string(layer_) + " printed over an empty vat");
  if (layer_ >= layers_)
    state_ = resin_state::finished;
  else
    ++layer_;
}

void resin_machines::tick_pump() {
  if (acknowledge_left_ms_ > 0 && (acknowledge_left_ms_ -= tick_ms) <= 0) {
    epoch_ = acknowledged_;
    latched_ = false;
    say_guard();
  }
  if (!on_)
    return;
  on_->lease_left_ms -= tick_ms;
  const auto step = std::min(tick_ms, on_->what.duration.count() - on_->ran_ms);
  on_->ran_ms += step;
  used_ms_[on_->what.pump] += step;
  flow(*on_, step * flow_ul_per_s / 1'000);
  if (state_ == resin_state::printing)
    violations_.push_back("pump " + on_->what.pump + " was on while the printer printed");
  if (frozen_ && on_->ran_ms * 2 >= on_->what.duration.count())
    return off(false, reason::pump_guard_lost);
  if (on_->ran_ms >= on_->what.duration.count())
    return off(true, reason::ok);
  if (on_->lease_left_ms < 0)
    off(false, reason::pump_lease_expired);
}

void resin_machines::flow(const pump_on& run, int64_t volume_ul) {
  if (run.what.pump == "drain") {
    vat_ul_ = std::max<int64_t>(0, vat_ul_ - volume_ul);
    return;
  }
  const std::string material(1, static_cast<char>(run.what.pump[0] - 'a' + 'A'));
  if (vat_ul_ == 0)
    vat_material_ = material;
  else if (vat_material_ != material)
    vat_material_ = "mixed";
  vat_ul_ += volume_ul;
  if (vat_ul_ > vat_capacity_ul)
    violations_.emplace_back("the vat ran over");
}

void resin_machines::off(bool completed, reason why) {
  const auto run = *on_;
  on_.reset();
  if (completed && run.what.pump != "drain")
    fills_.push_back(std::to_string(layer_) + " " + vat_material_);
  hal::pump_run_result result;
  result.started = true;
  result.completed = completed;
  result.why = why;
  result.on_time = std::chrono::milliseconds{run.ran_ms};
  if (const auto listener = run.listener.lock())
    listener->on_finished(run.ticket, result);
}

resin_report resin_machines::report_now() const {
  resin_report report;
  report.link = dropped_ ? link_state::offline : link_state::online;
  report.link_reason = dropped_ ? reason::link_timeout : reason::ok;
  report.state = state_;
  report.layer = layer_;
  report.layers = state_ == resin_state::stopped ? 0 : layers_;
  if (state_ != resin_state::stopped)
    report.internal_file = "3.pwmb";
  report.reconnects_failed = reconnects_failed_;
  report.generation = generation_;
  report.observed_at = timestamp{std::chrono::milliseconds{1'800'000'000'000 + clock_ms_}};
  return report;
}

hal::guard_state resin_machines::guard_now() const {
  hal::guard_state state;
  state.connected = true;
  state.latched = latched_;
  state.epoch = epoch_;
  state.simulated = true;
  for (const auto* name : {"a", "b", "c", "drain"}) {
    const auto used = used_ms_.find(name);
    hal::pump_line_state line;
    line.pump = name;
    line.is_on = on_ && on_->what.pump == name;
    line.window_used = std::chrono::milliseconds{used == used_ms_.end() ? 0 : used->second};
    line.window_limit = line.single_limit = std::chrono::milliseconds{180'000};
    state.lines.push_back(line);
  }
  return state;
}

void resin_machines::say_report() {
  if (printer_listener_)
    printer_listener_->on_report(report_now());
}

void resin_machines::say_guard() {
  if (pump_listener_)
    pump_listener_->on_state(guard_now());
}

void resin_machines::drop_link(bool dropped) {
  const std::lock_guard lock{mutex_};
  dropped_ = dropped;
  if (!dropped)
    reconnects_failed_ = 0;
}

void resin_machines::hold_pauses(bool held) {
  held_ = held;
}

void resin_machines::stop_at_the_machine() {
  const std::lock_guard lock{mutex_};
  state_ = resin_state::stopped;
  layer_ = 0;
}

void resin_machines::keep_back(int pauses, int resumes) {
  const std::lock_guard lock{mutex_};
  pauses_kept_back_ = pauses;
  resumes_kept_back_ = resumes;
}

void resin_machines::freeze_pump(bool frozen) {
  const std::lock_guard lock{mutex_};
  frozen_ = frozen;
}

void resin_machines::empty_vat_by_hand(int64_t ml) {
  const std::lock_guard lock{mutex_};
  vat_ul_ = ml * 1'000;
}

std::vector<std::string> resin_machines::violations() const {
  const std::lock_guard lock{mutex_};
  return violations_;
}

int resin_machines::starts() const {
  const std::lock_guard lock{mutex_};
  return starts_;
}

int resin_machines::pauses() const {
  const std::lock_guard lock{mutex_};
  return pauses_;
}

int resin_machines::resumes() const {
  const std::lock_guard lock{mutex_};
  return resumes_;
}

std::string resin_machines::vat_material() const {
  const std::lock_guard lock{mutex_};
  return vat_material_;
}

int64_t resin_machines::vat_ul() const {
  const std::lock_guard lock{mutex_};
  return vat_ul_;
}

std::vector<std::string> resin_machines::fills() const {
  const std::lock_guard lock{mutex_};
  return fills_;
}

std::string resin_machines::printer_state() const {
  const std::lock_guard lock{mutex_};
  return std::string{name_of(state_)};
}

bool resin_machines::any_pump_on() const {
  const std::lock_guard lock{mutex_};
  return on_.has_value();
}

bool resin_machines::latched() const {
  const std::lock_guard lock{mutex_};
  return latched_;
}

} // namespace gantry::test
