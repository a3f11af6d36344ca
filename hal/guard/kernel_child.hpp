// The kernel as the guard's child process: started, watched, started again.
#pragma once

#include "hal/guard/packet_link.hpp"

#include <optional>
#include <string>
#include <sys/types.h>
#include <vector>

namespace gantry::guard {

/// Name of the variable that tells a process that it is a guard's kernel.
inline constexpr const char* link_variable = "GANTRY_GUARD";

/// A running kernel and the guard's ends of its sockets.
struct kernel_child {
  pid_t process = -1;
  packet_link orders;
  packet_link urgent;
};

/// Starts the program of this process again with `words` (its name first) as a kernel: it finds its
/// ends of the sockets by `link_variable`, and it is asked to stop when the calling thread ends.
/// Nothing if the system refuses.
[[nodiscard]] std::optional<kernel_child> start_kernel(const std::vector<std::string>& words);

/// The words that this process was started with.
[[nodiscard]] std::vector<std::string> own_words();

/// The kernel's ends of the sockets.
struct inherited_links {
  packet_link orders;
  packet_link urgent;
};

/// What a guard left to this process; nothing if it is no guard's kernel. Takes the variable away,
/// so that children of this process are not mistaken for one.
[[nodiscard]] std::optional<inherited_links> take_inherited_links();

} // namespace gantry::guard
