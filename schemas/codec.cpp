#include "schemas/codec.hpp"

#include "schemas/codec_impl.hpp"
#include "schemas/command.hpp"
#include "schemas/device_report.hpp"
#include "schemas/envelope.hpp"
#include "schemas/json_depth.hpp"
#include "schemas/station_files.hpp"
#include "schemas/station_report.hpp"

namespace gantry {

using nlohmann::json;

result<json> parse_json(std::string_view text) {
  if (json_depth(text) > json_depth_max)
    return refusal{reason::json_malformed,
                   {{"detail", "it is nested deeper than " + std::to_string(json_depth_max)}}};
  try {
    auto value = json::parse(text);
    // Invalid UTF-8 inside strings is found by the serialiser, not by the parser, in some versions.
    static_cast<void>(value.dump());
    return value;
  } catch (const json::exception& error) {
    std::string detail = error.what();
    // The library puts its own error id in brackets first; people do not need it.
    if (const auto end = detail.find("] "); end != std::string::npos)
      detail.erase(0, end + 2);
    detail.resize(std::min<size_t>(detail.size(), 160));
    return refusal{reason::json_malformed, {{"detail", detail}}};
  }
}

#define GANTRY_CODEC(type)                                                                         \
  template json to_json_value<type>(const type&);                                                  \
  template std::string to_json_text<type>(const type&);                                            \
  template result<type> from_json_value<type>(const json&, strictness);                            \
  template result<type> from_json_text<type>(std::string_view, strictness);                        \
  template json json_schema_of<type>()

GANTRY_CODEC(order);
GANTRY_CODEC(plan);
GANTRY_CODEC(plate);
GANTRY_CODEC(run);
GANTRY_CODEC(printer);
GANTRY_CODEC(breaker);
GANTRY_CODEC(decision);
GANTRY_CODEC(artifact);
GANTRY_CODEC(profile);
GANTRY_CODEC(material);
GANTRY_CODEC(token);
GANTRY_CODEC(settings);
GANTRY_CODEC(customer);
GANTRY_CODEC(principal);
GANTRY_CODEC(check);
GANTRY_CODEC(device_report);
GANTRY_CODEC(temperature_reading);
GANTRY_CODEC(rule_result);
GANTRY_CODEC(station_report);
GANTRY_CODEC(print_report);
GANTRY_CODEC(station_statistics);
GANTRY_CODEC(network_settings);
GANTRY_CODEC(pump_settings);
GANTRY_CODEC(recipe_text);
GANTRY_CODEC(commands::create_order);
GANTRY_CODEC(commands::cancel_order);
GANTRY_CODEC(commands::request_revision);
GANTRY_CODEC(commands::reprint_plate);
GANTRY_CODEC(commands::cancel_run);
GANTRY_CODEC(commands::pause_run);
GANTRY_CODEC(commands::resume_run);
GANTRY_CODEC(commands::inspect_run);
GANTRY_CODEC(commands::settle_run);
GANTRY_CODEC(commands::add_printer);
GANTRY_CODEC(commands::edit_printer);
GANTRY_CODEC(commands::set_printer_mode);
GANTRY_CODEC(commands::confirm_bed_clear);
GANTRY_CODEC(commands::settle_foreign);
GANTRY_CODEC(commands::confirm_printer);
GANTRY_CODEC(commands::settle_approval);
GANTRY_CODEC(commands::reset_breaker);
GANTRY_CODEC(commands::add_profile);
GANTRY_CODEC(commands::add_material);
GANTRY_CODEC(commands::issue_token);
GANTRY_CODEC(commands::revoke_token);
GANTRY_CODEC(commands::change_settings);
GANTRY_CODEC(station);
GANTRY_CODEC(resin_report);
GANTRY_CODEC(pump_bank_report);
GANTRY_CODEC(station_check);
GANTRY_CODEC(commands::add_station);
GANTRY_CODEC(commands::edit_station);
GANTRY_CODEC(commands::retire_station);
GANTRY_CODEC(commands::set_recipe);
GANTRY_CODEC(commands::set_level);
GANTRY_CODEC(commands::calibrate_pump);
GANTRY_CODEC(commands::start_station);
GANTRY_CODEC(commands::attach_station);
GANTRY_CODEC(commands::stop_station);
GANTRY_CODEC(commands::control_station);
GANTRY_CODEC(commands::run_station_pump);
GANTRY_CODEC(commands::stop_station_pump);
GANTRY_CODEC(commands::answer_station);
GANTRY_CODEC(commands::acknowledge_station);
GANTRY_CODEC(commands::emergency_stop_station);

#undef GANTRY_CODEC

} // namespace gantry
