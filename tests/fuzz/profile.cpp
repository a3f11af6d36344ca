// Slicing profiles from people.
#include "hal/slicer/slicing_profile.hpp"
#include "tests/fuzz/fuzz.hpp"

extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size) {
  using namespace gantry;
  using fuzz::require;
  const auto profile = slicer::parse_profile(fuzz::input{data, size}.rest());
  if (!profile) {
    require(profile.why().code == reason::profile_text_invalid, "a refused text has one reason");
    return 0;
  }
  require(profile->settings().size() <= slicer::profile_settings_max, "settings are bounded");
  const auto text = profile->canonical_text();
  const auto again = slicer::parse_profile(text);
  require(static_cast<bool>(again), "a written profile can be read");
  require(again->settings() == profile->settings(), "a profile stays the same");
  require(again->canonical_text() == text, "equal settings have equal texts");
  const auto volume = profile->volume();
  const auto verdict = slicer::validate(*profile);
  if (verdict) {
    require(static_cast<bool>(volume), "an accepted profile says where it prints");
    require(volume->height_um > 0 && volume->bed_min_um[0] < volume->bed_max_um[0]
                && volume->bed_min_um[1] < volume->bed_max_um[1],
            "an accepted profile has room to print in");
    require(!profile->find("post_process") || profile->find("post_process")->empty(),
            "an accepted profile runs no programs");
  }
  return 0;
}
