#include "hal/pumps/motor_board.hpp"

#include <chrono>
#include <thread>

namespace gantry::pumps {

namespace {

using namespace std::chrono_literals;

constexpr uint8_t mode1 = 0x00;
constexpr uint8_t all_channels_off = 0xfd; ///< High byte of the "off" count of all channels.
constexpr uint8_t prescale = 0xfe;
constexpr uint8_t asleep = 0x10;
constexpr uint8_t awake = 0x20;   ///< With auto-increment, so that neighbours go in one write.
constexpr uint8_t restart = 0xa0; ///< The same, and the channels go on.
/// 25 MHz / 4096 / 1600 Hz, rounded, minus one.
constexpr uint8_t prescale_1600_hz = 3;
/// The oscillator needs half a millisecond to start.
constexpr auto oscillator_start = 5ms;

/// Channels of one motor, from its first one on: PWM A, A2, A1, B1, B2, PWM B.
constexpr uint8_t first_channel_of(int motor) {
  return motor == 1 ? 8 : 2;
}

class stepper_line final : public line_driver {
public:
  stepper_line(std::shared_ptr<motor_board> board, int motor, int steps_per_second)
      : board_{std::move(board)},
        first_{first_channel_of(motor)},
        period_{std::chrono::nanoseconds{1s} / steps_per_second} {}

  line_problem on(pump_direction way, const std::string&, hal::mono_time now) override {
    forward_ = way == pump_direction::forward;
    next_step_ = now + period_;
    // The bridges get power with one coil energised, so that the first step has a direction.
    const auto coils = energised();
    return board_->set<6>(first_, {true, coils[0], coils[1], coils[2], coils[3], true});
  }

  line_problem off(hal::mono_time) override {
    next_step_ = hal::mono_time::max();
    return board_->set<6>(first_, {});
  }

  line_service serve(hal::mono_time now) override {
    if (now < next_step_)
      return {next_step_, {}};
    position_ = (position_ + (forward_ ? 1 : 3)) % 4;
    // A late step is not made up for: a motor loses steps that come too close together.
    next_step_ = now - next_step_ < period_ / 4 ? next_step_ + period_ : now + period_;
    return {next_step_, board_->set<4>(first_ + 1, energised())};
  }

private:
  /// The coils in the order of their channels. One is on at a time; forward is A2, B1, A1, B2.
  [[nodiscard]] std::array<bool, 4> energised() const {
    constexpr std::array<size_t, 4> sequence{0, 2, 1, 3};
    std::array<bool, 4> coils{};
    coils[sequence[position_]] = true;
    return coils;
  }

  std::shared_ptr<motor_board> board_;
  uint8_t first_;
  hal::mono_time period_;
  hal::mono_time next_step_ = hal::mono_time::max();
  size_t position_ = 0;
  bool forward_ = true;
};

} // namespace

std::string motor_board::prepare() {
  const std::array<std::array<uint8_t, 2>, 3> setup{{
      {mode1, asleep},
      {prescale, prescale_1600_hz},
      {mode1, awake},
  }};
  // Whatever a crash left energised goes off first; the chip takes this even asleep.
  if (auto fault = bus_->write(address_, std::array<uint8_t, 2>{all_channels_off, 0x10});
      !fault.empty())
    return fault;
  for (const auto& each : setup)
    if (auto fault = bus_->write(address_, each); !fault.empty())
      return fault;
  std::this_thread::sleep_for(oscillator_start);
  return bus_->write(address_, std::array<uint8_t, 2>{mode1, restart});
}

std::unique_ptr<line_driver> make_stepper_line(std::shared_ptr<motor_board> board, int motor,
                                               int steps_per_second) {
  return std::make_unique<stepper_line>(std::move(board), motor, steps_per_second);
}

} // namespace gantry::pumps
