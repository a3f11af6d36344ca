#include "hal/guard/guard_client.hpp"

#include "hal/guard/guard_messages.hpp"

#include <algorithm>
#include <cerrno>
#include <deque>
#include <functional>
#include <map>
#include <mutex>
#include <poll.h>
#include <sys/eventfd.h>
#include <thread>
#include <unistd.h>

namespace gantry::guard {

namespace {

using std::chrono::milliseconds;
using clock = std::chrono::steady_clock;

/// What the guard said last, and to whom it is passed on.
struct watched_station {
  hal::guard_state state;
  std::map<uint64_t, std::shared_ptr<hal::pump_listener>> listeners; ///< By port.
};

/// A run that was asked for and has not ended.
struct open_run {
  uint64_t port = 0;
  uint64_t ticket = 0;
  std::string station;
  std::optional<clock::time_point> started;
};

class client final : public guard_client {
public:
  client(inherited_links links, std::vector<std::string> stations)
      : links_{std::move(links)},
        stations_{std::move(stations)},
        wake_{::eventfd(0, EFD_CLOEXEC | EFD_NONBLOCK)},
        thread_{[this] { work(); }} {
    // nop
  }

  ~client() override {
    {
      std::lock_guard lock{mutex_};
      ending_ = true;
    }
    wake();
    thread_.join();
    ::close(wake_);
  }

  std::vector<std::string> stations() const override { return stations_; }
  std::unique_ptr<hal::pump_port> open(const std::string& station,
                                       std::shared_ptr<hal::pump_listener> listener) override;
  void notify_service_manager(const std::string& state) override {
    static_cast<void>(send({.kind = order_kind::notify, .text = state}));
  }

  void run(uint64_t port, uint64_t ticket, const std::string& station,
           const hal::pump_run_request& what);
  void about_run(order_kind kind, uint64_t port, uint64_t ticket);
  [[nodiscard]] bool emergency_stop(const std::string& station, milliseconds patience);
  void acknowledge(const std::string& station, uint64_t epoch) {
    static_cast<void>(send({.kind = order_kind::acknowledge, .station = station, .epoch = epoch}));
  }
  void close_port(uint64_t port, const std::string& station);

private:
  [[nodiscard]] bool send(const guard_order& order) { return links_.orders.send(to_packet(order)); }
  void wake() const {
    const uint64_t one = 1;
    [[maybe_unused]] const auto woken = ::write(wake_, &one, sizeof one);
  }
  void work();
  void read_notices();
  void take(const guard_notice& said);
  void take_state(const guard_notice& said);
  void take_start(const guard_notice& said);
  void take_end(uint64_t wire, const hal::pump_run_result& result);
  void lose();
  void run_calls();
  [[nodiscard]] bool await_off(const std::string& station, clock::time_point until);

  inherited_links links_;
  std::vector<std::string> stations_;
  int wake_ = -1;
  std::timed_mutex urgent_mutex_;
  std::mutex mutex_;
  std::map<std::string, watched_station> watched_;
  std::map<uint64_t, open_run> runs_;       ///< By the ticket on the wire.
  std::deque<std::function<void()>> calls_; ///< For listeners, made by other threads.
  uint64_t next_wire_ = 1;
  uint64_t next_port_ = 1;
  clock::time_point heard_ = clock::now();
  bool lost_ = false;
  bool ending_ = false;
  std::thread thread_;
};

/// One station's pumps.
class port final : public hal::pump_port {
public:
  port(client& owner, uint64_t number, std::string station)
      : owner_{owner}, number_{number}, station_{std::move(station)} {}
  ~port() override { owner_.close_port(number_, station_); }

  void run(uint64_t ticket, const hal::pump_run_request& what) override {
    owner_.run(number_, ticket, station_, what);
  }
  void renew(uint64_t ticket) override { owner_.about_run(order_kind::renew, number_, ticket); }
  void stop(uint64_t ticket) override { owner_.about_run(order_kind::stop, number_, ticket); }
  bool emergency_stop(milliseconds patience) override {
    return owner_.emergency_stop(station_, patience);
  }
  void acknowledge(uint64_t epoch) override { owner_.acknowledge(station_, epoch); }

private:
  client& owner_;
  uint64_t number_;
  std::string station_;
};

std::unique_ptr<hal::pump_port> client::open(const std::string& station,
                                             std::shared_ptr<hal::pump_listener> listener) {
  uint64_t number = 0;
  {
    std::lock_guard lock{mutex_};
    number = next_port_++;
    auto& watched = watched_[station];
    watched.listeners[number] = listener;
    calls_.emplace_back([listener, state = watched.state] { listener->on_state(state); });
  }
  wake();
  return std::make_unique<port>(*this, number, station);
}

void client::close_port(uint64_t number, const std::string& station) {
  std::lock_guard lock{mutex_};
  watched_[station].listeners.erase(number);
  // Nobody is left who could end them.
  for (const auto& [wire, run] : runs_)
    if (run.port == number)
      static_cast<void>(send({.kind = order_kind::stop, .ticket = wire}));
  std::erase_if(runs_, [number](const auto& each) { return each.second.port == number; });
}

void client::run(uint64_t number, uint64_t ticket, const std::string& station,
                 const hal::pump_run_request& what) {
  guard_order order{.kind = order_kind::run,
                    .station = station,
                    .pump = what.pump.substr(0, 64),
                    .direction = what.direction,
                    .duration_ms = std::clamp<int64_t>(what.duration.count(), 0, duration_ms_max),
                    .lease_ms = std::clamp<int64_t>(what.lease.count(), 0, duration_ms_max),
                    .epoch = what.epoch,
                    .with_valve = what.with_valve,
                    .purpose = what.purpose.substr(0, 200)};
  std::lock_guard lock{mutex_};
  order.ticket = next_wire_++;
  runs_[order.ticket] = {number, ticket, station, {}};
  if (!lost_ && send(order))
    return;
  // Whoever does not take an order may not take the end of an earlier one either.
  calls_.emplace_back([this, wire = order.ticket] {
    take_end(wire, {.why = reason::pump_guard_lost,
                    .detail = render(reason::pump_guard_lost,
                                     {{"detail", "the guard takes no orders"}})});
  });
  wake();
}

void client::about_run(order_kind kind, uint64_t number, uint64_t ticket) {
  std::lock_guard lock{mutex_};
  for (const auto& [wire, run] : runs_)
    if (run.port == number && run.ticket == ticket)
      static_cast<void>(send({.kind = kind, .ticket = wire}));
}

bool client::emergency_stop(const std::string& station, milliseconds patience) {
  const auto until = clock::now() + patience;
  const std::unique_lock lock{urgent_mutex_, until};
  if (!lock)
    return false;
  // An answer to an earlier question, which came too late for it.
  std::string late;
  while (links_.urgent.read(late) == packet_read::packet) {
  }
  return links_.urgent.send(
             to_packet(guard_order{.kind = order_kind::emergency_stop, .station = station}))
         && await_off(station, until);
}

bool client::await_off(const std::string& station, clock::time_point until) {
  for (;;) {
    const auto left = std::chrono::ceil<milliseconds>(until - clock::now()).count();
    pollfd watched{links_.urgent.descriptor(), POLLIN, 0};
    if (left <= 0)
      return false;
    if (::poll(&watched, 1, static_cast<int>(left)) < 0 && errno != EINTR)
      return false;
    std::string packet;
    const auto got = links_.urgent.read(packet);
    if (got == packet_read::over || got == packet_read::broken)
      return false;
    const auto said = got == packet_read::packet ? read_notice(packet) : refusal{};
    if (said && said->kind == notice_kind::off && said->station == station)
      return said->why == reason::ok;
  }
}

void client::work() {
  for (;;) {
    std::array<pollfd, 2> watched{pollfd{wake_, POLLIN, 0},
                                  pollfd{lost_ ? -1 : links_.orders.descriptor(), POLLIN, 0}};
    static_cast<void>(::poll(watched.data(), watched.size(), -1));
    uint64_t count = 0;
    [[maybe_unused]] const auto cleared = ::read(wake_, &count, sizeof count);
    run_calls();
    if (!lost_)
      read_notices();
    std::lock_guard lock{mutex_};
    if (ending_)
      return;
  }
}

void client::run_calls() {
  std::deque<std::function<void()>> calls;
  {
    std::lock_guard lock{mutex_};
    calls.swap(calls_);
  }
  for (const auto& call : calls)
    call();
}

void client::read_notices() {
  std::string packet;
  for (;;) {
    const auto got = links_.orders.read(packet);
    if (got == packet_read::empty)
      return;
    const auto said = got == packet_read::packet ? read_notice(packet) : refusal{};
    if (!said)
      return lose();
    take(*said);
  }
}

void client::take(const guard_notice& said) {
  {
    std::lock_guard lock{mutex_};
    heard_ = clock::now();
  }
  switch (said.kind) {
  case notice_kind::state:
    return take_state(said);
  case notice_kind::started:
    return take_start(said);
  case notice_kind::finished:
    return take_end(said.ticket, {.started = said.started,
                                  .completed = said.completed,
                                  .why = said.why,
                                  .detail = said.detail,
                                  .on_time = std::chrono::floor<milliseconds>(
                                      std::chrono::microseconds{said.on_time_us})});
  case notice_kind::hello:
  case notice_kind::off:
    break;
  }
}

void client::take_state(const guard_notice& said) {
  std::unique_lock lock{mutex_};
  auto& watched = watched_[said.station];
  watched.state = state_of(said);
  const auto state = watched.state;
  const auto listeners = watched.listeners;
  lock.unlock();
  for (const auto& [number, listener] : listeners)
    listener->on_state(state);
}

void client::take_start(const guard_notice& said) {
  std::unique_lock lock{mutex_};
  const auto at = runs_.find(said.ticket);
  if (at == runs_.end())
    return;
  at->second.started = clock::now();
  const auto ticket = at->second.ticket;
  const auto listener = watched_[at->second.station].listeners[at->second.port];
  lock.unlock();
  listener->on_started(ticket);
}

void client::take_end(uint64_t wire, const hal::pump_run_result& result) {
  std::unique_lock lock{mutex_};
  const auto at = runs_.find(wire);
  if (at == runs_.end())
    return;
  const auto ended = at->second;
  runs_.erase(at);
  const auto listener = watched_[ended.station].listeners[ended.port];
  lock.unlock();
  listener->on_finished(ended.ticket, result);
}

void client::lose() {
  std::unique_lock lock{mutex_};
  lost_ = true;
  const auto runs = runs_;
  const auto heard = heard_;
  std::vector<std::pair<std::shared_ptr<hal::pump_listener>, hal::guard_state>> told;
  for (auto& [name, watched] : watched_) {
    watched.state.connected = false;
    for (const auto& [number, listener] : watched.listeners)
      told.emplace_back(listener, watched.state);
  }
  lock.unlock();
  for (const auto& [wire, run] : runs) {
    hal::pump_run_result result{
        .started = run.started.has_value(),
        .why = reason::pump_guard_lost,
        .detail = render(reason::pump_guard_lost,
                         {{"station", run.station}, {"detail", "its process is gone"}})};
    // It was on when the guard was last heard of; what came after nobody knows.
    if (run.started)
      result.on_time =
          std::max(milliseconds{0}, std::chrono::floor<milliseconds>(heard - *run.started));
    take_end(wire, result);
  }
  for (const auto& [listener, state] : told)
    listener->on_state(state);
}

} // namespace

hal::guard_state state_of(const guard_notice& said) {
  hal::guard_state state{.connected = true,
                         .latched = said.latched,
                         .latched_by_input = said.latched_by_input,
                         .epoch = said.epoch,
                         .lease_limit = milliseconds{said.lease_limit_ms},
                         .valve_extra = milliseconds{said.valve_extra_ms},
                         .simulated = said.simulated,
                         .faults = said.faults,
                         .lines = {}};
  for (const auto& line : said.lines)
    state.lines.push_back({line.name, line.is_on, line.is_valve, milliseconds{line.window_used_ms},
                           milliseconds{line.window_limit_ms}, milliseconds{line.window_ms},
                           milliseconds{line.single_limit_ms}});
  return state;
}

result<std::unique_ptr<guard_client>> guard_client::connect(inherited_links links,
                                                            milliseconds patience) {
  auto lost = [](const std::string& detail) {
    return refusal{reason::pump_guard_lost, {{"detail", detail}}};
  };
  pollfd watched{links.orders.descriptor(), POLLIN, 0};
  const auto until = clock::now() + patience;
  while (::poll(&watched, 1, static_cast<int>(patience.count())) < 0 && errno == EINTR)
    if (clock::now() > until)
      break;
  std::string packet;
  if (links.orders.read(packet) != packet_read::packet)
    return lost("it does not greet");
  const auto said = read_notice(packet);
  if (!said || said->kind != notice_kind::hello || said->protocol != protocol_version)
    return lost("it greets in another language; the program was replaced while it ran");
  return std::unique_ptr<guard_client>{new client{std::move(links), said->stations}};
}

} // namespace gantry::guard
