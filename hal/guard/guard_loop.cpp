#include "hal/guard/guard_loop.hpp"

#include <algorithm>
#include <cerrno>
#include <poll.h>
#include <sys/timerfd.h>
#include <unistd.h>

namespace gantry::guard {

namespace {

using hal::mono_time;

/// How often a button is asked that announces nothing, or whose announcement may be missed.
constexpr mono_time button_interval = std::chrono::milliseconds{20};
/// Orders taken between two looks at the deadlines.
constexpr int orders_at_once = 16;

} // namespace

guard_loop::guard_loop(const guard_settings& settings, guard_lines lines,
                       const std::string& ledger_path, const hal::clock& time, hooks call)
    : time_{time},
      call_{std::move(call)},
      lines_{std::move(lines)},
      ledger_path_{ledger_path},
      service_due_(lines_.drivers.size(), never),
      timer_{::timerfd_create(CLOCK_BOOTTIME, TFD_CLOEXEC | TFD_NONBLOCK)} {
  all_off_first();
  read_ledger_file(settings);
  for (const auto& fault : lines_.faults)
    core_->add_fault(fault);
  name_absent(settings);
  if (lines_.heartbeat) {
    beat_period_ = std::chrono::milliseconds{settings.heartbeat->period_ms};
    beat_due_ = time_.mono();
  }
  if (std::ranges::any_of(lines_.buttons, [](const auto& each) { return each != nullptr; }))
    ask_due_ = time_.mono();
  // What the last guard left open is closed on disk before anybody can ask for more.
  act();
  writer_ = std::make_unique<ledger_writer>(ledger_path);
  ask_buttons();
}

guard_loop::~guard_loop() {
  drop_kernel();
  ::close(timer_);
}

void guard_loop::all_off_first() {
  // The core orders this again; but it needs the ledger, and nothing comes before "off".
  for (auto& driver : lines_.drivers)
    if (driver)
      static_cast<void>(driver->off(time_.mono()));
}

void guard_loop::name_absent(const guard_settings& settings) const {
  const auto places = lines_of(settings);
  for (size_t i = 0; i < places.size(); ++i)
    if (!lines_.absent[i].empty())
      call_.log(settings.stations[places[i].station].name + "/" + places[i].settings->name + ": "
                + lines_.absent[i]);
  for (const auto& fault : lines_.faults)
    call_.log(fault);
}

void guard_loop::read_ledger_file(const guard_settings& settings) {
  const auto now = time_.mono();
  const auto boot = time_.boot_id();
  ledger kept;
  std::string fault;
  if (auto loaded = load_ledger(ledger_path_); !loaded) {
    kept = worst_case(settings, boot, now);
    fault = loaded.why().text();
    call_.log(fault);
  } else if (*loaded) {
    kept = carried_over(**loaded, boot, now);
  }
  core_ = std::make_unique<guard_core>(settings, lines_.absent, kept, boot, now);
  if (!fault.empty())
    core_->add_fault("ledger_damaged: every window counts as spent");
}

void guard_loop::join_kernel(packet_link orders, packet_link urgent) {
  drop_kernel();
  orders_ = std::move(orders);
  urgent_ = std::move(urgent);
  core_->kernel_joined(time_.mono());
  act();
}

void guard_loop::drop_kernel() {
  if (!orders_.is_open() && !urgent_.is_open())
    return;
  orders_.close();
  urgent_.close();
  core_->kernel_lost(time_.mono());
  act();
}

mono_time guard_loop::next_due() const {
  auto next = std::min({core_->next_deadline(), beat_due_, ask_due_});
  for (const auto each : service_due_)
    next = std::min(next, each);
  return next;
}

void guard_loop::step(mono_time until, int other) {
  wait(std::min(until, next_due()), other);
  // An emergency stop first, then whatever ends something; only then what may begin something.
  read_urgent();
  if (ask_due_ <= time_.mono())
    ask_buttons();
  tick();
  serve_lines();
  beat();
  take_written();
  read_orders();
}

void guard_loop::set_timer(mono_time at) const {
  // A timer in the past fires at once; zero would disarm it.
  const auto ns = at == never ? 0 : std::max<int64_t>(1, at.count());
  itimerspec wanted{};
  wanted.it_value = {ns / 1'000'000'000, ns % 1'000'000'000};
  ::timerfd_settime(timer_, TFD_TIMER_ABSTIME, &wanted, nullptr);
}

void guard_loop::wait(mono_time until, int other) {
  set_timer(until);
  std::vector<pollfd> watched;
  for (int descriptor :
       {timer_, other, urgent_.descriptor(), orders_.descriptor(), writer_->descriptor()})
    watched.push_back({descriptor, POLLIN, 0});
  for (const auto& button : lines_.buttons)
    watched.push_back({button ? button->edges() : -1, POLLIN, 0});
  static_cast<void>(::poll(watched.data(), watched.size(), -1));
  const bool edge = std::ranges::any_of(watched.begin() + 5, watched.end(),
                                        [](const pollfd& each) { return each.revents != 0; });
  if (edge)
    ask_due_ = mono_time{0};
}

void guard_loop::read_urgent() {
  std::string packet;
  while (urgent_.is_open()) {
    const auto got = urgent_.read(packet);
    if (got == packet_read::empty)
      return;
    if (got != packet_read::packet)
      return drop_kernel();
    take_packet(packet, true);
  }
}

void guard_loop::read_orders() {
  std::string packet;
  for (int i = 0; i < orders_at_once && orders_.is_open(); ++i) {
    const auto got = orders_.read(packet);
    if (got == packet_read::empty)
      return;
    if (got != packet_read::packet)
      return drop_kernel();
    take_packet(packet, false);
    read_urgent();
    tick();
  }
}

void guard_loop::take_packet(const std::string& packet, bool is_urgent) {
  const auto order = read_order(packet);
  // Each socket takes its own orders only: on the urgent one nothing may wait behind a run.
  if (!order || (order->kind == order_kind::emergency_stop) != is_urgent) {
    call_.log(order ? "an order came on the wrong socket" : order.why().text());
    return drop_kernel();
  }
  if (order->kind == order_kind::notify)
    return call_.notify(order->text);
  core_->take_order(time_.mono(), *order);
  act();
}

void guard_loop::ask_buttons() {
  if (ask_due_ == never)
    return;
  for (size_t i = 0; i < lines_.buttons.size(); ++i)
    if (lines_.buttons[i]) {
      core_->stop_input(time_.mono(), i, lines_.buttons[i]->pressed());
      act();
    }
  ask_due_ = time_.mono() + button_interval;
}

void guard_loop::serve_lines() {
  for (size_t i = 0; i < service_due_.size(); ++i) {
    if (const auto now = time_.mono(); service_due_[i] <= now) {
      auto served = lines_.drivers[i]->serve(now);
      service_due_[i] = served.next;
      if (!served.problem.empty()) {
        core_->line_failed(time_.mono(), i, served.problem);
        act();
      }
    }
  }
}

void guard_loop::beat() {
  const auto now = time_.mono();
  if (beat_due_ > now)
    return;
  beat_level_ = !beat_level_;
  // A heartbeat that fails drops the master relay by itself.
  static_cast<void>(lines_.heartbeat->set(beat_level_));
  beat_due_ = now + beat_period_;
}

void guard_loop::tick() {
  if (const auto now = time_.mono(); core_->next_deadline() <= now) {
    core_->tick(now);
    act();
  }
}

void guard_loop::take_written() {
  for (const auto& done : writer_->take_done()) {
    core_->kept(time_.mono(), done.number, done.problem);
    act();
  }
}

void guard_loop::act() {
  for (auto actions = core_->take_actions(); !actions.empty(); actions = core_->take_actions())
    for (auto& action : actions)
      std::visit([this](auto& what) { do_action(what); }, action);
}

void guard_loop::do_action(switch_line& what) {
  auto& driver = *lines_.drivers[what.line];
  if (what.on) {
    const auto problem = driver.on(what.direction, what.purpose, time_.mono());
    const auto now = time_.mono();
    core_->switched(now, what.line, true, problem);
    service_due_[what.line] = problem.empty() ? driver.serve(now).next : never;
    return;
  }
  service_due_[what.line] = never;
  const auto problem = driver.off(time_.mono());
  if (!problem.empty())
    call_.log(
        render(reason::pump_not_off, {{"pump", std::to_string(what.line)}, {"detail", problem}}));
  core_->switched(time_.mono(), what.line, false, problem);
}

void guard_loop::do_action(keep_ledger& what) {
  if (writer_)
    writer_->submit(what.number, std::move(what.content));
  else
    core_->kept(time_.mono(), what.number, store_ledger(ledger_path_, what.content));
}

void guard_loop::do_action(say_notice& what) {
  const bool is_urgent = what.notice.kind == notice_kind::off;
  const auto& link = is_urgent ? urgent_ : orders_;
  if (!link.is_open() || link.send(to_packet(what.notice)))
    return;
  // A kernel that does not read its end of a run must not believe that it goes on. The state is
  // said again a second later anyway.
  if (what.notice.kind != notice_kind::state) {
    call_.log("the kernel does not listen; the connection ends");
    orders_.close();
    urgent_.close();
    core_->kernel_lost(time_.mono());
  }
}

} // namespace gantry::guard
