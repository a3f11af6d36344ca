#include "bench/resin_sim/station_crew.hpp"

#include <algorithm>
#include <nlohmann/json.hpp>

namespace gantry::farm_sim {

using namespace std::chrono_literals;
using namespace commands;

namespace {

/// Layers of a long print, and its changes.
constexpr double long_layer_s = 12;
constexpr int64_t long_changes = 10;
/// The printer has been at work for so long that everybody knows.
constexpr auto surely = 90s;

/// What a person who looks finds in the vat, as an answer says it.
std::string seen_in(station_rig& rig) {
  rig.look();
  if (rig.is_empty())
    return "empty";
  return rig.vat().material == "mixed" ? "unknown" : rig.vat().material;
}

} // namespace

station_crew::station_crew(const sim_options& options, const station_mix& mix, computer& host,
                           client_desk& desk, station_rigs& rigs, agenda& time, dice& random,
                           ledger& counts)
    : options_{options},
      mix_{mix},
      host_{host},
      desk_{desk},
      rigs_{rigs},
      time_{time},
      random_{random},
      counts_{counts},
      places_(options.stations) {
  // nop
}

void station_crew::ask(size_t index, any_command body, next_step then) {
  places_[index].busy = true;
  desk_.ask(std::move(body),
            [this, index, then = std::move(then)](const actors::command_reply& reply) {
              places_[index].busy = false;
              if (then)
                then(reply.code == reason::ok);
            });
}

// -- setting up -----------------------------------------------------------------------------------

void station_crew::begin() {
  for (size_t i = 0; i < rigs_.size(); ++i)
    add(i);
}

void station_crew::add(size_t index) {
  ask(index, add_station{rigs_[index]->setup()}, [this, index](bool done) {
    counts_.must(done, "LIV-3", "a station cannot be added");
    time_.after(random_.span(1s, 10s), [this, index] { work(index); });
  });
}

bool station_crew::still_free(size_t index) {
  const auto* where = station_of(host_, *rigs_[index]);
  return where && !where->has_open_job() && !where->run && !where->latched
         && !rigs_[index]->printer().has_print();
}

void station_crew::begin_print(size_t index, const station& where) {
  if (!places_[index].confirmed)
    return ask(index, calibrate_pump{where.id, "drain", {}, pump_direction::forward, "seen"},
               [this, index](bool done) { places_[index].confirmed = done; });
  // Hoses that were primed a moment ago may still be in use.
  if (places_[index].primed_at >= 0s && time_.now() - places_[index].primed_at < 3min)
    return;
  rigs_[index]->replenish();
  set_levels(index, where, 0, [this, index, where](bool done) {
    if (done && still_free(index))
      set_recipe_and_start(index, where);
  });
}

void station_crew::set_levels(size_t index, const station& where, size_t next,
                              const next_step& then) {
  const auto& setup = rigs_[index]->setup();
  const bool waste = next + 1 >= setup.pumps.size();
  const auto* pump = waste ? nullptr : &setup.pumps[next];
  ask(index, set_level{where.id, pump ? pump->name : "waste", pump ? pump->reservoir_ul : 0, ""},
      [this, index, where, next, waste, then](bool done) {
        if (done && !waste)
          return set_levels(index, where, next + 1, then);
        then(done);
      });
}

std::vector<recipe_step> station_crew::draw_recipe(int64_t layers) {
  std::vector<recipe_step> steps;
  const auto changes =
      options_.one_print ? long_changes : std::min<int64_t>(random_.between(1, 4), layers / 4);
  for (int64_t i = 0; i < changes; ++i) {
    const auto material = std::string(1, static_cast<char>('A' + (i + 1) % 3));
    const auto from = layers * (i + 1) / (changes + 1);
    steps.push_back({std::max<int64_t>(1, from + (i % 2)), material});
  }
  return steps;
}

void station_crew::set_recipe_and_start(size_t index, const station& where) {
  const auto layers = options_.one_print
                          ? static_cast<int64_t>(options_.hours * 3'600 / long_layer_s)
                          : random_.between(12, 80);
  const auto layer_s =
      options_.one_print ? long_layer_s : static_cast<double>(random_.between(3, 15));
  const auto stored = std::to_string(++places_[index].prints) + ".pwmb";
  rigs_[index]->printer().act({{"kind", "place_file"},
                               {"file", stored},
                               {"display", "print " + stored},
                               {"layers", layers},
                               {"layer_s", layer_s}});
  ask(index, set_recipe{where.id, draw_recipe(layers), ""},
      [this, index, where, layers](bool done) {
        if (!done || !still_free(index))
          return;
        const auto file = std::to_string(places_[index].prints) + ".pwmb";
        rigs_[index]->pour("A");
        start_station body;
        body.id = where.id;
        body.file = "print " + file;
        body.internal_file = file;
        body.layers = random_.chance(0.5) ? layers : 0;
        body.initial_material = "A";
        ask(index, body);
      });
}

// -- work -----------------------------------------------------------------------------------------

void station_crew::work(size_t index) {
  time_.after(random_.span(10s, mix_.restless), [this, index] { work(index); });
  const auto* where = station_of(host_, *rigs_[index]);
  if (where && host_.up() && !places_[index].busy)
    tend(index, station{*where});
}

void station_crew::tend(size_t index, const station& where) {
  auto& rig = *rigs_[index];
  switch (where.state) {
  case station_state::idle:
    if (rig.printer().has_print() || rig.printer().moving_since())
      return clear_up(index, where);
    if (winding_down_ || where.run || (options_.one_print && places_[index].prints > 0))
      return;
    if (!options_.one_print && random_.chance(0.3))
      return prime(index, where);
    return begin_print(index, where);
  case station_state::completed:
    return ask(index, acknowledge_station{where.id, "taken out", {}});
  case station_state::aborted:
    if (!winding_down_ && random_.chance(mix_.mischief))
      return prime(index, where);
    return ask(index, acknowledge_station{where.id, "looked after", {}});
  case station_state::error:
    if (where.error && where.error->question > 0)
      answer(index, where);
    return;
  case station_state::starting:
  case station_state::monitoring:
  case station_state::material_change:
  case station_state::stop_requested:
    return watch(index, where);
  }
}

/// A print that no job is on: somebody goes on with it, or stops it at the machine.
void station_crew::clear_up(size_t index, const station& where) {
  auto& rig = *rigs_[index];
  rig.flow();
  const bool still = !rig.printer().moving_since();
  if (rig.printer().has_print() && !winding_down_ && rig.is_filled() && !where.run
      && random_.chance(0.3)) {
    if (!still)
      return ask(index, attach_station{where.id, rig.vat().material, false, "", {}});
  }
  rig.printer().act({{"kind", "screen_stop"}});
}

/// Pumps are primed and cleaned into a cup, again and again until the guard has had enough.
void station_crew::prime(size_t index, const station& where) {
  auto& rig = *rigs_[index];
  rig.take_hoses_out();
  places_[index].primed_at = time_.now();
  run_station_pump body;
  body.id = where.id;
  body.pump = random_.pick(std::vector<std::string>{"a", "b", "c", "drain"});
  body.duration_ms = random_.between(1, 30) * 1'000;
  body.preset = random_.chance(0.3) ? pump_preset::prime : pump_preset::none;
  body.direction = random_.chance(0.2) ? pump_direction::reverse : pump_direction::forward;
  body.printer_is_idle = true;
  ask(index, body, [this, index](bool done) {
    places_[index].primed_at = time_.now();
    const auto* here = station_of(host_, *rigs_[index]);
    if (!done || !here || winding_down_ || here->has_open_job())
      return;
    if (random_.chance(0.2))
      ask(index, stop_station_pump{here->id, "", "enough"});
    else
      time_.after(random_.span(5s, 40s), [this, index] {
        const auto* again = station_of(host_, *rigs_[index]);
        if (again && !places_[index].busy && host_.up() && still_free(index) && !winding_down_)
          prime(index, *again);
      });
  });
}

/// Somebody passes while a print is on.
void station_crew::watch(size_t index, const station& where) {
  auto& rig = *rigs_[index];
  rig.flow();
  const bool still = rig.printer().has_print() && !rig.printer().moving_since();
  // A print that stands still over a vat that a pump failed to fill is given up.
  if (where.state == station_state::monitoring && still && !where.change())
    return ask(index, rig.is_filled()
                          ? control_station{where.id, resin_control::resume, "go on", {}}
                          : control_station{where.id, resin_control::stop, "nothing in it", {}});
  if (!winding_down_ && random_.chance(mix_.mischief))
    meddle(index, where);
}

void station_crew::meddle(size_t index, const station& where) {
  switch (random_.between(0, 11)) {
  case 0:
    return ask(index, stop_station{where.id, "changed their mind"});
  case 1:
  case 2:
    return ask(index, control_station{where.id, resin_control::pause, "a look", {}});
  case 3:
    return ask(index, control_station{where.id, resin_control::stop, "spoiled", {}});
  case 4:
    return stop_everything(index, where);
  case 5:
  case 6:
    if (where.state == station_state::material_change)
      return ask(index, control_station{where.id, resin_control::resume, "impatient", {}},
                 [this, name = where.setup.name](bool done) {
                   counts_.event("resume during a change", name + (done ? " done" : " refused"));
                 });
    return;
  case 7:
    return ask(index, edit_station{where.id, where.setup, "in vain"});
  default:
    return prime_in_vain(index, where);
  }
}

/// Pumps by hand are refused while the printer is at work.
void station_crew::prime_in_vain(size_t index, const station& where) {
  run_station_pump body;
  body.id = where.id;
  body.pump = random_.pick(std::vector<std::string>{"a", "b", "c", "drain"});
  body.duration_ms = random_.between(1, 20) * 1'000;
  const auto sure = [this, index] {
    const auto& moving = rigs_[index]->printer().moving_since();
    return moving && time_.now() - *moving > surely;
  };
  if (!sure())
    return;
  ask(index, body, [this, sure, name = where.setup.name](bool done) {
    counts_.must(!done || !sure(), "INV-14", name + " takes a pump by hand while it prints");
  });
}

void station_crew::stop_everything(size_t index, const station& where) {
  const auto off = host_.kernel()->stop_pumps(where.id);
  on_stop(*rigs_[index], off.value_or(false));
  ask(index, emergency_stop_station{where.id, false, "pressed"});
}

// -- answers --------------------------------------------------------------------------------------

void station_crew::reply(size_t index, const station& where, station_answer answer,
                         std::string vat) {
  const auto& choices = where.error->choices;
  if (std::ranges::find(choices, answer) == choices.end())
    answer = station_answer::abort;
  counts_.event("answer", where.setup.name + " " + std::string{name_of(where.error->cause)} + ": "
                              + std::string{name_of(answer)} + " " + vat);
  ask(index, answer_station{where.id, where.error->question, answer, std::move(vat), "", {}});
}

void station_crew::answer(size_t index, const station& where) {
  using enum station_answer;
  auto& rig = *rigs_[index];
  rig.flow();
  if (!options_.one_print && random_.chance(winding_down_ ? 0.02 : 0.06))
    return reply(index, where, abort, "");
  switch (where.error->cause) {
  case error_cause::layer_rollback:
    return reply(index, where, continue_, "");
  case error_cause::recipe_conflict:
    return reply(index, where, skip, "");
  case error_cause::start_unconfirmed:
    return reply(index, where, rig.printer().has_print() ? continue_ : abort, "");
  case error_cause::command_timeout:
  case error_cause::command_failed:
    if (where.change() && where.change()->step == change_step::request_resume
        && rig.printer().moving_since())
      return reply(index, where, continue_, "");
    return reply(index, where, redo, seen_in(rig));
  case error_cause::reservoir_short:
    rig.replenish();
    return set_levels(index, where, 0, [this, index, where](bool done) {
      if (done)
        answer_about_vat(index, where);
    });
  case error_cause::change_late: {
    const auto vat = seen_in(rig);
    const bool made = options_.one_print || vat == "empty" || random_.chance(0.5);
    return reply(index, where, made ? redo : skip, vat);
  }
  case error_cause::stop_unconfirmed:
    // The printer may be about to show it.
    if (random_.chance(0.3))
      reply(index, where,
            random_.chance(0.5) ? abort
            : where.change()    ? redo
                                : continue_,
            seen_in(rig));
    return;
  case error_cause::print_replaced:
    return reply(index, where, abort, "");
  case error_cause::none:
  case error_cause::transient_printer_disconnect:
  case error_cause::config_invalid:
  case error_cause::pump_actuation_failure:
  case error_cause::step_interrupted:
  case error_cause::printer_moved:
    return answer_about_vat(index, where);
  }
}

/// Looks into the vat and says what is in it.
void station_crew::answer_about_vat(size_t index, const station& where) {
  using enum station_answer;
  auto& rig = *rigs_[index];
  const auto* change = where.change();
  if (!change || where.run || rig.running())
    return;
  const auto vat = seen_in(rig);
  if (rig.is_filled() && random_.chance(0.1))
    return reply(index, where, skip, vat);
  if (where.error->cause == error_cause::printer_moved)
    return reply(index, where, redo, vat);
  // Without that choice the drain is done, and what was missing for the filling is there now.
  const auto& choices = where.error->choices;
  const bool in_doubt = std::ranges::find(choices, continue_) != choices.end();
  if (change->step == change_step::draining && in_doubt)
    return reply(index, where, rig.is_empty() ? continue_ : redo, vat);
  if (change->step != change_step::filling && change->step != change_step::draining)
    return reply(index, where, redo, vat);
  if (in_doubt && rig.is_filled() && rig.vat().material == change->material)
    return reply(index, where, continue_, vat);
  if (!rig.is_empty())
    rig.pour("");
  reply(index, where, redo, "empty");
}

} // namespace gantry::farm_sim
