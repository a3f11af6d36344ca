#include "bench/resin_sim/sim_pump_ports.hpp"

#include "hal/guard/guard_client.hpp"

namespace gantry::farm_sim {

using guard::guard_notice;
using guard::guard_order;
using guard::notice_kind;
using guard::order_kind;
using guard::state_of;
using std::chrono::milliseconds;

namespace {

struct open_run {
  uint64_t port = 0;
  uint64_t ticket = 0;
  std::string station{};
  std::optional<hal::mono_time> started{};
};

struct watched_station {
  hal::guard_state state{};
  std::map<uint64_t, std::shared_ptr<hal::pump_listener>> listeners{};
};

} // namespace

/// What runs are open and who listens; outlives the factory as long as a port is there.
struct sim_pump_ports::book {
  agenda& time;
  sim_guard& guard;
  sim_links& links;
  std::map<std::string, watched_station> watched{};
  std::map<uint64_t, open_run> runs{}; ///< By the ticket on the wire.
  uint64_t last_wire = 0;
  uint64_t last_port = 0;
  hal::mono_time heard{0};
  bool lost = false;
  bool ended = false;

  void send(const guard_order& order) {
    if (!lost && !ended)
      guard.send(to_packet(order));
  }
  void take(const std::string& packet);
  void take_state(const guard_notice& said);
  void take_end(uint64_t wire, const hal::pump_run_result& result);
  void lose();
};

class sim_pump_ports::port final : public hal::pump_port {
public:
  port(std::shared_ptr<book> all, uint64_t number, std::string station)
      : all_{std::move(all)}, number_{number}, station_{std::move(station)} {}

  ~port() override {
    all_->watched[station_].listeners.erase(number_);
    for (const auto& [wire, run] : all_->runs)
      if (run.port == number_)
        all_->send({.kind = order_kind::stop, .ticket = wire});
    std::erase_if(all_->runs, [this](const auto& each) { return each.second.port == number_; });
  }

  void run(uint64_t ticket, const hal::pump_run_request& what) override {
    const auto wire = ++all_->last_wire;
    all_->runs[wire] = {number_, ticket, station_, {}};
    if (all_->lost)
      return all_->links.post([all = all_, wire] {
        all->take_end(wire, {.why = reason::pump_guard_lost, .detail = "the guard is gone"});
      });
    all_->send({.kind = order_kind::run,
                .ticket = wire,
                .station = station_,
                .pump = what.pump,
                .direction = what.direction,
                .duration_ms = what.duration.count(),
                .lease_ms = what.lease.count(),
                .epoch = what.epoch,
                .with_valve = what.with_valve,
                .purpose = what.purpose});
  }
  void renew(uint64_t ticket) override { about(order_kind::renew, ticket); }
  void stop(uint64_t ticket) override { about(order_kind::stop, ticket); }
  bool emergency_stop(milliseconds) override {
    return !all_->lost && !all_->ended && all_->guard.stop_at_once(station_);
  }
  void acknowledge(uint64_t epoch) override {
    all_->send({.kind = order_kind::acknowledge, .station = station_, .epoch = epoch});
  }

private:
  void about(order_kind kind, uint64_t ticket) {
    for (const auto& [wire, run] : all_->runs)
      if (run.port == number_ && run.ticket == ticket)
        all_->send({.kind = kind, .ticket = wire});
  }

  std::shared_ptr<book> all_;
  uint64_t number_;
  std::string station_;
};

sim_pump_ports::sim_pump_ports(agenda& time, sim_guard& guard, sim_links& links)
    : book_{std::make_shared<book>(time, guard, links)} {
  guard.join([all = std::weak_ptr{book_}](const std::string& packet) {
    if (const auto there = all.lock())
      there->links.post([there, packet] { there->take(packet); });
  });
}

sim_pump_ports::~sim_pump_ports() {
  book_->ended = true;
}

std::vector<std::string> sim_pump_ports::stations() const {
  std::vector<std::string> names;
  for (const auto& each : book_->guard.settings().stations)
    names.push_back(each.name);
  return names;
}

std::unique_ptr<hal::pump_port> sim_pump_ports::open(const std::string& station,
                                                     std::shared_ptr<hal::pump_listener> listener) {
  const auto number = ++book_->last_port;
  auto& watched = book_->watched[station];
  watched.listeners[number] = listener;
  book_->links.post([listener, state = watched.state] { listener->on_state(state); });
  return std::make_unique<port>(book_, number, station);
}

void sim_pump_ports::lose() {
  book_->links.post([all = book_] { all->lose(); });
}

void sim_pump_ports::book::take(const std::string& packet) {
  const auto said = guard::read_notice(packet);
  if (!said || ended)
    return;
  heard = time.now();
  if (said->kind == notice_kind::state)
    return take_state(*said);
  if (said->kind == notice_kind::finished)
    return take_end(said->ticket, {.started = said->started,
                                   .completed = said->completed,
                                   .why = said->why,
                                   .detail = said->detail,
                                   .on_time = std::chrono::floor<milliseconds>(
                                       std::chrono::microseconds{said->on_time_us})});
  const auto at = said->kind == notice_kind::started ? runs.find(said->ticket) : runs.end();
  if (at == runs.end())
    return;
  at->second.started = time.now();
  if (const auto& listener = watched[at->second.station].listeners[at->second.port])
    listener->on_started(at->second.ticket);
}

void sim_pump_ports::book::take_state(const guard_notice& said) {
  auto& station = watched[said.station];
  station.state = state_of(said);
  for (const auto& [number, listener] : std::map{station.listeners})
    listener->on_state(station.state);
}

void sim_pump_ports::book::take_end(uint64_t wire, const hal::pump_run_result& result) {
  const auto ended_run = runs.extract(wire);
  if (ended_run.empty())
    return;
  const auto& run = ended_run.mapped();
  if (const auto& listener = watched[run.station].listeners[run.port])
    listener->on_finished(run.ticket, result);
}

void sim_pump_ports::book::lose() {
  lost = true;
  for (const auto& [wire, run] : std::map{runs}) {
    hal::pump_run_result result{.started = run.started.has_value(),
                                .why = reason::pump_guard_lost,
                                .detail = "its process is gone"};
    // It was on when the guard was last heard of; what came after nobody knows.
    if (run.started)
      result.on_time =
          std::max(milliseconds{0}, std::chrono::floor<milliseconds>(heard - *run.started));
    take_end(wire, result);
  }
  for (auto& [name, station] : watched) {
    station.state.connected = false;
    for (const auto& [number, listener] : std::map{station.listeners})
      listener->on_state(station.state);
  }
}

} // namespace gantry::farm_sim
