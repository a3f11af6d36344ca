#include "http/route.hpp"

#include "http/handlers.hpp"

namespace gantry::http {

namespace {

using namespace commands;
using kind = entity_kind;
namespace h = handlers;

constexpr role_set viewer{role::viewer};
constexpr role_set operators{role::operator_};
constexpr role_set planners{role::planner};
constexpr role_set admins{role::admin};
constexpr role_set producers{role::planner, role::operator_, role::integration};
constexpr role_set approvers{role::operator_, role::planner};

constexpr route open_query(std::string_view pattern, response (*answer)(exchange&),
                           std::string_view summary) {
  return {.method = "GET",
          .pattern = pattern,
          .who = access::open,
          .roles = {},
          .kind = route_kind::query,
          .answer = answer,
          .summary = summary,
          .body = {},
          .parameters = {}};
}

constexpr route query(std::string_view pattern, role_set roles, response (*answer)(exchange&),
                      std::string_view summary, std::string_view parameters = {}) {
  return {.method = "GET",
          .pattern = pattern,
          .who = access::role,
          .roles = roles,
          .kind = route_kind::query,
          .answer = answer,
          .summary = summary,
          .body = {},
          .parameters = parameters};
}

constexpr route write(std::string_view method, std::string_view pattern, role_set roles,
                      response (*answer)(exchange&), std::string_view body,
                      std::string_view summary) {
  return {.method = method,
          .pattern = pattern,
          .who = access::role,
          .roles = roles,
          .kind = route_kind::command,
          .answer = answer,
          .summary = summary,
          .body = body,
          .parameters = {},
          .keyed = true};
}

constexpr route post(std::string_view pattern, role_set roles, response (*answer)(exchange&),
                     std::string_view body, std::string_view summary) {
  return write("POST", pattern, roles, answer, body, summary);
}

constexpr route create(std::string_view pattern, role_set roles, response (*answer)(exchange&),
                       std::string_view body, std::string_view summary) {
  auto row = post(pattern, roles, answer, body, summary);
  row.creates = true;
  return row;
}

constexpr route test_route() {
  auto row = post("/api/v1/printers/test", approvers, h::test_printer, "test_printer",
                  "Try an address; answers within 3 s what a connection would meet.");
  row.roles = {role::operator_, role::admin};
  row.keyed = false;
  return row;
}

constexpr role_set makers{role::planner, role::operator_};

constexpr route test_station_route() {
  auto row =
      post("/api/v1/stations/test", operators, h::test_station, "test_station",
           "Try a resin printer's address; answers within 3 s what a connection would meet.");
  row.keyed = false;
  return row;
}

constexpr route preview(std::string_view pattern, response (*answer)(exchange&),
                        std::string_view body, std::string_view summary) {
  auto row = post(pattern, operators, answer, body, summary);
  row.keyed = false;
  return row;
}

/// Everybody who has logged in may stop pumps, with or without a key.
constexpr route emergency_route() {
  auto row = post("/api/v1/stations/{id}/emergency-stop", {}, h::emergency_stop, "",
                  "Switch all pumps off at once, and keep them off until a person acknowledges.");
  row.who = access::member;
  row.keyed = false;
  row.urgent = true;
  return row;
}

constexpr route upload_route() {
  auto row = create("/api/v1/artifacts", producers, h::upload_artifact, "",
                    "Upload a model as the raw body, at most 2 GiB.");
  row.kind = route_kind::upload;
  row.parameters = "kind name";
  return row;
}

constexpr route stream_route() {
  auto row = query("/api/v1/events", viewer, h::events,
                   "The log: a page as JSON, or a stream with Accept: text/event-stream.",
                   "after limit subject");
  row.kind = route_kind::stream;
  return row;
}

constexpr route session_route(std::string_view method, access who, response (*answer)(exchange&),
                              std::string_view body, std::string_view summary) {
  return {.method = method,
          .pattern = "/api/v1/session",
          .who = who,
          .roles = {},
          .kind = method == "GET" ? route_kind::query : route_kind::command,
          .answer = answer,
          .summary = summary,
          .body = body,
          .parameters = {}};
}

constexpr route scrape_route() {
  auto row = query("/metrics", viewer, h::get_metrics, "Figures in Prometheus' text format.");
  row.who = access::scrape;
  return row;
}

constexpr std::string_view page = "limit cursor open";

constexpr auto route_table = std::to_array<route>({
    session_route("POST", access::open, h::log_in, "log_in",
                  "Exchange a token for a session cookie."),
    session_route("GET", access::member, h::who_am_i, "", "Who is asking, and where."),
    session_route("DELETE", access::open, h::log_out, "", "Forget the session cookie."),

    query("/api/v1/orders", viewer, h::list<kind::order>, "Orders, newest first.",
          "limit cursor open state"),
    query("/api/v1/orders/{id}", viewer, h::get<kind::order>,
          "One order; `expand` adds its plans, plates and runs.", "expand"),
    create("/api/v1/orders", producers, h::command_on<create_order>, "create_order",
           "Accept an order."),
    post("/api/v1/orders/{id}/cancel", planners, h::command_on<cancel_order>, "cancel_order",
         "Cancel an order; its prints are asked to stop."),

    query("/api/v1/plans", viewer, h::list<kind::plan>, "Plans, newest first.",
          "limit cursor open state order"),
    query("/api/v1/plans/{id}", viewer, h::get<kind::plan>, "One plan."),
    post("/api/v1/plans/{id}/revisions", planners, h::command_on<request_revision>,
         "request_revision", "Slice a plan anew."),

    query("/api/v1/plates", viewer, h::list<kind::plate>, "Plates, newest first.",
          "limit cursor open state order plan"),
    query("/api/v1/plates/{id}", viewer, h::get<kind::plate>, "One plate."),
    post("/api/v1/plates/{id}/reprint", operators, h::command_on<reprint_plate>, "reprint_plate",
         "Queue another run of a held plate."),

    query("/api/v1/runs", viewer, h::list<kind::run>,
          "Runs, newest first, with why they wait and what their printer says.",
          "limit cursor open state printer order plate"),
    query("/api/v1/runs/{id}", viewer, h::get<kind::run>, "One run."),
    post("/api/v1/runs/{id}/cancel", operators, h::command_on<cancel_run>, "cancel_run",
         "Cancel a run; a printer out of reach is told when it is back."),
    post("/api/v1/runs/{id}/pause", operators, h::command_on<pause_run>, "pause_run",
         "Pause a printing run; a printer out of reach is told when it is back."),
    post("/api/v1/runs/{id}/resume", operators, h::command_on<resume_run>, "resume_run",
         "Resume a paused run, or withdraw its pause; given up if out of reach."),
    post("/api/v1/runs/{id}/inspection", operators, h::command_on<inspect_run>, "inspect_run",
         "Record the inspection of a finished run."),
    post("/api/v1/runs/{id}/settle", operators, h::command_on<settle_run>, "settle_run",
         "Say what happened at the machine to a run in attention."),

    query("/api/v1/printers", viewer, h::list_printers, "Printers with what they say.",
          "limit cursor open state"),
    query("/api/v1/printers/{id}", viewer, h::get<kind::printer>, "One printer."),
    query("/api/v1/printers/{id}/telemetry", viewer, h::printer_telemetry,
          "What a printer measured, thinned out; a day by default, 30 days are kept.",
          "after until"),
    create("/api/v1/printers", admins, h::command_on<add_printer>, "add_printer", "Add a printer."),
    test_route(),
    write("PUT", "/api/v1/printers/{id}", admins, h::command_on<edit_printer>, "edit_printer",
          "Replace a printer's set-up."),
    post("/api/v1/printers/{id}/mode", operators, h::command_on<set_printer_mode>,
         "set_printer_mode", "Take a printer out of service, or return it."),
    post("/api/v1/printers/{id}/bed-clear", operators, h::command_on<confirm_bed_clear>,
         "confirm_bed_clear", "Confirm that nothing lies on the bed."),
    post("/api/v1/printers/{id}/foreign", operators, h::command_on<settle_foreign>,
         "settle_foreign", "Decide about a print that Gantry did not start."),
    post("/api/v1/printers/{id}/confirm", operators, h::command_on<confirm_printer>,
         "confirm_printer", "Confirm a machine after a restore."),

    query("/api/v1/stations", viewer, h::list<kind::station>,
          "Resin stations, newest first, with what their machines say.", "limit cursor open state"),
    query("/api/v1/stations/{id}", viewer, h::get<kind::station>, "One station."),
    create("/api/v1/stations", admins, h::command_on<add_station>, "add_station", "Add a station."),
    test_station_route(),
    write("PUT", "/api/v1/stations/{id}", admins, h::command_on<edit_station>, "edit_station",
          "Replace a station's set-up."),
    post("/api/v1/stations/{id}/retire", admins, h::command_on<retire_station>, "retire_station",
         "Take a station out of use for good."),
    query("/api/v1/stations/{id}/files", viewer, h::list_resin_files,
          "Files on the station's printer."),
    write("PUT", "/api/v1/stations/{id}/recipe", makers, h::command_on<set_recipe>, "set_recipe",
          "Replace a station's recipe."),
    query("/api/v1/stations/{id}/recipe", viewer, h::get_recipe,
          "The station's recipe as its file has it."),
    preview("/api/v1/stations/{id}/recipe/preview", h::preview_recipe, "recipe_text",
            "What a text would become as a recipe; nothing is changed."),
    query("/api/v1/stations/{id}/settings/network", viewer, h::get_network_settings,
          "The station's network_settings.ini, without passwords."),
    write("PUT", "/api/v1/stations/{id}/settings/network", admins, h::put_network_settings,
          "network_settings", "Save network_settings.ini and take it over."),
    query("/api/v1/stations/{id}/settings/pumps", viewer, h::get_pump_settings,
          "The station's pump_profiles.json."),
    write("PUT", "/api/v1/stations/{id}/settings/pumps", admins, h::put_pump_settings,
          "pump_settings", "Save pump_profiles.json and take it over."),
    post("/api/v1/stations/{id}/reload", operators, h::reload_settings, "",
         "Read the station's files again and take over what was edited by hand."),
    query("/api/v1/stations/{id}/report", viewer, h::get_station_report,
          "Every change of the newest prints (100 unless `prints` says otherwise), reconstructed "
          "from the log, and figures over 30 of them.",
          "prints"),
    preview("/api/v1/stations/{id}/checks", h::check_start, "start_station",
            "Every check that a start would meet now."),
    preview("/api/v1/stations/{id}/checks/attach", h::check_attach, "attach_station",
            "Every check that an attachment would meet now."),
    post("/api/v1/stations/{id}/start", operators, h::command_on<start_station>, "start_station",
         "Start a file and change materials by the recipe."),
    post("/api/v1/stations/{id}/attach", operators, h::command_on<attach_station>, "attach_station",
         "Change materials of the print that runs."),
    post("/api/v1/stations/{id}/stop", operators, h::command_on<stop_station>, "stop_station",
         "Stop changing materials; the printer is left as it is."),
    post("/api/v1/stations/{id}/pause", operators, h::control_resin<resin_control::pause>,
         "control_station", "Pause the printer."),
    post("/api/v1/stations/{id}/resume", operators, h::control_resin<resin_control::resume>,
         "control_station", "Resume the printer, or withdraw a pause that waits."),
    post("/api/v1/stations/{id}/stop-print", operators, h::control_resin<resin_control::stop>,
         "control_station", "Stop the print."),
    post("/api/v1/stations/{id}/pumps/{item}/run", operators, h::run_pump, "run_station_pump",
         "Run one pump by hand."),
    post("/api/v1/stations/{id}/pumps/{item}/stop", operators, h::stop_pump, "stop_station_pump",
         "Stop a pump that is on."),
    post("/api/v1/stations/{id}/pumps/{item}/calibration", operators, h::calibrate,
         "calibrate_pump", "Record timed runs of a pump and the direction that is right."),
    post("/api/v1/stations/{id}/levels", operators, h::command_on<set_level>, "set_level",
         "Say what is in a reservoir or in the waste container."),
    post("/api/v1/stations/{id}/answer", operators, h::command_on<answer_station>, "answer_station",
         "Answer the question that a station waits for."),
    post("/api/v1/stations/{id}/acknowledge", operators, h::command_on<acknowledge_station>,
         "acknowledge_station", "Acknowledge an emergency stop or an error."),
    emergency_route(),
    query("/api/v1/stations/{id}/history", viewer, h::station_history,
          "The station's events: every change and step with what was planned and measured.",
          "after limit"),

    query("/api/v1/approvals", viewer, h::list_approvals, "Decisions that wait for a person.",
          "limit cursor"),
    post("/api/v1/approvals/{id}/approve", approvers, h::settle_approval<true>, "settle_approval",
         "Approve a decision."),
    post("/api/v1/approvals/{id}/reject", approvers, h::settle_approval<false>, "settle_approval",
         "Reject a decision."),
    query("/api/v1/decisions", viewer, h::list<kind::decision>, "Decisions, newest first.",
          "limit cursor open state run printer"),
    query("/api/v1/decisions/{id}", viewer, h::get<kind::decision>, "One decision."),
    query("/api/v1/breakers", viewer, h::list<kind::breaker>, "Breakers, newest first.",
          "limit cursor open state plan"),
    query("/api/v1/breakers/{id}", viewer, h::get<kind::breaker>, "One breaker."),
    post("/api/v1/breakers/{id}/reset", planners, h::command_on<reset_breaker>, "reset_breaker",
         "Close an open breaker after a review."),

    query("/api/v1/profiles", viewer, h::list<kind::profile>,
          "Slicing profiles without their texts.", page),
    query("/api/v1/profiles/{id}", viewer, h::get<kind::profile>, "One profile with its texts."),
    create("/api/v1/profiles", planners, h::command_on<add_profile>, "add_profile",
           "Store a profile, or a new version of one."),
    query("/api/v1/materials", viewer, h::list<kind::material>, "Materials.", page),
    create("/api/v1/materials", planners, h::command_on<add_material>, "add_material",
           "Store a material."),

    upload_route(),
    query("/api/v1/artifacts", viewer, h::list<kind::artifact>, "Stored files, newest first.",
          "limit cursor kind"),
    query("/api/v1/artifacts/{id}", viewer, h::get<kind::artifact>, "One stored file's record."),
    query("/api/v1/artifacts/{id}/content", viewer, h::artifact_content, "The file itself."),

    query("/api/v1/tokens", admins, h::list<kind::token>, "Access tokens.", page),
    create("/api/v1/tokens", admins, h::issue_token, "issue_token",
           "Issue a token; its secret is answered once."),
    post("/api/v1/tokens/{id}/revoke", admins, h::command_on<revoke_token>, "revoke_token",
         "Revoke a token at once."),
    query("/api/v1/settings", viewer, h::get_settings, "The farm's settings."),
    write("PUT", "/api/v1/settings", admins, h::change_settings, "settings",
          "Replace the farm's settings."),

    query("/api/v1/clock", viewer, h::get_clock,
          "The kernel's time, and how far the asker's clock is ahead.", "client_time"),
    query("/api/v1/reasons", viewer, h::list_reasons, "The catalogue of reason codes."),
    stream_route(),
    open_query("/api/v1/schemas", h::list_schemas, "Names of all JSON Schemas."),
    open_query("/api/v1/schemas/{id}", h::get_schema, "One JSON Schema."),
    open_query("/openapi.json", h::get_openapi, "This API as OpenAPI 3.1."),
    open_query("/health", h::get_health, "Composite health; 503 if anything fails."),
    scrape_route(),
});

/// Takes the first segment off `path`, which begins with a slash.
std::string_view take_segment(std::string_view& path) {
  path.remove_prefix(1);
  const auto end = std::min(path.find('/'), path.size());
  const auto segment = path.substr(0, end);
  path.remove_prefix(end);
  return segment;
}

bool matches(std::string_view pattern, std::string_view path, std::string_view& id,
             std::string_view& item) {
  while (!pattern.empty() && !path.empty()) {
    const auto expected = take_segment(pattern);
    const auto given = take_segment(path);
    if (expected == "{id}" && !given.empty())
      id = given;
    else if (expected == "{item}" && !given.empty())
      item = given;
    else if (expected != given)
      return false;
  }
  return pattern.empty() && path.empty();
}

} // namespace

std::string role_set::text() const {
  std::string out;
  for (size_t i = 0; i < names_of(role{}).size(); ++i)
    if (contains(static_cast<role>(i)))
      out += (out.empty() ? "" : ", ") + std::string{name_of(static_cast<role>(i))};
  return out;
}

bool role_set::admits(const principal& who) const {
  for (const auto x : who.roles)
    if (x == role::admin || contains(x))
      return true;
  return false;
}

std::span<const route> routes() {
  return route_table;
}

route_match find_route(std::string_view method, std::string_view path) {
  route_match found;
  if (path.empty() || path.front() != '/')
    return found;
  if (method == "HEAD")
    method = "GET";
  // A literal row stands for its path even where `{id}` would fit as well.
  for (const auto& row : route_table)
    if (row.pattern == path && row.method == method)
      return {.row = &row, .id = {}, .item = {}, .allow = {}};
  for (const auto& row : route_table) {
    std::string_view id, item;
    if (!matches(row.pattern, path, id, item))
      continue;
    if (row.method == method && !found.row) {
      found.row = &row;
      found.id = id;
      found.item = item;
    }
    if (found.allow.find(row.method) == std::string::npos)
      found.allow += (found.allow.empty() ? "" : ", ") + std::string{row.method};
  }
  return found;
}

} // namespace gantry::http
