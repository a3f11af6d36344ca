// What every fuzz target needs: the entry point, promises that end the program when broken, and
// ways to cut an input into pieces.
#pragma once

#include <cstdint>
#include <cstdio>
#include <cstdlib>
#include <set>
#include <string>
#include <string_view>

/// Does with one input what the target is about, and ends the program if a promise is broken.
/// Always returns 0.
extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size);

namespace gantry::fuzz {

/// Ends the program unless `holds`; `promise` says what should have been true.
inline void require(bool holds, std::string_view promise) {
  if (holds)
    return;
  std::fprintf(stderr, "broken promise: %.*s\n", static_cast<int>(promise.size()), promise.data());
  std::abort();
}

/// Promises that each of `asked` tickets has one answer; `answers` are pairs of a ticket and a
/// reply.
template <class Answers>
void require_one_answer_each(const Answers& answers, size_t asked) {
  std::set<uint64_t> answered;
  for (const auto& each : answers)
    require(answered.insert(each.first).second, "nothing is answered twice");
  require(answered.size() == asked, "everything that was asked is answered once");
}

/// Takes an input apart from front to back.
class input {
public:
  input(const uint8_t* data, size_t size)
      : rest_{reinterpret_cast<const char*>(data), data ? size : 0} {}

  [[nodiscard]] bool empty() const { return rest_.empty(); }

  /// The text up to the next line break, which is taken as well.
  std::string_view line() { return until('\n'); }

  /// The text up to the next `end`, which is taken as well; all of it if there is none.
  std::string_view until(char end) {
    const auto length = rest_.find(end);
    const auto taken = rest_.substr(0, length);
    rest_ = length == std::string_view::npos ? std::string_view{} : rest_.substr(length + 1);
    return taken;
  }

  /// Everything that was not taken yet.
  [[nodiscard]] std::string_view rest() const { return rest_; }

private:
  std::string_view rest_;
};

} // namespace gantry::fuzz
