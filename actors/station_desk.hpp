// The ports of all stations, for what must not wait for an actor: the emergency stop above all, and
// the list of files on a printer.
#pragma once

#include "actors/kernel.hpp"

#include <atomic>
#include <map>
#include <memory>
#include <mutex>
#include <optional>

namespace gantry::actors {

/// Thread-safe. Ports stay here when their station's actor has failed, until another takes its
/// place.
class station_desk {
public:
  void put(const station_id& id, std::shared_ptr<hal::resin_port> printer,
           std::shared_ptr<hal::pump_port> pumps);
  void remove(const station_id& id);
  /// Switches the pumps of a station off for good; see `hal::pump_port::emergency_stop`. Nothing if
  /// the station has none.
  [[nodiscard]] std::optional<bool> emergency_stop(const station_id& id,
                                                   std::chrono::milliseconds patience);
  /// Reads the files on a station's printer; `then` is called exactly once, from any thread, unless
  /// the port never answers.
  void list_files(const station_id& id, std::function<void(station_files)> then);
  /// What the port says about a ticket of `list_files`; false if it is none.
  bool take_files(uint64_t ticket, const std::vector<hal::resin_file>& files);
  bool take_answer(uint64_t ticket, const hal::port_answer& answer);
  /// Notes that the control of a station moves; `now` is monotonic.
  void beat(const station_id& id, hal::mono_time now);
  /// When the control of each station moved last.
  [[nodiscard]] std::map<station_id, hal::mono_time> beats() const;

private:
  struct entry {
    std::shared_ptr<hal::resin_port> printer;
    std::shared_ptr<hal::pump_port> pumps;
  };
  struct listing {
    std::function<void(station_files)> then;
    std::vector<hal::resin_file> files;
  };

  mutable std::mutex mutex_;
  std::map<station_id, entry> entries_;
  std::map<station_id, hal::mono_time> beats_;
  std::map<uint64_t, listing> listings_;
  uint64_t last_ticket_ = 0;
};

} // namespace gantry::actors
