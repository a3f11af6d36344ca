// Reading for the API, the event streams and start-up. Never goes through an actor.
#pragma once

#include "schemas/envelope.hpp"
#include "storage/store.hpp"

#include <functional>
#include <memory>
#include <mutex>
#include <optional>
#include <string>
#include <vector>

namespace gantry::storage {

/// One stored projection.
struct stored_entity {
  entity_ref entity;
  entity_version version = 0;
  uint64_t created_seq = 0;
  uint64_t updated_seq = 0;
  std::string json; ///< The state as the API serves it.
};

/// A page of a list, newest or oldest first.
struct list_query {
  entity_kind kind = entity_kind::order;
  bool open_only = false; ///< Only entities that still have something to do.
  uint64_t cursor =
      0; ///< created_seq after (before, if descending) which to go on; 0 = from the start.
  size_t limit = 50;      ///< 1 to 500.
  bool descending = true; ///< Newest first.
  /// Called per candidate; false leaves it out. Scanning stops after `scan_max` candidates.
  std::function<bool(const stored_entity&)> filter;
  size_t scan_max = 20'000;
};

/// The answer to a list query.
struct list_page {
  std::vector<stored_entity> items;
  uint64_t next_cursor = 0; ///< 0 = the end.
  uint64_t as_of_seq = 0;   ///< Newest event of the snapshot it was read from.
};

/// In which direction a log is read.
enum class event_order : uint8_t { oldest_first, newest_first };

/// When a reader takes its view of the store.
enum class view_taken : uint8_t { at_once, on_first_use };

/// One consistent view for one request. Thread-safe. Throws `storage_error` if the store cannot be
/// read or a record is not one. Must not outlive the store.
class reader {
public:
  /// A request that may be answered from memory takes its view on first use, which costs the store
  /// nothing otherwise.
  explicit reader(const store& where, view_taken when = view_taken::at_once);
  ~reader();

  [[nodiscard]] std::optional<stored_entity> get(const entity_ref& entity) const;
  [[nodiscard]] list_page list(const list_query& query) const;
  /// Every open entity of `kind`, by id.
  [[nodiscard]] std::vector<stored_entity> open(entity_kind kind) const;
  /// Number of open entities of `kind`, without reading their states.
  [[nodiscard]] size_t count_open(entity_kind kind) const;
  /// Encoded envelopes with seq > `after`, oldest first, until `visit` returns false.
  void
  events_after(uint64_t after,
               const std::function<bool(uint64_t seq, std::string_view envelope)>& visit) const;
  /// Encoded envelopes of one entity, until `visit` returns false.
  void events_of(const entity_ref& entity,
                 const std::function<bool(uint64_t seq, std::string_view envelope)>& visit,
                 event_order order = event_order::oldest_first) const;
  [[nodiscard]] uint64_t last_seq() const;
  /// An erasable or secret record.
  [[nodiscard]] std::optional<std::string> record(family where, std::string_view key) const;
  /// The number last recorded under `name` in `cursors`; 0 if there is none.
  [[nodiscard]] uint64_t cursor(std::string_view name) const;
  /// Where the data came from, if this folder was restored from a backup and nobody has confirmed
  /// the printers since; empty otherwise.
  [[nodiscard]] std::string restored_from() const;
  /// Random name of this log; new after each restore.
  [[nodiscard]] std::string epoch() const;
  /// The site id, made at the first start.
  [[nodiscard]] std::string site() const;

private:
  [[nodiscard]] const snapshot& view() const;

  const store& where_;
  mutable std::once_flag taken_;
  mutable std::unique_ptr<snapshot> view_;
};

} // namespace gantry::storage
