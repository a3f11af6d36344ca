// The simulator as a program of its own, for tests.

#include "hal/sim/moonraker_server.hpp"

int main(int argc, char** argv) {
  return gantry::sim::moonraker_simulator_main(argc, argv);
}
