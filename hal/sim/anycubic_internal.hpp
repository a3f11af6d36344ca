#pragma once

// Private parts of anycubic_device, shared by its source files only.

#include <list>
#include <map>

#include <nlohmann/json.hpp>

#include "hal/sim/anycubic_device.hpp"

namespace gantry::sim {

using nlohmann::json;

/// One connected client.
struct stream_client {
  connection_id id = 0;
  std::string inbox;
  model_time served_from{0};
  bool gone = false; ///< It left; what it sent is still carried out.
};

/// A request as it was cut from the stream.
struct act_request {
  std::string command;
  std::vector<std::string> arguments;
};

/// Commands or replies that get lost.
struct command_loss {
  std::string command; ///< Empty = any.
  uint64_t count = 0;
  bool reset = false;    ///< The connection breaks as well.
  bool executes = false; ///< The command is carried out, only its reply is lost.
};

/// Disturbances that are switched on.
struct line_faults {
  std::vector<command_loss> losses;
  model_time delay_min{0};
  model_time delay_max{0};
  uint64_t split_count = 0; ///< Replies that come in pieces.
  std::size_t split_bytes = 1;
  model_time split_gap{0};
  uint64_t foreign_count = 0; ///< Replies that come after somebody else's.
  std::string foreign;
  uint64_t truncate_count = 0;
  std::size_t truncate_bytes = 0;
  uint64_t reset_count = 0; ///< Replies after which the connection breaks.
  std::optional<model_time> silent_until;
  bool silent_executes = false;
  std::optional<model_time> refuse_until;
  model_time dropout_after{0}; ///< After each resume; 0 = none.
  model_time dropout_for{0};
  bool dropout_resets = false;
};

struct anycubic_device::impl {
  explicit impl(anycubic_options given);

  // -- anycubic_device.cpp: time, connections, log ------------------------------
  void advance(model_time to);
  void step_to(model_time to);
  [[nodiscard]] std::optional<model_time> deadline() const;
  void at(model_time delay, std::function<void()> action);
  void drain_machine();
  void log(json entry, std::optional<machine_time> when = std::nullopt);
  [[nodiscard]] double random_unit();
  [[nodiscard]] stream_client* find(connection_id id);
  void leave(connection_id id);
  void serve();
  bool serve_one(stream_client& client);
  void send(stream_client& client, const std::string& command, std::string reply);
  void put(connection_id to, stream_output::kind what, model_time when, std::string bytes = {});
  void break_connections();
  void fall_silent(model_time span, bool executes, bool resets);

  // -- anycubic_commands.cpp: requests and replies ------------------------------
  /// Cuts the next whole request from `inbox`; leaves what is incomplete.
  [[nodiscard]] std::optional<act_request> next_request(std::string& inbox) const;
  /// Carries a request out; nothing for a command that is not known.
  std::optional<std::string> execute(const act_request& request);
  std::optional<std::string> control(const act_request& request);
  std::string status() const;
  std::string files_on_stick() const;
  std::string past_prints() const;
  std::string start(const std::string& internal, const std::string& origin);
  /// Reports what a command to the print came to, in the log and as a reply.
  std::string settle(const std::string& command, bool accepted, const std::string& origin);
  [[nodiscard]] std::string word() const;

  // -- anycubic_faults.cpp ------------------------------------------------------
  std::string inject(const json& fault);
  bool inject_network(const std::string& kind, const json& fault);
  bool inject_replies(const std::string& kind, const json& fault);
  bool inject_machine(const std::string& kind, const json& fault, std::string& refusal);
  [[nodiscard]] std::string state_json() const;

  anycubic_options options;
  resin_machine machine;
  std::function<void(std::string_view)> log_sink;
  std::mt19937_64 random;
  line_faults faults;

  model_time now{0};
  machine_time machine_now{0};
  std::multimap<model_time, std::function<void()>> timers;
  std::multimap<model_time, stream_output> outputs;
  std::map<connection_id, model_time> last_due;
  std::list<stream_client> clients; ///< The first one is served.
  connection_id last_connection = 0;

  bool stick = true;
  bool power = true;
  std::string false_word;                   ///< Shown instead of the true state; empty = none.
  std::string false_file;                   ///< The same for the internal file name.
  std::map<std::string, uint64_t> received; ///< Commands by name.
  std::map<std::string, uint64_t> happened; ///< What came of them, by event.
  std::optional<model_time> last_byte_at;
  std::string last_word;
};

} // namespace gantry::sim
