#include "tests/rules/stages.hpp"

namespace gantry::test {

using namespace commands;

namespace {

farm prepared() {
  return farm{}.with_printer("A").with_order(2, 2);
}

farm gated() {
  auto shop = farm{}.with_printer("A", "gated").with_order(2, 2).sliced();
  shop.tell(reserve_run{shop.printers().front(), shop.the_run().id, shop.idle()});
  return shop;
}

void add_orders(std::vector<stage>& out) {
  auto held = prepared().sliced();
  held.ask(cancel_run{held.the_run().id, {}});
  auto cancelled = prepared();
  cancelled.ask(cancel_order{cancelled.the_order().id, {}});
  auto fulfilled = prepared().sliced().up_to(ticket_phase::printing).printed();
  fulfilled.inspected(item_outcome::good);
  out.push_back({"order", "accepted", prepared()});
  out.push_back({"order", "producing", prepared().sliced()});
  out.push_back({"order", "held", held});
  out.push_back({"order", "fulfilled", fulfilled});
  out.push_back({"order", "cancelled", cancelled});
}

void add_plans(std::vector<stage>& out) {
  auto slicing = prepared();
  slicing.tell(model_checked{slicing.the_plan().id, {}, {20'000, 20'000, 20'000}});
  auto rejected = prepared();
  check holes;
  holes.verdict = check_verdict::fail;
  holes.why = reason::mesh_open;
  rejected.tell(model_checked{rejected.the_plan().id, {holes}, {}});
  auto failed = slicing;
  failed.tell(slicing_settled{failed.the_plan().id, {}, reason::slicer_crashed, {}});
  auto review = prepared().sliced().failed_once().failed_once();
  auto cancelled = prepared().sliced();
  cancelled.ask(cancel_order{cancelled.the_order().id, {}});
  cancelled.settle_forwarded();
  auto done = prepared().sliced().up_to(ticket_phase::printing).printed();
  done.inspected(item_outcome::good);
  out.push_back({"plan", "checking", prepared()});
  out.push_back({"plan", "slicing", slicing});
  out.push_back({"plan", "ready", prepared().sliced()});
  out.push_back({"plan", "rejected", rejected});
  out.push_back({"plan", "failed", failed});
  out.push_back({"plan", "review", review});
  out.push_back({"plan", "cancelled", cancelled});
  out.push_back({"plan", "done", done});
}

void add_plates(std::vector<stage>& out) {
  auto printing = prepared().sliced().up_to(ticket_phase::printing);
  auto inspecting = farm{printing}.printed();
  auto passed = farm{inspecting}.inspected(item_outcome::good);
  auto held = prepared().sliced();
  held.ask(cancel_run{held.the_run().id, {}});
  auto cancelled = prepared().sliced();
  cancelled.ask(cancel_order{cancelled.the_order().id, {}});
  out.push_back({"plate", "waiting", prepared().sliced()});
  out.push_back({"plate", "printing", printing});
  out.push_back({"plate", "inspecting", inspecting});
  out.push_back({"plate", "passed", passed});
  out.push_back({"plate", "held", held});
  out.push_back({"plate", "cancelled", cancelled});
}

void add_runs(std::vector<stage>& out) {
  const auto at = [](ticket_phase phase) { return prepared().sliced().up_to(phase); };
  auto cancelling = at(ticket_phase::printing);
  cancelling.ask(cancel_run{cancelling.the_run().id, {}});
  auto inspecting = at(ticket_phase::printing).printed();
  auto cancelled = prepared().sliced();
  cancelled.ask(cancel_run{cancelled.the_run().id, {}});
  out.push_back({"run", "queued", prepared().sliced()});
  out.push_back({"run", "approval", gated()});
  out.push_back({"run", "reserved", at(ticket_phase::reserved)});
  out.push_back({"run", "uploading", at(ticket_phase::uploading)});
  out.push_back({"run", "starting", at(ticket_phase::starting)});
  out.push_back({"run", "printing", at(ticket_phase::printing)});
  out.push_back({"run", "paused", at(ticket_phase::paused)});
  out.push_back({"run", "cancelling", cancelling});
  out.push_back({"run", "attention", at(ticket_phase::attention)});
  out.push_back({"run", "inspecting", inspecting});
  out.push_back({"run", "passed", farm{inspecting}.inspected(item_outcome::good)});
  out.push_back({"run", "failed", farm{inspecting}.inspected(item_outcome::failed)});
  out.push_back({"run", "cancelled", cancelled});
}

void add_tickets(std::vector<stage>& out) {
  out.push_back({"ticket", "none", prepared().sliced()});
  for (size_t i = 0; i < names_of(ticket_phase{}).size(); ++i) {
    const auto phase = static_cast<ticket_phase>(i);
    out.push_back({"ticket", std::string{name_of(phase)}, prepared().sliced().up_to(phase)});
  }
}

/// The ids that trials are about; plausible ones where an entity does not exist yet.
struct subjects {
  explicit subjects(const farm& shop)
      : where{shop.printers().front()}, how{shop.the_plan().id}, guard{shop.the_breaker().id} {
    if (shop.the_line().plates.empty())
      return;
    arranged = shop.the_plate().id;
    what = shop.first_run().id;
    for (const auto* each : shop.all<decision>())
      if (each->approval != approval_state::not_needed)
        asked = each->id;
  }

  printer_id where;
  plan_id how;
  breaker_id guard;
  plate_id arranged{make_id("plt", 1)};
  run_id what{make_id("run", 1)};
  decision_id asked{make_id("dec", 1)};
};

void add_wishes(std::vector<trial>& out, const farm& shop, const subjects& about) {
  using enum item_outcome;
  out.push_back({"create_order", shop.order_for(2, 2)});
  out.push_back({"cancel_order", cancel_order{shop.the_order().id, {}}});
  out.push_back({"request_revision", request_revision{about.how, {}, {}}});
  out.push_back({"reprint_plate", reprint_plate{about.arranged, {}}});
  out.push_back({"cancel_run", cancel_run{about.what, {}}});
  out.push_back({"pause_run", pause_run{about.what, {}}});
  out.push_back({"resume_run", resume_run{about.what, {}}});
  out.push_back({"inspect_run: all good", inspect_run{about.what, {good, good}, {}, {}}});
  out.push_back({"inspect_run: some failed", inspect_run{about.what, {good, failed}, {}, {}}});
  out.push_back({"inspect_run: incomplete", inspect_run{about.what, {good}, {}, {}}});
  for (const auto* verdict : {"it_printed", "it_failed", "keep_watching", "who_knows"})
    out.push_back({"settle_run: " + std::string{verdict}, settle_run{about.what, verdict, {}, {}}});
  for (const bool yes : {true, false})
    out.push_back({yes ? "settle_approval: approve" : "settle_approval: reject",
                   settle_approval{about.asked, yes, {}}});
  out.push_back({"reset_breaker", reset_breaker{about.guard, {}}});
}

void add_printer_wishes(std::vector<trial>& out, const farm& shop, const subjects& about) {
  const auto setup = shop.setup_for("A", "open");
  out.push_back({"add_printer", add_printer{shop.setup_for("new", "open"), "key"}});
  out.push_back({"edit_printer", edit_printer{about.where, setup, {}}});
  auto moved = setup;
  moved.address.host = "elsewhere";
  out.push_back({"edit_printer: another address", edit_printer{about.where, moved, "key"}});
  for (size_t i = 0; i < names_of(printer_mode{}).size(); ++i) {
    const auto mode = static_cast<printer_mode>(i);
    out.push_back({"set_printer_mode: " + std::string{name_of(mode)},
                   set_printer_mode{about.where, mode, {}}});
  }
  out.push_back({"confirm_bed_clear", confirm_bed_clear{about.where, "seen", {}}});
  out.push_back(
      {"confirm_bed_clear: by the kernel", confirm_bed_clear{about.where, "seen", {}}, false});
  for (const auto verdict :
       {foreign_verdict::pending, foreign_verdict::ignored, foreign_verdict::adopted})
    out.push_back({"settle_foreign: " + std::string{name_of(verdict)},
                   settle_foreign{about.where, verdict, {}}});
  out.push_back({"confirm_printer", confirm_printer{about.where, {}}});
}

void add_catalogue_wishes(std::vector<trial>& out) {
  add_profile fine;
  fine.name = "PLA coarse";
  fine.material = "PLA";
  fine.text = "layer_height = 0.3\n";
  out.push_back({"add_profile", fine});
  add_material petg;
  petg.name = "PETG";
  out.push_back({"add_material", petg});
  out.push_back({"issue_token", issue_token{"wall", {role::viewer}, std::string(64, 'c')}});
  out.push_back({"revoke_token", revoke_token{token_id{make_id("tok", 1)}, {}}});
  settings slow;
  slow.dispatch_enabled = false;
  out.push_back({"change_settings: dispatch off", change_settings{slow}});
  out.push_back({"store_artifact",
                 store_artifact{artifact_kind::photo, "p.jpg", std::string(64, 'd'), 1}, false});
}

void add_work(std::vector<trial>& out, const farm& shop, const subjects& about, int64_t attempt) {
  check holes;
  holes.verdict = check_verdict::fail;
  holes.why = reason::mesh_open;
  out.push_back({"model_checked: passed", model_checked{about.how, {}, {1, 1, 1}}, false});
  out.push_back({"model_checked: failed", model_checked{about.how, {holes}, {}}, false});
  out.push_back({"slicing_settled: sliced",
                 slicing_settled{about.how, shop.revision(), reason::sliced, {}}, false});
  out.push_back(
      {"slicing_settled: failed", slicing_settled{about.how, {}, reason::slicer_hung, {}}, false});
  out.push_back({"reserve_run", reserve_run{about.where, about.what, shop.idle()}, false});
  out.push_back({"begin_upload", begin_upload{about.where, attempt}, false});
  out.push_back({"upload_settled: uploaded",
                 upload_settled{about.where, attempt, true, {}, {}, 12'345}, false});
  out.push_back(
      {"upload_settled: other size", upload_settled{about.where, attempt, true, {}, {}, 1}, false});
  out.push_back(
      {"upload_settled: failed", upload_settled{about.where, attempt, false, {}, {}, 0}, false});
  out.push_back({"begin_start", begin_start{about.where, attempt, shop.idle()}, false});
  auto settling = shop.idle();
  settling.ready_for_ms = 0;
  out.push_back({"begin_start: settling", begin_start{about.where, attempt, settling}, false});
  out.push_back({"begin_start: busy",
                 begin_start{about.where, attempt, shop.shows(print_state::printing, "other")},
                 false});
}

void add_starts(std::vector<trial>& out, const farm& shop, const subjects& about, int64_t attempt) {
  using enum start_answer;
  for (const auto answer : {acknowledged, refused, lost})
    out.push_back({"start_settled: " + std::string{name_of(answer)},
                   start_settled{about.where, attempt, answer, {}}, false});
  out.push_back({"start_settled: another attempt",
                 start_settled{about.where, attempt + 1, acknowledged, {}}, false});
  out.push_back({"start_overdue", start_overdue{about.where, attempt, shop.idle()}, false});
  for (const auto answer : {fence_answer::removed, fence_answer::refused, fence_answer::failed})
    out.push_back({"fence_settled: " + std::string{name_of(answer)},
                   fence_settled{about.where, attempt, answer, {}, shop.idle()}, false});
  using enum wanted_action;
  for (const auto action : {pause, resume, cancel})
    for (const bool accepted : {true, false})
      out.push_back({"action_settled: " + std::string{name_of(action)}
                         + (accepted ? " accepted" : " refused"),
                     action_settled{about.where, action, accepted, {}}, false});
  out.push_back({"quarantine_printer", quarantine_printer{about.where, 5}, false});
  out.push_back({"mark_unreconciled", mark_unreconciled{about.where}, false});
}

void add_reports(std::vector<trial>& out, const farm& shop, const subjects& about) {
  const auto add = [&](std::string name, const device_report& report) {
    out.push_back({"observe: " + std::move(name), observe{about.where, report}, false});
  };
  for (size_t i = 0; i < names_of(print_state{}).size(); ++i) {
    const auto state = static_cast<print_state>(i);
    add("ours " + std::string{name_of(state)}, shop.shows(state));
  }
  add("another file printing", shop.shows(print_state::printing, "other.gcode"));
  add("nothing loaded", shop.idle());
  auto printed_unseen = shop.idle();
  printed_unseen.last_job = "J9";
  printed_unseen.last_job_file = "other.gcode";
  add("a print that nobody saw", printed_unseen);
  auto silent = shop.idle();
  silent.link = link_state::offline;
  add("not reachable", silent);
  auto broken = shop.shows(print_state::printing);
  broken.firmware = firmware_state::shutdown;
  add("firmware shutdown", broken);
  auto blamed = shop.shows(print_state::error);
  blamed.message = "Move out of range: 300 0 0";
  add("ours error in the g-code", blamed);
}

} // namespace

std::vector<stage> every_stage() {
  std::vector<stage> out;
  add_orders(out);
  add_plans(out);
  add_plates(out);
  add_runs(out);
  add_tickets(out);
  return out;
}

std::string state_of(std::string_view about, const farm& shop) {
  const auto text = [](auto state) { return std::string{name_of(state)}; };
  if (about == "order")
    return text(shop.the_order().state);
  if (about == "plan")
    return text(shop.the_plan().state);
  if (about == "plate")
    return text(shop.the_plate().state);
  if (about == "run")
    return text(shop.first_run().state);
  const auto& where = shop.the_printer();
  return where.ticket ? text(where.ticket->phase) : "none";
}

std::vector<trial> every_trial(const farm& shop) {
  const subjects about{shop};
  const auto& where = shop.the_printer();
  const auto attempt = where.ticket ? where.ticket->attempt : 1;
  std::vector<trial> out;
  add_wishes(out, shop, about);
  add_printer_wishes(out, shop, about);
  add_catalogue_wishes(out);
  add_work(out, shop, about, attempt);
  add_starts(out, shop, about, attempt);
  add_reports(out, shop, about);
  return out;
}

} // namespace gantry::test
