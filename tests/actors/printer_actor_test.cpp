// A printer's actor over a machine that a test plays: what it makes of answers that take their
// time.
#include "bench/farm_sim/sim_slicer.hpp"
#include "tests/actors/bare_kernel.hpp"

#include <boost/test/unit_test.hpp>
#include <cstdio>

using namespace gantry;
using namespace std::chrono_literals;

namespace {

/// A machine that does at once what it is asked, but goes on from a pause only when the test lets
/// it: as with a macro that heats first.
class slow_machine final : public hal::printer_port_factory {
public:
  std::unique_ptr<hal::printer_port> open(const hal::port_config&,
                                          std::shared_ptr<hal::port_listener> listener) override {
    listener_ = std::move(listener);
    say();
    return std::make_unique<port>(*this);
  }
  void probe(const hal::port_config&, std::function<void(hal::port_answer)> then) override {
    then({});
  }

  /// Its heaters are warm: the macro ends, and is answered.
  void answer_resume() { answer(resumes.back()); }
  void prints_on() {
    print_ = print_state::printing;
    say();
  }
  void say() {
    device_report report;
    report.link = link_state::online;
    report.link_reason = reason::link_ok;
    report.firmware = firmware_state::ready;
    report.print = print_;
    report.is_active = print_ == print_state::printing;
    report.is_paused = print_ == print_state::paused;
    report.file = file_;
    report.history = history_state::read;
    report.observed_at =
        timestamp{std::chrono::hours{24 * 365 * 56}} + std::chrono::seconds{++said_};
    report.ready_for_ms = 60'000;
    listener_->on_report(report);
  }

  std::vector<uint64_t> resumes;

private:
  class port final : public hal::printer_port {
  public:
    explicit port(slow_machine& machine) : machine_{machine} {}
    void upload(uint64_t ticket, const std::string& file, const std::string&,
                const std::string&) override {
      machine_.answer(ticket, static_cast<int64_t>(std::filesystem::file_size(file)));
    }
    void start(uint64_t ticket, const std::string& file) override {
      machine_.file_ = file;
      machine_.answer(ticket);
      machine_.prints_on();
    }
    void pause(uint64_t ticket) override {
      machine_.print_ = print_state::paused;
      machine_.answer(ticket);
      machine_.say();
    }
    void resume(uint64_t ticket) override { machine_.resumes.push_back(ticket); }
    void cancel(uint64_t ticket) override { machine_.answer(ticket); }
    void remove_file(uint64_t ticket, const std::string&) override { machine_.answer(ticket); }
    void refresh(uint64_t ticket) override {
      machine_.say();
      machine_.answer(ticket);
    }

  private:
    slow_machine& machine_;
  };

  void answer(uint64_t ticket, int64_t size_bytes = 0) {
    listener_->on_answer(ticket, {hal::port_outcome::done, reason::ok, {}, size_bytes});
  }

  std::shared_ptr<hal::port_listener> listener_;
  print_state print_ = print_state::standby;
  std::string file_;
  int64_t said_ = 0;
};

/// A farm of one such printer, whose only print was paused.
struct farm_parts {
  slow_machine machine;
  farm_sim::sim_slicer slicing{60};
};
struct paused_farm : farm_parts, test::bare_kernel {
  paused_farm() : bare_kernel{{machine, nullptr, slicing}} {
    commands::add_printer body;
    body.setup.name = "slow";
    body.setup.address.host = "somewhere";
    body.setup.slots = {{"PLA", "black", 400}};
    id = printer_id{ask(body).entity.id};
    ask(commands::confirm_bed_clear{id, "seen", {}});
    order_part(farm_sim::box_model(20, 20, 20));
    until(ticket_phase::printing);
    ask(commands::pause_run{what().ticket->run, {}});
    until(ticket_phase::paused);
  }

  [[nodiscard]] printer what() const { return get<printer>(ref_of(id)); }
  /// Lets time pass until the print is in `phase`.
  void until(ticket_phase phase) {
    for (int i = 0; i < 120 && !(what().ticket && what().ticket->phase == phase); ++i) {
      pass(1s);
      machine.say();
    }
    BOOST_REQUIRE(what().ticket.has_value());
    BOOST_REQUIRE((what().ticket->phase == phase));
  }
  /// Lets time pass, in which the machine reports as usual.
  void reports_for(std::chrono::seconds length) {
    for (auto i = 0s; i < length; i += 5s) {
      pass(5s);
      machine.say();
      run();
    }
  }

  printer_id id;
};

} // namespace

BOOST_FIXTURE_TEST_CASE(defect_a_resume_was_given_up_when_its_slow_answer_came, paused_farm) {
  ask(commands::resume_run{what().ticket->run, {}});
  BOOST_REQUIRE(machine.resumes.size() == 1u);
  // Its macro heats for longer than the effect of a command is waited for.
  reports_for(50s);
  BOOST_TEST((what().ticket->wanted == wanted_action::resume));
  machine.answer_resume();
  run();
  reports_for(20s);
  BOOST_TEST((what().ticket->wanted == wanted_action::resume));
  machine.prints_on();
  run();
  BOOST_TEST((what().ticket->phase == ticket_phase::printing));
  BOOST_TEST((what().ticket->wanted == wanted_action::none));
  BOOST_TEST(machine.resumes.size() == 1u);
}

BOOST_FIXTURE_TEST_CASE(a_resume_that_was_answered_and_has_no_effect_is_given_up, paused_farm) {
  ask(commands::resume_run{what().ticket->run, {}});
  machine.answer_resume();
  run();
  reports_for(60s);
  BOOST_TEST((what().ticket->wanted == wanted_action::none));
  BOOST_TEST((what().ticket->phase == ticket_phase::paused));
  BOOST_TEST(machine.resumes.size() == 1u);
}
