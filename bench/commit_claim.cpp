// Acknowledged commands through the actors against the store alone, in turns.
#include "actors/kernel.hpp"
#include "bench/claims.hpp"
#include "bench/measurement.hpp"
#include "bench/served_farm.hpp"
#include "hal/moonraker/moonraker_ports.hpp"
#include "hal/net/network_runtime.hpp"
#include "hal/slicer/prusa_slicer.hpp"
#include "storage/initialise.hpp"
#include "storage/rocksdb_store.hpp"

#include <algorithm>
#include <atomic>
#include <chrono>
#include <cstdio>
#include <functional>
#include <future>
#include <mutex>
#include <stdexcept>
#include <thread>

namespace gantry::bench {

namespace {

using clock = std::chrono::steady_clock;

/// Other programs sync on the same disk, so both are measured in short turns.
constexpr double slice_s = 0.15;
constexpr size_t client_counts[] = {1, 8, 32, 200};

std::unique_ptr<storage::rocksdb_store> open_store(const std::string& folder) {
  auto opened = storage::open_rocksdb_store(folder, {.warn = {}});
  if (!opened)
    throw std::runtime_error{opened.why().text()};
  return std::move(*opened);
}

/// Passes everything on and remembers the newest batch that held a single command.
class sampling_store final : public storage::store {
public:
  explicit sampling_store(storage::store& inner) : inner_{inner} {}

  void write(const storage::batch& changes, bool synced) override {
    if (sampling)
      sample = changes;
    ++batches;
    inner_.write(changes, synced);
  }
  std::unique_ptr<storage::snapshot> read() const override { return inner_.read(); }
  uint64_t free_bytes() const override { return inner_.free_bytes(); }

  bool sampling = false;
  storage::batch sample;
  std::atomic<size_t> batches{0};

private:
  storage::store& inner_;
};

/// The kernel on a store of its own, without printers.
struct kernel_under_test {
  explicit kernel_under_test(const scratch_folder& scratch)
      : disk{open_store(scratch.path("kernel"))}, store{*disk} {
    static_cast<void>(storage::initialise(*disk, {chance->bits(), chance->bits()}));
    auto files = storage::open_artifact_store(scratch.path("artifacts"));
    if (!files)
      throw std::runtime_error{files.why().text()};
    artifacts = std::move(*files);
    running = actors::start_kernel({.store = &store,
                                    .artifacts = artifacts.get(),
                                    .clock = time.get(),
                                    .ids = chance.get(),
                                    .printers = printers.get(),
                                    .slicer = slicing.get(),
                                    .work_folder = scratch.path("work")});
  }

  std::unique_ptr<hal::clock> time = hal::make_system_clock();
  std::unique_ptr<hal::id_source> chance = hal::make_system_id_source();
  std::unique_ptr<storage::rocksdb_store> disk;
  sampling_store store;
  std::unique_ptr<storage::artifact_store> artifacts;
  std::unique_ptr<hal::link_runtime> links = hal::make_network_runtime();
  std::unique_ptr<hal::moonraker_ports> printers =
      std::make_unique<hal::moonraker_ports>(*links, *time, *chance);
  std::unique_ptr<slicer::slicer> slicing = slicer::make_prusa_slicer({});
  std::unique_ptr<actors::kernel> running;
};

/// Clients that ask again as soon as they are answered, each about a material of its own.
class client_crowd {
public:
  client_crowd(kernel_under_test& where, size_t clients, double duration_s)
      : where_{where},
        clients_{clients},
        due_{clock::now()
             + std::chrono::duration_cast<clock::duration>(
                 std::chrono::duration<double>{duration_s})} {}

  /// Commands per second.
  double run() {
    const auto began = clock::now();
    active_ = clients_;
    for (size_t i = 0; i < clients_; ++i)
      ask(i, 0);
    ended_.get_future().wait();
    if (refused_)
      throw std::runtime_error{"the kernel refused a command"};
    return static_cast<double>(answered_)
           / std::chrono::duration<double>(clock::now() - began).count();
  }

private:
  void ask(size_t client, int64_t round) {
    command request;
    request.context.who = {"tok-bench", "bench", principal_kind::user, {role::admin}};
    request.context.via = "bench";
    request.context.idempotency_key = "bench-" + std::to_string(where_.chance->bits());
    request.context.body_sha256 = std::string(64, 'a');
    request.body = commands::add_material{"BENCH-" + std::to_string(client),
                                          1'000 + static_cast<int64_t>(last_density++ % 1'000)};
    where_.running->submit(
        std::move(request),
        [this, client, round](const actors::command_reply& reply) { take(client, round, reply); });
  }

  void take(size_t client, int64_t round, const actors::command_reply& reply) {
    if (reply.code != reason::ok)
      refused_ = true;
    ++answered_;
    if (!refused_ && clock::now() < due_)
      ask(client, round + 1);
    else if (--active_ == 0)
      ended_.set_value();
  }

  static inline std::atomic<uint64_t> last_density{0};

  kernel_under_test& where_;
  const size_t clients_;
  const clock::time_point due_;
  std::atomic<size_t> active_{0};
  std::atomic<size_t> answered_{0};
  std::atomic<bool> refused_{false};
  std::promise<void> ended_;
};

/// `clients` threads that write the bytes of one command after the other; the database groups what
/// comes together. Returns commands per second.
double write_alone(storage::store& where, const storage::batch& sample, size_t clients,
                   double duration_s) {
  static std::atomic<uint64_t> last{0};
  std::atomic<size_t> written{0};
  const auto began = clock::now();
  const auto due =
      began
      + std::chrono::duration_cast<clock::duration>(std::chrono::duration<double>{duration_s});
  {
    std::vector<std::jthread> threads;
    for (size_t i = 0; i < clients; ++i)
      threads.emplace_back([&] {
        for (; clock::now() < due; ++written) {
          auto changes = sample;
          // New keys of the same length, as in a log that grows.
          for (auto& x : changes)
            if (x.where == storage::family::events || x.where == storage::family::streams
                || x.where == storage::family::keys)
              x.key.replace(x.key.size() - 8, 8, storage::be64(++last));
          where.write(changes, true);
        }
      });
  }
  return static_cast<double>(written) / std::chrono::duration<double>(clock::now() - began).count();
}

} // namespace

std::vector<figure> measure_commit(const effort& how) {
  const scratch_folder scratch;
  kernel_under_test kernel{scratch};
  const auto alone = open_store(scratch.path("alone"));
  static_cast<void>(client_crowd{kernel, 200, 0.3}.run());
  kernel.store.sampling = true;
  static_cast<void>(client_crowd{kernel, 1, 0.1}.run());
  kernel.store.sampling = false;
  size_t bytes = 0;
  for (const auto& each : kernel.store.sample)
    bytes += each.key.size() + each.value.value_or("").size();
  std::printf("%zu bytes a command in %zu records\nclients  kernel [1/s]  a group  store alone "
              "[1/s]  ratio\n",
              bytes, kernel.store.sample.size());
  figure worst{"rate", 0, std::nullopt, 1e9};
  for (const auto clients : client_counts) {
    std::vector<double> rates, ceilings, ratios;
    for (int round = 0; round < (how.quick ? 9 : 25); ++round) {
      const auto batches = kernel.store.batches.load();
      const auto ours = client_crowd{kernel, clients, slice_s}.run();
      const auto groups = static_cast<double>(kernel.store.batches - batches);
      const auto theirs = write_alone(*alone, kernel.store.sample, clients, slice_s);
      rates.push_back(ours);
      ceilings.push_back(theirs);
      ratios.push_back(ours / theirs);
      std::printf("%7zu  %12.0f  %7.1f  %17.0f  %5.2f\n", clients, ours, ours * slice_s / groups,
                  theirs, ratios.back());
    }
    if (median(ratios) < *worst.ratio)
      worst = {"rate", median(rates), median(ceilings), median(ratios)};
  }
  kernel.running->stop();
  return {worst};
}

} // namespace gantry::bench
