// The real kernel with one resin station on machines in memory, for scenarios.
#pragma once

#include "actors/kernel.hpp"
#include "storage/memory_store.hpp"
#include "tests/http/fake_kernel.hpp"
#include "tests/scenarios/resin_machines.hpp"

namespace gantry::test {

/// A station with a pump for each of three materials and a drain, that waits for nothing.
[[nodiscard]] station_setup quick_setup();

/// A kernel on a store that outlives it, as the machines do.
class station_kernel {
public:
  explicit station_kernel(resin_machines& machines);
  ~station_kernel();

  /// Adds the station with full reservoirs and a recipe.
  void set_up(const std::vector<recipe_step>& recipe, const station_setup& setup = quick_setup());
  /// Ends the kernel and starts another on the same store.
  void restart();

  /// A person asks; the outcome as the name of its reason.
  std::string ask(any_command body);
  /// The same without waiting for the outcome.
  void submit(any_command body);
  /// Starts the file on the printer.
  std::string start();
  /// The station as it is stored.
  [[nodiscard]] station now() const;
  [[nodiscard]] station_id id() const { return id_; }
  [[nodiscard]] actors::kernel& kernel() { return *kernel_; }
  /// Names of the station's events so far, in order.
  [[nodiscard]] std::vector<std::string> events() const;
  /// Waits until `reached` holds, at most 20 s; false if it never did.
  [[nodiscard]] bool until(const std::function<bool(const station&)>& reached) const;
  [[nodiscard]] bool becomes(station_state wanted) const;
  [[nodiscard]] bool reaches(change_step wanted) const;

private:
  [[nodiscard]] command by_person(any_command body);
  void begin();

  resin_machines& machines_;
  storage::memory_store store_;
  fake_artifacts artifacts_;
  std::unique_ptr<hal::clock> clock_ = hal::make_system_clock();
  std::unique_ptr<hal::id_source> ids_ = hal::make_system_id_source();
  std::unique_ptr<actors::kernel> kernel_;
  station_id id_;
  int keys_ = 0;
};

} // namespace gantry::test
