// The people of a farm that dies: clerks who store something all the time, and an operator who
// orders cubes one after the other and takes them off the bed.
#pragma once

#include "tests/crash/farm_client.hpp"

#include <array>
#include <atomic>
#include <cstdint>
#include <string>
#include <thread>
#include <vector>

namespace gantry::test {

/// What they want, and how far they are. It outlives the farm and its lives.
class people {
public:
  /// The farm's only printer listens at `machine`, and its bed is cleared there.
  explicit people(uint16_t machine);

  /// One round of the operator; returns true if every order placed so far is fulfilled.
  bool operate(farm_client& farm);
  /// They place so many orders in all.
  void stop_ordering() { stop_ordering_after(orders_.size()); }
  void stop_ordering_after(size_t count) { orders_max_ = count; }
  [[nodiscard]] size_t orders() const { return orders_.size(); }

  static constexpr size_t clerks = 2;
  /// Stores the next material of clerk `number`; false if there was no whole answer.
  bool write(farm_client& farm, size_t number);

private:
  bool set_up(farm_client& farm);
  void place_order(farm_client& farm);

  uint16_t machine_;
  bool is_set_up_ = false;
  std::string printer_;
  std::string model_;
  std::vector<std::string> orders_;
  size_t orders_max_ = SIZE_MAX;
  std::array<std::atomic<size_t>, clerks> written_{};
};

/// The people at work in threads of their own, until the destructor.
class busy_people {
public:
  busy_people(people& who, const farm_client& farm, bool with_clerks);
  ~busy_people();
  busy_people(const busy_people&) = delete;
  busy_people& operator=(const busy_people&) = delete;

private:
  std::atomic<bool> stopping_{false};
  std::vector<std::thread> threads_;
};

} // namespace gantry::test
