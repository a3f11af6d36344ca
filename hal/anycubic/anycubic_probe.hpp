// Tests an address: is there a machine that speaks this protocol?
#pragma once

#include "hal/anycubic/act_reply.hpp"
#include "hal/clock.hpp"
#include "hal/link.hpp"

namespace gantry::hal {

/// One test of one address: one connection and one `getstatus`. Lives on the links' thread.
class anycubic_probe final : public link_listener {
public:
  /// Called once with the verdict.
  using verdict_handler = std::function<void(const port_answer&)>;

  /// `time` outlives the test.
  anycubic_probe(const clock& time, verdict_handler then) : time_{time}, then_{std::move(then)} {}

  /// Asks `config`'s address through `access`, which was attached to this object, for at most
  /// `limit`.
  void begin(std::unique_ptr<link> access, const resin_config& config,
             std::chrono::milliseconds limit);
  /// Gives the verdict "no answer" if there is none yet, and drops the link.
  void end();

  void on_open(uint64_t number) override;
  void on_frame(uint64_t number, std::string_view text) override;
  void on_bytes(uint64_t number, std::string_view bytes) override;
  void on_close(uint64_t number, reason why, const std::string& detail) override;
  void on_response(uint64_t number, const link_response& response) override;
  void on_timer() override;

private:
  void decide(reason why, const std::string& detail);
  bool settle(bool quiet);

  const clock& time_;
  verdict_handler then_;
  std::unique_ptr<link> link_;
  reply_reader reader_;
  uint64_t stream_ = 0;
  mono_time sent_at_{};
  bool open_ = false;
  bool heard_ = false;
};

} // namespace gantry::hal
