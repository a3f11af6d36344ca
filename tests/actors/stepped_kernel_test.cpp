// The real actors step by step: what callers hear when an actor fails, and what goes on by itself
// after a failure.
#include "tests/actors/bare_kernel.hpp"

#include <boost/test/unit_test.hpp>
#include <fstream>
#include <sstream>

using namespace gantry;
using namespace std::chrono_literals;

namespace {

/// A printer that says nothing.
class silent_port final : public hal::printer_port {
public:
  void upload(uint64_t, const std::string&, const std::string&, const std::string&) override {}
  void start(uint64_t, const std::string&) override {}
  void pause(uint64_t) override {}
  void resume(uint64_t) override {}
  void cancel(uint64_t) override {}
  void remove_file(uint64_t, const std::string&) override {}
  void refresh(uint64_t) override {}
};

/// Printers whose ports cannot even be opened, until they are repaired.
class broken_ports final : public hal::printer_port_factory {
public:
  std::unique_ptr<hal::printer_port> open(const hal::port_config&,
                                          std::shared_ptr<hal::port_listener>) override {
    if (!repaired)
      throw std::runtime_error{"no port"};
    ++opened;
    return std::make_unique<silent_port>();
  }
  bool repaired = false;
  int opened = 0;
  void probe(const hal::port_config&, std::function<void(hal::port_answer)> then) override {
    then({});
  }
};

/// Pumps whose ports cannot be opened by those who would run them.
class stoppable_pumps final : public hal::pump_port_factory {
public:
  class port final : public hal::pump_port {
  public:
    explicit port(stoppable_pumps& all) : all_{all} {}
    void run(uint64_t, const hal::pump_run_request&) override {}
    void renew(uint64_t) override {}
    void stop(uint64_t) override {}
    bool emergency_stop(std::chrono::milliseconds) override {
      all_.stopped.push_back(all_.bank);
      return true;
    }
    void acknowledge(uint64_t) override {}

  private:
    stoppable_pumps& all_;
  };

  [[nodiscard]] std::vector<std::string> stations() const override { return {"bank1"}; }
  std::unique_ptr<hal::pump_port> open(const std::string& station,
                                       std::shared_ptr<hal::pump_listener>) override {
    if (broken)
      throw std::runtime_error{"no port"};
    bank = station;
    return std::make_unique<port>(*this);
  }
  bool broken = true;
  std::string bank;
  std::vector<std::string> stopped;
};

/// A slicer that fails as none should, and once it is repaired says that it is missing.
class throwing_slicer final : public slicer::slicer {
public:
  gantry::slicer::slice_outcome slice(const gantry::slicer::slice_request&,
                                      const gantry::slicer::slice_progress&) override {
    if (!repaired)
      throw std::runtime_error{"no memory"};
    return gantry::slicer::slice_failure{{reason::slicer_missing, {}}, {}, {}};
  }
  result<std::string> version(const std::atomic<bool>*) override { return std::string{"none"}; }
  bool repaired = false;
};

/// A farm whose printers and pumps cannot be opened at first, and whose slicer fails.
struct broken_parts {
  throwing_slicer slicing;
  broken_ports ports;
  stoppable_pumps pumps;
};
struct broken_farm : broken_parts, test::bare_kernel {
  broken_farm() : bare_kernel{{ports, &pumps, slicing}} {}
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

/// A station whose pumps' port cannot be opened at first.
commands::add_station adding_a_station() {
  commands::add_station body;
  body.setup.name = "resin";
  body.setup.host = "nowhere";
  body.setup.pump_bank = "bank1";
  return body;
}

} // namespace

BOOST_AUTO_TEST_CASE(defect_a_request_had_no_answer_when_the_actor_that_decided_it_failed) {
  broken_farm farm;
  std::optional<actors::command_reply> heard;
  farm.kernel->submit(adding_a_printer(),
                      [&heard](const actors::command_reply& reply) { heard = reply; });
  farm.run();
  BOOST_REQUIRE(heard.has_value());
  BOOST_TEST(to_string(heard->code) == to_string(reason::busy));
  BOOST_TEST(farm.kernel->waiting_callers() == 0U);
}

BOOST_AUTO_TEST_CASE(what_was_committed_before_the_failure_is_answered_when_it_is_asked_again) {
  broken_farm farm;
  std::optional<actors::command_reply> heard;
  for (int i = 0; i < 2; ++i) {
    farm.kernel->submit(adding_a_printer(),
                        [&heard](const actors::command_reply& reply) { heard = reply; });
    farm.run();
  }
  BOOST_REQUIRE(heard.has_value());
  BOOST_TEST(farm.kernel->entity_failures() > 0U);
}

BOOST_AUTO_TEST_CASE(defect_a_printer_that_returned_to_service_was_left_alone_until_a_restart) {
  broken_farm farm;
  commands::add_printer body;
  body.setup.name = "broken";
  body.setup.address.host = "nowhere";
  const printer_id id{farm.ask(body).entity.id};
  farm.pass(1min);
  BOOST_REQUIRE((farm.get<printer>(ref_of(id)).mode == printer_mode::quarantined));
  farm.ports.repaired = true;
  farm.pass(1min);
  BOOST_TEST(farm.ports.opened == 0);
  farm.ask(commands::set_printer_mode{id, printer_mode::active, "repaired"});
  BOOST_TEST(farm.ports.opened == 1);
}

BOOST_AUTO_TEST_CASE(defect_an_emergency_stop_of_a_station_that_was_set_aside_stopped_nothing) {
  broken_farm farm;
  auto body = adding_a_station();
  const station_id id{farm.ask(body).entity.id};
  farm.pass(1min);
  farm.pumps.broken = false;
  BOOST_TEST(farm.kernel->stop_pumps(id).value_or(false));
  BOOST_TEST(farm.pumps.stopped == std::vector<std::string>{"bank1"},
             boost::test_tools::per_element());
  // A station without lines has nothing that could be switched off.
  body.setup.name = "bare";
  body.setup.host = "elsewhere";
  body.setup.pump_bank.clear();
  BOOST_TEST(!farm.kernel->stop_pumps(station_id{farm.ask(body).entity.id}).has_value());
}

BOOST_AUTO_TEST_CASE(defect_a_station_whose_control_kept_failing_was_left_alone_silently) {
  broken_farm farm;
  const station_id id{farm.ask(adding_a_station()).entity.id};
  farm.pass(1min);
  BOOST_TEST(farm.get<station>(ref_of(id)).latched);
  BOOST_TEST((farm.get<station>(ref_of(id)).state == station_state::aborted));
  farm.pumps.broken = false;
  farm.pass(1min);
  BOOST_TEST(farm.pumps.bank.empty());
  farm.ask(commands::acknowledge_station{id, {}, {}});
  BOOST_TEST(!farm.get<station>(ref_of(id)).latched);
  BOOST_TEST(farm.pumps.bank == "bank1");
}

BOOST_AUTO_TEST_CASE(defect_the_result_of_work_was_forgotten_when_the_disk_was_full) {
  broken_farm farm;
  const auto id = farm.order_part("no model");
  farm.store.set_free_bytes(0);
  farm.pass(1min);
  BOOST_REQUIRE((farm.state_of_plan(id) == plan_state::checking));
  farm.store.set_free_bytes(UINT64_MAX);
  farm.pass(1min);
  BOOST_TEST((farm.state_of_plan(id) == plan_state::rejected));
}

BOOST_AUTO_TEST_CASE(defect_work_that_failed_ended_its_worker_and_was_taken_for_done) {
  broken_farm farm;
  std::ifstream cube{GANTRY_SOURCE_DIR "/examples/cube.stl", std::ios::binary};
  std::ostringstream text;
  text << cube.rdbuf();
  const auto id = farm.order_part(text.str());
  farm.pass(3s);
  BOOST_TEST(farm.kernel->entity_failures() > 0U);
  BOOST_TEST((farm.state_of_plan(id) == plan_state::slicing));
  farm.slicing.repaired = true;
  farm.pass(1min);
  BOOST_TEST((farm.state_of_plan(id) == plan_state::failed));
  BOOST_TEST(farm.lost.empty());
}

BOOST_AUTO_TEST_CASE(defect_a_failure_of_the_gateway_left_everybody_without_answers) {
  broken_farm farm;
  farm.kernel->submit(adding_a_printer(), [](const actors::command_reply&) {
    throw std::runtime_error{"a caller fails"};
  });
  farm.run();
  BOOST_TEST(farm.lost.find("a caller fails") != std::string::npos);
}

BOOST_AUTO_TEST_CASE(defect_what_changed_nothing_was_carried_out_when_it_was_repeated) {
  broken_farm farm;
  farm.ports.repaired = true;
  commands::add_printer body;
  body.setup.name = "one";
  body.setup.address.host = "somewhere";
  const printer_id id{farm.ask(body).entity.id};
  const commands::set_printer_mode active{id, printer_mode::active, "as it is"};
  const auto first = farm.ask(active, "again");
  farm.ask(commands::set_printer_mode{id, printer_mode::maintenance, "a new nozzle"});
  const auto second = farm.ask(active, "again");
  BOOST_TEST((farm.get<printer>(ref_of(id)).mode == printer_mode::maintenance));
  BOOST_TEST(second.version == first.version);
  BOOST_TEST((second.code == reason::ok));
}
