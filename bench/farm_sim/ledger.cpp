#include "bench/farm_sim/ledger.hpp"

#include <cstdio>
#include <cstring>

namespace gantry::farm_sim {

namespace {

/// Violations that are described; all of them stop the run anyway.
constexpr size_t violations_kept = 20;

std::string time_text(hal::mono_time now) {
  char text[40];
  const auto seconds = std::chrono::duration<double>(now).count();
  std::snprintf(text, sizeof text, "%12.6f  ", seconds);
  return text;
}

} // namespace

void ledger::mix(uint64_t number) {
  hash_ = (hash_ ^ number) * 0xff51afd7ed558ccd;
  hash_ ^= hash_ >> 32;
}

void ledger::event(std::string_view kind, std::string_view what) {
  for (const auto& text : {kind, what}) {
    size_t at = 0;
    for (; at + 8 <= text.size(); at += 8) {
      uint64_t word = 0;
      std::memcpy(&word, text.data() + at, 8);
      mix(word);
    }
    uint64_t rest = text.size() - at;
    for (; at < text.size(); ++at)
      rest = rest << 8 | static_cast<unsigned char>(text[at]);
    mix(rest);
  }
  if (!keep_)
    return;
  auto line = time_text(now_) + std::string{kind} + "  " + std::string{what};
  if (print_)
    std::fprintf(stderr, "%s\n", line.c_str());
  events_.push_back(std::move(line));
  if (events_.size() > events_kept)
    events_.pop_front();
}

void ledger::violation(std::string_view id, const std::string& what) {
  const auto text = std::string{id} + ": " + what;
  event("VIOLATION", text);
  if (violations_.size() < violations_kept)
    violations_.push_back(text + " (at " + std::to_string(now_ / std::chrono::seconds{1}) + " s)");
}

} // namespace gantry::farm_sim
