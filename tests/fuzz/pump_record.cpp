// Records of simulated pump lines, which `gantry sim pumps` reads.
#include "hal/pumps/pump_record.hpp"
#include "tests/fuzz/memory_file.hpp"

extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size) {
  using namespace gantry;
  const fuzz::memory_file file{fuzz::input{data, size}.rest()};
  const auto record = pumps::pump_record::read(file.path());
  if (!record) {
    fuzz::require(record.why().code == reason::field_invalid, "a refused record has one reason");
    return 0;
  }
  for (const auto& [name, line] : record->lines()) {
    fuzz::require(line.on_time() >= hal::mono_time{0}, "a line is not on for less than no time");
    fuzz::require(line.window_peak(std::chrono::minutes{10}) <= line.on_time(),
                  "a window holds no more than the whole");
    static_cast<void>(line.volume_ul());
  }
  static_cast<void>(record->overlaps());
  return 0;
}
