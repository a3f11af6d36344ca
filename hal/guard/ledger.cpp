#include "hal/guard/ledger.hpp"

#include "schemas/codec.hpp"
#include "schemas/defect.hpp"
#include "schemas/digest.hpp"

#include <algorithm>
#include <nlohmann/json.hpp>

namespace gantry::guard {

namespace {

int64_t microseconds(hal::mono_time time) {
  return std::chrono::floor<std::chrono::microseconds>(time).count();
}

refusal damaged(const std::string& detail) {
  return {reason::guard_ledger_damaged, {{"detail", detail}}};
}

} // namespace

std::string to_text(const ledger& given) {
  auto text = to_json_text(given);
  return text + "\n" + sha256_hex(text) + "\n";
}

result<ledger> read_ledger(std::string_view text) {
  if (text.size() > ledger_bytes_max)
    return damaged("it is too long");
  const auto end = text.find('\n');
  if (end == std::string_view::npos)
    return damaged("it has no checksum");
  const auto body = text.substr(0, end);
  if (text.substr(end + 1) != sha256_hex(body) + "\n")
    return damaged("its checksum does not match");
  auto read = from_json_text<ledger>(body, strictness::request);
  if (!read)
    return damaged(read.why().text());
  for (const auto& line : read->lines)
    for (const auto& run : line.runs)
      if (run.to_us < run.from_us || run.from_us > read->saved_us)
        return damaged("a run ends before it begins, or begins after it was written down");
  return read;
}

ledger carried_over(const ledger& kept, const std::string& boot, hal::mono_time now) {
  const auto now_us = microseconds(now);
  const bool same_boot = !boot.empty() && kept.boot == boot && kept.saved_us <= now_us;
  // Without a name for the boot not even the uptime is known to have passed since.
  const bool other_boot = !boot.empty() && !kept.boot.empty() && kept.boot != boot;
  const int64_t shift = same_boot ? 0 : (other_boot ? 0 : now_us) - kept.saved_us;
  ledger carried = kept;
  carried.boot = boot;
  carried.saved_us = now_us;
  if (GANTRY_DEFECT("INV-11"))
    carried.lines.clear();
  for (auto& line : carried.lines) {
    if (GANTRY_DEFECT("INV-13"))
      std::erase_if(line.runs, [](const kept_interval& each) { return each.open; });
    for (auto& run : line.runs) {
      const auto length = run.to_us - run.from_us;
      if (!run.open) {
        run.from_us += shift;
        run.to_us += shift;
      } else if (same_boot) {
        // The line may have kept its level while nobody was there to switch it off.
        run.to_us = now_us;
      } else {
        run.from_us = now_us - length;
        run.to_us = now_us;
      }
      run.open = false;
    }
  }
  return carried;
}

ledger worst_case(const guard_settings& settings, const std::string& boot, hal::mono_time now) {
  const auto now_us = microseconds(now);
  ledger worst{.boot = boot, .saved_us = now_us};
  for (const auto& station : settings.stations) {
    worst.stations.push_back({.name = station.name, .latched = true});
    for (const auto& line : station.lines)
      worst.lines.push_back(
          {station.name, line.name, {{now_us - line.window_limit_ms * 1000, now_us, false}}});
  }
  return worst;
}

} // namespace gantry::guard
