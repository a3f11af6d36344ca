// What printers said, and what a reader of the stream heard of it.
#pragma once

#include <chrono>
#include <cstdint>
#include <mutex>
#include <optional>
#include <string_view>
#include <vector>

namespace gantry::bench {

/// A nozzle temperature at a moment: the mark by which a frame is recognised.
struct marked_frame {
  std::chrono::steady_clock::time_point at;
  int64_t nozzle_mc = 0;
};

/// Frames per printer. Thread-safe for one writer per printer.
using frame_log = std::vector<std::vector<marked_frame>>;

/// The nozzle temperature in a printer's own frame; nothing if it does not tell one.
[[nodiscard]] std::optional<int64_t> nozzle_in_device_frame(std::string_view frame);

/// What happened to the frames of one printer on their way to one reader.
struct passage {
  std::vector<double> delays_ms; ///< Of the frames that were heard.
  size_t conflated = 0;          ///< Left out because a newer one was heard.
  size_t lost = 0;               ///< Neither heard nor followed by one that was.
};

/// Compares what was sent with what was heard; both in order. Frames that were sent after `until`
/// may still be on their way and do not count as lost.
[[nodiscard]] passage match_frames(const std::vector<marked_frame>& sent,
                                   const std::vector<marked_frame>& heard,
                                   std::chrono::steady_clock::time_point until);

} // namespace gantry::bench
