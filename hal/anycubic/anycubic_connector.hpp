// Speaks the protocol of Anycubic Photon printers for one machine. Bytes, answers and timers in;
// bytes, reports and answers out. It opens no sockets and reads no clock of its own.
#pragma once

#include "hal/anycubic/act_reply.hpp"
#include "hal/clock.hpp"
#include "hal/link.hpp"
#include "hal/resin_port.hpp"

#include <array>
#include <deque>

namespace gantry::hal {

/// Times and limits of a connector. The defaults are what worked in the field.
struct anycubic_settings {
  std::chrono::milliseconds backoff_min{500};   ///< First pause before connecting again.
  std::chrono::milliseconds backoff_max{8'000}; ///< Longest one; each has up to half of jitter.
  std::chrono::milliseconds quiet{200}; ///< Without bytes, until a likely end of a reply is one.
  std::chrono::milliseconds greeting{2'000};         ///< For the answer to the first `getmode`.
  std::chrono::milliseconds hold_after_pause{1'000}; ///< Silence after a pause by itself.
  std::chrono::milliseconds soon{1'000};             ///< Until the poll after a command.
  /// After a lost pause or resume, until the state is read to decide whether it is sent again.
  std::array<std::chrono::milliseconds, 3> repeat_after{std::chrono::milliseconds{500},
                                                        std::chrono::milliseconds{1'000},
                                                        std::chrono::milliseconds{2'000}};
  std::chrono::milliseconds doubt_max{60'000}; ///< Until a lost command's outcome stays unknown.
  std::chrono::milliseconds urgent{2'000};     ///< Longest wait of a stop for the command before.
  std::chrono::milliseconds pause_reply_max{20'000}; ///< Longest wait for the answer to a pause.
  int read_attempts = 3;                             ///< Of one read that was asked for.
};

/// One machine's connection. Lives on the links' thread: all calls and callbacks come from there.
/// It polls, connects again with growing pauses, and has at most one command in flight. A reply is
/// taken for lost after half of the reply timeout, that to a pause after all of it; then the state
/// is read on the same connection, which is dropped if that is not answered either.
class anycubic_connector final : public link_listener {
public:
  /// `time` and `chance` outlive the connector.
  anycubic_connector(resin_config config, std::shared_ptr<resin_listener> listener,
                     const clock& time, id_source& chance, anycubic_settings settings = {});

  /// Begins to connect through `access`, which was attached to this object.
  void begin(std::unique_ptr<link> access);
  /// Answers what is open and drops the link; the listener hears nothing afterwards.
  void end();

  void list_files(uint64_t ticket);
  void start(uint64_t ticket, const std::string& internal_name);
  void pause(uint64_t ticket);
  void resume(uint64_t ticket);
  void stop(uint64_t ticket);
  void refresh(uint64_t ticket);
  void keep_silent(std::chrono::milliseconds length);
  /// Reads the state within `limit`; `then` gets `done` with the round trip, or what went wrong.
  void check(std::chrono::milliseconds limit, std::function<void(const port_answer&)> then);
  /// True if a connection to the machine stands.
  [[nodiscard]] bool is_online() const { return report_.link == link_state::online; }

  void on_open(uint64_t number) override;
  void on_frame(uint64_t number, std::string_view text) override;
  void on_bytes(uint64_t number, std::string_view bytes) override;
  void on_close(uint64_t number, reason why, const std::string& detail) override;
  void on_response(uint64_t number, const link_response& response) override;
  void on_timer() override;

private:
  /// Where the connection stands. `resting` = closed between two commands, as some machines want.
  enum class phase : uint8_t { ended, waiting, opening, greeting, live, resting };

  /// What a request wants of the machine.
  enum class action : uint8_t { list_files, start, pause, resume, stop, refresh };

  /// What happens next to a request: it is sent, or the state is read to see what became of it.
  enum class step : uint8_t { act, look };

  struct job {
    action what = action::refresh;
    uint64_t number = 0;
    uint64_t ticket = 0;
    std::function<void(const port_answer&)> then{}; ///< Instead of the listener, if set.
    std::string file{};
    step next = step::act;
    bool acknowledged = false;
    bool may_have_acted = false;
    int attempts = 0; ///< Sent commands of a control, failed reads of a read.
    int looks = 0;
    bool final_look = false; ///< Nothing is sent again, whatever it shows.
    std::string doubt{};     ///< Why its outcome is not known.
    std::optional<mono_time> not_before{};
    std::optional<mono_time> limit{};
  };

  /// What the command in flight is for.
  enum class purpose : uint8_t { greet, system, poll, work };

  struct exchange {
    purpose what = purpose::poll;
    uint64_t job = 0;
    std::string command{};
    mono_time sent_at{};
    mono_time first_sent_at{};
    mono_time deadline{};
    bool reads_status = false;
    bool is_read = false; ///< May be sent again.
  };

  // -- anycubic_connector.cpp: connection, time, reports ----------------------
  void connect();
  void lose(reason why, const std::string& detail);
  void close_link();
  void observe(const act_status& status, mono_time sent_at);
  void publish();
  void proceed();
  void send_next();
  void send(exchange what, const std::string& request);
  void replied(const std::string& body);
  void expired();
  void finish_exchange();
  void arm();
  void run_deadlines(mono_time now);
  void poll_fell_due(mono_time now);
  [[nodiscard]] std::optional<mono_time> next_deadline() const;
  [[nodiscard]] bool is_silent(mono_time now) const {
    return silent_until_ && now < *silent_until_;
  }
  [[nodiscard]] bool is_urgent() const;
  [[nodiscard]] bool is_in_doubt() const;
  [[nodiscard]] std::chrono::milliseconds poll_pause() const;
  [[nodiscard]] std::chrono::milliseconds reply_limit(const exchange& what) const;

  // -- anycubic_jobs.cpp: requests --------------------------------------------
  void admit(job request);
  [[nodiscard]] job* find_job(uint64_t number);
  [[nodiscard]] job* ready_job(mono_time now);
  void send_job(job& next);
  void job_replied(job& asked, const std::string& body);
  void control_replied(job& asked, const std::string& body);
  void files_replied(job& asked, const std::string& body);
  void job_lost(job& asked, const std::string& detail);
  void look_shows(job& asked);
  void look_again(job& asked);
  void fail_waiting_jobs(reason why, const std::string& detail, bool all);
  [[nodiscard]] static bool is_pressing(const job& item);
  void expire_jobs(mono_time now);
  void finish(job& done, port_outcome outcome, reason why, std::string detail = {});

  resin_config config_;
  std::shared_ptr<resin_listener> listener_;
  const clock& time_;
  id_source& chance_;
  anycubic_settings settings_;
  std::unique_ptr<link> link_;

  phase phase_ = phase::ended;
  uint64_t stream_ = 0; ///< 0 = none.
  int failed_attempts_ = 0;
  int replies_ = 0;            ///< On this connection.
  int closed_after_reply_ = 0; ///< Connections in a row that ended after one reply.
  bool one_shot_ = false;      ///< The machine wants a connection for each command.
  bool wants_system_ = false;
  bool wants_poll_ = false;
  std::optional<exchange> flight_;
  reply_reader reader_;
  std::deque<job> jobs_;
  uint64_t last_job_ = 0;

  resin_report report_;
  elapsed_unit unit_ = elapsed_unit::unknown;

  std::optional<mono_time> armed_for_;
  std::optional<mono_time> reconnect_at_;
  std::optional<mono_time> poll_at_;
  std::optional<mono_time> quiet_at_;
  std::optional<mono_time> silent_until_;
};

} // namespace gantry::hal
