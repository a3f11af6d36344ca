// The program `gantry`.
#include "bench/bench.hpp"
#include "bench/farm_sim/farm_sim_command.hpp"
#include "cli/command.hpp"

#include <csignal>
#include <sys/stat.h>

int main(int argc, char** argv) {
  using namespace gantry::cli;
  // Data folders hold keys of printers and names of customers: nobody else reads them.
  ::umask(0077);
  // A connection or a pipe that is gone is an error code here, not a reason to die.
  std::signal(SIGPIPE, SIG_IGN);
  const subcommand bench{.name = "bench",
                         .operands = "",
                         .summary = "Measures what this program claims about itself.",
                         .details = "",
                         .options = {},
                         .run = nullptr,
                         .run_raw = gantry::bench::bench_main};
  return dispatch(argc, argv,
                  {serve_command(), demo_command(), simulator_command(), resin_simulator_command(),
                   gantry::farm_sim::farm_sim_command(), pump_record_command(), doctor_command(),
                   backup_command(), restore_command(), token_command(), bench});
}
