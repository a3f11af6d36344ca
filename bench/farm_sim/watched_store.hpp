// The store as the simulation sees it: every batch is checked against a model of the log before it
// is written, and some writes fail.
#pragma once

#include "bench/farm_sim/ledger.hpp"
#include "schemas/envelope.hpp"
#include "storage/store.hpp"

#include <functional>
#include <map>

namespace gantry::farm_sim {

/// An entity as the log says it is.
struct known_entity {
  entity_version version = 0;
  any_state state;
};

/// One event that has become durable, with the entity before and after it.
struct logged_event {
  const event_envelope& envelope;
  const any_event& event;
  const known_entity& before;
  const known_entity& after;
};

/// Passes everything on to a store, and keeps its own fold of the log.
class watched_store final : public storage::store {
public:
  watched_store(storage::store& inner, ledger& counts) : inner_{inner}, counts_{counts} {}

  void write(const storage::batch& changes, bool synced) override;
  [[nodiscard]] std::unique_ptr<storage::snapshot> read() const override;
  /// The same for those who watch: it never fails.
  [[nodiscard]] std::unique_ptr<storage::snapshot> look() const { return inner_.read(); }
  [[nodiscard]] uint64_t free_bytes() const override { return free_bytes_; }

  /// What befalls a write: nothing, or it fails before or after it was applied.
  enum class fate : uint8_t { written, failed, failed_but_written };
  /// Asked for each synced write.
  std::function<fate()> on_write;
  /// Asked for each view; true if it cannot be given.
  std::function<bool()> on_read;
  /// Told about every event of a batch once the batch is written.
  std::function<void(const logged_event&)> on_event;
  /// Told once a batch with events is written.
  std::function<void()> on_batch;

  void set_free_bytes(uint64_t bytes) { free_bytes_ = bytes; }
  /// The computer is dead: writes are ignored and nothing is told.
  void set_dead(bool dead) { dead_ = dead; }
  /// The entity as the durable log says it is; null if it does not exist.
  [[nodiscard]] const known_entity* find(const entity_ref& entity) const;
  /// The durable state, or null.
  template <class State>
  [[nodiscard]] const State* get(const entity_ref& entity) const {
    const auto* known = find(entity);
    return known ? std::get_if<State>(&known->state) : nullptr;
  }
  [[nodiscard]] const std::map<entity_ref, known_entity>& entities() const { return entities_; }
  /// Number of the newest durable event.
  [[nodiscard]] uint64_t last_seq() const { return last_seq_; }

private:
  struct story {
    event_envelope envelope;
    any_event event;
    known_entity before;
    known_entity after;
  };

  [[nodiscard]] std::vector<story> read_events(const storage::batch& changes);
  void compare_records(const storage::batch& changes, const std::vector<story>& stories);
  void take(std::vector<story> stories);

  storage::store& inner_;
  ledger& counts_;
  uint64_t free_bytes_ = UINT64_MAX;
  bool dead_ = false;
  uint64_t last_seq_ = 0;
  std::map<entity_ref, known_entity> entities_;
};

} // namespace gantry::farm_sim
