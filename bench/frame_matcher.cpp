#include "bench/frame_matcher.hpp"

#include <charconv>
#include <cmath>

namespace gantry::bench {

std::optional<int64_t> nozzle_in_device_frame(std::string_view frame) {
  constexpr std::string_view heater = R"("extruder":{)";
  constexpr std::string_view field = R"("temperature":)";
  const auto heater_at = frame.find(heater);
  if (heater_at == frame.npos)
    return std::nullopt;
  frame.remove_prefix(heater_at);
  frame = frame.substr(0, frame.find('}'));
  const auto at = frame.find(field);
  if (at == frame.npos)
    return std::nullopt;
  double celsius = 0;
  const auto text = frame.substr(at + field.size());
  if (std::from_chars(text.data(), text.data() + text.size(), celsius).ec != std::errc{})
    return std::nullopt;
  return std::llround(celsius * 1'000);
}

passage match_frames(const std::vector<marked_frame>& sent, const std::vector<marked_frame>& heard,
                     std::chrono::steady_clock::time_point until) {
  passage found;
  size_t next = 0; // The first frame that was not heard yet.
  for (const auto& each : heard) {
    auto at = next;
    while (at < sent.size() && sent[at].at <= each.at && sent[at].nozzle_mc != each.nozzle_mc)
      ++at;
    // What no frame explains repeats an earlier one: another value of the printer has changed.
    if (at == sent.size() || sent[at].at > each.at)
      continue;
    found.conflated += at - next;
    found.delays_ms.push_back(
        std::chrono::duration<double, std::milli>(each.at - sent[at].at).count());
    next = at + 1;
  }
  for (; next < sent.size() && sent[next].at <= until; ++next)
    ++found.lost;
  return found;
}

} // namespace gantry::bench
