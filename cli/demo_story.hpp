// Tells on a terminal, or in a log, what the farm does.
#pragma once

#include "cli/api_client.hpp"

#include <functional>
#include <map>
#include <nlohmann/json_fwd.hpp>
#include <string>

namespace gantry::cli {

/// Follows the kernel's log through the API and prints a line per step; on a terminal, the last
/// line shows how far every print is.
class demo_story {
public:
  /// Writes to the descriptor `out`, from the event after `seq` on.
  demo_story(api_client& api, int out, uint64_t seq);

  /// Called for every event with its type and subject, e.g. `printer.bed_confirmed`,
  /// `printer/prn-…`.
  std::function<void(const std::string& type, const std::string& subject)> on_event;

  /// Reads what is new and prints it.
  void follow();
  /// Prints a line of the caller's.
  void say(const std::string& line);
  /// Takes the progress line away.
  void end();

private:
  void tell(const nlohmann::json& event);
  [[nodiscard]] std::string sentence(const nlohmann::json& event);
  [[nodiscard]] std::string order_sentence(const nlohmann::json& event, const std::string& type);
  [[nodiscard]] std::string plan_sentence(const nlohmann::json& event, const std::string& type);
  [[nodiscard]] std::string run_sentence(const nlohmann::json& event, const std::string& type);
  [[nodiscard]] std::string decision_sentence(const nlohmann::json& event);
  [[nodiscard]] std::string name_of(const std::string& kind, const std::string& id);
  void show_progress();
  void write(const std::string& text);

  api_client& api_;
  int out_;
  bool is_terminal_;
  bool has_progress_line_ = false;
  uint64_t seq_;
  std::map<std::string, std::string> names_;    ///< For people, by id.
  std::map<std::string, int64_t> told_quarter_; ///< Quarters that were told, by run.
};

} // namespace gantry::cli
