#include "actors/event_feed.hpp"

#include <algorithm>

namespace gantry::actors {

void event_feed::log_grew(uint64_t seq) {
  {
    const std::lock_guard lock{mutex_};
    newest_.seq = std::max(newest_.seq, seq);
  }
  log_changed_.notify_all();
  changed_.notify_all();
}

void event_feed::live_changed(uint64_t revision) {
  {
    const std::lock_guard lock{mutex_};
    newest_.live = std::max(newest_.live, revision);
  }
  changed_.notify_all();
}

void event_feed::close() {
  {
    const std::lock_guard lock{mutex_};
    newest_.closed = true;
  }
  log_changed_.notify_all();
  changed_.notify_all();
}

feed_position event_feed::wait(const feed_position& seen, std::chrono::milliseconds patience) {
  std::unique_lock lock{mutex_};
  // Live values change often; who does not want them must not be woken by them.
  auto& wakes = seen.live == no_live ? log_changed_ : changed_;
  wakes.wait_for(lock, patience, [this, &seen] {
    return newest_.closed || newest_.seq > seen.seq || newest_.live > seen.live;
  });
  return newest_;
}

feed_position event_feed::position() const {
  const std::lock_guard lock{mutex_};
  return newest_;
}

} // namespace gantry::actors
