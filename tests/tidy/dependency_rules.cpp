// Who may include what.
#include "tests/tidy/rules.hpp"

#include <algorithm>
#include <regex>

namespace gantry::tidy {

namespace {

/// A folder and the paths that its files may include besides their own folder's.
struct dependency {
  std::string_view folder;
  std::vector<std::string_view> may_use;
};

/// The longest matching folder counts. `cli/`, `bench/` and `tests/` are free.
const std::vector<dependency>& dependencies() {
  static const std::vector<dependency> table = {
      {"schemas/", {}},
      {"logging/", {}},
      {"rules/", {"schemas/"}},
      {"storage/", {"schemas/", "logging/"}},
      {"geometry/", {"schemas/"}},
      {"hal/", {"schemas/", "logging/"}},
      {"hal/sim/", {"schemas/"}},
      {"hal/process/", {"schemas/", "logging/"}},
      {"hal/slicer/", {"schemas/", "logging/", "geometry/", "hal/process/"}},
      {"hal/net/", {"schemas/", "logging/", "hal/clock.hpp", "hal/link.hpp"}},
      {"hal/moonraker/",
       {"schemas/", "logging/", "hal/clock.hpp", "hal/link.hpp", "hal/printer_port.hpp"}},
      {"hal/anycubic/",
       {"schemas/", "logging/", "hal/clock.hpp", "hal/link.hpp", "hal/printer_port.hpp",
        "hal/resin_port.hpp"}},
      {"hal/pumps/", {"schemas/", "hal/clock.hpp"}},
      {"hal/guard/", {"schemas/", "hal/clock.hpp", "hal/pump_port.hpp", "hal/pumps/"}},
      {"actors/", {"schemas/", "logging/", "rules/", "storage/", "geometry/", "hal/"}},
      // The kernel's outer interface, and the ports that appear in it.
      {"http/",
       {"schemas/", "logging/", "storage/", "actors/kernel.hpp", "actors/live_table.hpp",
        "actors/event_feed.hpp", "actors/command_reply.hpp", "actors/station_settings.hpp",
        "hal/clock.hpp", "hal/printer_port.hpp", "hal/pump_port.hpp", "hal/resin_port.hpp"}},
      {"web/", {}},
  };
  return table;
}

const dependency* find_dependency(const source_file& file) {
  const dependency* best = nullptr;
  for (const auto& entry : dependencies())
    if (file.path.starts_with(entry.folder) && (!best || entry.folder.size() > best->folder.size()))
      best = &entry;
  return best;
}

/// A library's headers and the only places that may name them.
struct edge {
  std::string_view header;
  std::vector<std::string_view> places;
};

const std::vector<edge>& edges() {
  static const std::vector<edge> table = {
      {"rocksdb/", {"storage/", "tests/storage/", "tests/crash/", "bench/"}},
      {"httplib", {"http/", "tests/", "bench/"}},
      {"caf/", {"actors/", "tests/actors/", "tests/scenarios/"}},
      {"boost/asio", {"hal/net/", "hal/sim/", "tests/"}},
      {"boost/beast", {"hal/net/", "hal/sim/", "tests/"}},
      {"boost/test", {"tests/"}},
      {"openssl/", {"schemas/"}},
      {"date/", {"schemas/"}},
      {"gpiod", {"hal/pumps/"}},
      {"linux/i2c", {"hal/pumps/"}},
  };
  return table;
}

} // namespace

findings include_directions(const tree& files) {
  static const std::regex include{R"re(^#include "([^"]+)")re"};
  findings found;
  for (const auto& file : files) {
    const auto* entry = is_cpp(file) ? find_dependency(file) : nullptr;
    if (!entry)
      continue;
    auto allowed = entry->may_use;
    allowed.push_back(entry->folder);
    for (size_t i = 0; i < file.lines.size(); ++i) {
      std::smatch match;
      if (!std::regex_search(file.lines[i], match, include))
        continue;
      source_file target{match[1], {}, {}};
      // What stands in a subfolder with rules of its own is not the parent's.
      auto* owner = find_dependency(target);
      bool foreign =
          owner && owner->folder != entry->folder && owner->folder.starts_with(entry->folder);
      if (!target.below(allowed) || foreign)
        found.push_back(file.path + ":" + std::to_string(i + 1) + ": must not include "
                        + target.path);
    }
  }
  return found;
}

findings third_party_edges(const tree& files) {
  findings found;
  for (const auto& file : files)
    for (size_t i = 0; i < file.lines.size() && is_cpp(file); ++i)
      for (const auto& [header, places] : edges())
        if (file.lines[i].starts_with("#include <" + std::string{header}) && !file.below(places))
          found.push_back(file.path + ":" + std::to_string(i + 1) + ": " + std::string{header}
                          + " stays out of this folder");
  return found;
}

} // namespace gantry::tidy
