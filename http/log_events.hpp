// Events of the log as CloudEvents, rendered once for all streams.
#pragma once

#include "schemas/entity.hpp"
#include "storage/reader.hpp"

#include <deque>
#include <memory>
#include <mutex>
#include <string>
#include <string_view>

namespace gantry::http {

/// Where events come from: names them uniquely in the world.
struct log_origin {
  std::string site;
  std::string epoch;
};

/// One rendered event.
struct log_event {
  uint64_t seq = 0;
  entity_ref entity;
  std::string json; ///< The CloudEvent.
};

/// Renders envelopes and keeps the newest. Thread-safe.
class log_events {
public:
  /// Rendered events that are kept; more than a page that follows the log ever needs at once.
  static constexpr size_t kept_max = 512;

  /// The event with this seq and encoded envelope. Throws `storage_error` if it is unreadable.
  [[nodiscard]] std::shared_ptr<const log_event> render(uint64_t seq, std::string_view envelope,
                                                        const log_origin& origin);

private:
  std::mutex mutex_;
  std::deque<std::shared_ptr<const log_event>> newest_; ///< Ascending seq.
};

/// A stored state as the API shows it: no token's digest, no profile's texts in lists.
[[nodiscard]] std::string public_json(const storage::stored_entity& stored, bool in_list);

} // namespace gantry::http
