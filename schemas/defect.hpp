// Places where a build for testing the tests can be given a defect. Other builds hold nothing of
// it: the names are not even in the binary.
#pragma once

#ifdef GANTRY_DEFECTS

#include <string>
#include <string_view>

namespace gantry {

/// The defect that this process has; empty for none. Set once, before anything else runs.
inline std::string chosen_defect;

} // namespace gantry

/// True if the process has the defect `name`, a literal that names what it violates.
#define GANTRY_DEFECT(name) (::gantry::chosen_defect == std::string_view{"defect/" name})

#else

/// Never true: this build has no defects to choose.
#define GANTRY_DEFECT(name) false

#endif
