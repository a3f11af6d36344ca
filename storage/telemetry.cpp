#include "storage/telemetry.hpp"

#include <algorithm>
#include <utility>

namespace gantry::storage {

namespace {

std::string prefix_of(const std::string& printer) {
  return printer + '\0';
}

std::string key_of(const std::string& printer, int64_t at_ms) {
  return prefix_of(printer) + be64(static_cast<uint64_t>(std::max<int64_t>(at_ms, 0)));
}

} // namespace

void append_telemetry(batch& changes, const std::string& printer, int64_t from_ms,
                      std::string block) {
  changes.push_back({family::telemetry, key_of(printer, from_ms), std::move(block)});
}

void read_telemetry(const store& where, const std::string& printer, int64_t from_ms,
                    int64_t until_ms,
                    const std::function<bool(int64_t from_ms, std::string_view block)>& visit) {
  const auto prefix = prefix_of(printer);
  where.read()->scan(family::telemetry, prefix, key_of(printer, from_ms), false,
                     [&](std::string_view key, std::string_view block) {
                       const auto at_ms =
                           static_cast<int64_t>(read_be64(key.substr(prefix.size())));
                       return at_ms < until_ms && visit(at_ms, block);
                     });
}

size_t expire_telemetry(batch& changes, const store& where, const std::string& printer,
                        int64_t oldest_ms, size_t count_max) {
  size_t count = 0;
  read_telemetry(where, printer, 0, oldest_ms, [&](int64_t at_ms, std::string_view) {
    if (count == count_max)
      return false;
    changes.push_back({family::telemetry, key_of(printer, at_ms), std::nullopt});
    ++count;
    return true;
  });
  return count;
}

} // namespace gantry::storage
