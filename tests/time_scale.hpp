// How patient tests are.
#pragma once

namespace gantry::test {

#ifndef GANTRY_TIME_SCALE
#define GANTRY_TIME_SCALE 1
#endif

/// How many times longer things may take in this build than in a release build. Multiplies every
/// deadline of the kind "within so many seconds"; never a duration that is measured or simulated.
inline constexpr int time_scale = GANTRY_TIME_SCALE;

} // namespace gantry::test
