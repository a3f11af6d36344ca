#include "actors/stepped_kernel.hpp"

#include "actors/assembly.hpp"
#include "actors/failure.hpp"
#include "actors/station_stop.hpp"

#include <algorithm>
#include <caf/abstract_actor.hpp>
#include <caf/actor_system.hpp>
#include <caf/actor_system_config.hpp>
#include <caf/exit_reason.hpp>
#include <caf/scheduled_actor.hpp>
#include <caf/scheduler/test_coordinator.hpp>
#include <caf/stateful_actor.hpp>
#include <caf/typed_event_based_actor.hpp>
#include <caf/typed_response_promise.hpp>
#include <deque>

namespace gantry::actors {

namespace {

using std::chrono::milliseconds;
using time_asker = std::function<milliseconds()>;

/// What waits to be handed on.
template <class Content, class Answer>
struct waiting_work {
  std::deque<std::pair<Content, caf::typed_response_promise<Answer>>> waiting;
};

/// An actor in front of `Real` that hands each request on after a while, in order.
template <class Real, class Atom, class Content, class Answer>
struct slow {
  using actor = typename Real::template extend<caf::reacts_to<wake_atom>>;
  using pointer = typename actor::template stateful_pointer<waiting_work<Content, Answer>>;

  static typename actor::behavior_type behavior(pointer self, Real real, time_asker time) {
    auto take = [self, time](Atom, const Content& what) {
      auto promise = self->template make_response_promise<caf::typed_response_promise<Answer>>();
      self->state.waiting.emplace_back(what, promise);
      self->delayed_send(self, time(), wake_atom_v);
      return promise;
    };
    auto hand_on = [self, real](wake_atom) {
      auto [what, promise] = std::move(self->state.waiting.front());
      self->state.waiting.pop_front();
      self->request(real, caf::infinite, Atom{}, what)
          .then([promise](Answer answer) mutable { promise.deliver(answer); },
                [promise](const caf::error& why) mutable { promise.deliver(why); });
    };
    if constexpr (std::is_same_v<Real, writer_actor>)
      return {take,
              [self, real](keep_atom, const loose_batch_ptr& changes) {
                self->send(real, keep_atom_v, changes);
              },
              hand_on};
    else
      return {take, hand_on};
  }

  static Real put_before(caf::actor_system& system, Real real, const time_asker& time) {
    return caf::actor_cast<Real>(system.spawn(behavior, std::move(real), time));
  }
};

/// True while an actor of the list has not ended.
bool any_lives(const std::vector<caf::actor>& handles) {
  return std::ranges::any_of(handles, [](const caf::actor& each) {
    return each && !each->getf(caf::abstract_actor::is_terminated_flag);
  });
}

class virtual_kernel final : public stepped_kernel {
public:
  virtual_kernel(const kernel_parts& parts, stepped_options options)
      : options_{std::move(options)},
        shared_{parts},
        system_{configure(config_)},
        scheduler_{dynamic_cast<caf::scheduler::test_coordinator&>(system_.scheduler())},
        started_{scheduler_.clock().current_time},
        actors_{system_, shared_, desk_, variant()} {
    actors_.begin();
  }

  ~virtual_kernel() override { crash(); }

  void submit(command request, std::function<void(command_reply)> then) override {
    actors_.submit(std::move(request), std::move(then));
  }

  std::optional<bool> stop_pumps(const station_id& id) override {
    return actors::stop_pumps(shared_, id, milliseconds{0});
  }

  live_table& live() override { return shared_.live; }
  event_feed& feed() override { return shared_.feed; }

  size_t runnable() const override { return scheduler_.jobs.size(); }

  uint64_t name_of(size_t index) const override {
    const auto* actor = dynamic_cast<const caf::abstract_actor*>(scheduler_.jobs[index]);
    return actor ? actor->id() : 0;
  }

  void step(size_t index) override {
    auto& jobs = scheduler_.jobs;
    const auto chosen = jobs.begin() + static_cast<std::ptrdiff_t>(index);
    std::rotate(jobs.begin(), chosen, chosen + 1);
    scheduler_.run_once();
    if (stopping_ && !committing_ended_ && !any_lives(deciders_)) {
      committing_ended_ = true;
      actors_.stop_committing();
    }
  }

  std::optional<hal::mono_time> next_timer() const override {
    const auto& timers = scheduler_.clock().schedule();
    if (timers.empty())
      return std::nullopt;
    return timers.begin()->first - started_;
  }

  void advance_to(hal::mono_time since_start) override {
    const auto pause = started_ + since_start - scheduler_.clock().current_time;
    if (pause.count() > 0)
      scheduler_.advance_time(std::chrono::duration_cast<caf::timespan>(pause));
    else if (const auto next = next_timer(); next && *next <= since_start)
      scheduler_.trigger_timeout();
  }

  size_t longest_mailbox() const override {
    size_t longest = 0;
    for (auto* job : scheduler_.jobs)
      if (auto* actor = dynamic_cast<caf::scheduled_actor*>(job))
        longest = std::max(longest, actor->mailbox().size());
    return longest;
  }

  size_t waiting_callers() const override { return desk_.waiting(); }
  uint64_t entity_failures() const override { return shared_.entity_failures; }
  bool storage_low() const override { return shared_.storage_low; }

  void begin_stop() override {
    if (std::exchange(stopping_, true))
      return;
    desk_.close(milliseconds{0});
    deciders_ = actors_.deciders();
    actors_.stop_deciding();
  }

  bool stopped() const override { return committing_ended_ && scheduler_.jobs.empty(); }

  void crash() override {
    if (std::exchange(gone_, true))
      return;
    desk_.abandon();
    begin_stop();
    drain();
    if (!std::exchange(committing_ended_, true))
      actors_.stop_committing();
    drain();
    for (const auto& each : fronts_)
      caf::anon_send_exit(each, caf::exit_reason::kill);
    drain();
    fronts_.clear();
    deciders_.clear();
    actors_.release();
    // Timers hold their actors, and the scheduler would run them when it stops.
    scheduler_.clock().cancel_all();
    drain();
  }

private:
  caf::actor_system_config& configure(caf::actor_system_config& config) {
    config.set("scheduler.policy", caf::atom("testing"));
    return config;
  }

  io_variant variant() {
    io_variant io;
    io.own_threads = false;
    io.end = [lost = options_.lost](const std::string& who, const std::exception_ptr& problem) {
      lost(who + ": " + failure_text(problem));
    };
    if (options_.write_time)
      io.around_writer = [this](caf::actor_system& system, writer_actor real) {
        using front = slow<writer_actor, write_atom, group_ptr, uint64_t>;
        return remembered(front::put_before(system, std::move(real), options_.write_time));
      };
    if (options_.work_time)
      io.around_worker = [this](caf::actor_system& system, worker_actor real) {
        using front = slow<worker_actor, work_atom, task_ptr, bool>;
        return remembered(front::put_before(system, std::move(real), options_.work_time));
      };
    return io;
  }

  /// What waits in them is a promise of their own, so they would not go by themselves.
  template <class Handle>
  Handle remembered(Handle handle) {
    fronts_.push_back(caf::actor_cast<caf::actor>(handle));
    return handle;
  }

  void drain() {
    while (!scheduler_.jobs.empty())
      step(0);
  }

  stepped_options options_;
  caf::actor_system_config config_;
  services shared_;
  submission_desk desk_;
  caf::actor_system system_;
  caf::scheduler::test_coordinator& scheduler_;
  caf::actor_clock::time_point started_;
  std::vector<caf::actor> fronts_;
  assembly actors_;
  std::vector<caf::actor> deciders_;
  bool stopping_ = false;
  bool committing_ended_ = false;
  bool gone_ = false;
};

} // namespace

std::unique_ptr<stepped_kernel> make_stepped_kernel(const kernel_parts& parts,
                                                    stepped_options options) {
  return std::make_unique<virtual_kernel>(parts, std::move(options));
}

} // namespace gantry::actors
