#include "actors/live_table.hpp"

#include <utility>

namespace gantry::actors {

device_report live_printer::report_at(std::chrono::nanoseconds now) const {
  auto aged = report;
  if (aged.firmware == firmware_state::ready)
    aged.ready_for_ms +=
        std::chrono::duration_cast<std::chrono::milliseconds>(now - received).count();
  return aged;
}

void live_table::put_report(const printer_id& id, const device_report& report,
                            std::chrono::nanoseconds received) {
  const std::lock_guard lock{mutex_};
  auto& entry = printers_[id];
  entry.report = report;
  entry.received = received;
  entry.revision = ++revision_;
}

void live_table::put_desync(const printer_id& id, std::optional<desync> disagreement) {
  const std::lock_guard lock{mutex_};
  auto& entry = printers_[id];
  entry.disagreement = std::move(disagreement);
  entry.revision = ++revision_;
}

void live_table::put_telemetry(const printer_id& id, std::string block) {
  const std::lock_guard lock{mutex_};
  telemetry_[id] = std::move(block);
}

std::string live_table::open_telemetry(const printer_id& id) const {
  const std::lock_guard lock{mutex_};
  const auto position = telemetry_.find(id);
  return position == telemetry_.end() ? std::string{} : position->second;
}

void live_table::remove_printer(const printer_id& id) {
  const std::lock_guard lock{mutex_};
  telemetry_.erase(id);
  if (printers_.erase(id) > 0)
    ++revision_;
}

bool live_table::put_station(const station_id& id, const station_facts& facts) {
  const std::lock_guard lock{mutex_};
  auto& entry = stations_[id];
  const auto& known = entry.facts;
  const bool same = entry.revision > 0 && known.report == facts.report && known.fresh == facts.fresh
                    && known.pumps == facts.pumps;
  entry.facts = facts;
  if (same)
    return false;
  entry.revision = ++revision_;
  return true;
}

bool live_table::put_stalled(const station_id& id, int64_t seconds) {
  const std::lock_guard lock{mutex_};
  const auto entry = stations_.find(id);
  if (entry == stations_.end() || entry->second.stalled_s == seconds)
    return false;
  entry->second.stalled_s = seconds;
  entry->second.revision = ++revision_;
  return true;
}

void live_table::remove_station(const station_id& id) {
  const std::lock_guard lock{mutex_};
  if (stations_.erase(id) > 0)
    ++revision_;
}

void live_table::put_waiting(const run_id& id, std::vector<rejection> rejections) {
  const std::lock_guard lock{mutex_};
  if (rejections.empty()) {
    if (waiting_.erase(id) > 0)
      ++revision_;
    return;
  }
  auto& entry = waiting_[id];
  if (entry.rejections == rejections)
    return;
  entry.rejections = std::move(rejections);
  entry.revision = ++revision_;
}

std::optional<live_printer> live_table::printer(const printer_id& id) const {
  const std::lock_guard lock{mutex_};
  const auto position = printers_.find(id);
  if (position == printers_.end())
    return std::nullopt;
  return position->second;
}

std::optional<live_station> live_table::station(const station_id& id) const {
  const std::lock_guard lock{mutex_};
  const auto position = stations_.find(id);
  if (position == stations_.end())
    return std::nullopt;
  return position->second;
}

std::optional<live_waiting> live_table::waiting(const run_id& id) const {
  const std::lock_guard lock{mutex_};
  const auto position = waiting_.find(id);
  if (position == waiting_.end())
    return std::nullopt;
  return position->second;
}

std::map<printer_id, live_printer> live_table::printers_since(uint64_t revision) const {
  const std::lock_guard lock{mutex_};
  std::map<printer_id, live_printer> newer;
  for (const auto& [id, entry] : printers_)
    if (entry.revision > revision)
      newer.emplace(id, entry);
  return newer;
}

std::map<station_id, live_station> live_table::stations_since(uint64_t revision) const {
  const std::lock_guard lock{mutex_};
  std::map<station_id, live_station> newer;
  for (const auto& [id, entry] : stations_)
    if (entry.revision > revision)
      newer.emplace(id, entry);
  return newer;
}

std::map<run_id, live_waiting> live_table::waiting_since(uint64_t revision) const {
  const std::lock_guard lock{mutex_};
  std::map<run_id, live_waiting> newer;
  for (const auto& [id, entry] : waiting_)
    if (entry.revision > revision)
      newer.emplace(id, entry);
  return newer;
}

uint64_t live_table::revision() const {
  const std::lock_guard lock{mutex_};
  return revision_;
}

} // namespace gantry::actors
