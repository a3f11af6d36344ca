#include "http/shared_frames.hpp"

#include <algorithm>

namespace gantry::http {

std::shared_ptr<const stream_frame>
shared_frames::get(frame_kind kind, uint64_t from, uint64_t seq, hal::mono_time now,
                   const std::function<stream_frame()>& render) {
  auto& kept = shelves_.at(static_cast<size_t>(kind));
  auto& newest = kept.newest;
  const std::lock_guard lock{kept.mutex};
  std::erase_if(newest, [now](const entry& each) { return now - each.made_at > age_max; });
  // The last one of several is the newest.
  const auto found = std::ranges::find_if(newest.rbegin(), newest.rend(), [&](const entry& each) {
    return each.from == from && each.frame->seq >= seq;
  });
  if (found != newest.rend())
    return found->frame;
  if (newest.size() >= kept_max)
    newest.erase(newest.begin());
  auto frame = std::make_shared<const stream_frame>(render());
  newest.push_back({from, now, frame});
  return frame;
}

} // namespace gantry::http
