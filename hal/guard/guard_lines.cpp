#include "hal/guard/guard_lines.hpp"

#include "hal/pumps/gpio_line.hpp"
#include "hal/pumps/motor_board.hpp"
#include "hal/pumps/simulated_line.hpp"

#include <map>
#include <unistd.h>

namespace gantry::guard {

namespace {

using driver_result = result<std::unique_ptr<pumps::line_driver>>;

refusal absent(const std::string& what, const std::string& detail) {
  return {reason::pump_hardware_absent, {{"pump", what}, {"detail", detail}}};
}

std::string detail_of(const refusal& why) {
  const auto at = why.params.find("detail");
  return at == why.params.end() ? why.text() : at->second;
}

/// Makes drivers; boards and the record are shared between the lines that name them.
class opener {
public:
  opener(pumps::gpio& pins, const std::string& record, const std::string& boot, hal::mono_time now)
      : pins_{pins}, record_path_{record}, boot_{boot}, now_{now} {}

  driver_result line(const std::string& station, const line_settings& settings) {
    switch (settings.driver.kind) {
    case driver_kind::gpio:
      return on_pins(settings.driver);
    case driver_kind::stepper:
      return on_board(settings.driver);
    case driver_kind::simulated:
      return simulated(station, settings);
    }
    return absent(settings.name, "its driver is of no kind");
  }

private:
  driver_result on_pins(const driver_settings& given) {
    pumps::gpio_wiring wiring{.chip = given.chip,
                              .line = static_cast<unsigned>(given.line.value_or(0)),
                              .on_is_high = given.active == active_level::high,
                              .direction_line = {},
                              .reverse_is_high = given.reverse == active_level::high};
    if (given.direction_line)
      wiring.direction_line = static_cast<unsigned>(*given.direction_line);
    return pumps::make_gpio_line(pins_, wiring);
  }

  driver_result on_board(const driver_settings& given) {
    const auto address = static_cast<uint8_t>(given.board);
    auto made = board(given.bus, address);
    if (!made)
      return made.why();
    return pumps::make_stepper_line(*made, static_cast<int>(given.motor),
                                    static_cast<int>(given.steps_per_second));
  }

  result<std::shared_ptr<pumps::motor_board>> board(const std::string& device, uint8_t address) {
    const auto name = device + " " + std::to_string(address);
    if (const auto known = boards_.find(name); known != boards_.end())
      return known->second;
    if (!buses_.contains(device)) {
      auto opened = pumps::open_i2c_bus(device);
      if (!opened)
        return opened.why();
      buses_[device] = std::move(*opened);
    }
    auto made = std::make_shared<pumps::motor_board>(buses_[device], address);
    if (auto fault = made->prepare(); !fault.empty())
      return absent(name,
                    "i2c_absent " + device + " board " + std::to_string(address) + ": " + fault);
    return boards_[name] = made;
  }

  driver_result simulated(const std::string& station, const line_settings& settings) {
    if (!record_) {
      auto opened = pumps::record_file::open(record_path_);
      if (!opened)
        return opened.why();
      record_ = std::move(*opened);
    }
    const auto& given = settings.driver;
    return pumps::make_simulated_line(record_,
                                      {.name = station + "/" + settings.name,
                                       .bank = settings.bank,
                                       .is_valve = settings.role == line_role::valve,
                                       .flow_ul_per_s = given.flow_ul_per_s,
                                       .fault = given.fault,
                                       .fault_from_run = given.fault_from_run,
                                       .fault_time = std::chrono::milliseconds{given.fault_ms}},
                                      boot_, now_);
  }

  pumps::gpio& pins_;
  std::string record_path_;
  std::string boot_;
  hal::mono_time now_;
  std::map<std::string, std::shared_ptr<pumps::i2c_bus>> buses_;
  std::map<std::string, std::shared_ptr<pumps::motor_board>> boards_;
  std::shared_ptr<pumps::record_file> record_;
};

class pin_button final : public stop_button {
public:
  pin_button(std::unique_ptr<pumps::input_pin> pin, bool pressed_is_high)
      : pin_{std::move(pin)}, pressed_is_high_{pressed_is_high} {}

  bool pressed() override {
    pin_->take_edges();
    const auto level = pin_->read();
    return !level || *level == pressed_is_high_;
  }
  int edges() const override { return pin_->edges(); }

private:
  std::unique_ptr<pumps::input_pin> pin_;
  bool pressed_is_high_;
};

class file_button final : public stop_button {
public:
  explicit file_button(std::string file) : file_{std::move(file)} {}

  bool pressed() override { return ::access(file_.c_str(), F_OK) == 0; }
  int edges() const override { return -1; }

private:
  std::string file_;
};

/// Stands for a button that is configured and cannot be read.
class broken_button final : public stop_button {
public:
  bool pressed() override { return true; }
  int edges() const override { return -1; }
};

std::unique_ptr<stop_button> open_button(const stop_input_settings& given, pumps::gpio& pins,
                                         std::vector<std::string>& faults) {
  if (given.kind == driver_kind::simulated)
    return std::make_unique<file_button>(given.file);
  const bool high = given.pressed == active_level::high;
  // Pulled towards "pressed": a wire that falls off stops the station.
  auto pin = pins.open_input(given.chip, static_cast<unsigned>(given.line.value_or(0)), high);
  if (pin)
    return std::make_unique<pin_button>(std::move(*pin), high);
  faults.push_back("stop_input: " + detail_of(pin.why()));
  return std::make_unique<broken_button>();
}

} // namespace

guard_lines open_lines(const guard_settings& settings, pumps::gpio& pins, const std::string& record,
                       const std::string& boot, hal::mono_time now) {
  guard_lines all;
  opener open{pins, record, boot, now};
  for (const auto& station : settings.stations)
    for (const auto& line : station.lines) {
      auto made = open.line(station.name, line);
      all.drivers.push_back(made ? std::move(*made) : nullptr);
      all.absent.push_back(made ? "" : detail_of(made.why()));
    }
  for (const auto& station : settings.stations)
    all.buttons.push_back(station.stop_input ? open_button(*station.stop_input, pins, all.faults)
                                             : nullptr);
  if (const auto& beat = settings.heartbeat) {
    auto pin = pins.open_output(beat->chip, static_cast<unsigned>(beat->line), false);
    if (pin)
      all.heartbeat = std::move(*pin);
    else
      all.faults.push_back("heartbeat: " + detail_of(pin.why()));
  }
  return all;
}

} // namespace gantry::guard
