// The network between the connectors and the machines, in virtual time. It delays, loses, doubles
// and damages what it carries, cuts lines for minutes, and delivers late what was sent on a
// connection that its sender has given up since.
#pragma once

#include "bench/farm_sim/fault_mix.hpp"
#include "bench/farm_sim/machine.hpp"
#include "bench/resin_sim/resin_printer.hpp"
#include "hal/link.hpp"

#include <deque>
#include <map>
#include <unordered_map>

namespace gantry::farm_sim {

/// The links of one computer. What it hands to connectors becomes `ready` first, so that the owner
/// of the simulation decides when it is heard.
class sim_links final : public hal::link_runtime {
public:
  sim_links(agenda& time, dice& random, ledger& counts, const fault_mix& mix);

  /// Makes `where` reachable as `host`, port 7125.
  void connect(const std::string& host, machine& where);
  /// The same for a resin printer and port 6000.
  void connect(const std::string& host, resin_printer& where);
  /// While false, nothing is disturbed.
  void set_disturbing(bool on) { disturbing_ = on; }

  [[nodiscard]] std::unique_ptr<hal::link> attach(hal::link_listener& listener) override;
  void post(std::function<void()> task) override;

  /// Things that wait to be done on the links' thread.
  [[nodiscard]] size_t ready() const { return ready_.size(); }
  void run_one();
  /// The computer dies: connectors hear nothing any more, what they still ask for is ignored. What
  /// is on its way arrives.
  void cut_off();
  /// It is there again.
  void come_back() { dead_ = false; }
  /// Sends what the machine wants to send; to be called after each `catch_up`.
  void pump(machine& where);
  void pump(resin_printer& where);

  /// Told what leaves a connector as a start of `file`, before it is on its way.
  std::function<void(machine& where, const std::string& file)> on_start_sent;
  /// Told about each answer with a state that reaches a connector: whether the machine was busy
  /// when it was given.
  std::function<void(machine& where, bool was_busy)> on_state_heard;
  /// Told about bytes that leave for a resin printer.
  std::function<void(resin_printer& where, std::string_view bytes)> on_bytes_sent;
  /// Told about bytes of a resin printer that reach a connector.
  std::function<void(resin_printer& where, std::string_view bytes)> on_bytes_heard;

private:
  friend class sim_link;

  struct attachment {
    hal::link_listener* listener = nullptr;
    uint64_t timer = 0;
  };
  struct socket {
    uint64_t owner = 0;
    machine* where = nullptr;
    sim::connection_id connection = 0;
    bool left = false; ///< Given up by the connector.
    bool dead = false; ///< Nothing passes any more, and neither end is told.
    hal::mono_time last_up{0};
    hal::mono_time last_down{0};
  };
  /// Plain TCP: nothing comes twice or out of order, and after a lost part nothing follows.
  struct stream {
    uint64_t owner = 0;
    resin_printer* where = nullptr;
    sim::connection_id connection = 0;
    bool left = false;
    bool dead = false;
    hal::mono_time last_up{0};
    hal::mono_time last_down{0};
  };
  struct exchange {
    uint64_t owner = 0;
    machine* where = nullptr;
    sim::request_id request = 0;
    bool answered = false;
    int64_t file_size_bytes = 0;
  };

  uint64_t open(uint64_t owner, const hal::link_address& to, const std::string& path,
                const std::vector<hal::link_header>& headers);
  void send(uint64_t number, std::string text);
  void close(uint64_t number);
  uint64_t request(uint64_t owner, const hal::link_address& to, hal::link_request what);
  void wake_after(uint64_t owner, std::chrono::milliseconds pause);
  void detach(uint64_t owner);

  // sim_streams.cpp
  uint64_t open_stream(uint64_t owner, const hal::link_address& to);
  void arrive_stream(uint64_t number);
  void send_stream(stream& each, uint64_t number, std::string bytes);
  void close_stream(uint64_t number);
  void end_stream(uint64_t number, reason why, const std::string& detail);
  void carry_bytes(uint64_t number, std::string bytes);

  void arrive_upgrade(uint64_t number, const sim::http_request& upgrade);
  void carry_up(uint64_t number, std::string text);
  void arrive_frame(uint64_t number, const std::string& text);
  void arrive_request(uint64_t number, const hal::link_request& what);
  void deliver_output(machine& where, sim::device_output output);
  void carry_down(uint64_t number, std::string text, bool was_busy);
  void answer_request(uint64_t number, hal::link_response response);
  void end_socket(uint64_t number, reason why, const std::string& detail);
  /// Lets the owner hear something, unless it is gone by then.
  void hear(uint64_t owner, std::function<void(hal::link_listener&)> what);

  [[nodiscard]] machine* find(const hal::link_address& to);
  [[nodiscard]] bool disturbed(const line_state& line) const;
  /// When what is sent now arrives; nothing if it never does.
  [[nodiscard]] std::optional<hal::mono_time> arrival(const line_state& line);
  void notice_start(machine& where, const std::string& method, const std::string& text);

  agenda& time_;
  dice& random_;
  ledger& counts_;
  const fault_mix& mix_;
  bool disturbing_ = false;
  bool dead_ = false;
  uint64_t last_ = 0;
  std::map<std::string, machine*> machines_;
  std::map<std::string, resin_printer*> resin_printers_;
  std::unordered_map<uint64_t, attachment> attachments_;
  std::map<uint64_t, socket> sockets_;
  std::map<uint64_t, stream> streams_;
  std::map<uint64_t, exchange> exchanges_;
  std::map<std::pair<machine*, sim::connection_id>, uint64_t> by_connection_;
  std::map<std::pair<machine*, sim::request_id>, uint64_t> by_request_;
  std::map<std::pair<resin_printer*, sim::connection_id>, uint64_t> by_stream_;
  std::deque<std::function<void()>> ready_;
};

} // namespace gantry::farm_sim
