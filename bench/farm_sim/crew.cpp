#include "bench/farm_sim/crew.hpp"

#include "bench/farm_sim/damage.hpp"
#include "schemas/codec.hpp"

#include <nlohmann/json.hpp>

namespace gantry::farm_sim {

using namespace std::chrono_literals;
using namespace commands;

namespace {

constexpr size_t models_count = 3;
/// More requests at once than one entity lets wait.
constexpr int flood_size = 160;
/// Nobody asks the same about the same thing again before.
constexpr auto second_look = 60s;

} // namespace

crew::crew(const fault_mix& mix, computer& host, client_desk& desk,
           std::vector<std::unique_ptr<machine>>& machines, agenda& time, dice& random,
           ledger& counts)
    : mix_{mix},
      host_{host},
      desk_{desk},
      machines_{machines},
      time_{time},
      random_{random},
      counts_{counts},
      models_(models_count) {
  // nop
}

// -- setting up -----------------------------------------------------------------------------------

void crew::begin() {
  desk_.ask(change_settings{mix_.rules});
  desk_.ask(add_material{"PLA", 1'240}, [this](const actors::command_reply&) {
    const box_um bed{220'000, 220'000, 250'000};
    desk_.ask(add_profile{"plain", "PLA", 400, bed, "layer_height = 0.2\n"},
              [this](const actors::command_reply& reply) {
                profile_.value = reply.entity.id;
                for (size_t i = 0; i < models_count; ++i)
                  store_model(i);
              });
  });
  add_printers();
  time_.after(30s, [this] { work(); });
}

void crew::store_model(size_t index) {
  auto upload = host_.artifacts().begin(1 << 20);
  const auto side = 10.0 + static_cast<double>(index) * 5;
  const auto text = box_model(side, side, 2.4);
  if (!upload || !(*upload)->append(text))
    return;
  const auto stored = (*upload)->finish();
  desk_.ask(store_artifact{artifact_kind::model, "box-" + std::to_string(index) + ".stl",
                           stored->sha256, static_cast<int64_t>(stored->size_bytes)},
            [this, index](const actors::command_reply& reply) {
              models_[index].value = reply.entity.id;
              if (std::ranges::none_of(models_, &artifact_id::empty))
                open_shop();
            });
}

/// Everything that an order needs is there.
void crew::open_shop() {
  order();
  open_ = true;
  time_.after(random_.span(5min, 40min), [this] { meddle(); });
  if (mix_.storm_mean > 0s)
    time_.after(random_.span(10min, mix_.storm_mean), [this] { flood(); });
}

void crew::add_printers() {
  for (const auto& each : machines_) {
    add_printer body;
    body.setup.name = each->name();
    body.setup.address.host = each->name();
    body.setup.printer_class = random_.chance(0.2) ? "gated" : "open";
    body.setup.slots.push_back({"PLA", "orange", 400});
    body.setup.poll_interval_s = random_.between(5, 60);
    desk_.ask(body, [this](const actors::command_reply&) { ++printers_ready_; });
  }
}

machine* crew::machine_of(const printer& where) const {
  for (const auto& each : machines_)
    if (each->name() == where.setup.address.host)
      return each.get();
  return nullptr;
}

// -- customers ------------------------------------------------------------------------------------

void crew::order() {
  if (winding_down_)
    return;
  create_order body;
  body.reference = "order " + std::to_string(random_.between(1, 1'000'000));
  body.priority = random_.between(0, 9);
  const auto lines = random_.between(1, 2);
  for (int64_t i = 0; i < lines; ++i) {
    order_line line;
    line.name = "part " + std::to_string(i);
    line.model = random_.pick(models_);
    line.pieces_per_plate = random_.between(1, 3);
    line.quantity = line.pieces_per_plate * random_.between(1, 2);
    line.profile = profile_;
    if (!line.model.empty())
      body.lines.push_back(line);
  }
  auto text = to_json_text(body);
  if (!body.lines.empty())
    desk_.ask(body);
  while (random_.chance(mix_.malformed)) {
    // With one field too many, or broken in another way.
    if (random_.chance(0.5))
      text.insert(1, "\"unheard_of\":1,");
    else
      text = "{" + damaged(text, random_);
    desk_.send_malformed(text);
  }
  time_.after(random_.span(mix_.order_mean / 4, mix_.order_mean * 7 / 4), [this] { order(); });
}

// -- people who change their minds ----------------------------------------------------------------

template <class State>
void crew::for_each_open(entity_kind kind, const std::function<void(const State&)>& use) {
  // What the API would show: the store as it is now.
  const entity_ref first{kind, {}};
  std::vector<State> found;
  for (auto at = host_.store().entities().lower_bound(first);
       at != host_.store().entities().end() && at->first.kind == kind; ++at)
    if (is_open(at->second.state))
      found.push_back(std::get<State>(at->second.state));
  for (const auto& each : found)
    use(each);
}

void crew::meddle() {
  if (winding_down_)
    return;
  const auto doing = random_.between(0, 9);
  for_each_open<run>(entity_kind::run, [this, doing](const run& what) {
    if (what.state == run_state::printing && doing < 3 && random_.chance(0.5))
      desk_.ask(pause_run{what.id, "a look"});
    else if (what.state == run_state::paused && doing < 6)
      desk_.ask(resume_run{what.id, "go on"});
    else if (doing == 6 && random_.chance(0.3))
      desk_.ask(cancel_run{what.id, "no longer wanted"});
  });
  if (doing == 7)
    for_each_open<printer>(entity_kind::printer, [this](const printer& where) {
      if (const auto* known = host_.store().find(ref_of(where.id)))
        edit_together(where, known->version);
    });
  if (doing == 8)
    for_each_open<gantry::order>(entity_kind::order, [this](const gantry::order& promise) {
      if (random_.chance(0.1))
        desk_.ask(cancel_order{promise.id, "changed their mind"});
    });
  time_.after(random_.span(5min, 40min), [this] { meddle(); });
}

/// Two people edit what both saw in the same version: at most one of them may win.
void crew::edit_together(const printer& where, entity_version version) {
  counts_.fault("F-15");
  auto setup = where.setup;
  auto wins = std::make_shared<int>(0);
  for (const int64_t interval : {random_.between(5, 60), random_.between(61, 90)}) {
    setup.poll_interval_s = interval;
    desk_.ask(
        edit_printer{where.id, setup, {}},
        [this, wins, id = where.id](const actors::command_reply& reply) {
          *wins += reply.code == reason::ok ? 1 : 0;
          counts_.must(*wins <= 1, "INV-21",
                       "two edits of one version of " + id.value + " are done");
        },
        version);
  }
}

void crew::flood() {
  if (winding_down_)
    return;
  std::vector<any_command> bodies;
  for_each_open<printer>(entity_kind::printer, [&](const printer& where) {
    if (bodies.empty())
      for (int i = 0; i < flood_size; ++i)
        bodies.push_back(set_printer_mode{
            where.id, i % 2 == 0 ? printer_mode::maintenance : printer_mode::active, "pressed"});
  });
  desk_.flood(bodies);
  time_.after(1ms, [this] { desk_.check_bound(); });
  time_.after(random_.span(mix_.storm_mean / 2, mix_.storm_mean * 3 / 2), [this] { flood(); });
}

// -- the operator ---------------------------------------------------------------------------------

void crew::work() {
  time_.after(random_.span(20s, 240s), [this] { work(); });
  if (!host_.up())
    return;
  for_each_open<printer>(entity_kind::printer, [this](const printer& x) { tend(x); });
  for_each_open<run>(entity_kind::run, [this](const run& x) { inspect(x); });
  for_each_open<decision>(entity_kind::decision, [this](const decision& x) { decide(x); });
  for_each_open<breaker>(entity_kind::breaker, [this](const breaker& x) { mend(x); });
  for_each_open<plate>(entity_kind::plate, [this](const plate& x) { reprint(x); });
}

void crew::tend(const printer& where) {
  auto* real = machine_of(where);
  auto& last = asked_[where.id.value];
  if (!real || (last > 0s && time_.now() - last < second_look))
    return;
  last = time_.now();
  if (where.mode == printer_mode::quarantined || where.mode == printer_mode::maintenance)
    desk_.ask(set_printer_mode{where.id, printer_mode::active, "looked after"});
  if (where.ticket && where.ticket->phase == ticket_phase::attention)
    return settle_attention(where);
  if (where.foreign && where.foreign->verdict == foreign_verdict::pending)
    desk_.ask(settle_foreign{where.id, foreign_verdict::ignored, "a test"});
  if (where.bed == bed_state::clear || where.ticket || where.foreign || real->busy())
    return;
  real->act({{"kind", "clear_bed"}});
  desk_.ask(confirm_bed_clear{where.id, "seen", {}});
}

void crew::settle_attention(const printer& where) {
  auto& real = *machine_of(where);
  const auto& file = where.ticket->file;
  std::string verdict = "it_failed";
  if (real.printing() == file)
    verdict = "keep_watching";
  else if (real.outcome_of(file) == "complete")
    verdict = "it_printed";
  desk_.ask(settle_run{where.ticket->run,
                       verdict,
                       random_.chance(0.3) ? attribution::plan : attribution::printer,
                       {}});
}

void crew::inspect(const run& what) {
  if (what.state != run_state::inspecting)
    return;
  const auto* arranged = host_.store().get<plate>(ref_of(what.plate));
  if (!arranged)
    return;
  inspect_run body;
  body.id = what.id;
  const bool good = winding_down_ || random_.chance(0.85);
  body.items.assign(arranged->items.size(), item_outcome::good);
  if (!good)
    body.items.front() = item_outcome::failed;
  body.attributed_to = random_.chance(0.7) ? attribution::plan : attribution::material;
  desk_.ask(body);
}

void crew::decide(const decision& asked) {
  if (asked.approval == approval_state::pending)
    desk_.ask(settle_approval{asked.id, winding_down_ || random_.chance(0.85), "decided"});
}

void crew::mend(const breaker& guard) {
  if (guard.state == breaker_state::open && (winding_down_ || random_.chance(0.2)))
    desk_.ask(reset_breaker{guard.id, "reviewed"});
}

void crew::reprint(const plate& held) {
  if (held.state == plate_state::held && (winding_down_ || random_.chance(0.3)))
    desk_.ask(reprint_plate{held.id, "once more"});
}

} // namespace gantry::farm_sim
