#include "http/documents.hpp"

#include "http/handlers.hpp"
#include "http/json_text.hpp"
#include "http/problem.hpp"
#include "schemas/codec.hpp"
#include "schemas/station_files.hpp"
#include "schemas/station_report.hpp"

#include <nlohmann/json.hpp>
#include <span>

namespace gantry::http {

namespace {

using nlohmann::json;

/// A named JSON Schema.
struct schema_entry {
  std::string_view name;
  json (*make)();
};

json text_schema(std::string_view about) {
  return {{"type", "string"}, {"description", std::string{about}}};
}

json log_in_schema() {
  return {{"type", "object"},
          {"properties", {{"token", text_schema("The secret of a token.")}}},
          {"required", json::array({"token"})}};
}

json test_printer_schema() {
  auto schema = json_schema_of<commands::add_printer>();
  auto address = schema["properties"]["setup"]["properties"]["address"];
  address["properties"]["api_key"] = schema["properties"]["api_key"];
  return address;
}

json test_station_schema() {
  auto setup = json_schema_of<commands::add_station>()["properties"]["setup"];
  const auto& fields = setup["properties"];
  return {{"type", "object"},
          {"properties", {{"host", fields["host"]}, {"port", fields["port"]}}},
          {"required", json::array({"host"})}};
}

json problem_schema() {
  return {{"type", "object"},
          {"properties",
           {{"type", text_schema("urn:gantry:reason:<name>")},
            {"title", text_schema("The reason in words.")},
            {"status", {{"type", "integer"}}},
            {"detail", text_schema("What happened, what did not, and what to do.")},
            {"reason", text_schema("Name of the reason.")},
            {"code", {{"type", "integer"}}},
            {"params", {{"type", "object"}}},
            {"instance", text_schema("Id of the request.")},
            {"retry_safe", {{"type", "boolean"}}},
            {"severity", text_schema("info, notice, warning or critical.")},
            {"who", text_schema("Who can do something about it.")}}}};
}

constexpr auto schemas = std::to_array<schema_entry>({
    {"order", json_schema_of<order>},
    {"plan", json_schema_of<plan>},
    {"plate", json_schema_of<plate>},
    {"run", json_schema_of<run>},
    {"printer", json_schema_of<printer>},
    {"breaker", json_schema_of<breaker>},
    {"decision", json_schema_of<decision>},
    {"artifact", json_schema_of<artifact>},
    {"profile", json_schema_of<profile>},
    {"material", json_schema_of<material>},
    {"token", json_schema_of<token>},
    {"settings", json_schema_of<settings>},
    {"station", json_schema_of<station>},
    {"resin_report", json_schema_of<resin_report>},
    {"pump_bank_report", json_schema_of<pump_bank_report>},
    {"add_station", json_schema_of<commands::add_station>},
    {"edit_station", json_schema_of<commands::edit_station>},
    {"retire_station", json_schema_of<commands::retire_station>},
    {"set_recipe", json_schema_of<commands::set_recipe>},
    {"set_level", json_schema_of<commands::set_level>},
    {"calibrate_pump", json_schema_of<commands::calibrate_pump>},
    {"start_station", json_schema_of<commands::start_station>},
    {"attach_station", json_schema_of<commands::attach_station>},
    {"stop_station", json_schema_of<commands::stop_station>},
    {"control_station", json_schema_of<commands::control_station>},
    {"run_station_pump", json_schema_of<commands::run_station_pump>},
    {"stop_station_pump", json_schema_of<commands::stop_station_pump>},
    {"answer_station", json_schema_of<commands::answer_station>},
    {"acknowledge_station", json_schema_of<commands::acknowledge_station>},
    {"test_station", test_station_schema},
    {"network_settings", json_schema_of<network_settings>},
    {"pump_settings", json_schema_of<pump_settings>},
    {"recipe_text", json_schema_of<recipe_text>},
    {"station_report", json_schema_of<station_report>},
    {"device_report", json_schema_of<device_report>},
    {"create_order", json_schema_of<commands::create_order>},
    {"cancel_order", json_schema_of<commands::cancel_order>},
    {"request_revision", json_schema_of<commands::request_revision>},
    {"reprint_plate", json_schema_of<commands::reprint_plate>},
    {"cancel_run", json_schema_of<commands::cancel_run>},
    {"pause_run", json_schema_of<commands::pause_run>},
    {"resume_run", json_schema_of<commands::resume_run>},
    {"inspect_run", json_schema_of<commands::inspect_run>},
    {"settle_run", json_schema_of<commands::settle_run>},
    {"add_printer", json_schema_of<commands::add_printer>},
    {"edit_printer", json_schema_of<commands::edit_printer>},
    {"test_printer", test_printer_schema},
    {"set_printer_mode", json_schema_of<commands::set_printer_mode>},
    {"confirm_bed_clear", json_schema_of<commands::confirm_bed_clear>},
    {"settle_foreign", json_schema_of<commands::settle_foreign>},
    {"confirm_printer", json_schema_of<commands::confirm_printer>},
    {"settle_approval", json_schema_of<commands::settle_approval>},
    {"reset_breaker", json_schema_of<commands::reset_breaker>},
    {"add_profile", json_schema_of<commands::add_profile>},
    {"add_material", json_schema_of<commands::add_material>},
    {"issue_token", json_schema_of<commands::issue_token>},
    {"revoke_token", json_schema_of<commands::revoke_token>},
    {"log_in", log_in_schema},
    {"problem", problem_schema},
});

json header_parameter(std::string_view name, bool required, std::string_view about) {
  return {{"name", std::string{name}},
          {"in", "header"},
          {"required", required},
          {"description", std::string{about}},
          {"schema", {{"type", "string"}}}};
}

json parameters_of(const route& row) {
  auto out = json::array();
  if (row.pattern.find("{id}") != std::string_view::npos)
    out.push_back(
        {{"name", "id"}, {"in", "path"}, {"required", true}, {"schema", {{"type", "string"}}}});
  if (row.pattern.find("{item}") != std::string_view::npos)
    out.push_back(
        {{"name", "item"}, {"in", "path"}, {"required", true}, {"schema", {{"type", "string"}}}});
  for (auto rest = row.parameters; !rest.empty();) {
    const auto end = std::min(rest.find(' '), rest.size());
    out.push_back({{"name", std::string{rest.substr(0, end)}},
                   {"in", "query"},
                   {"required", false},
                   {"schema", {{"type", "string"}}}});
    rest.remove_prefix(std::min(end + 1, rest.size()));
  }
  if (row.keyed) {
    out.push_back(header_parameter(
        "Idempotency-Key", true, "1 to 100 visible ASCII characters; repeat it to repeat safely."));
    out.push_back(header_parameter("If-Match", false, "The version that was read, in quotes."));
  }
  return out;
}

json operation_of(const route& row) {
  json operation{{"summary", std::string{row.summary}},
                 {"parameters", parameters_of(row)},
                 {"x-gantry-kind", std::string{name_of(row.kind)}},
                 {"x-gantry-roles", row.roles.text()}};
  if (row.who == access::open)
    operation["security"] = json::array();
  if (!row.body.empty())
    operation["requestBody"] = {
        {"content",
         {{"application/json",
           {{"schema", {{"$ref", "#/components/schemas/" + std::string{row.body}}}}}}}}};
  if (row.kind == route_kind::upload)
    operation["requestBody"] = {
        {"content", {{"model/stl", json::object()}, {"application/octet-stream", json::object()}}}};
  operation["responses"] = {{row.creates ? "201" : "200", {{"description", "Done."}}},
                            {"default",
                             {{"description", "A refusal with its reason."},
                              {"content",
                               {{"application/problem+json",
                                 {{"schema", {{"$ref", "#/components/schemas/problem"}}}}}}}}}};
  return operation;
}

} // namespace

std::string openapi_document(const std::string& version) {
  json paths = json::object();
  for (const auto& row : routes()) {
    std::string method{row.method};
    for (auto& c : method)
      c = static_cast<char>(c - 'A' + 'a');
    paths[std::string{row.pattern}][method] = operation_of(row);
  }
  json named = json::object();
  for (const auto& entry : schemas)
    named[std::string{entry.name}] = entry.make();
  const json document{
      {"openapi", "3.1.0"},
      {"info", {{"title", "Gantry"}, {"version", version}}},
      {"paths", std::move(paths)},
      {"security", json::array({{{"bearer", json::array()}}, {{"session", json::array()}}})},
      {"components",
       {{"schemas", std::move(named)},
        {"securitySchemes",
         {{"bearer", {{"type", "http"}, {"scheme", "bearer"}}},
          {"session",
           {{"type", "apiKey"}, {"in", "cookie"}, {"name", std::string{session_cookie}}}}}}}}};
  return document.dump();
}

std::string api_reference_markdown() {
  std::string out =
      "| method | path | role | key | body | what it does |\n|---|---|---|---|---|---|\n";
  for (const auto& row : routes()) {
    std::string who = row.roles.text();
    if (row.who == access::open)
      who = "none";
    else if (row.who == access::member)
      who = "any";
    else if (row.who == access::scrape)
      who += ", or this machine";
    std::string path{row.pattern};
    for (auto rest = row.parameters; !rest.empty();) {
      const auto end = std::min(rest.find(' '), rest.size());
      path += (path.find('?') == std::string::npos ? "?" : "&") + std::string{rest.substr(0, end)};
      rest.remove_prefix(std::min(end + 1, rest.size()));
    }
    const auto body =
        row.kind == route_kind::upload ? std::string{"the file"} : std::string{row.body};
    out += "| " + std::string{row.method} + " | `" + path + "` | " + who + " | "
           + (row.keyed ? "yes" : "") + " | " + body + " | " + std::string{row.summary} + " |\n";
  }
  return out;
}

namespace handlers {

response list_reasons(exchange&) {
  response answer;
  answer.body = "[";
  for (const auto& entry : reason_catalogue())
    answer.body += (answer.body.size() > 1 ? "," : "") + reason_json(entry);
  answer.body += ']';
  return answer;
}

response list_schemas(exchange&) {
  response answer;
  answer.body = "[";
  for (const auto& entry : schemas)
    answer.body += (answer.body.size() > 1 ? ",\"" : "\"") + std::string{entry.name} + "\"";
  answer.body += ']';
  return answer;
}

response get_schema(exchange& x) {
  for (const auto& entry : schemas)
    if (entry.name == x.asked.id) {
      response answer;
      answer.content_type = "application/schema+json";
      answer.body = entry.make().dump();
      return answer;
    }
  return problem({reason::not_found, {{"kind", "schema"}, {"id", x.asked.id}}}, x.asked.request_id);
}

response get_openapi(exchange& x) {
  response answer;
  answer.body = x.all.openapi;
  return answer;
}

} // namespace handlers

} // namespace gantry::http
