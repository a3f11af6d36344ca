#include "http/shared_frames.hpp"

#include <algorithm>

namespace gantry::http {

std::shared_ptr<const stream_frame>
shared_frames::get(frame_kind kind, uint64_t from, hal::mono_time now,
                   const std::function<stream_frame()>& render) {
  const std::lock_guard lock{mutex_};
  std::erase_if(newest_, [now](const entry& each) { return now - each.made_at > age_max; });
  const auto found = std::ranges::find_if(
      newest_, [&](const entry& each) { return each.kind == kind && each.from == from; });
  if (found != newest_.end())
    return found->frame;
  if (newest_.size() >= kept_max)
    newest_.erase(newest_.begin());
  auto frame = std::make_shared<const stream_frame>(render());
  newest_.push_back({kind, from, now, frame});
  return frame;
}

} // namespace gantry::http
