// The real actors step by step: what callers hear when an actor fails.
#include "actors/stepped_kernel.hpp"

#include "bench/farm_sim/sim_clock.hpp"
#include "storage/initialise.hpp"
#include "storage/memory_store.hpp"

#include <boost/test/unit_test.hpp>
#include <filesystem>
#include <optional>

using namespace gantry;

namespace {

/// Printers whose ports cannot even be opened.
class broken_ports final : public hal::printer_port_factory {
public:
  std::unique_ptr<hal::printer_port> open(const hal::port_config&,
                                          std::shared_ptr<hal::port_listener>) override {
    throw std::runtime_error{"no port"};
  }
  void probe(const hal::port_config&, std::function<void(hal::port_answer)> then) override {
    then({});
  }
};

/// A kernel with nothing below it but a store in memory.
struct bare_kernel {
  bare_kernel() {
    BOOST_REQUIRE(bool{storage::initialise(store, {1, 2})});
    const auto folder = std::filesystem::temp_directory_path() / "gantry-stepped-kernel";
    auto opened = storage::open_artifact_store(folder.string());
    BOOST_REQUIRE(bool{opened});
    artifacts = std::move(*opened);
    actors::kernel_parts parts;
    parts.store = &store;
    parts.artifacts = artifacts.get();
    parts.clock = &clock;
    parts.ids = &ids;
    parts.printers = &ports;
    parts.work_folder = folder.string();
    kernel = actors::make_stepped_kernel(parts, {});
  }

  void run() {
    while (kernel->runnable() > 0)
      kernel->step(0);
  }

  farm_sim::agenda time;
  farm_sim::sim_clock clock{time};
  farm_sim::sim_ids ids{1};
  storage::memory_store store;
  std::unique_ptr<storage::artifact_store> artifacts;
  broken_ports ports;
  std::unique_ptr<actors::stepped_kernel> kernel;
};

command adding_a_printer() {
  command request;
  request.context.who = {"tok-test", "test", principal_kind::user, {role::admin}};
  request.context.idempotency_key = "one";
  commands::add_printer body;
  body.setup.name = "broken";
  body.setup.address.host = "nowhere";
  request.body = body;
  return request;
}

} // namespace

BOOST_AUTO_TEST_CASE(defect_a_request_had_no_answer_when_the_actor_that_decided_it_failed) {
  bare_kernel farm;
  std::optional<actors::command_reply> heard;
  farm.kernel->submit(adding_a_printer(),
                      [&heard](const actors::command_reply& reply) { heard = reply; });
  farm.run();
  BOOST_REQUIRE(heard.has_value());
  BOOST_TEST(to_string(heard->code) == to_string(reason::busy));
  BOOST_TEST(farm.kernel->waiting_callers() == 0U);
}

BOOST_AUTO_TEST_CASE(what_was_committed_before_the_failure_is_answered_when_it_is_asked_again) {
  bare_kernel farm;
  std::optional<actors::command_reply> heard;
  for (int i = 0; i < 2; ++i) {
    farm.kernel->submit(adding_a_printer(),
                        [&heard](const actors::command_reply& reply) { heard = reply; });
    farm.run();
  }
  BOOST_REQUIRE(heard.has_value());
  BOOST_TEST(farm.kernel->entity_failures() > 0U);
}
