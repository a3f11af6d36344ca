// PRINTER: a machine, what it can do, what lies on its bed, and the one ticket for what it prints.
// Reservation, bed and ticket live in this one stream, so that every rule about starts concerns one
// entity with one writer.
#pragma once

#include "schemas/run.hpp"

namespace gantry {

/// A filament slot and what is loaded in it.
struct filament_slot {
  std::string material;
  std::string colour;
  int64_t nozzle_um = 400;

  template <class V>
  static void describe(V&& v) {
    v("material", &filament_slot::material, "Loaded material; empty if nothing is loaded.",
      defaulted(at_most(40)));
    v("colour", &filament_slot::colour, "Loaded colour, a name or #rrggbb, in lower case.",
      defaulted(at_most(40)));
    v("nozzle_um", &filament_slot::nozzle_um, "Nozzle diameter.", defaulted(between(100, 2'000)));
  }
  bool operator==(const filament_slot&) const = default;
};

/// How a printer is reached. The API key itself is kept apart and never returned.
struct printer_address {
  std::string host;
  int64_t port = 7125;
  bool has_api_key = false;
  int64_t api_key_revision = 0;

  template <class V>
  static void describe(V&& v) {
    v("host", &printer_address::host, "Host name or IP address.", at_most(253));
    v("port", &printer_address::port, "Port of Moonraker.", defaulted(between(1, 65'535)));
    v("has_api_key", &printer_address::has_api_key,
      "True if an API key is stored; ignored in requests.", defaulted());
    v("api_key_revision", &printer_address::api_key_revision,
      "Counts changes of the API key; ignored in requests.", defaulted());
  }
  [[nodiscard]] std::string text() const { return host + ":" + std::to_string(port); }
  bool operator==(const printer_address&) const = default;
};

/// What a person enters about a printer.
struct printer_setup {
  std::string name;
  printer_address address;
  std::string printer_class = "open";
  box_um volume{220'000, 220'000, 250'000};
  std::vector<filament_slot> slots;
  int64_t poll_interval_s = 30;

  template <class V>
  static void describe(V&& v) {
    v("name", &printer_setup::name, "Unique name.", at_most(60));
    v("address", &printer_setup::address, "How it is reached.");
    v("printer_class", &printer_setup::printer_class,
      "Policy class: open starts by itself, gated after approval.", defaulted(at_most(30)));
    v("volume", &printer_setup::volume, "Build volume.", defaulted());
    v("slots", &printer_setup::slots, "Filament slots.", defaulted(at_most(16)));
    v("poll_interval_s", &printer_setup::poll_interval_s,
      "Pause between polls of values that are not pushed.", defaulted(between(5, 3'600)));
  }
  bool operator==(const printer_setup&) const = default;
};

/// Whether a printer takes work. Leaving `active` never touches a print that runs.
enum class printer_mode : uint8_t { active, maintenance, quarantined, retired };
constexpr auto names_of(printer_mode) {
  return std::to_array<std::string_view>({"active", "maintenance", "quarantined", "retired"});
}

/// What is known of the bed. Only a person makes it `clear`.
enum class bed_state : uint8_t { unknown, clear, occupied };
constexpr auto names_of(bed_state) {
  return std::to_array<std::string_view>({"unknown", "clear", "occupied"});
}

/// Where a ticket stands. See `run_state` for what is done on waking up in each of them.
enum class ticket_phase : uint8_t {
  reserved,
  uploading,
  uploaded,
  starting,
  fencing,
  printing,
  paused,
  attention
};
constexpr auto names_of(ticket_phase) {
  return std::to_array<std::string_view>({"reserved", "uploading", "uploaded", "starting",
                                          "fencing", "printing", "paused", "attention"});
}

/// What a person wants of a running print, until the printer shows it.
enum class wanted_action : uint8_t { none, pause, resume, cancel };
constexpr auto names_of(wanted_action) {
  return std::to_array<std::string_view>({"none", "pause", "resume", "cancel"});
}

/// How a ticket ended.
enum class ticket_end : uint8_t { finished, failed, cancelled, released };
constexpr auto names_of(ticket_end) {
  return std::to_array<std::string_view>({"finished", "failed", "cancelled", "released"});
}

/// What a person decided about a print that Gantry did not start.
enum class foreign_verdict : uint8_t { pending, ignored, adopted };
constexpr auto names_of(foreign_verdict) {
  return std::to_array<std::string_view>({"pending", "ignored", "adopted"});
}

/// The permission and the record of one print on this printer.
struct print_ticket {
  run_id run;
  plate_id plate;
  plan_id plan;
  order_id order;
  decision_id decision;
  int64_t revision = 0;
  artifact_id gcode;
  std::string gcode_sha256;
  int64_t gcode_size_bytes = 0;
  ticket_phase phase = ticket_phase::reserved;
  int64_t attempt = 0;
  std::string file;
  start_answer answer = start_answer::pending;
  wanted_action wanted = wanted_action::none;
  std::optional<timestamp> phase_since;

  template <class V>
  static void describe(V&& v) {
    v("run", &print_ticket::run, "Run.");
    v("plate", &print_ticket::plate, "Plate.");
    v("plan", &print_ticket::plan, "Plan.");
    v("order", &print_ticket::order, "Order.");
    v("decision", &print_ticket::decision, "The decision that allowed the last step.");
    v("revision", &print_ticket::revision, "Plan revision.");
    v("gcode", &print_ticket::gcode, "The toolpath.");
    v("gcode_sha256", &print_ticket::gcode_sha256, "Digest of the toolpath.");
    v("gcode_size_bytes", &print_ticket::gcode_size_bytes, "Size of the toolpath.");
    v("phase", &print_ticket::phase, "Where it stands.");
    v("attempt", &print_ticket::attempt, "Attempt to start it.");
    v("file", &print_ticket::file, "Name on the printer, unique per attempt.");
    v("answer", &print_ticket::answer, "What came back for the start.");
    v("wanted", &print_ticket::wanted, "What a person wants of it.");
    v("phase_since", &print_ticket::phase_since, "When the phase began.");
  }
  bool operator==(const print_ticket&) const = default;
};

/// A print on the machine that Gantry did not start.
struct foreign_print {
  std::string file;
  foreign_verdict verdict = foreign_verdict::pending;
  std::optional<timestamp> seen_at;

  template <class V>
  static void describe(V&& v) {
    v("file", &foreign_print::file, "The file that the printer reports.");
    v("verdict", &foreign_print::verdict, "What a person decided.");
    v("seen_at", &foreign_print::seen_at, "When it was first seen.");
  }
  bool operator==(const foreign_print&) const = default;
};

/// The newest print of a machine that was taken into account. A machine that shows another one has
/// printed while nobody watched.
struct known_print {
  std::string job;
  std::string file;
  bool job_due = false;

  template <class V>
  static void describe(V&& v) {
    v("job", &known_print::job,
      "Newest job of the machine's history that was taken into account; empty = none.");
    v("file", &known_print::file, "File of the newest print that was taken into account.");
    v("job_due", &known_print::job_due,
      "True until the machine's history has shown the job of that print.");
  }
  bool operator==(const known_print&) const = default;
};

/// The PRINTER's state.
struct printer {
  printer_id id;
  printer_setup setup;
  printer_mode mode = printer_mode::active;
  bed_state bed = bed_state::unknown;
  evidence bed_evidence;
  std::optional<print_ticket> ticket;
  std::optional<foreign_print> foreign;
  known_print last_print;
  bool unreconciled = false;
  reason attention = reason::ok;
  reason_params attention_params;

  template <class V>
  static void describe(V&& v) {
    v("id", &printer::id, "Printer.");
    v("setup", &printer::setup, "Name, address and capabilities.");
    v("mode", &printer::mode, "Whether it takes work.");
    v("bed", &printer::bed, "What is known of the bed.");
    v("bed_evidence", &printer::bed_evidence, "How that is known.");
    v("ticket", &printer::ticket, "The print that it is on.");
    v("foreign", &printer::foreign, "A print that Gantry did not start.");
    v("last_print", &printer::last_print, "The newest print that was taken into account.");
    v("unreconciled", &printer::unreconciled,
      "True after a restore until a person confirmed the machine.");
    v("attention", &printer::attention, "Why it needs a person.");
    v("attention_params", &printer::attention_params, "Values for the reason's text.");
  }
  bool operator==(const printer&) const = default;
};

namespace events {

struct printer_added {
  static constexpr std::string_view type = "printer.added";
  printer_id id;
  printer_setup setup;

  template <class V>
  static void describe(V&& v) {
    v("id", &printer_added::id, "Printer.");
    v("setup", &printer_added::setup, "Name, address and capabilities.");
  }
};

struct printer_edited {
  static constexpr std::string_view type = "printer.edited";
  printer_setup setup;

  template <class V>
  static void describe(V&& v) {
    v("setup", &printer_edited::setup, "The whole new set-up.");
  }
};

struct printer_mode_changed {
  static constexpr std::string_view type = "printer.mode_changed";
  printer_mode mode = printer_mode::active;

  template <class V>
  static void describe(V&& v) {
    v("mode", &printer_mode_changed::mode, "The new mode.");
  }
};

struct printer_reserved {
  static constexpr std::string_view type = "printer.reserved";
  print_ticket ticket;

  template <class V>
  static void describe(V&& v) {
    v("ticket", &printer_reserved::ticket, "What is to be printed, and who allowed it.");
  }
};

struct printer_upload_began {
  static constexpr std::string_view type = "printer.upload_began";
  int64_t attempt = 1;
  std::string file;

  template <class V>
  static void describe(V&& v) {
    v("attempt", &printer_upload_began::attempt, "Attempt.");
    v("file", &printer_upload_began::file, "Name on the printer.");
  }
};

struct printer_uploaded {
  static constexpr std::string_view type = "printer.uploaded";
  int64_t attempt = 1;

  template <class V>
  static void describe(V&& v) {
    v("attempt", &printer_uploaded::attempt, "Attempt.");
  }
};

struct printer_start_intended {
  static constexpr std::string_view type = "printer.start_intended";
  int64_t attempt = 1;
  decision_id decision;

  template <class V>
  static void describe(V&& v) {
    v("attempt", &printer_start_intended::attempt, "Attempt.");
    v("decision", &printer_start_intended::decision, "The decision that allows the start.");
  }
};

struct printer_start_answered {
  static constexpr std::string_view type = "printer.start_answered";
  int64_t attempt = 1;
  start_answer answer = start_answer::pending;
  std::string detail;

  template <class V>
  static void describe(V&& v) {
    v("attempt", &printer_start_answered::attempt, "Attempt.");
    v("answer", &printer_start_answered::answer, "What came back.");
    v("detail", &printer_start_answered::detail, "The printer's words.");
  }
};

struct printer_fence_began {
  static constexpr std::string_view type = "printer.fence_began";
  int64_t attempt = 1;

  template <class V>
  static void describe(V&& v) {
    v("attempt", &printer_fence_began::attempt, "The attempt whose file is removed.");
  }
};

struct printer_start_fenced {
  static constexpr std::string_view type = "printer.start_fenced";
  int64_t attempt = 1;

  template <class V>
  static void describe(V&& v) {
    v("attempt", &printer_start_fenced::attempt, "The attempt that can no longer start.");
  }
};

struct printer_print_observed {
  static constexpr std::string_view type = "printer.print_observed";
  std::string file;

  template <class V>
  static void describe(V&& v) {
    v("file", &printer_print_observed::file, "The file that the printer reports.");
  }
};

struct printer_pause_observed {
  static constexpr std::string_view type = "printer.pause_observed";
  template <class V>
  static void describe(V&&) {}
};

struct printer_resume_observed {
  static constexpr std::string_view type = "printer.resume_observed";
  template <class V>
  static void describe(V&&) {}
};

struct printer_action_wanted {
  static constexpr std::string_view type = "printer.action_wanted";
  wanted_action action = wanted_action::none;

  template <class V>
  static void describe(V&& v) {
    v("action", &printer_action_wanted::action, "What a person wants.");
  }
};

struct printer_attention_raised {
  static constexpr std::string_view type = "printer.attention_raised";
  reason why = reason::ok;
  reason_params why_params;

  template <class V>
  static void describe(V&& v) {
    v("why", &printer_attention_raised::why, "What does not agree.");
    v("why_params", &printer_attention_raised::why_params, "Values for the reason's text.");
  }
};

struct printer_attention_settled {
  static constexpr std::string_view type = "printer.attention_settled";
  std::string verdict;

  template <class V>
  static void describe(V&& v) {
    v("verdict", &printer_attention_settled::verdict, "What a person said.");
  }
};

struct printer_ticket_closed {
  static constexpr std::string_view type = "printer.ticket_closed";
  run_id run;
  ticket_end end = ticket_end::released;
  bed_state bed = bed_state::unknown;

  template <class V>
  static void describe(V&& v) {
    v("run", &printer_ticket_closed::run, "The run that ended here.");
    v("end", &printer_ticket_closed::end, "How it ended.");
    v("bed", &printer_ticket_closed::bed, "What is known of the bed now.");
  }
};

struct printer_bed_confirmed {
  static constexpr std::string_view type = "printer.bed_confirmed";
  evidence proof;

  template <class V>
  static void describe(V&& v) {
    v("proof", &printer_bed_confirmed::proof, "Who looked, and how.");
  }
};

struct printer_foreign_seen {
  static constexpr std::string_view type = "printer.foreign_seen";
  std::string file;

  template <class V>
  static void describe(V&& v) {
    v("file", &printer_foreign_seen::file, "The file that the printer reports.");
  }
};

struct printer_foreign_settled {
  static constexpr std::string_view type = "printer.foreign_settled";
  foreign_verdict verdict = foreign_verdict::ignored;

  template <class V>
  static void describe(V&& v) {
    v("verdict", &printer_foreign_settled::verdict, "What a person decided.");
  }
};

struct printer_foreign_ended {
  static constexpr std::string_view type = "printer.foreign_ended";
  template <class V>
  static void describe(V&&) {}
};

/// A print of the machine was taken into account.
struct printer_job_seen {
  static constexpr std::string_view type = "printer.job_seen";
  std::string job;
  std::string file;
  bool missed = false;

  template <class V>
  static void describe(V&& v) {
    v("job", &printer_job_seen::job, "Newest job of the machine's history; empty = none.");
    v("file", &printer_job_seen::file, "Its file, or what the machine showed instead.");
    v("missed", &printer_job_seen::missed,
      "True if nobody watched that print: a bed that was believed clear is no longer known.");
  }
};

struct printer_quarantined {
  static constexpr std::string_view type = "printer.quarantined";
  int64_t failures = 0;

  template <class V>
  static void describe(V&& v) {
    v("failures", &printer_quarantined::failures,
      "Failures of its controller in the supervisor's period.");
  }
};

struct printer_unreconciled {
  static constexpr std::string_view type = "printer.unreconciled";
  template <class V>
  static void describe(V&&) {}
};

struct printer_reconciled {
  static constexpr std::string_view type = "printer.reconciled";
  template <class V>
  static void describe(V&&) {}
};

} // namespace events

} // namespace gantry
