// The handlers that the route table names. Each answers one exchange and touches no socket.
#pragma once

#include "http/route.hpp"

namespace gantry::http::handlers {

/// Lists and single reads (queries.cpp).
template <entity_kind Kind>
response list(exchange& x);
template <entity_kind Kind>
response get(exchange& x);
response get_settings(exchange& x);
response list_printers(exchange& x);
response list_approvals(exchange& x);
response artifact_content(exchange& x);

/// What a printer measured (telemetry.cpp).
response printer_telemetry(exchange& x);

/// Commands (commands.cpp).
template <class Command>
response command_on(exchange& x);
template <bool Approve>
response settle_approval(exchange& x);
response issue_token(exchange& x);
response change_settings(exchange& x);
response upload_artifact(exchange& x);
response test_printer(exchange& x);

/// Stations (stations.cpp, event_stream.cpp).
template <resin_control Control>
response control_resin(exchange& x);
response run_pump(exchange& x);
response stop_pump(exchange& x);
response calibrate(exchange& x);
response check_start(exchange& x);
response check_attach(exchange& x);
response list_resin_files(exchange& x);
response emergency_stop(exchange& x);
response test_station(exchange& x);
response station_history(exchange& x);

/// Files of stations, and what the log says of their prints (settings.cpp).
response get_network_settings(exchange& x);
response put_network_settings(exchange& x);
response get_pump_settings(exchange& x);
response put_pump_settings(exchange& x);
response get_recipe(exchange& x);
response preview_recipe(exchange& x);
response reload_settings(exchange& x);
response get_station_report(exchange& x);
response get_clock(exchange& x);

/// Session and documents (session.cpp, documents.cpp).
response log_in(exchange& x);
response who_am_i(exchange& x);
response log_out(exchange& x);
response list_reasons(exchange& x);
response list_schemas(exchange& x);
response get_schema(exchange& x);
response get_openapi(exchange& x);
response get_health(exchange& x);
response get_metrics(exchange& x);

/// The log as JSON or as a stream (event_stream.cpp).
response events(exchange& x);

} // namespace gantry::http::handlers
