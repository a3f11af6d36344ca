#include "actors/station_desk.hpp"

namespace gantry::actors {

namespace {

/// Tickets of the desk lie above those that actors give.
constexpr uint64_t first_ticket = uint64_t{1} << 62;
/// Listings that may be open; further ones are refused.
constexpr size_t listings_max = 64;

} // namespace

void station_desk::put(const station_id& id, std::shared_ptr<hal::resin_port> printer,
                       std::shared_ptr<hal::pump_port> pumps) {
  entry old;
  const std::lock_guard lock{mutex_};
  old = std::exchange(entries_[id], entry{std::move(printer), std::move(pumps)});
}

void station_desk::remove(const station_id& id) {
  entry old;
  const std::lock_guard lock{mutex_};
  if (const auto position = entries_.find(id); position != entries_.end()) {
    old = std::move(position->second);
    entries_.erase(position);
  }
  beats_.erase(id);
}

std::optional<bool> station_desk::emergency_stop(const station_id& id,
                                                 std::chrono::milliseconds patience) {
  std::shared_ptr<hal::pump_port> pumps;
  {
    const std::lock_guard lock{mutex_};
    if (const auto position = entries_.find(id); position != entries_.end())
      pumps = position->second.pumps;
  }
  if (!pumps)
    return std::nullopt;
  return pumps->emergency_stop(patience);
}

void station_desk::list_files(const station_id& id, std::function<void(station_files)> then) {
  std::shared_ptr<hal::resin_port> printer;
  uint64_t ticket = 0;
  {
    const std::lock_guard lock{mutex_};
    if (const auto position = entries_.find(id); position != entries_.end())
      printer = position->second.printer;
    if (printer && listings_.size() < listings_max) {
      ticket = first_ticket + ++last_ticket_;
      listings_[ticket] = {then, {}};
    }
  }
  if (ticket == 0)
    return then({{hal::port_outcome::not_sent, reason::busy, "there is no connection", 0}, {}});
  printer->list_files(ticket);
}

bool station_desk::take_files(uint64_t ticket, const std::vector<hal::resin_file>& files) {
  if (ticket < first_ticket)
    return false;
  const std::lock_guard lock{mutex_};
  if (const auto position = listings_.find(ticket); position != listings_.end())
    position->second.files = files;
  return true;
}

bool station_desk::take_answer(uint64_t ticket, const hal::port_answer& answer) {
  if (ticket < first_ticket)
    return false;
  listing found;
  {
    const std::lock_guard lock{mutex_};
    const auto position = listings_.find(ticket);
    if (position == listings_.end())
      return true;
    found = std::move(position->second);
    listings_.erase(position);
  }
  found.then({answer, std::move(found.files)});
  return true;
}

void station_desk::beat(const station_id& id, hal::mono_time now) {
  const std::lock_guard lock{mutex_};
  beats_[id] = now;
}

std::map<station_id, hal::mono_time> station_desk::beats() const {
  const std::lock_guard lock{mutex_};
  return beats_;
}

} // namespace gantry::actors
