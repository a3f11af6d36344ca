#include "schemas/station_report.hpp"

#include <algorithm>

namespace gantry {

using namespace events;

namespace {

constexpr auto change_types = std::to_array<std::string_view>(
    {station_change_began::type, station_step_began::type, station_step_accepted::type,
     station_step_held::type, station_step_ended::type, station_change_completed::type,
     station_change_skipped::type});

/// What a reconstruction needs besides the changes themselves.
constexpr auto frame_types = std::to_array<std::string_view>(
    {station_job_began::type, station_print_observed::type, station_pump_began::type,
     station_pump_ended::type, station_error_raised::type, station_error_settled::type,
     station_emergency_stopped::type, station_job_ended::type});

template <class Table>
bool contains(const Table& table, std::string_view type) {
  return std::ranges::find(table, type) != table.end();
}

} // namespace

bool is_material_event(std::string_view type) {
  return contains(change_types, type) || contains(frame_types, type);
}

} // namespace gantry
