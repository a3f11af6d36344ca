// A farm with one printer, for scenarios about what can go wrong with it.
#pragma once

#include "tests/scenarios/farm.hpp"
#include "tests/scenarios/hooked_ports.hpp"

#include <nlohmann/json.hpp>
#include <optional>
#include <source_location>

namespace gantry::test {

/// What a scenario may want to be different.
struct one_printer_options {
  std::string printer_class = "open";
  std::string machine_key{}; ///< The key that the machine asks for.
  std::string known_key{};   ///< The key that Gantry was told.
  slicer::prusa_slicer_config slicer{};
};

/// The farm. Printing the example cube takes about two seconds; on a `slowly` printing machine it
/// does not end by itself within a scenario.
class one_printer {
public:
  explicit one_printer(one_printer_options options = {});

  [[nodiscard]] running_kernel& kernel() { return *kernel_; }
  /// Ends the kernel; the machine goes on.
  void stop_kernel();
  /// Starts it again on the same data.
  void start_kernel();

  [[nodiscard]] const printer_id& where() const { return where_; }
  [[nodiscard]] uint16_t port() const { return machines_.port(0); }
  [[nodiscard]] const std::filesystem::path& folder() const { return folder_.path(); }
  [[nodiscard]] call_hooks& hooks() { return hooks_; }

  /// Acts at the machine; see `act_at_machine`.
  void act(const nlohmann::json& what) { act_at_machine(port(), what); }
  /// Changes how fast the machine's clock goes.
  void print_slowly() { act({{"kind", "speed"}, {"factor", 10}}); }
  void print_fast() { act({{"kind", "speed"}, {"factor", 1500}}); }
  /// Starts a long print at the machine's own screen.
  void start_at_screen();
  [[nodiscard]] std::vector<print_start> starts() const;
  /// How often Gantry gave the machine this command, by the machine's log.
  [[nodiscard]] size_t commands_given(const std::string& command) const;

  [[nodiscard]] printer machine() const { return kernel_->get<printer>(ref_of(where_)); }
  [[nodiscard]] run get(const run_id& id) const { return kernel_->get<run>(ref_of(id)); }
  [[nodiscard]] order get(const order_id& id) const { return kernel_->get<order>(ref_of(id)); }
  [[nodiscard]] plan plan_of(const order_id& id) const;
  /// The newest run of an order's only plate, if there is one yet.
  [[nodiscard]] std::optional<run> run_of(const order_id& id) const;
  /// An order for the cube.
  [[nodiscard]] order_id order_cube(const std::string& key = "order-1");

  /// Ends the scenario with the log so far unless `came_true`.
  void expect(bool came_true, std::source_location where = std::source_location::current()) const;

  // Each of these waits for a while and returns whether it came true.
  [[nodiscard]] bool becomes(const order_id& id, order_state state);
  [[nodiscard]] bool run_becomes(const order_id& id, run_state state);
  /// Clears the bed if it must be, and waits until the order's run prints.
  [[nodiscard]] bool prints(const order_id& id);
  /// Does an operator's work until the order is fulfilled.
  [[nodiscard]] bool is_fulfilled(const order_id& id);
  /// True if the log has an event of this type.
  [[nodiscard]] bool has_event(const std::string& type) const;

private:
  [[nodiscard]] sim::simulator_options machine_options() const;

  scratch_folder folder_;
  one_printer_options options_;
  call_hooks hooks_;
  simulated_printers machines_;
  std::unique_ptr<running_kernel> kernel_;
  printer_id where_;
};

} // namespace gantry::test
