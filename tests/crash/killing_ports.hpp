// Printer ports that end the process around their n-th call or answer.
#pragma once

#include "hal/printer_port.hpp"
#include "tests/crash/kill_point.hpp"

namespace gantry::test {

/// `inner` and `killer` outlive it.
[[nodiscard]] std::unique_ptr<hal::printer_port_factory>
make_killing_ports(hal::printer_port_factory& inner, executioner& killer);

} // namespace gantry::test
