// Disturbances and actions at the machine, switched on at run time.

#include <algorithm>
#include <cmath>

#include "hal/sim/anycubic_internal.hpp"

namespace gantry::sim {
namespace {

constexpr double fault_ms_max = 86'400'000;

model_time span_of(const json& fault, const char* key, double fallback_ms) {
  return model_time(
      static_cast<int64_t>(std::clamp(fault.value(key, fallback_ms), 0.0, fault_ms_max) * 1000));
}

int64_t count_of(const json& fault, const char* key, int64_t fallback) {
  return static_cast<int64_t>(
      std::clamp(fault.value(key, static_cast<double>(fallback)), 0.0, 1e6));
}

/// Bytes given as text, or in hexadecimal under `<key>_hex`.
std::string bytes_of(const json& fault, const std::string& key) {
  const auto hex = fault.value(key + "_hex", std::string());
  if (hex.empty())
    return fault.value(key, std::string());
  std::string bytes;
  for (std::size_t i = 0; i + 1 < hex.size(); i += 2)
    bytes += static_cast<char>(std::strtol(hex.substr(i, 2).c_str(), nullptr, 16));
  return bytes;
}

resin_job job_of(const json& fault) {
  resin_job job;
  job.internal = bytes_of(fault, "file");
  job.display = bytes_of(fault, "display");
  if (job.display.empty())
    job.display = job.internal;
  job.layers = std::max<int64_t>(1, count_of(fault, "layers", job.layers));
  job.layer_s = std::clamp(fault.value("layer_s", job.layer_s), 0.001, 3'600.0);
  job.layer_height_mm = std::clamp(fault.value("layer_height_mm", job.layer_height_mm), 0.001, 1.0);
  job.resin_ml = count_of(fault, "resin_ml", job.resin_ml);
  return job;
}

} // namespace

std::string anycubic_device::impl::inject(const json& fault) {
  const auto kind = fault.value("kind", std::string());
  std::string refusal;
  if (!inject_network(kind, fault) && !inject_replies(kind, fault)
      && !inject_machine(kind, fault, refusal))
    return "unknown kind: " + kind;
  auto entry = fault;
  entry["event"] = "fault";
  log(std::move(entry));
  return refusal;
}

bool anycubic_device::impl::inject_network(const std::string& kind, const json& fault) {
  if (kind == "clear") {
    faults = {};
    false_word.clear();
    false_file.clear();
    machine.show_less(0);
  } else if (kind == "drop_connections") {
    break_connections();
  } else if (kind == "refuse_connections") {
    faults.refuse_until = now + span_of(fault, "for_ms", 5000);
  } else if (kind == "silent") {
    fall_silent(span_of(fault, "for_ms", 5000), fault.value("executes", false),
                fault.value("resets", false));
  } else if (kind == "dropout_after_resume") {
    faults.dropout_after = span_of(fault, "after_ms", 15'000);
    faults.dropout_for = span_of(fault, "for_ms", 5000);
    faults.dropout_resets = fault.value("resets", false);
  } else if (kind == "power_cycle") {
    power = false;
    break_connections();
    machine.lose_power();
    at(span_of(fault, "for_ms", 10'000), [this] {
      power = true;
      log({{"event", "power_on"}, {"model", options.model}});
    });
  } else {
    return false;
  }
  return true;
}

bool anycubic_device::impl::inject_replies(const std::string& kind, const json& fault) {
  const auto count = static_cast<uint64_t>(count_of(fault, "count", 1));
  if (kind == "lose_replies" || kind == "lose_commands") {
    faults.losses.push_back({fault.value("command", std::string()), count,
                             fault.value("reset", false), kind == "lose_replies"});
  } else if (kind == "delay_replies") {
    faults.delay_min = span_of(fault, "min_ms", 0);
    faults.delay_max = std::max(faults.delay_min, span_of(fault, "max_ms", 0));
  } else if (kind == "split_replies") {
    faults.split_count = count;
    faults.split_bytes =
        static_cast<std::size_t>(std::max<int64_t>(1, count_of(fault, "bytes", 1)));
    faults.split_gap = span_of(fault, "gap_ms", 20);
  } else if (kind == "truncate_replies") {
    faults.truncate_count = count;
    faults.truncate_bytes = static_cast<std::size_t>(count_of(fault, "bytes", 3));
  } else if (kind == "foreign_replies") {
    faults.foreign_count = count;
    faults.foreign = bytes_of(fault, "text");
  } else if (kind == "say") {
    if (!clients.empty())
      put(clients.front().id, stream_output::kind::bytes, now, bytes_of(fault, "text"));
  } else if (kind == "reset_after_reply") {
    faults.reset_count = count;
  } else {
    return false;
  }
  return true;
}

bool anycubic_device::impl::inject_machine(const std::string& kind, const json& fault,
                                           std::string& refusal) {
  const auto act = [&](const char* command, bool accepted) {
    settle(command, accepted, "screen");
    refusal = accepted ? "" : "the machine is not in the state for that";
  };
  if (kind == "screen_start") {
    const auto internal = bytes_of(fault, "file");
    const auto found = std::find_if(options.files.begin(), options.files.end(),
                                    [&](const auto& job) { return job.internal == internal; });
    if (found == options.files.end())
      refusal = "no such file";
    else
      act("goprint", machine.start(*found, count_of(fault, "layer", 0),
                                   std::clamp(fault.value("elapsed_s", 0.0), 0.0, 1e9)));
  } else if (kind == "screen_pause") {
    act("gopause", machine.pause());
  } else if (kind == "screen_resume") {
    act("goresume", machine.resume());
  } else if (kind == "screen_stop") {
    act("gostop", machine.stop());
  } else if (kind == "place_file") {
    const auto job = job_of(fault);
    std::erase_if(options.files, [&](const auto& item) { return item.internal == job.internal; });
    options.files.push_back(job);
  } else if (kind == "remove_file") {
    std::erase_if(options.files,
                  [&](const auto& item) { return item.internal == bytes_of(fault, "file"); });
  } else if (kind == "stick") {
    stick = fault.value("inserted", true);
  } else if (kind == "jump") {
    machine.jump(count_of(fault, "by", 2));
  } else if (kind == "jump_share") {
    machine.set_jump_share(std::clamp(fault.value("share", 0.0), 0.0, 1.0));
  } else if (kind == "rollback") {
    machine.show_less(count_of(fault, "by", 3));
  } else if (kind == "stagnate") {
    machine.stagnate(machine_time(static_cast<int64_t>(
        static_cast<double>(span_of(fault, "for_ms", 60'000).count()) * options.speed)));
  } else if (kind == "report_state") {
    false_word = fault.value("word", std::string());
  } else if (kind == "report_file") {
    false_file = bytes_of(fault, "file");
  } else if (kind == "speed") {
    options.speed = std::clamp(fault.value("factor", 1.0), 0.001, 1e6);
  } else {
    return false;
  }
  return true;
}

std::string anycubic_device::impl::state_json() const {
  json files = json::array();
  for (const auto& job : options.files)
    files.push_back(
        {{"display", job.display}, {"internal_file", job.internal}, {"layers", job.layers}});
  json state{{"printer", options.name},
             {"model", options.model},
             {"state", word()},
             {"layer", machine.layer()},
             {"shown_layer", machine.shown_layer()},
             {"layers", machine.job().layers},
             {"internal_file", machine.has_print() ? machine.job().internal : ""},
             {"elapsed_s", machine.elapsed_s()},
             {"remaining_s", machine.remaining_s()},
             {"connections", clients.size()},
             {"connections_in_all", last_connection},
             {"received", received},
             {"happened", happened},
             {"stick", stick},
             {"power", power},
             {"files", std::move(files)},
             {"t_ms", now.count() / 1000}};
  if (last_byte_at)
    state["last_byte_t_ms"] = last_byte_at->count() / 1000;
  return state.dump(-1, ' ', false, json::error_handler_t::replace);
}

} // namespace gantry::sim
