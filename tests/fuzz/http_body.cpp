// Bodies of requests: the strict decoder of every command that comes from outside. An input is the
// command's name, a line break, and the body.
#include "schemas/codec.hpp"
#include "schemas/command.hpp"
#include "schemas/station_files.hpp"
#include "tests/fuzz/fuzz.hpp"

#include <algorithm>
#include <array>
#include <nlohmann/json.hpp>

namespace gantry::fuzz {

namespace {

constexpr size_t params_bytes_max = 4'096;

bool is_about_the_body(reason code) {
  return code == reason::json_malformed || code == reason::field_invalid
         || code == reason::field_missing || code == reason::field_unknown;
}

template <class Command>
void check(std::string_view text) {
  const auto decoded = from_json_text<Command>(text, strictness::request);
  if (!decoded) {
    const auto& why = decoded.why();
    require(is_about_the_body(why.code), "a refused body gets a reason about the body");
    size_t bytes = 0;
    for (const auto& [name, value] : why.params)
      bytes += name.size() + value.size();
    require(bytes <= params_bytes_max, "a refusal does not echo the whole body");
    require(!why.text().empty(), "a refusal has words");
    return;
  }
  const auto once = to_json_text(*decoded);
  const auto again = from_json_text<Command>(once, strictness::request);
  require(static_cast<bool>(again), "what was accepted is accepted when it is sent again");
  require(to_json_text(*again) == once, "an accepted body means the same the second time");
}

struct decoder {
  std::string_view name;
  void (*check)(std::string_view text);
};

constexpr auto decoders = std::to_array<decoder>({
    {"create_order", check<commands::create_order>},
    {"cancel_order", check<commands::cancel_order>},
    {"request_revision", check<commands::request_revision>},
    {"reprint_plate", check<commands::reprint_plate>},
    {"cancel_run", check<commands::cancel_run>},
    {"pause_run", check<commands::pause_run>},
    {"resume_run", check<commands::resume_run>},
    {"inspect_run", check<commands::inspect_run>},
    {"settle_run", check<commands::settle_run>},
    {"add_printer", check<commands::add_printer>},
    {"edit_printer", check<commands::edit_printer>},
    {"set_printer_mode", check<commands::set_printer_mode>},
    {"confirm_bed_clear", check<commands::confirm_bed_clear>},
    {"settle_foreign", check<commands::settle_foreign>},
    {"confirm_printer", check<commands::confirm_printer>},
    {"settle_approval", check<commands::settle_approval>},
    {"reset_breaker", check<commands::reset_breaker>},
    {"add_profile", check<commands::add_profile>},
    {"add_material", check<commands::add_material>},
    {"issue_token", check<commands::issue_token>},
    {"revoke_token", check<commands::revoke_token>},
    {"change_settings", check<commands::change_settings>},
    {"add_station", check<commands::add_station>},
    {"edit_station", check<commands::edit_station>},
    {"retire_station", check<commands::retire_station>},
    {"set_recipe", check<commands::set_recipe>},
    {"set_level", check<commands::set_level>},
    {"calibrate_pump", check<commands::calibrate_pump>},
    {"start_station", check<commands::start_station>},
    {"attach_station", check<commands::attach_station>},
    {"stop_station", check<commands::stop_station>},
    {"control_station", check<commands::control_station>},
    {"run_station_pump", check<commands::run_station_pump>},
    {"stop_station_pump", check<commands::stop_station_pump>},
    {"answer_station", check<commands::answer_station>},
    {"acknowledge_station", check<commands::acknowledge_station>},
    {"emergency_stop_station", check<commands::emergency_stop_station>},
    {"settings", check<settings>},
    {"network_settings", check<network_settings>},
    {"pump_settings", check<pump_settings>},
    {"recipe_text", check<recipe_text>},
});

} // namespace

} // namespace gantry::fuzz

extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size) {
  using namespace gantry::fuzz;
  input bytes{data, size};
  const auto name = bytes.line();
  const auto found = std::ranges::find(decoders, name, &decoder::name);
  if (found != decoders.end())
    found->check(bytes.rest());
  return 0;
}
