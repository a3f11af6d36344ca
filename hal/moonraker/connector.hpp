// The Moonraker connector: keeps one printer's connection, tells what the machine says, and carries
// out requests at most once. It has no sockets, threads or clocks of its own.
#pragma once

#include "hal/link.hpp"
#include "hal/moonraker/klipper_status.hpp"
#include "hal/moonraker/moonraker_wire.hpp"
#include "hal/moonraker/request_meter.hpp"
#include "hal/printer_port.hpp"

#include <map>
#include <memory>
#include <optional>

namespace gantry::hal {

/// Longest name of a file on a printer that is taken from it or given to it.
inline constexpr std::size_t remote_name_bytes_max = 300;

/// Times of a connector. The defaults follow what was measured on Moonraker 0.10.
struct connector_settings {
  std::chrono::milliseconds heartbeat{15'000};   ///< Silence after which a link is dropped.
  std::chrono::milliseconds backoff_min{1'000};  ///< First pause before a reconnect, or half.
  std::chrono::milliseconds backoff_max{60'000}; ///< Longest pause.
  std::chrono::milliseconds info_poll{2'000};    ///< While the firmware is not ready.
  std::chrono::milliseconds call_timeout{20'000};
  std::chrono::milliseconds start_timeout{60'000};    ///< After that a start counts as lost.
  std::chrono::milliseconds command_timeout{600'000}; ///< Commands wait behind running g-code.
  std::chrono::milliseconds upload_stall{30'000};     ///< Longest pause while bytes flow.
  std::chrono::milliseconds upload_answer{600'000};   ///< The printer examines large files.
  /// Between reports without news; shorter than the 250 ms after which Moonraker speaks again.
  std::chrono::milliseconds report_pause{200};
  std::chrono::milliseconds poll_min{5'000};          ///< Polling without a WebSocket.
  std::chrono::milliseconds websocket_retry{600'000}; ///< While polling.
};

/// One printer's protocol. All calls come from the links' thread. A lost connection answers what
/// was sent on it with `lost`; nothing is queued and nothing is sent again. Uploads have
/// connections of their own and survive it.
class connector final : public link_listener {
public:
  /// `time` and `chance` outlive the connector.
  connector(port_config config, std::shared_ptr<port_listener> listener, const clock& time,
            id_source& chance, connector_settings settings = {});
  ~connector() override;

  /// Begins to connect through `access`, which was attached to this object.
  void begin(std::unique_ptr<link> access);
  /// Answers what is open with `lost` and drops the link; the listener hears nothing afterwards.
  void end();

  void upload(uint64_t ticket, const std::string& file, const std::string& sha256,
              const std::string& remote_name);
  void start(uint64_t ticket, const std::string& remote_name);
  void pause(uint64_t ticket);
  void resume(uint64_t ticket);
  void cancel(uint64_t ticket);
  void remove_file(uint64_t ticket, const std::string& remote_name);
  void refresh(uint64_t ticket);

  void on_open(uint64_t number) override;
  void on_frame(uint64_t number, std::string_view text) override;
  void on_close(uint64_t number, reason why, const std::string& detail) override;
  void on_response(uint64_t number, const link_response& response) override;
  void on_timer() override;

private:
  /// Where the connection stands.
  enum class phase : uint8_t { ended, waiting, opening, greeting, not_ready, loading, live };

  /// What a call to the device is for.
  enum class purpose : uint8_t {
    identify,
    info,
    firmware_words,
    list,
    snapshot,
    query,
    metadata,
    queue,
    newest_job,
    start,
    start_check,
    pause,
    resume,
    cancel,
    upload,
    upload_size,
    remove,
    remove_check,
    history,
  };

  struct call {
    purpose what = purpose::info;
    uint64_t ticket = 0;   ///< 0 = for the connector itself.
    uint64_t sequence = 0; ///< The handshake it belongs to.
    mono_time deadline{};
    std::string file{};
    int64_t size_bytes = 0;
    std::string words{}; ///< What the device said before, for `start_check`.
    int jobs_read = 0;   ///< Jobs of the history that were read so far, for `history`.
  };
  using calls = std::map<uint64_t, call>;

  /// A method of the API with its parameters.
  struct method_call {
    std::string method;
    std::string file{};                      ///< Parameter `filename`; empty = none.
    const nlohmann::json* objects = nullptr; ///< Parameter `objects`; null = none.
    int newest = 0;                          ///< Parameter `limit` of a history; 0 = none.
    bool changes = false;                    ///< True for POST over HTTP.
  };

  // -- connection -----------------------------------------------------------
  void connect();
  void poll_instead();
  void lose(reason why, const std::string& detail);
  void drop_calls(reason why, const std::string& detail);
  void klippy_gone();
  void firmware_became(firmware_state state);
  void load();
  void handle_frame(const nlohmann::json& frame);
  void handle_notification(const std::string& method, const nlohmann::json& params);
  void fold(const nlohmann::json& status);

  // -- answers --------------------------------------------------------------
  void answered(const call& done, const wire_answer& verdict, const nlohmann::json& result);
  void info_answered(const call& done, const wire_answer& verdict, const nlohmann::json& result);
  void list_answered(const nlohmann::json& result);
  void snapshot_answered(const wire_answer& verdict, const nlohmann::json& result);
  void query_answered(const call& done, const wire_answer& verdict, const nlohmann::json& result);
  void metadata_answered(const call& done, const nlohmann::json& result);
  void queue_answered(const wire_answer& verdict, const nlohmann::json& result);
  void newest_job_answered(const call& done, const wire_answer& verdict,
                           const nlohmann::json& result);
  void action_answered(const call& done, const wire_answer& verdict);
  void check_busy_start(const call& done, const wire_answer& verdict);
  void start_check_answered(const call& done, const wire_answer& verdict,
                            const nlohmann::json& result);
  void upload_answered(const call& done, const wire_answer& verdict, const nlohmann::json& body);
  void upload_size_answered(const call& done, const wire_answer& verdict,
                            const nlohmann::json& result);
  void remove_answered(const call& done, const wire_answer& verdict);
  void remove_check_answered(const call& done, const wire_answer& verdict,
                             const nlohmann::json& result);
  void file_gone(const call& done);
  void ask_history(call next);
  void history_answered(const call& done, const wire_answer& verdict, const nlohmann::json& result);
  void transport_failed(const call& done, const link_response& response);

  // -- requests -------------------------------------------------------------
  bool admit(uint64_t ticket);
  void act(purpose what, uint64_t ticket, const method_call& what_to_call,
           std::chrono::milliseconds timeout);
  void ask(purpose what, const method_call& what_to_call, uint64_t ticket = 0,
           std::chrono::milliseconds timeout = {});
  void send_call(call next, const method_call& what_to_call, std::chrono::milliseconds timeout);
  void ask_info(uint64_t ticket = 0);
  void ask_query(uint64_t ticket = 0);
  void ask_queue();
  void ask_newest_job(uint64_t ticket = 0);
  void ask_metadata();
  void send_request(call what, link_request request);
  void answer(uint64_t ticket, port_outcome outcome, reason why, std::string detail = {},
              int64_t size_bytes = 0);
  [[nodiscard]] link_address address() const;
  [[nodiscard]] std::vector<link_header> credentials() const;
  [[nodiscard]] bool is_asking(purpose what) const;

  // -- reports and time -----------------------------------------------------
  [[nodiscard]] bool is_online() const;
  [[nodiscard]] device_report report() const;
  void observe();
  void publish(bool at_once = false);
  void arm();
  void run_deadlines(mono_time now);
  void expire_calls(mono_time now);
  void keep_alive(mono_time now);
  [[nodiscard]] std::optional<mono_time> next_deadline() const;
  [[nodiscard]] std::chrono::milliseconds poll_pause() const;

  port_config config_;
  std::shared_ptr<port_listener> listener_;
  const clock& time_;
  id_source& chance_;
  connector_settings settings_;
  std::unique_ptr<link> link_;

  phase phase_ = phase::ended;
  bool polling_ = false;
  uint64_t websocket_ = 0; ///< 0 = none.
  uint64_t last_call_ = 0;
  uint64_t sequence_ = 0;
  calls rpc_calls_;
  calls http_calls_;
  int failed_attempts_ = 0;
  int bad_frames_ = 0;

  link_state link_state_ = link_state::idle;
  reason link_reason_ = reason::printer_no_report_yet;
  std::string link_detail_;
  firmware_state firmware_ = firmware_state::unknown;
  std::string firmware_detail_;
  klipper_status status_;
  std::vector<std::string> objects_;
  std::optional<gcode_span> span_;
  std::string metadata_asked_for_;
  std::string other_queue_;
  history_state history_ = history_state::unknown;
  std::string last_job_;
  std::string last_job_file_;
  bool history_moved_ = false; ///< While its newest job was asked for.
  bool takes_checksum_ = false;
  std::optional<timestamp> observed_at_;
  std::optional<mono_time> ready_since_;
  int64_t ready_for_ms_ = 0;
  int64_t generation_ = 0;
  bool awaits_snapshot_ = false;
  request_meter meter_;

  device_report last_report_;
  std::optional<mono_time> last_report_at_;
  mono_time last_frame_at_{};
  mono_time last_klipper_at_{};
  mono_time online_since_{};
  std::optional<mono_time> armed_for_;
  std::optional<mono_time> reconnect_at_;
  std::optional<mono_time> info_at_;
  std::optional<mono_time> queue_at_;
  std::optional<mono_time> report_at_;
  std::optional<mono_time> websocket_retry_at_;
};

} // namespace gantry::hal
