// The real actors step by step, with nothing below them but a store in memory and the ports that a
// test gives.
#pragma once

#include "actors/stepped_kernel.hpp"
#include "bench/farm_sim/sim_clock.hpp"
#include "hal/slicer/slicer.hpp"
#include "storage/initialise.hpp"
#include "storage/memory_store.hpp"
#include "storage/reader.hpp"

#include <boost/test/unit_test.hpp>
#include <filesystem>
#include <optional>
#include <string>
#include <unistd.h>
#include <utility>

namespace gantry::test {

using namespace std::chrono_literals;

/// What is below such a kernel; it outlives the kernel.
struct kernel_surroundings {
  hal::printer_port_factory& printers;
  hal::pump_port_factory* pumps = nullptr;
  slicer::slicer& slicing;
};

/// Such a kernel. Time passes in `pass` alone.
struct bare_kernel {
  explicit bare_kernel(kernel_surroundings below)
      : folder{std::filesystem::temp_directory_path()
               / ("gantry-stepped-kernel-" + std::to_string(::getpid()))} {
    BOOST_REQUIRE(bool{storage::initialise(store, {1, 2})});
    auto opened = storage::open_artifact_store(folder.string());
    BOOST_REQUIRE(bool{opened});
    artifacts = std::move(*opened);
    actors::kernel_parts parts;
    parts.store = &store;
    parts.artifacts = artifacts.get();
    parts.clock = &clock;
    parts.ids = &ids;
    parts.printers = &below.printers;
    parts.pumps = below.pumps;
    parts.slicer = &below.slicing;
    parts.work_folder = folder.string();
    actors::stepped_options how;
    how.work_time = [] { return 1'000ms; };
    how.lost = [this](const std::string& why) { lost = why; };
    kernel = actors::make_stepped_kernel(parts, how);
  }

  ~bare_kernel() {
    kernel.reset();
    std::error_code ignored;
    std::filesystem::remove_all(folder, ignored);
  }
  bare_kernel(const bare_kernel&) = delete;
  bare_kernel& operator=(const bare_kernel&) = delete;

  /// Does everything that is to be done now.
  void run() {
    while (kernel->runnable() > 0)
      kernel->step(0);
  }

  /// Lets `length` pass.
  void pass(hal::mono_time length) {
    const auto end = time.now() + length;
    for (auto next = kernel->next_timer(); next && *next <= end; next = kernel->next_timer()) {
      time.advance_to(*next);
      kernel->advance_to(*next);
      run();
    }
    time.advance_to(end);
    kernel->advance_to(end);
    run();
  }

  /// Asks for `body` under a key, a new one if none is given, and returns the answer.
  actors::command_reply ask(any_command body, std::string key = {}) {
    command request;
    request.context.who = {
        "tok-test", "test", principal_kind::user, {role::admin, role::operator_, role::planner}};
    request.context.idempotency_key = key.empty() ? "key-" + std::to_string(++keys) : key;
    request.body = std::move(body);
    std::optional<actors::command_reply> heard;
    kernel->submit(std::move(request),
                   [&heard](const actors::command_reply& reply) { heard = reply; });
    run();
    BOOST_REQUIRE(heard.has_value());
    return *heard;
  }

  /// The stored state.
  template <class State>
  State get(const entity_ref& entity) const {
    const auto stored = storage::reader{store}.get(entity);
    BOOST_REQUIRE(stored.has_value());
    return std::get<State>(*decode_state(entity.kind, stored->json));
  }

  /// An order for one part made of this model file.
  order_id order_part(const std::string& model_text) {
    ask(commands::add_material{"PLA", 1'240});
    const box_um bed{220'000, 220'000, 250'000};
    const profile_id plain{
        ask(commands::add_profile{"plain", "PLA", 400, bed, "layer_height = 0.2\n"}).entity.id};
    auto upload = artifacts->begin(1'000'000);
    BOOST_REQUIRE(bool{upload});
    BOOST_REQUIRE(bool{(*upload)->append(model_text)});
    const auto stored = (*upload)->finish();
    BOOST_REQUIRE(bool{stored});
    order_line line;
    line.name = "part";
    line.profile = plain;
    line.model.value =
        ask(commands::store_artifact{artifact_kind::model, "part.stl", stored->sha256,
                                     static_cast<int64_t>(stored->size_bytes)})
            .entity.id;
    commands::create_order wanted;
    wanted.lines.push_back(line);
    return order_id{ask(wanted).entity.id};
  }
  /// Where the plan of an order's first line stands.
  plan_state state_of_plan(const order_id& id) const {
    return get<plan>(ref_of(get<order>(ref_of(id)).lines.at(0).plan)).state;
  }

  const std::filesystem::path folder;
  int keys = 0;     ///< Requests so far.
  std::string lost; ///< Why the process would have ended.

  farm_sim::agenda time;
  farm_sim::sim_clock clock{time};
  farm_sim::sim_ids ids{1};
  storage::memory_store store;
  std::unique_ptr<storage::artifact_store> artifacts;
  std::unique_ptr<actors::stepped_kernel> kernel;
};

} // namespace gantry::test
