// The demonstration's operator: does through the API what a person would do in the page.
#pragma once

#include "cli/api_client.hpp"
#include "cli/demo_setup.hpp"

#include <set>
#include <string>
#include <vector>

namespace gantry::cli {

/// Looks after the simulated printers.
class demo_operator {
public:
  /// `api` has the operator's token, `devices` are links to the printers themselves: parts are
  /// taken off a simulated bed there.
  demo_operator(api_client& api, hal::link_runtime& devices, key_maker& keys,
                std::vector<demo_printer> printers);

  /// Says that the beds of `ids` are empty, as they are when a simulator starts. Returns a sentence
  /// if that was refused.
  [[nodiscard]] std::string announce_clear(const std::vector<std::string>& ids);

  /// Takes the parts off the bed of the printer `id`; says nothing to the kernel.
  void empty_bed(const std::string& id);

  /// One round: clears beds, passes inspections, approves, and settles what needs attention.
  void make_round();

  /// What the API last refused; empty if nothing.
  [[nodiscard]] const std::string& complaint() const { return complaint_; }

private:
  void clear_beds();
  void inspect();
  void approve();
  void release_held();
  bool post(const std::string& path, const std::string& body);

  api_client& api_;
  hal::link_runtime& devices_;
  key_maker& keys_;
  std::vector<demo_printer> printers_;
  std::string complaint_;
};

} // namespace gantry::cli
