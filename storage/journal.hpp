// The journal's rules: what is admitted, in which order and under which number. It runs inside the
// journal actor; writing a group is a separate step that may run on another thread.
#pragma once

#include "schemas/envelope.hpp"
#include "storage/fold.hpp"
#include "storage/store.hpp"

#include <memory>
#include <optional>
#include <string>
#include <vector>

namespace gantry::storage {

/// The events of one entity within a commit. The journal fills `seq` and `version` of the
/// envelopes.
struct entity_write {
  entity_ref entity;
  entity_version expected = 0; ///< Version on which the events were decided.
  std::vector<event_envelope> events;
  std::string projection; ///< The state after the events, as JSON.
  bool open = true;       ///< `is_open` of that state.
};

/// A version that the decision relied on without changing it.
struct requirement {
  entity_ref entity;
  entity_version version = 0;
};

/// The key under which a command was asked for, and the reply to give when it is repeated.
struct idempotency {
  std::string principal;
  std::string key;
  std::string body_sha256;
  std::string reply;
};

/// A record outside the event log: customer data and secrets (which must be erasable), cursors, and
/// the `restored` mark in `meta`.
struct record_write {
  family where = family::customers;
  std::string key;
  std::optional<std::string> value;
};

/// Which commits are admitted when the disk is nearly full.
enum class urgency : uint8_t { normal, settle };

/// What becomes one synced batch, or nothing. A commit without events (a cursor's new position) has
/// no number of its own: it is durable with the group it is written in.
struct commit {
  std::vector<entity_write> writes;
  std::vector<requirement> required;
  std::optional<idempotency> key;
  std::vector<record_write> records;
  urgency how = urgency::normal;
};

/// What the journal says to a commit or to a key.
enum class admission : uint8_t { admitted, stale, duplicate, key_reused, storage_low };

/// The answer to `journal::admit`.
struct admission_result {
  admission answer = admission::admitted;
  uint64_t last_seq = 0;   ///< For `admitted`: durable once this seq is.
  entity_ref stale_entity; ///< For `stale`.
  entity_version stale_expected = 0;
  entity_version stale_actual = 0;
  std::string reply;      ///< For `duplicate`: the first reply. It may not be durable yet.
  uint64_t reply_seq = 0; ///< For `duplicate`: the seq after whose sync it may be given.
};

/// An entity as the journal knows it, pending commits included.
struct loaded_entity {
  entity_ref entity;
  entity_version version = 0; ///< 0 = does not exist.
  std::string projection;
};

/// Commits that are written with one sync.
struct commit_group {
  batch changes;
  uint64_t last_seq = 0;
  size_t commits = 0;
  bool empty() const { return commits == 0; }
};

/// Limits of the journal.
struct journal_options {
  uint64_t free_bytes_floor = 64ull << 20; ///< Below it only `urgency::settle` is admitted.
  size_t group_commits_max = 256;          ///< Commits per sync; keeps one batch's memory bounded.
  size_t cached_entities_max = 2'048;      ///< Durable entities kept in memory.
  /// How long a key protects against repetition. It is told by wall time, so a clock that jumps
  /// ahead can shorten it.
  int64_t key_lifetime_ms = 7 * 24 * 3'600'000ll;
  fold_table folds = fold_versions; ///< Folds that made the projections it is given.
};

/// Orders commits. Not thread-safe; the journal actor owns it. Guarantees: an admitted commit sees
/// exactly the versions it named, counting commits that are admitted but not yet durable; numbers
/// have no gaps; a stale commit refuses itself alone.
class journal {
public:
  /// Reads the end of the log from `where`, which must outlive the journal.
  journal(const store& where, journal_options options);
  ~journal();

  /// Looks a key up without a commit: `duplicate`, `key_reused`, or `admitted` if it is unused.
  [[nodiscard]] admission_result look_up(const std::string& principal, const std::string& key,
                                         const std::string& body_sha256) const;
  /// Validates and numbers `what`, and adds it to the group that is open. A key that is known
  /// decides first, then free space, then versions. Throws `storage_error` on a commit that no
  /// caller may form: no events in a write, one entity written twice, a record in a family that is
  /// not for records.
  [[nodiscard]] admission_result admit(commit what);
  /// True if admitted commits wait for `take_group`.
  [[nodiscard]] bool has_open_group() const;
  /// Closes the open group for writing; at most `group_commits_max` commits. Empty if there is
  /// none.
  [[nodiscard]] commit_group take_group();
  /// Tells that the oldest group taken, whose last number is `last_seq`, is durable. To be called
  /// once for each group, in order.
  void settled(uint64_t last_seq);
  /// Newest admitted state of `entity`.
  [[nodiscard]] loaded_entity load(const entity_ref& entity) const;
  /// Number of the newest admitted event.
  [[nodiscard]] uint64_t last_seq() const;
  /// Number of the newest durable event.
  [[nodiscard]] uint64_t durable_seq() const;

private:
  struct state;
  std::unique_ptr<state> state_;
};

} // namespace gantry::storage
