#include "tests/rules/farm.hpp"

#include "rules/decide.hpp"
#include "rules/evolve.hpp"
#include "rules/gate.hpp"
#include "rules/needs.hpp"

#include <functional>
#include <stdexcept>

namespace gantry::test {

using namespace commands;

namespace {

/// The run that the gate of `body` is asked about.
run_id gated_run(const any_command& body, const rules::facts& known, const entity_ref& initiator) {
  if (const auto* reserve = std::get_if<reserve_run>(&body))
    return reserve->run;
  const auto* where = known.find<printer>(initiator);
  return where && where->ticket ? where->ticket->run : run_id{};
}

} // namespace

principal a_person() {
  return {.id = "tok-abcdefghijkl2",
          .name = "Kim",
          .kind = principal_kind::user,
          .roles = {role::operator_, role::planner, role::admin}};
}

farm::farm() {
  add_material pla;
  pla.name = "PLA";
  ask(pla);
  add_profile fine;
  fine.name = "PLA fine";
  fine.material = "PLA";
  fine.bed = {220'000, 220'000, 250'000};
  fine.text = "layer_height = 0.2\n";
  ask(fine);
  store_artifact model{artifact_kind::model, "part.stl", std::string(64, 'a'), 684};
  model_ = artifact_id{initiator_of({{}, model}).id};
  ask(model);
}

printer_setup farm::setup_for(const std::string& name, const std::string& printer_class) const {
  printer_setup setup;
  setup.name = name;
  setup.address.host = name + ".local";
  setup.printer_class = printer_class;
  setup.slots = {{"PLA", "black", 400}};
  return setup;
}

farm& farm::with_printer(const std::string& name, const std::string& printer_class) {
  const auto added = ask(add_printer{setup_for(name, printer_class), {}});
  printers_.push_back(printer_id{added.writes.front().entity.id});
  ask(confirm_bed_clear{printers_.back(), "seen", {}});
  return *this;
}

create_order farm::order_for(int64_t quantity, int64_t pieces_per_plate) const {
  create_order body;
  order_line line;
  line.name = "bracket";
  line.model = model_;
  line.quantity = quantity;
  line.pieces_per_plate = pieces_per_plate;
  body.lines = {line};
  return body;
}

farm& farm::with_order(int64_t quantity, int64_t pieces_per_plate) {
  const auto accepted = ask(order_for(quantity, pieces_per_plate));
  order_ = order_id{accepted.writes.front().entity.id};
  return *this;
}

farm& farm::with_settings(const settings& content) {
  ask(change_settings{content});
  return *this;
}

plan_revision farm::revision(int64_t duration_s) const {
  plan_revision made;
  made.profile = the_plan().profile;
  made.gcode_sha256 = std::string(64, 'b');
  made.gcode = artifact_id{derive_id("art", "name", made.gcode_sha256)};
  made.gcode_size_bytes = 12'345;
  made.estimate = {duration_s, 4'000, 12'000, 100, 20'000};
  return made;
}

farm& farm::sliced(int64_t duration_s) {
  tell(model_checked{the_plan().id, {}, {20'000, 20'000, 20'000}});
  tell(slicing_settled{the_plan().id, revision(duration_s), reason::sliced, {}});
  return *this;
}

farm& farm::up_to(ticket_phase phase, size_t plate_index, size_t printer_index) {
  const auto id = printers_.at(printer_index);
  const auto done = [&] {
    const auto& where = the_printer(printer_index);
    return where.ticket && where.ticket->phase == phase;
  };
  const std::vector<std::function<void()>> to_the_start = {
      [&] {
        tell(reserve_run{id, the_run(plate_index).id, idle()});
      },
      [&] {
        tell(begin_upload{id, the_ticket(printer_index).attempt});
      },
      [&] {
        const auto& ticket = the_ticket(printer_index);
        tell(upload_settled{id, ticket.attempt, true, reason::ok, {}, ticket.gcode_size_bytes});
      },
      [&] {
        tell(begin_start{id, the_ticket(printer_index).attempt, idle()});
      },
  };
  for (const auto& step : to_the_start) {
    if (done())
      return *this;
    step();
  }
  if (done())
    return *this;
  const auto attempt = the_ticket(printer_index).attempt;
  if (phase == ticket_phase::fencing) {
    tell(start_settled{id, attempt, start_answer::lost, {}});
    tell(start_overdue{id, attempt, idle()});
    return *this;
  }
  tell(start_settled{id, attempt, start_answer::acknowledged, {}});
  reports(shows(print_state::printing, {}, printer_index), printer_index);
  if (phase == ticket_phase::paused)
    reports(shows(print_state::paused, {}, printer_index), printer_index);
  if (phase == ticket_phase::attention)
    reports(idle(), printer_index);
  return *this;
}

farm& farm::printed(size_t printer_index) {
  reports(shows(print_state::complete, {}, printer_index), printer_index);
  ask(confirm_bed_clear{printers_.at(printer_index), "seen", {}});
  return *this;
}

farm& farm::inspected(item_outcome outcome, attribution to, size_t plate_index) {
  const auto& arranged = the_plate(plate_index);
  ask(inspect_run{
      arranged.runs.back(), std::vector<item_outcome>(arranged.items.size(), outcome), to, {}});
  return *this;
}

farm& farm::failed_once(attribution to, size_t plate_index) {
  return up_to(ticket_phase::printing, plate_index)
      .printed()
      .inspected(item_outcome::failed, to, plate_index);
}

rules::ruling farm::ask(any_command body) {
  return submit(std::move(body), a_person());
}

rules::ruling farm::tell(any_command body) {
  return submit(std::move(body), kernel_principal("test"));
}

rules::ruling farm::reports(const device_report& report, size_t printer_index) {
  return tell(observe{printers_.at(printer_index), report});
}

rules::ruling farm::submit(any_command body, const principal& who) {
  command request;
  request.context.who = who;
  request.context.idempotency_key = std::to_string(++keys_);
  now_ += std::chrono::seconds{1};
  request.context.at = now_;
  request.body = std::move(body);
  auto initiator = initiator_of(request);
  auto answer = decide_at(request, initiator);
  for (int hops = 0; answer.redirect; ++hops) {
    if (hops == 3)
      throw std::logic_error{"a command is sent around in a circle"};
    initiator = *answer.redirect;
    answer = decide_at(request, initiator);
  }
  apply(answer, initiator.text());
  return answer;
}

farm& farm::settle_forwarded() {
  while (!forwarded.empty()) {
    auto next = std::move(forwarded.front());
    forwarded.erase(forwarded.begin());
    ask(std::move(next));
  }
  return *this;
}

rules::facts farm::read(const command& request, const entity_ref& initiator) const {
  rules::facts known;
  for (int rounds = 0;; ++rounds) {
    const auto missing = rules::missing_facts(request, initiator, known);
    if (missing.empty())
      return known;
    if (rounds == 4)
      throw std::logic_error{"more than four rounds of reading for "
                             + std::string{name_of(request.body)}};
    for (const auto& entity : missing.entities) {
      const auto position = world_.find(entity);
      known.put(entity, position == world_.end() ? rules::fact{0, blank_state(entity.kind)}
                                                 : position->second);
    }
    for (const auto kind : missing.kinds) {
      known.mark_complete(kind);
      for (const auto& [entity, what] : world_)
        if (entity.kind == kind)
          known.put(entity, what);
    }
  }
}

rules::ruling farm::decide_at(const command& request, const entity_ref& initiator) const {
  const auto known = read(request, initiator);
  const auto gate = rules::gate_of(request.body);
  if (gate.empty())
    return rules::decide(request, initiator, known, nullptr);
  const auto verdict = rules::evaluate_gate(
      {gate, printer_id{initiator.id}, gated_run(request.body, known, initiator)}, known, now_);
  return rules::decide(request, initiator, known, &verdict);
}

void farm::apply(const rules::ruling& answer, const std::string& note) {
  if (answer.code != reason::ok && !answer.writes.empty())
    throw std::logic_error{"a refusal writes: " + note};
  for (const auto& [entity, events] : answer.writes) {
    auto& target =
        world_.try_emplace(entity, rules::fact{0, blank_state(entity.kind)}).first->second;
    for (const auto& event : events) {
      target.state = rules::evolve(std::move(target.state), event, now_);
      ++target.version;
    }
  }
  for (const auto& effect : answer.effects) {
    if (const auto* start = std::get_if<rules::effects::send_start>(&effect))
      starts_sent.push_back(*start);
    if (const auto* action = std::get_if<rules::effects::send_action>(&effect))
      actions_sent.push_back(*action);
    if (const auto* forward = std::get_if<rules::effects::forward>(&effect))
      forwarded.push_back(forward->body);
  }
}

device_report farm::idle() const {
  device_report report;
  report.link = link_state::online;
  report.firmware = firmware_state::ready;
  report.print = print_state::standby;
  report.history = history_state::read;
  report.observed_at = now_;
  report.ready_for_ms = 60'000;
  return report;
}

device_report farm::shows(print_state state, std::string file, size_t printer_index) const {
  auto report = idle();
  report.print = state;
  report.is_active = state == print_state::printing;
  report.is_paused = state == print_state::paused;
  report.file = std::move(file);
  if (report.file.empty() && the_printer(printer_index).ticket)
    report.file = the_ticket(printer_index).file;
  return report;
}

void farm::forget(const order_id& id) {
  std::erase_if(world_, [&](const auto& entry) {
    const auto& state = entry.second.state;
    if (const auto* what = std::get_if<decision>(&state)) {
      const auto about = world_.find(ref_of(what->run));
      return about == world_.end() || std::get<run>(about->second.state).order == id;
    }
    if (const auto* what = std::get_if<breaker>(&state))
      return get<plan>(ref_of(what->plan)).order == id;
    return false;
  });
  std::erase_if(world_, [&](const auto& entry) {
    return std::visit(
        [&](const auto& state) {
          if constexpr (requires { state.order == id; })
            return state.order == id;
          else if constexpr (std::is_same_v<std::decay_t<decltype(state)>, order>)
            return state.id == id;
          else
            return false;
        },
        entry.second.state);
  });
}

} // namespace gantry::test
