// Checks a store against its own log, and makes projections anew after a fold has changed.
#pragma once

#include "schemas/envelope.hpp"
#include "storage/fold.hpp"
#include "storage/store.hpp"

#include <functional>
#include <map>
#include <string>
#include <vector>

namespace gantry::storage {

/// Folds one event: the state's JSON before it (empty for the first) to the JSON after it. Must be
/// pure. The rules live elsewhere; the store only compares what comes out.
using evolve_function = std::function<result<std::string>(
    entity_kind kind, const std::string& before, const event_envelope& event)>;

/// What may be wrong with a store.
enum class difference : uint8_t {
  seq_gap,            ///< A number is missing in the log.
  event_unreadable,   ///< An envelope cannot be decoded or does not belong where it stands.
  event_not_streamed, ///< An event is missing in its entity's stream.
  version_gap,        ///< A version is missing in a stream.
  replay_refused,     ///< The fold refuses an event.
  projection_missing, ///< An entity has events and no record.
  projection_surplus, ///< A record has no events.
  header_differs,     ///< A record's header does not match the log.
  state_differs,      ///< The JSON is not what a replay gives, byte for byte.
  index_missing,      ///< An entity is missing in the index.
  index_surplus,      ///< The index names something that is not so.
};
constexpr auto names_of(difference) {
  return std::to_array<std::string_view>({"seq_gap", "event_unreadable", "event_not_streamed",
                                          "version_gap", "replay_refused", "projection_missing",
                                          "projection_surplus", "header_differs", "state_differs",
                                          "index_missing", "index_surplus"});
}

/// One finding.
struct finding {
  difference what = difference::seq_gap;
  std::string subject; ///< `kind/id`, or a number of the log.
  std::string detail;
};

/// What an examination found.
struct doctor_report {
  uint64_t events = 0;
  uint64_t entities = 0;
  uint64_t last_seq = 0;
  uint64_t other_folds = 0; ///< Records of another fold version; their JSON was not compared.
  std::map<difference, uint64_t> counts;
  std::vector<finding> findings; ///< The first `findings_max`.

  /// Findings that are listed; all are counted.
  static constexpr size_t findings_max = 100;
  [[nodiscard]] bool clean() const { return counts.empty(); }
};

/// Replays the whole log and compares. Changes nothing. Memory does not grow with the store.
[[nodiscard]] doctor_report examine(const store& where, const evolve_function& evolve,
                                    const fold_table& folds = fold_versions);

/// Kinds whose records were last made with another fold version than the one in `folds`, as `meta`
/// says.
[[nodiscard]] std::vector<entity_kind> outdated_kinds(const store& where,
                                                      const fold_table& folds = fold_versions);

/// Makes the records whose fold version is not the one in `folds` anew from the log. First
/// everything is replayed once without writing, so that a fold that refuses an event changes
/// nothing. Then the new records, index included, are swapped in by synced batches of at most
/// 1 MiB; each record carries its fold version, so an interrupted rebuild goes on at the next
/// start. `is_open` tells whether a state still has something to do. Returns the number of records
/// made.
[[nodiscard]] result<uint64_t>
rebuild(store& where, const evolve_function& evolve,
        const std::function<bool(entity_kind kind, const std::string& state)>& is_open,
        const fold_table& folds = fold_versions);

} // namespace gantry::storage
