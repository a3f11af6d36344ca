// Disturbances and actions at the machine, switched on at run time.

#include <algorithm>
#include <cmath>

#include "hal/sim/moonraker_internal.hpp"

namespace gantry::sim {
namespace {

constexpr double fault_ms_max = 86'400'000;

model_time span_of(const json& fault, const char* key, double fallback_ms) {
  return model_time(
      static_cast<int64_t>(std::clamp(fault.value(key, fallback_ms), 0.0, fault_ms_max) * 1000));
}

double share_of(const json& fault, const char* key) {
  return std::clamp(fault.value(key, 0.0), 0.0, 1.0);
}

} // namespace

std::string moonraker_device::impl::inject(const json& fault) {
  const auto kind = fault.value("kind", std::string());
  bool known = false;
  auto refusal = inject_network(kind, fault, known);
  if (!known)
    refusal = inject_machine(kind, fault, known);
  if (!known)
    return "unknown kind: " + kind;
  auto entry = fault;
  entry["event"] = "fault";
  log(std::move(entry));
  dirty = true;
  return refusal;
}

std::string moonraker_device::impl::inject_network(const std::string& kind, const json& fault,
                                                   bool& known) {
  known = true;
  if (kind == "clear") {
    faults = {};
  } else if (kind == "drop_connections") {
    drop_all_connections();
  } else if (kind == "delay_replies") {
    faults.delay_min = span_of(fault, "min_ms", 0);
    faults.delay_max = std::max(faults.delay_min, span_of(fault, "max_ms", 0));
  } else if (kind == "drop_frames") {
    faults.drop = share_of(fault, "share");
  } else if (kind == "duplicate_frames") {
    faults.duplicate = share_of(fault, "share");
  } else if (kind == "lose_start_replies" || kind == "lose_replies") {
    faults.losses.push_back({fault.value("method", std::string("printer.print.start")),
                             static_cast<uint64_t>(std::clamp(fault.value("count", 1.0), 0.0, 1e6)),
                             fault.value("reset", false)});
  } else if (kind == "refuse_connections") {
    const auto span = span_of(fault, "for_ms", 5000);
    faults.refuse_until = now + span;
    at(span, [this] {
      if (faults.refuse_until && *faults.refuse_until <= now)
        faults.refuse_until.reset();
    });
  } else if (kind == "silent") {
    const auto span = span_of(fault, "for_ms", 5000);
    faults.silent_until = now + span;
    faults.silent_executes = fault.value("executes", false);
    at(span, [this] {
      if (faults.silent_until && *faults.silent_until <= now)
        faults.silent_until.reset();
    });
  } else if (kind == "moonraker_restart") {
    restart_moonraker(span_of(fault, "for_ms", 2000));
  } else {
    known = false;
  }
  return {};
}

std::string moonraker_device::impl::inject_machine(const std::string& kind, const json& fault,
                                                   bool& known) {
  known = true;
  const auto reason = fault.value("message", std::string("Lost communication with MCU 'mcu'"));
  if (kind == "klippy_disconnect") {
    klippy_lost(reason);
    klippy_back(span_of(fault, "for_ms", 4000));
  } else if (kind == "klippy_shutdown") {
    shut_down(reason);
  } else if (kind == "klippy_error") {
    config_error = reason;
    restart_klippy();
  } else if (kind == "klippy_repaired") {
    config_error.reset();
  } else if (kind == "klippy_restart") {
    restart_klippy();
  } else if (kind == "power_cycle") {
    power_off = true;
    drop_all_connections();
    klippy_lost("power");
    klippy_seen = false;
    const auto span = span_of(fault, "for_ms", 20'000);
    at(span, [this] {
      power_off = false;
      log({{"event", "power_on"}});
    });
    klippy_back(span + options.restart_time);
  } else if (kind == "fail_print") {
    klipper.fail_print(
        fault.value("message", std::string("Move out of range: 9999.000 0.000 0.000 [0.000]")));
  } else if (kind == "screen_start") {
    const auto file = fault.value("file", std::string("screen.gcode"));
    if (!is_safe_path(file))
      return "bad file name";
    if (fault.contains("gcode")
        && !store_file(*files, file, fault["gcode"].get<std::string>(), unix_now()))
      return "file can not be stored";
    act_at_machine("SDCARD_PRINT_FILE", file, "screen");
  } else if (kind == "screen_pause" || kind == "runout") {
    act_at_machine("PAUSE", {}, kind == "runout" ? "runout" : "screen");
  } else if (kind == "screen_resume") {
    act_at_machine("RESUME", {}, "screen");
  } else if (kind == "screen_cancel") {
    act_at_machine("CANCEL_PRINT", {}, "screen");
  } else if (kind == "place_file") {
    const auto file = fault.value("file", std::string());
    if (!is_safe_path(file)
        || !store_file(*files, file, fault.value("gcode", std::string()), unix_now()))
      return "file can not be stored";
  } else if (kind == "report_file") {
    klipper.report_filename(fault.value("file", std::string()));
  } else if (kind == "rewind") {
    klipper.rewind(share_of(fault, "share"));
  } else if (kind == "clear_bed") {
    bed.clear();
  } else if (kind == "speed") {
    options.speed = std::clamp(fault.value("factor", 1.0), 0.001, 1e6);
  } else if (kind == "second_master") {
    faults.master_mean_s = std::clamp(fault.value("mean_s", 3600.0), 0.0, 1e9);
    schedule_master();
  } else {
    known = false;
  }
  return {};
}

void moonraker_device::impl::act_at_machine(const std::string& command, const std::string& file,
                                            const std::string& origin) {
  gcode_command action;
  action.name = command;
  if (!file.empty())
    action.arguments["FILENAME"] = file;
  klipper.submit({action}, origin);
}

/// The maker's own software also uses the printer: now and then it prints or pauses by itself.
void moonraker_device::impl::schedule_master() {
  constexpr double pause_share = 0.3;
  if (faults.master_mean_s <= 0)
    return;
  const double wait_s = std::min(-std::log(1 - random_unit()) * faults.master_mean_s, 1e9);
  at(model_time(static_cast<int64_t>(wait_s * 1e6)), [this] {
    if (faults.master_mean_s <= 0)
      return;
    const auto state = klipper.print_stats().state;
    if (state == "printing") {
      if (random_unit() < pause_share)
        act_at_machine("PAUSE", {}, "master");
    } else if (state != "paused" && klipper.state() == klippy_state::ready) {
      store_file(*files, "cloud/calibration.gcode", "G28\nG4 P20000\nM84\n", unix_now());
      act_at_machine("SDCARD_PRINT_FILE", "cloud/calibration.gcode", "master");
    }
    schedule_master();
  });
}

} // namespace gantry::sim
