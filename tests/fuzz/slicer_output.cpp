// What the slicer prints while it works and when it fails. The first byte is its exit code.
#include "hal/slicer/prusa_messages.hpp"
#include "tests/fuzz/fuzz.hpp"

#include <algorithm>

namespace gantry::fuzz {

namespace {

void check_line(std::string_view line) {
  if (const auto progress = slicer::read_progress(line))
    require(progress->percent >= 0 && progress->percent <= 100, "progress is a share");
  if (const auto fixed = slicer::without_time(line))
    require(fixed->size() == line.size() && slicer::without_time(*fixed) == fixed,
            "a fixed time has the length of the real one and stays");
}

} // namespace

} // namespace gantry::fuzz

extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size) {
  using namespace gantry;
  if (size == 0)
    return 0;
  fuzz::input bytes{data + 1, size - 1};
  const auto text = bytes.rest();
  while (!bytes.empty())
    fuzz::check_line(bytes.line());
  static_cast<void>(slicer::find_version(text));
  process::process_result run;
  run.exit_code = data[0];
  run.stderr_tail = text;
  const auto why = slicer::explain(run, "prusa-slicer", std::chrono::seconds{60});
  fuzz::require(data[0] == 0 || why, "an exit code other than 0 is a failure");
  return 0;
}
