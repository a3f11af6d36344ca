// A connector and a simulated resin printer on one virtual clock, with a network between them that
// takes a millisecond.
#pragma once

#include "hal/anycubic/anycubic_connector.hpp"
#include "tests/sim/anycubic_fixture.hpp"
#include "tests/unit/anycubic_bench.hpp"

namespace gantry::tests {

using nlohmann::json;

class resin_world {
public:
  explicit resin_world(sim::anycubic_options options = sim::test::resin_fixture::quick_options(),
                       std::chrono::milliseconds poll = 3s)
      : machine{std::move(options)} {
    hal::resin_config config;
    config.host = "printer";
    config.poll_interval = poll;
    core = std::make_unique<hal::anycubic_connector>(config, listener, clock, chance);
    core->begin(std::make_unique<virtual_link>(*this));
  }

  /// Lets time pass for both, event by event.
  void run(std::chrono::milliseconds duration) {
    const auto end = clock.now + duration;
    while (const auto next = next_event(end)) {
      clock.now = *next;
      machine.device.advance(machine_time());
      machine.now = machine_time();
      if (!events_.empty() && events_.begin()->first <= clock.now) {
        const auto action = std::move(events_.begin()->second);
        events_.erase(events_.begin());
        action();
      }
      deliver();
      if (wake_ && *wake_ <= clock.now) {
        wake_.reset();
        core->on_timer();
      }
      watch();
    }
    clock.now = end;
    machine.device.advance(machine_time());
    deliver();
  }
  /// Times without a connection after the first one, and how long they took in all.
  struct outage_count {
    int count = 0;
    std::chrono::nanoseconds length{0};
  };
  outage_count outages;

  /// Runs until `reached`, for at most `limit`.
  bool run_until(const std::function<bool()>& reached, std::chrono::milliseconds limit) {
    for (auto waited = 0ms; !reached() && waited < limit; waited += 50ms)
      run(50ms);
    return reached();
  }
  /// Runs until `ticket` is answered.
  hal::port_answer answer(uint64_t ticket, std::chrono::milliseconds limit = 200s) {
    BOOST_REQUIRE(run_until([&] { return listener->answers_of(ticket) > 0; }, limit));
    return std::find_if(listener->answers.begin(), listener->answers.end(),
                        [&](const auto& item) { return item.first == ticket; })
        ->second;
  }
  const resin_report& last() const { return listener->reports.back(); }
  bool is_online() const { return last().link == link_state::online; }
  /// How often something happened at the machine.
  int64_t happened(const std::string& event) const {
    return machine.state()["happened"].value(event, int64_t{0});
  }
  int64_t received(const std::string& command) const {
    return machine.state()["received"].value(command, int64_t{0});
  }

  stopped_clock clock;
  counted_chance chance;
  sim::test::resin_fixture machine;
  std::shared_ptr<resin_recorder> listener = std::make_shared<resin_recorder>();
  std::unique_ptr<hal::anycubic_connector> core;

private:
  /// The connector's end of the network.
  class virtual_link final : public hal::link {
  public:
    explicit virtual_link(resin_world& world) : world_{world} {}

    uint64_t open_websocket(const hal::link_address&, const std::string&,
                            const std::vector<hal::link_header>&) override {
      return 0;
    }
    uint64_t open_stream(const hal::link_address&) override {
      const auto number = ++last_;
      world_.after(1ms, [this, number] { world_.dial(number); });
      return number;
    }
    void send(uint64_t number, std::string bytes) override {
      world_.after(1ms, [this, number, bytes = std::move(bytes)] {
        if (const auto found = world_.streams_.find(number); found != world_.streams_.end())
          world_.machine.device.receive(found->second, bytes);
      });
    }
    void close(uint64_t number) override {
      world_.after(1ms, [this, number] { world_.hang_up(number); });
      closed_.insert(number);
      world_.closed_ = closed_;
    }
    uint64_t request(const hal::link_address&, hal::link_request) override { return 0; }
    void wake_after(std::chrono::milliseconds pause) override {
      world_.wake_ = world_.clock.now + pause;
    }

  private:
    resin_world& world_;
    uint64_t last_ = 0;
    std::set<uint64_t> closed_;
  };

  void watch() {
    const bool lost = last().link == link_state::offline && last().generation > 0;
    if (lost && !lost_at_)
      lost_at_ = clock.now;
    if (lost || !lost_at_)
      return;
    ++outages.count;
    outages.length += clock.now - *lost_at_;
    lost_at_.reset();
  }

  void after(std::chrono::milliseconds pause, std::function<void()> action) {
    events_.emplace(clock.now + pause, std::move(action));
  }
  sim::model_time machine_time() const {
    return std::chrono::duration_cast<sim::model_time>(clock.now - origin_);
  }

  std::optional<hal::mono_time> next_event(hal::mono_time end) const {
    std::optional<hal::mono_time> next;
    const auto consider = [&](hal::mono_time when) {
      if (when <= end && (!next || when < *next))
        next = std::max(when, clock.now);
    };
    if (!events_.empty())
      consider(events_.begin()->first);
    if (wake_)
      consider(*wake_);
    if (const auto due = machine.device.next_deadline())
      consider(origin_ + *due);
    return next;
  }

  void dial(uint64_t number) {
    if (closed_.contains(number))
      return;
    if (!machine.device.accepts_connections())
      return core->on_close(number, reason::link_refused, "refused");
    streams_[number] = machine.device.connect();
    core->on_open(number);
  }

  void hang_up(uint64_t number) {
    const auto found = streams_.find(number);
    if (found == streams_.end())
      return;
    machine.device.close(found->second);
    streams_.erase(found);
  }

  void deliver() {
    for (auto& output : machine.device.take_outputs()) {
      const auto found = std::find_if(streams_.begin(), streams_.end(), [&](const auto& item) {
        return item.second == output.connection;
      });
      if (found == streams_.end())
        continue;
      const auto number = found->first;
      const bool ends = output.what != sim::stream_output::kind::bytes;
      if (ends)
        streams_.erase(found);
      after(1ms, [this, number, ends, bytes = std::move(output.bytes)] {
        if (closed_.contains(number))
          return;
        if (ends)
          core->on_close(number, reason::link_closed, "the machine closed the connection");
        else
          core->on_bytes(number, bytes);
      });
    }
  }

  hal::mono_time origin_{1'000s};
  std::multimap<hal::mono_time, std::function<void()>> events_;
  std::optional<hal::mono_time> wake_;
  std::optional<hal::mono_time> lost_at_;
  std::map<uint64_t, sim::connection_id> streams_;
  std::set<uint64_t> closed_;
};

} // namespace gantry::tests
