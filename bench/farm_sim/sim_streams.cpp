// The network's plain TCP streams, which resin printers speak over.
#include "bench/farm_sim/sim_links.hpp"

namespace gantry::farm_sim {

using namespace std::chrono_literals;

namespace {

constexpr auto stream_dial_limit = 10s;

} // namespace

void sim_links::connect(const std::string& host, resin_printer& where) {
  resin_printers_[host] = &where;
}

uint64_t sim_links::open_stream(uint64_t owner, const hal::link_address& to) {
  const auto number = ++last_;
  if (dead_)
    return number;
  const auto found = resin_printers_.find(to.host);
  auto* where = found == resin_printers_.end() ? nullptr : found->second;
  streams_[number] = {.owner = owner, .where = where};
  const auto when = where ? arrival(where->line) : std::nullopt;
  if (!when)
    time_.after(where ? stream_dial_limit : 5ms, [this, number, where] {
      end_stream(number, where ? reason::link_timeout : reason::link_dns, "no answer");
    });
  else
    time_.at(*when, [this, number] { arrive_stream(number); });
  return number;
}

void sim_links::arrive_stream(uint64_t number) {
  const auto found = streams_.find(number);
  if (found == streams_.end() || found->second.left)
    return;
  auto& each = found->second;
  each.where->catch_up();
  if (!each.where->device().accepts_connections())
    return end_stream(number, reason::link_refused, "connection refused");
  each.connection = each.where->device().connect();
  by_stream_[{each.where, each.connection}] = number;
  each.last_down = time_.now() + 1ms;
  time_.at(each.last_down, [this, number] {
    const auto open_now = streams_.find(number);
    if (open_now != streams_.end() && !open_now->second.left)
      hear(open_now->second.owner, [number](hal::link_listener& who) { who.on_open(number); });
  });
  pump(*each.where);
}

void sim_links::send_stream(stream& each, uint64_t number, std::string bytes) {
  if (each.left || !each.where)
    return;
  if (on_bytes_sent)
    on_bytes_sent(*each.where, bytes);
  const auto when = each.dead ? std::nullopt : arrival(each.where->line);
  if (!when) {
    each.dead = true;
    return;
  }
  each.last_up = std::max(*when, each.last_up);
  time_.at(each.last_up, [this, number, bytes = std::move(bytes)] {
    const auto found = streams_.find(number);
    if (found == streams_.end() || found->second.connection == 0)
      return;
    auto& where = *found->second.where;
    where.catch_up();
    where.device().receive(found->second.connection, bytes);
    pump(where);
  });
}

void sim_links::close_stream(uint64_t number) {
  const auto found = streams_.find(number);
  if (found == streams_.end() || std::exchange(found->second.left, true))
    return;
  // What was sent before is still on its way. The end of a dead connection is noticed late.
  const auto pause = found->second.dead ? random_.span(1s, 30s) : random_.span(1ms, 50ms);
  time_.at(std::max(found->second.last_up, time_.now()) + pause, [this, number] {
    const auto gone = streams_.find(number);
    if (gone == streams_.end())
      return;
    const auto each = gone->second;
    streams_.erase(gone);
    if (each.connection == 0)
      return;
    by_stream_.erase({each.where, each.connection});
    each.where->catch_up();
    each.where->device().close(each.connection);
    pump(*each.where);
  });
}

void sim_links::end_stream(uint64_t number, reason why, const std::string& detail) {
  const auto found = streams_.find(number);
  if (found == streams_.end())
    return;
  const auto each = found->second;
  streams_.erase(found);
  if (each.connection != 0)
    by_stream_.erase({each.where, each.connection});
  if (!each.left)
    hear(each.owner,
         [number, why, detail](hal::link_listener& who) { who.on_close(number, why, detail); });
}

void sim_links::pump(resin_printer& where) {
  using kind = sim::stream_output::kind;
  for (auto& output : where.device().take_outputs()) {
    const auto found = by_stream_.find({&where, output.connection});
    if (found == by_stream_.end())
      continue;
    const auto number = found->second;
    if (output.what == kind::bytes) {
      carry_bytes(number, std::move(output.bytes));
      continue;
    }
    auto& each = streams_.at(number);
    const auto when = each.dead ? std::nullopt : arrival(where.line);
    by_stream_.erase(found);
    each.connection = 0;
    if (when)
      time_.at(std::max(*when, each.last_down), [this, number] {
        end_stream(number, reason::link_closed, "closed by the printer");
      });
  }
  where.touched();
}

void sim_links::carry_bytes(uint64_t number, std::string bytes) {
  auto& each = streams_.at(number);
  const auto when = each.dead ? std::nullopt : arrival(each.where->line);
  if (!when) {
    each.dead = true;
    return;
  }
  each.last_down = std::max(*when, each.last_down);
  time_.at(each.last_down, [this, number, bytes = std::move(bytes)] {
    const auto found = streams_.find(number);
    if (found == streams_.end() || found->second.left)
      return;
    if (on_bytes_heard)
      on_bytes_heard(*found->second.where, bytes);
    hear(found->second.owner,
         [number, bytes](hal::link_listener& who) { who.on_bytes(number, bytes); });
  });
}

} // namespace gantry::farm_sim
