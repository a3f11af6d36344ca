// Frames of the event stream that many readers need at the same moment, rendered once.
#pragma once

#include "hal/clock.hpp"

#include <array>
#include <chrono>
#include <cstdint>
#include <functional>
#include <memory>
#include <mutex>
#include <string>
#include <vector>

namespace gantry::http {

/// A text that brings a reader of the event stream from one position to a later one.
struct stream_frame {
  std::string text;   ///< Whole server-sent events; may be empty.
  uint64_t until = 0; ///< The position after it.
  uint64_t seq = 0;   ///< Newest event of the log that it knows.
};

/// What a frame tells, and to whom: positions of different kinds have nothing to do with each
/// other.
enum class frame_kind : uint8_t { log, log_for_admin, live };

/// Keeps the frames of the last moments. A change wakes every reader, and most of them stand at the
/// same position: rendering for each would keep the processor from everything else for as long.
/// Thread-safe.
class shared_frames {
public:
  /// How long a frame is given to further readers: the ages in it grow meanwhile.
  static constexpr std::chrono::milliseconds age_max{20};
  /// Frames of a kind that are kept, which bounds the memory.
  static constexpr size_t kept_max = 4;

  /// The frame that leads on from `from` and knows the log up to `seq` at least; made by `render`
  /// unless somebody had it made just before `now`. One caller renders a kind at a time, the others
  /// wait for it. What `render` throws is passed on, and nothing is kept.
  [[nodiscard]] std::shared_ptr<const stream_frame>
  get(frame_kind kind, uint64_t from, uint64_t seq, hal::mono_time now,
      const std::function<stream_frame()>& render);

private:
  struct entry {
    uint64_t from;
    hal::mono_time made_at;
    std::shared_ptr<const stream_frame> frame;
  };
  struct shelf {
    std::mutex mutex;
    std::vector<entry> newest; ///< Oldest first.
  };

  std::array<shelf, 3> shelves_; ///< By kind.
};

} // namespace gantry::http
