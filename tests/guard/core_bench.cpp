#include "tests/guard/core_bench.hpp"

#include <algorithm>
#include <stdexcept>

namespace gantry::test {

using namespace guard;

mono_time line_log::within(mono_time from, mono_time to) const {
  mono_time sum{0};
  for (const auto& [begin, end] : runs)
    sum += std::max(mono_time{0}, std::min(end, to) - std::max(begin, from));
  return sum;
}

mono_time line_log::peak(mono_time window, mono_time now) const {
  auto all = runs;
  if (on_since)
    all.emplace_back(*on_since, now);
  mono_time most{0};
  for (const auto& run : all)
    for (auto from : {run.second - window, run.first}) {
      mono_time sum{0};
      for (const auto& [begin, end] : all)
        sum += std::max(mono_time{0}, std::min(end, from + window) - std::max(begin, from));
      most = std::max(most, sum);
    }
  return most;
}

core_bench::core_bench(const std::string& text) {
  auto read = read_settings(text, "guard.json");
  if (!read)
    throw std::runtime_error{read.why().text()};
  settings = *read;
  places_ = lines_of(settings);
  logs.resize(places_.size());
  start();
}

void core_bench::start() {
  ledger kept;
  if (disk)
    kept = carried_over(*disk, boot_, now_);
  core_ = std::make_unique<guard_core>(settings, std::vector<std::string>{}, kept, boot_, now_);
  act();
  // The first ledger of a process is written before a kernel exists, however slow the disk is.
  write_out();
  join_kernel();
}

void core_bench::kill() {
  core_.reset();
  waiting_.reset();
  if (master_relay)
    drop_lines();
}

void core_bench::drop_lines() {
  for (auto& log : logs)
    if (auto since = std::exchange(log.on_since, std::nullopt))
      log.runs.emplace_back(*since, true_now_);
}

void core_bench::reboot(mono_time uptime, mono_time without_power) {
  kill();
  drop_lines();
  true_now_ += without_power + uptime;
  now_ = uptime;
  boot_ = "boot-" + std::to_string(++boots_);
  start();
}

void core_bench::pass(mono_time time) {
  const auto end = now_ + time;
  auto go_to = [this](mono_time at) {
    true_now_ += at - now_;
    now_ = at;
  };
  while (core_ && core_->next_deadline() <= end) {
    go_to(std::max(now_, core_->next_deadline()));
    core_->tick(now_);
    act();
  }
  go_to(end);
}

void core_bench::write_out() {
  if (auto write = std::exchange(waiting_, std::nullopt)) {
    if (disk_fault.empty())
      disk = write->content;
    core_->kept(now_, write->number, disk_fault);
    act();
  }
}

uint64_t core_bench::run(const std::string& pump, mono_time duration, guard_order more) {
  more.kind = order_kind::run;
  more.ticket = next_ticket_++;
  more.station = more.station.empty() ? "one" : more.station;
  more.pump = pump;
  more.duration_ms = duration / std::chrono::milliseconds{1};
  order(more);
  return more.ticket;
}

void core_bench::order(guard_order what) {
  // Through the packets, so that what the tests say is what a kernel can say.
  const auto sent = read_order(to_packet(what));
  if (!sent)
    throw std::runtime_error{sent.why().text()};
  core_->take_order(now_, *sent);
  act();
}

void core_bench::press_button(bool pressed) {
  core_->stop_input(now_, 0, pressed);
  act();
}

void core_bench::lose_kernel() {
  core_->kernel_lost(now_);
  act();
}

void core_bench::join_kernel() {
  core_->kernel_joined(now_);
  act();
}

std::optional<guard_notice> core_bench::end_of(uint64_t ticket) const {
  std::optional<guard_notice> found;
  for (const auto& each : said)
    if (each.kind == notice_kind::finished && each.ticket == ticket) {
      if (found)
        throw std::logic_error{"a run ended twice"};
      found = each;
    }
  return found;
}

guard_notice core_bench::state(const std::string& station) const {
  const auto at = states_.find(station);
  return at == states_.end() ? guard_notice{} : at->second;
}

mono_time core_bench::worst_overlap() const {
  mono_time worst{0};
  for (size_t i = 0; i < logs.size(); ++i)
    for (size_t j = i + 1; j < logs.size(); ++j) {
      const auto& one = places_[i];
      const auto& other = places_[j];
      if (one.settings->role == line_role::valve || other.settings->role == line_role::valve
          || (one.station != other.station && one.settings->bank != other.settings->bank))
        continue;
      auto runs_of = [this](const line_log& log) {
        auto all = log.runs;
        if (log.on_since)
          all.emplace_back(*log.on_since, true_now_);
        return all;
      };
      for (const auto& [from, to] : runs_of(logs[i]))
        for (const auto& [begin, end] : runs_of(logs[j]))
          worst = std::max(worst, std::min(to, end) - std::max(from, begin));
    }
  return worst;
}

void core_bench::act() {
  for (auto actions = core_->take_actions(); !actions.empty(); actions = core_->take_actions())
    for (const auto& action : actions)
      std::visit([this](const auto& what) { do_action(what); }, action);
}

void core_bench::do_action(const switch_line& what) {
  auto& log = logs[what.line];
  const auto& faults = what.on ? on_fault : off_fault;
  const auto fault = faults.find(what.line);
  // A line whose "on" fails goes on all the same, a line whose "off" fails stays on: the worst that
  // each can do.
  if (what.on && !log.on_since)
    log.on_since = true_now_;
  if (!what.on && fault == faults.end())
    if (auto since = std::exchange(log.on_since, std::nullopt))
      log.runs.emplace_back(*since, true_now_);
  core_->switched(now_, what.line, what.on, fault == faults.end() ? "" : fault->second);
}

void core_bench::do_action(const keep_ledger& what) {
  // Through its text, as the disk would have it.
  waiting_ = keep_ledger{what.number, *read_ledger(to_text(what.content))};
  if (!slow_disk)
    write_out();
}

void core_bench::do_action(const say_notice& what) {
  // States are said every second; only the newest is of use.
  if (what.notice.kind == notice_kind::state) {
    states_[what.notice.station] = what.notice;
    said_at_[what.notice.station] = true_now_;
  } else {
    said.push_back(*read_notice(to_packet(what.notice)));
  }
  if (what.notice.kind == notice_kind::off && what.notice.why == reason::ok)
    ++answers;
}

} // namespace gantry::test
