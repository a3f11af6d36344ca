#include "hal/pumps/gpio_line.hpp"

namespace gantry::pumps {

namespace {

class gpio_line final : public line_driver {
public:
  gpio_line(const gpio_wiring& wiring, std::unique_ptr<output_pin> enable,
            std::unique_ptr<output_pin> direction)
      : wiring_{wiring}, enable_{std::move(enable)}, direction_{std::move(direction)} {}

  line_problem on(pump_direction way, const std::string&, hal::mono_time) override {
    // The direction is settled before there is power.
    if (direction_)
      if (auto fault = direction_->set((way == pump_direction::reverse) == wiring_.reverse_is_high);
          !fault.empty())
        return fault;
    return enable_->set(wiring_.on_is_high);
  }

  line_problem off(hal::mono_time) override { return enable_->set(!wiring_.on_is_high); }

  line_service serve(hal::mono_time) override { return {}; }

private:
  gpio_wiring wiring_;
  std::unique_ptr<output_pin> enable_;
  std::unique_ptr<output_pin> direction_;
};

} // namespace

result<std::unique_ptr<line_driver>> make_gpio_line(gpio& pins, const gpio_wiring& wiring) {
  auto enable = pins.open_output(wiring.chip, wiring.line, !wiring.on_is_high);
  if (!enable)
    return enable.why();
  std::unique_ptr<output_pin> direction;
  if (wiring.direction_line) {
    auto opened = pins.open_output(wiring.chip, *wiring.direction_line, !wiring.reverse_is_high);
    if (!opened)
      return opened.why();
    direction = std::move(*opened);
  }
  return std::unique_ptr<line_driver>{
      new gpio_line{wiring, std::move(*enable), std::move(direction)}};
}

} // namespace gantry::pumps
