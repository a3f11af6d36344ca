// Blocks of down-sampled measurements. Not part of the log: written unsynced, gone after some time.
#pragma once

#include "storage/store.hpp"

#include <cstdint>
#include <functional>
#include <string>
#include <string_view>

namespace gantry::storage {

/// Adds the block of `printer` that begins at `from_ms` (Unix milliseconds) to `changes`; to be
/// written unsynced. A block of the same time is replaced.
void append_telemetry(batch& changes, const std::string& printer, int64_t from_ms,
                      std::string block);

/// Blocks of `printer` that begin in [`from_ms`, `until_ms`), oldest first, until `visit` returns
/// false.
void read_telemetry(const store& where, const std::string& printer, int64_t from_ms,
                    int64_t until_ms,
                    const std::function<bool(int64_t from_ms, std::string_view block)>& visit);

/// Adds the deletion of at most `count_max` of the oldest blocks of `printer` that begin before
/// `oldest_ms`; returns how many.
size_t expire_telemetry(batch& changes, const store& where, const std::string& printer,
                        int64_t oldest_ms, size_t count_max);

} // namespace gantry::storage
