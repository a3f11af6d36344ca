#include "bench/farm_sim/machine.hpp"

#include "bench/farm_sim/sim_clock.hpp"

#include <nlohmann/json.hpp>

namespace gantry::farm_sim {

namespace {

sim::model_time model_time_of(hal::mono_time at) {
  return std::chrono::duration_cast<sim::model_time>(at);
}

} // namespace

machine::machine(const agenda& time, ledger& counts, std::string name, uint64_t seed,
                 std::chrono::milliseconds report_period)
    : time_{time}, counts_{counts}, name_{std::move(name)} {
  sim::device_options options;
  options.name = name_;
  options.seed = seed;
  options.epoch_unix_s = std::chrono::duration<double>(sim_clock::epoch.time_since_epoch()).count();
  options.sample_period = report_period;
  options.heartbeat_period = std::max<sim::model_time>(report_period, std::chrono::seconds{1});
  device_ = std::make_unique<sim::moonraker_device>(std::move(options), sim::make_memory_files());
  device_->set_log([this](std::string_view text) { take_log(text); });
}

void machine::catch_up() {
  next_known_ = false;
  device_->advance(model_time_of(time_.now()));
}

std::optional<hal::mono_time> machine::next() {
  if (!std::exchange(next_known_, true)) {
    const auto deadline = device_->next_deadline();
    next_ = deadline ? std::optional<hal::mono_time>{*deadline} : std::nullopt;
  }
  return next_;
}

std::string machine::outcome_of(const std::string& file) const {
  const auto found = outcomes_.find(file);
  return found == outcomes_.end() ? std::string{} : found->second;
}

bool machine::has_started(const std::string& file) const {
  return started_.contains(file);
}

size_t machine::bed_items() const {
  return nlohmann::json::parse(device_->bed_json()).at("items").size();
}

void machine::act(const nlohmann::json& what) {
  catch_up();
  device_->inject(what.dump());
  counts_.event("machine " + name_, what.dump());
}

void machine::take_log(std::string_view text) {
  counts_.event("log", text);
  const auto has = [text](std::string_view word) {
    return text.find(word) != std::string_view::npos;
  };
  if (!has("\"print_started\"") && !has("\"print_finished\""))
    return;
  const auto entry = nlohmann::json::parse(text);
  const auto event = entry.at("event").get<std::string>();
  if (event == "print_started") {
    printing_ = entry.at("file").get<std::string>();
    outcomes_.erase(printing_);
    started_.insert(printing_);
    starts_.push_back({printing_, entry.at("origin").get<std::string>(), time_.now(),
                       entry.at("bed_items").get<int64_t>()});
    if (on_start)
      on_start(*this, starts_.back());
  } else if (event == "print_finished") {
    outcomes_[printing_] = entry.at("outcome").get<std::string>();
    printing_.clear();
  }
}

} // namespace gantry::farm_sim
