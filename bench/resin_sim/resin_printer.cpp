#include "bench/resin_sim/resin_printer.hpp"

#include "bench/farm_sim/sim_clock.hpp"

#include <nlohmann/json.hpp>

namespace gantry::farm_sim {

namespace {

sim::model_time model_time_of(hal::mono_time at) {
  return std::chrono::duration_cast<sim::model_time>(at);
}

/// Value of the text field `key` of a log line, without reading all of it.
std::string_view field(std::string_view line, std::string_view key) {
  const auto mark = "\"" + std::string{key} + "\":\"";
  const auto begin = line.find(mark);
  if (begin == std::string_view::npos)
    return {};
  const auto rest = line.substr(begin + mark.size());
  return rest.substr(0, rest.find('"'));
}

int64_t number(std::string_view line, std::string_view key) {
  const auto mark = "\"" + std::string{key} + "\":";
  const auto begin = line.find(mark);
  return begin == std::string_view::npos
             ? 0
             : std::strtoll(line.data() + begin + mark.size(), nullptr, 10);
}

} // namespace

resin_printer::resin_printer(const agenda& time, ledger& counts, std::string name, uint64_t seed)
    : time_{time}, counts_{counts}, name_{std::move(name)} {
  static constexpr auto models =
      std::to_array<std::string_view>({"mono-x-6k", "mono-x", "mono-se"});
  auto options = *sim::anycubic_model(models[seed % models.size()]);
  options.name = name_;
  options.seed = seed;
  options.epoch_unix_s = std::chrono::duration<double>(sim_clock::epoch.time_since_epoch()).count();
  options.files.clear();
  device_ = std::make_unique<sim::anycubic_device>(std::move(options));
  device_->set_log([this](std::string_view text) { take_log(text); });
}

void resin_printer::catch_up() {
  next_known_ = false;
  device_->advance(model_time_of(time_.now()));
}

std::optional<hal::mono_time> resin_printer::next() {
  if (!std::exchange(next_known_, true)) {
    const auto deadline = device_->next_deadline();
    next_ = deadline ? std::optional<hal::mono_time>{*deadline} : std::nullopt;
  }
  return next_;
}

void resin_printer::act(const nlohmann::json& what) {
  catch_up();
  const auto kind = what.value("kind", "");
  if (kind == "rollback" || (kind == "clear" && lies_)) {
    lies_ = kind == "rollback" && what.value("by", 0) > 0;
    lied_at_ = time_.now();
  }
  const auto refused = device_->inject(what.dump());
  counts_.event("machine " + name_, what.dump() + (refused.empty() ? "" : " refused: " + refused));
}

void resin_printer::take_log(std::string_view text) {
  counts_.event("log", text);
  const std::string event{field(text, "event")};
  const bool begins = event == "print_started" || event == "goresume_accepted";
  const bool still = event == "print_paused";
  const bool ended = event == "print_stopped" || event == "print_finished" || event == "print_lost";
  if (event == "gostop_accepted" || begins)
    moving_since_ = moving_since_.value_or(time_.now());
  if (still || ended)
    moving_since_.reset();
  if (event == "print_started") {
    has_print_ = true;
    ++starts_;
  }
  if (ended)
    has_print_ = false;
  if (event == "layer" || event == "print_started")
    layer_ = number(text, "layer");
  if (on_event)
    on_event(*this, event == "command" ? std::string{field(text, "command")} : event);
}

} // namespace gantry::farm_sim
