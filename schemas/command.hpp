// Commands: what people, programs and the kernel's own parts can ask for. Bodies of requests are
// decoded straight into these structs.
#pragma once

#include "schemas/device_report.hpp"
#include "schemas/envelope.hpp"
#include "schemas/one_of.hpp"
#include "schemas/station_commands.hpp"

namespace gantry {

namespace commands {

/// Accept an order.
struct create_order {
  std::string reference;
  std::optional<customer> customer_record;
  std::vector<order_line> lines;
  std::optional<due_date> due;
  int64_t priority = 5;
  std::string note;

  template <class V>
  static void describe(V&& v) {
    v("reference", &create_order::reference, "The customer's own number.", defaulted(at_most(80)));
    v("customer_record", &create_order::customer_record, "Who it is for.", defaulted());
    v("lines", &create_order::lines, "Positions.", at_most(100));
    v("due", &create_order::due, "When it is promised.", defaulted());
    v("priority", &create_order::priority, "0 (first) to 9 (last).", defaulted(between(0, 9)));
    v("note", &create_order::note, "The asker's words.", defaulted(at_most(2'000)));
  }
};

/// Cancel an order; prints that run are asked to stop.
struct cancel_order {
  order_id id;
  std::string note;

  template <class V>
  static void describe(V&& v) {
    v("note", &cancel_order::note, "The asker's words.", defaulted(at_most(2'000)));
  }
};

/// Slice a plan anew, with another profile if given.
struct request_revision {
  plan_id id;
  profile_id profile;
  std::string note;

  template <class V>
  static void describe(V&& v) {
    v("profile", &request_revision::profile, "Profile; the current one if left out.", defaulted());
    v("note", &request_revision::note, "The asker's words.", defaulted(at_most(2'000)));
  }
};

/// Queue another run of a held plate.
struct reprint_plate {
  plate_id id;
  std::string note;

  template <class V>
  static void describe(V&& v) {
    v("note", &reprint_plate::note, "The asker's words.", defaulted(at_most(2'000)));
  }
};

/// Cancel a run; if it prints, the printer is asked to stop.
struct cancel_run {
  run_id id;
  std::string note;

  template <class V>
  static void describe(V&& v) {
    v("note", &cancel_run::note, "The asker's words.", defaulted(at_most(2'000)));
  }
};

/// Pause a printing run.
struct pause_run {
  run_id id;
  std::string note;

  template <class V>
  static void describe(V&& v) {
    v("note", &pause_run::note, "The asker's words.", defaulted(at_most(2'000)));
  }
};

/// Resume a paused run.
struct resume_run {
  run_id id;
  std::string note;

  template <class V>
  static void describe(V&& v) {
    v("note", &resume_run::note, "The asker's words.", defaulted(at_most(2'000)));
  }
};

/// Record the inspection of a finished run.
struct inspect_run {
  run_id id;
  std::vector<item_outcome> items;
  attribution attributed_to = attribution::plan;
  std::string note;

  template <class V>
  static void describe(V&& v) {
    v("items", &inspect_run::items, "One outcome per piece.", at_most(100));
    v("attributed_to", &inspect_run::attributed_to, "What a failure is attributed to.",
      defaulted());
    v("note", &inspect_run::note, "The asker's words.", defaulted(at_most(2'000)));
  }
};

/// Say what happened at the machine to a run in attention.
struct settle_run {
  run_id id;
  std::string verdict;
  attribution attributed_to = attribution::unknown;
  std::string note;

  template <class V>
  static void describe(V&& v) {
    v("verdict", &settle_run::verdict, "it_printed, it_failed or keep_watching.", at_most(20));
    v("attributed_to", &settle_run::attributed_to, "What a failure is attributed to.", defaulted());
    v("note", &settle_run::note, "The asker's words.", defaulted(at_most(2'000)));
  }
};

/// Add a printer.
struct add_printer {
  printer_setup setup;
  std::string api_key;

  template <class V>
  static void describe(V&& v) {
    v("setup", &add_printer::setup, "Name, address and capabilities.");
    v("api_key", &add_printer::api_key, "Moonraker API key; never returned.",
      defaulted(at_most(128)));
  }
};

/// Replace a printer's set-up.
struct edit_printer {
  printer_id id;
  printer_setup setup;
  std::optional<std::string> api_key;

  template <class V>
  static void describe(V&& v) {
    v("setup", &edit_printer::setup, "The whole new set-up.");
    v("api_key", &edit_printer::api_key, "New API key; the old one stays if left out.",
      defaulted(at_most(128)));
  }
};

/// Take a printer out of service, or return it.
struct set_printer_mode {
  printer_id id;
  printer_mode mode = printer_mode::active;
  std::string note;

  template <class V>
  static void describe(V&& v) {
    v("mode", &set_printer_mode::mode, "active, maintenance or retired.");
    v("note", &set_printer_mode::note, "The asker's words.", defaulted(at_most(2'000)));
  }
};

/// Confirm that nothing lies on the bed.
struct confirm_bed_clear {
  printer_id id;
  std::string how = "seen";
  std::string note;

  template <class V>
  static void describe(V&& v) {
    v("how", &confirm_bed_clear::how, "How it is known: seen, photo, button, ...",
      defaulted(at_most(40)));
    v("note", &confirm_bed_clear::note, "The asker's words.", defaulted(at_most(2'000)));
  }
};

/// Decide about a print that Gantry did not start.
struct settle_foreign {
  printer_id id;
  foreign_verdict verdict = foreign_verdict::ignored;
  std::string note;

  template <class V>
  static void describe(V&& v) {
    v("verdict", &settle_foreign::verdict, "ignored or adopted.");
    v("note", &settle_foreign::note, "The asker's words.", defaulted(at_most(2'000)));
  }
};

/// Confirm after a restore that the machine is known.
struct confirm_printer {
  printer_id id;
  std::string note;

  template <class V>
  static void describe(V&& v) {
    v("note", &confirm_printer::note, "The asker's words.", defaulted(at_most(2'000)));
  }
};

/// Approve or reject a decision.
struct settle_approval {
  decision_id id;
  bool approve = false;
  std::string note;

  template <class V>
  static void describe(V&& v) {
    v("note", &settle_approval::note, "The asker's words.", defaulted(at_most(2'000)));
  }
};

/// Close an open breaker after a review.
struct reset_breaker {
  breaker_id id;
  std::string note;

  template <class V>
  static void describe(V&& v) {
    v("note", &reset_breaker::note, "The asker's words.", defaulted(at_most(2'000)));
  }
};

/// Store a slicing profile, or a new version of one.
struct add_profile {
  std::string name;
  std::string material;
  int64_t nozzle_um = 400;
  box_um bed;
  std::string text;

  template <class V>
  static void describe(V&& v) {
    v("name", &add_profile::name, "Unique name; an existing one gets a new version.", at_most(80));
    v("material", &add_profile::material, "Material it is for.", at_most(40));
    v("nozzle_um", &add_profile::nozzle_um, "Nozzle diameter.", defaulted(between(100, 2'000)));
    v("bed", &add_profile::bed, "Build volume.");
    v("text", &add_profile::text, "Flat key = value text.", at_most(262'144));
  }
};

/// Store a material.
struct add_material {
  std::string name;
  int64_t density_mg_per_cm3 = 1'240;

  template <class V>
  static void describe(V&& v) {
    v("name", &add_material::name, "Unique name.", at_most(40));
    v("density_mg_per_cm3", &add_material::density_mg_per_cm3, "Density.",
      defaulted(between(100, 30'000)));
  }
};

/// Issue an access token.
struct issue_token {
  std::string name;
  std::vector<role> roles;
  std::string secret_sha256;

  template <class V>
  static void describe(V&& v) {
    v("name", &issue_token::name, "Who or what uses it.", at_most(80));
    v("roles", &issue_token::roles, "What it may do.", at_most(5));
  }
};

/// Revoke an access token.
struct revoke_token {
  token_id id;
  std::string note;

  template <class V>
  static void describe(V&& v) {
    v("note", &revoke_token::note, "The asker's words.", defaulted(at_most(2'000)));
  }
};

/// Replace the farm's settings.
struct change_settings {
  settings content;

  template <class V>
  static void describe(V&& v) {
    v("content", &change_settings::content, "The whole new settings.");
  }
};

/// Register a stored file.
struct store_artifact {
  artifact_kind kind = artifact_kind::model;
  std::string name;
  std::string sha256;
  int64_t size_bytes = 0;

  template <class V>
  static void describe(V&&) {}
};

/// What came back for the removal of a file that fences an unanswered start.
enum class fence_answer : uint8_t { removed, refused, failed };
constexpr auto names_of(fence_answer) {
  return std::to_array<std::string_view>({"removed", "refused", "failed"});
}

/// The model of a plan was checked.
struct model_checked {
  plan_id id;
  std::vector<check> checks;
  box_um size;

  template <class V>
  static void describe(V&&) {}
};

/// The slicer ended; `revision` is set if it succeeded.
struct slicing_settled {
  plan_id id;
  std::optional<plan_revision> revision;
  reason why = reason::sliced;
  reason_params why_params;

  template <class V>
  static void describe(V&&) {}
};

/// The scheduler proposes a run for a printer.
struct reserve_run {
  printer_id id;
  run_id run;
  device_report report;

  template <class V>
  static void describe(V&&) {}
};

/// The printer begins to bring the file to the machine.
struct begin_upload {
  printer_id id;
  int64_t attempt = 0;

  template <class V>
  static void describe(V&&) {}
};

/// The upload ended.
struct upload_settled {
  printer_id id;
  int64_t attempt = 0;
  bool uploaded = false;
  reason why = reason::ok;
  std::string detail;
  int64_t size_bytes = 0;

  template <class V>
  static void describe(V&&) {}
};

/// The printer is asked to take the step from uploaded to started.
struct begin_start {
  printer_id id;
  int64_t attempt = 0;
  device_report report;

  template <class V>
  static void describe(V&&) {}
};

/// What came back for a start.
struct start_settled {
  printer_id id;
  int64_t attempt = 0;
  start_answer answer = start_answer::lost;
  std::string detail;

  template <class V>
  static void describe(V&&) {}
};

/// A start stayed unconfirmed for too long.
struct start_overdue {
  printer_id id;
  int64_t attempt = 0;
  device_report report;

  template <class V>
  static void describe(V&&) {}
};

/// The removal of an unanswered start's file ended.
struct fence_settled {
  printer_id id;
  int64_t attempt = 0;
  fence_answer answer = fence_answer::failed;
  std::string detail;
  device_report report;

  template <class V>
  static void describe(V&&) {}
};

/// The device reported something that may change what is believed.
struct observe {
  printer_id id;
  device_report report;

  template <class V>
  static void describe(V&&) {}
};

/// What came back for a pause, resume or cancel.
struct action_settled {
  printer_id id;
  wanted_action action = wanted_action::none;
  bool accepted = false;
  std::string detail;

  template <class V>
  static void describe(V&&) {}
};

/// The supervisor gives up on a printer's controller.
struct quarantine_printer {
  printer_id id;
  int64_t failures = 0;

  template <class V>
  static void describe(V&&) {}
};

/// The store was restored, so the machine's state is unknown.
struct mark_unreconciled {
  printer_id id;

  template <class V>
  static void describe(V&&) {}
};

} // namespace commands

/// Any command.
class any_command
    : public one_of<
          commands::create_order, commands::cancel_order, commands::request_revision,
          commands::reprint_plate, commands::cancel_run, commands::pause_run, commands::resume_run,
          commands::inspect_run, commands::settle_run, commands::add_printer,
          commands::edit_printer, commands::set_printer_mode, commands::confirm_bed_clear,
          commands::settle_foreign, commands::confirm_printer, commands::settle_approval,
          commands::reset_breaker, commands::add_profile, commands::add_material,
          commands::issue_token, commands::revoke_token, commands::change_settings,
          commands::store_artifact, commands::model_checked, commands::slicing_settled,
          commands::reserve_run, commands::begin_upload, commands::upload_settled,
          commands::begin_start, commands::start_settled, commands::start_overdue,
          commands::fence_settled, commands::observe, commands::action_settled,
          commands::quarantine_printer, commands::mark_unreconciled, commands::add_station,
          commands::edit_station, commands::retire_station, commands::set_recipe,
          commands::set_level, commands::calibrate_pump, commands::start_station,
          commands::attach_station, commands::stop_station, commands::control_station,
          commands::run_station_pump, commands::stop_station_pump, commands::answer_station,
          commands::acknowledge_station, commands::emergency_stop_station,
          commands::observe_station, commands::wake_station, commands::begin_station_start,
          commands::station_control_settled, commands::station_wait_over,
          commands::station_step_overdue, commands::station_pump_settled,
          commands::station_lock_over, commands::take_station_files> {
public:
  using one_of::one_of;
  any_command();
  any_command(const any_command&);
  any_command(any_command&&) noexcept;
  any_command& operator=(const any_command&);
  any_command& operator=(any_command&&) noexcept;
  ~any_command();
};

/// A command with what it says about itself.
struct command {
  command_context context;
  any_command body;
};

/// The entity whose actor decides `body`: for each command there is exactly one initiator. The id
/// of an entity that the command creates is derived from the context.
[[nodiscard]] entity_ref initiator_of(const command& request);

/// The name of a command, e.g. `create_order`.
[[nodiscard]] std::string_view name_of(const any_command& body);

} // namespace gantry
