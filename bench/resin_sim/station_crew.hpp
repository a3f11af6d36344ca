// The people around resin stations as scripts: a researcher who sets up and starts prints, and
// students who prime pumps, press what they should not, and look into the vat when they are asked.
// They never lie: what they say about a vat is what is in it.
#pragma once

#include "bench/farm_sim/client.hpp"
#include "bench/resin_sim/station_invariants.hpp"

namespace gantry::farm_sim {

/// The people of all stations.
class station_crew {
public:
  station_crew(const sim_options& options, const station_mix& mix, computer& host,
               client_desk& desk, station_rigs& rigs, agenda& time, dice& random, ledger& counts);

  /// Adds the stations; then work begins.
  void begin();
  /// No more prints and mischief; only work that brings what is there to its end.
  void wind_down() { winding_down_ = true; }

  /// Told about a stop of all pumps of a station, and whether the guard confirmed it.
  std::function<void(station_rig&, bool confirmed)> on_stop;

private:
  struct place {
    bool busy = false; ///< A request of this person is open.
    bool confirmed = false;
    int64_t prints = 0;
    hal::mono_time primed_at{-1};
  };
  using next_step = std::function<void(bool done)>;

  void add(size_t index);
  void work(size_t index);
  void tend(size_t index, const station& where);
  void ask(size_t index, any_command body, next_step then = {});
  void begin_print(size_t index, const station& where);
  void set_levels(size_t index, const station& where, size_t next, const next_step& then);
  void set_recipe_and_start(size_t index, const station& where);
  void start(size_t index, const station& where, const std::string& material);
  void clear_up(size_t index, const station& where);
  void prime(size_t index, const station& where);
  void watch(size_t index, const station& where);
  void meddle(size_t index, const station& where);
  void prime_in_vain(size_t index, const station& where);
  void stop_everything(size_t index, const station& where);
  void answer(size_t index, const station& where);
  void answer_about_vat(size_t index, const station& where);
  void reply(size_t index, const station& where, station_answer answer, std::string vat);
  [[nodiscard]] std::vector<recipe_step> draw_recipe(int64_t layers);
  [[nodiscard]] bool still_free(size_t index);

  const sim_options& options_;
  const station_mix& mix_;
  computer& host_;
  client_desk& desk_;
  station_rigs& rigs_;
  agenda& time_;
  dice& random_;
  ledger& counts_;
  std::vector<place> places_;
  bool winding_down_ = false;
};

} // namespace gantry::farm_sim
