// Pins by libgpiod 1.6, whose C interface reports every failure as a value.
#include "hal/pumps/gpio.hpp"

#include <cerrno>
#include <gpiod.h>
#include <system_error>

namespace gantry::pumps {

namespace {

constexpr const char* consumer = "gantry";

struct chip_closer {
  void operator()(gpiod_chip* chip) const { gpiod_chip_close(chip); }
};
/// Closing a chip releases its lines, so every pin owns a handle of its own.
using chip_handle = std::unique_ptr<gpiod_chip, chip_closer>;

std::string text_of(int number) {
  return std::generic_category().message(number);
}

refusal absent(const std::string& chip, unsigned line) {
  const auto pin = "gpio_absent " + chip + " line " + std::to_string(line);
  return {reason::pump_hardware_absent, {{"pump", pin}, {"detail", pin + ": " + text_of(errno)}}};
}

class real_output final : public output_pin {
public:
  real_output(chip_handle chip, gpiod_line* line) : chip_{std::move(chip)}, line_{line} {}

  std::string set(bool high) override {
    if (gpiod_line_set_value(line_, high ? 1 : 0) != 0)
      return "the pin cannot be driven: " + text_of(errno);
    const int level = gpiod_line_get_value(line_);
    if (level < 0)
      return "the pin cannot be read back: " + text_of(errno);
    if ((level == 1) != high)
      return std::string{"the pin reads back "} + (high ? "low" : "high");
    return {};
  }

private:
  chip_handle chip_;
  gpiod_line* line_;
};

class real_input final : public input_pin {
public:
  real_input(chip_handle chip, gpiod_line* line) : chip_{std::move(chip)}, line_{line} {}

  std::optional<bool> read() override {
    const int level = gpiod_line_get_value(line_);
    if (level < 0)
      return {};
    return level == 1;
  }

  int edges() const override { return gpiod_line_event_get_fd(line_); }

  void take_edges() override {
    gpiod_line_event event;
    const timespec at_once{};
    while (gpiod_line_event_wait(line_, &at_once) == 1)
      if (gpiod_line_event_read(line_, &event) != 0)
        return;
  }

private:
  chip_handle chip_;
  gpiod_line* line_;
};

class real_gpio final : public gpio {
public:
  result<std::unique_ptr<output_pin>> open_output(const std::string& chip, unsigned line,
                                                  bool high) override {
    chip_handle handle{gpiod_chip_open(chip.c_str())};
    auto* pin = handle ? gpiod_chip_get_line(handle.get(), line) : nullptr;
    if (!pin || gpiod_line_request_output(pin, consumer, high ? 1 : 0) != 0)
      return absent(chip, line);
    return std::unique_ptr<output_pin>{new real_output{std::move(handle), pin}};
  }

  result<std::unique_ptr<input_pin>> open_input(const std::string& chip, unsigned line,
                                                bool pull_high) override {
    const int bias =
        pull_high ? GPIOD_LINE_REQUEST_FLAG_BIAS_PULL_UP : GPIOD_LINE_REQUEST_FLAG_BIAS_PULL_DOWN;
    chip_handle handle{gpiod_chip_open(chip.c_str())};
    auto* pin = handle ? gpiod_chip_get_line(handle.get(), line) : nullptr;
    if (!pin || gpiod_line_request_both_edges_events_flags(pin, consumer, bias) != 0)
      return absent(chip, line);
    return std::unique_ptr<input_pin>{new real_input{std::move(handle), pin}};
  }
};

} // namespace

std::unique_ptr<gpio> make_gpio() {
  return std::make_unique<real_gpio>();
}

} // namespace gantry::pumps
