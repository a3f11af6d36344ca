// One resin station as it stands in the room: printer, vat, pumps, reservoirs, waste.
#pragma once

#include "bench/resin_sim/pump_line.hpp"
#include "bench/resin_sim/resin_printer.hpp"
#include "schemas/station.hpp"

#include <array>
#include <map>

namespace gantry::farm_sim {

/// What is in a vat.
struct vat_content {
  std::string material{}; ///< `A` to `D`, `mixed`, or empty.
  int64_t volume_ul = 0;
};

/// What really is where. Pumps move resin in the world's time.
class station_rig {
public:
  /// The lines of every station: its pumps, and its air valve last.
  static constexpr auto line_names =
      std::to_array<std::string_view>({"a", "b", "c", "drain", "valve"});

  station_rig(const agenda& time, ledger& counts, const std::string& name, station_setup setup,
              uint64_t seed);
  station_rig(const station_rig&) = delete;
  station_rig& operator=(const station_rig&) = delete;

  [[nodiscard]] const std::string& name() const { return setup_.pump_bank; }
  [[nodiscard]] const station_setup& setup() const { return setup_; }
  [[nodiscard]] resin_printer& printer() { return printer_; }
  [[nodiscard]] const resin_printer& printer() const { return printer_; }
  [[nodiscard]] std::vector<pump_line*> lines();
  [[nodiscard]] pump_line& line(std::string_view pump);
  /// The pump that is on; null if none.
  [[nodiscard]] pump_line* running();
  /// The line of the air valve.
  [[nodiscard]] const pump_line& valve() const { return *lines_.back(); }
  /// True if the valve was told to open and did not, and has not moved since.
  [[nodiscard]] bool valve_sticks() const { return valve_sticks_; }

  /// Moves what flowed since the last call.
  void flow();
  [[nodiscard]] const vat_content& vat() const { return vat_; }
  [[nodiscard]] int64_t reservoir_ul(const std::string& pump) const { return reservoirs_.at(pump); }
  [[nodiscard]] int64_t waste_ul() const { return waste_ul_; }
  [[nodiscard]] int64_t capacity_ul() const { return capacity_ul_; }
  /// The vat holds enough of one material to print with.
  [[nodiscard]] bool is_filled() const {
    return vat_.volume_ul >= setup_.change.fill_volume_ul * 9 / 10 && vat_.material != "mixed";
  }
  [[nodiscard]] bool is_empty() const { return vat_.volume_ul <= residue_ul; }
  /// True if a pump did not move what it was believed to move, and nobody has looked since.
  [[nodiscard]] bool deceived() const { return deceived_; }
  /// True if the vat ran over at some time since this was asked last.
  [[nodiscard]] bool ran_over() { return std::exchange(ran_over_, false); }

  /// A person empties the vat and pours `material` in, or nothing. The hoses hang in the vat again.
  void pour(const std::string& material);
  /// A person hangs the hoses into a cup, to prime or clean them.
  void take_hoses_out();
  /// A person fills every reservoir and empties the waste.
  void replenish();
  /// A person looks into the vat, and knows what to do if it is not as it should be.
  void look() { deceived_ = deceived_ && !is_filled() && !is_empty(); }

  /// What a vat keeps when it is drained, at most.
  static constexpr int64_t residue_ul = 1'000;

private:
  void move(const station_pump& pump, bool reverse, int64_t volume_ul);

  station_setup setup_;
  const agenda& time_;
  ledger& counts_;
  resin_printer printer_;
  std::vector<std::unique_ptr<pump_line>> lines_;
  vat_content vat_;
  std::map<std::string, int64_t> reservoirs_;
  int64_t waste_ul_ = 0;
  int64_t capacity_ul_;
  bool deceived_ = false;
  bool valve_sticks_ = false;
  bool ran_over_ = false;
  bool hoses_in_vat_ = true;
  std::map<std::string, int64_t> moved_ul_; ///< By the run that a pump is on.
};

} // namespace gantry::farm_sim
