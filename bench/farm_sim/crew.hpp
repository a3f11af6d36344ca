// The people of the farm as scripts: customers who order, an operator who empties beds and judges
// parts, somebody who pauses, cancels and edits. They never lie: a bed is confirmed after it was
// emptied, and what is said about a print is what the machine's log says.
#pragma once

#include "bench/farm_sim/client.hpp"

namespace gantry::farm_sim {

/// The people of one farm.
class crew {
public:
  crew(const fault_mix& mix, computer& host, client_desk& desk,
       std::vector<std::unique_ptr<machine>>& machines, agenda& time, dice& random, ledger& counts);

  /// Sets the farm up: settings, material, profile, models and printers; then work begins.
  void begin();
  /// No more orders and mischief; only work that brings what is there to its end.
  void wind_down() { winding_down_ = true; }
  /// The machine behind a printer; null if it is unknown.
  [[nodiscard]] machine* machine_of(const printer& where) const;
  /// True once every printer is there and the first order was asked for.
  [[nodiscard]] bool set_up() const { return printers_ready_ == machines_.size() && open_; }

private:
  void store_model(size_t index);
  void open_shop();
  void add_printers();
  void order();
  void meddle();
  void edit_together(const printer& where, entity_version version);
  void flood();
  void work();
  void tend(const printer& where);
  void settle_attention(const printer& where);
  void inspect(const run& what);
  void decide(const decision& asked);
  void mend(const breaker& guard);
  void reprint(const plate& held);
  template <class State>
  void for_each_open(entity_kind kind, const std::function<void(const State&)>& use);

  const fault_mix& mix_;
  computer& host_;
  client_desk& desk_;
  std::vector<std::unique_ptr<machine>>& machines_;
  agenda& time_;
  dice& random_;
  ledger& counts_;
  std::vector<artifact_id> models_;
  profile_id profile_;
  std::map<std::string, hal::mono_time> asked_; ///< When something was last asked about an entity.
  size_t printers_ready_ = 0;
  bool open_ = false;
  bool winding_down_ = false;
};

} // namespace gantry::farm_sim
