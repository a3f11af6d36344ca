// The command line of the simulator: `gantry sim moonraker ...`.

#include "hal/sim/command_line.hpp"
#include "hal/sim/moonraker_server.hpp"

namespace gantry::sim {
namespace {

constexpr std::string_view usage =
    "Simulates Klipper printers behind Moonraker's API.\n"
    "\n"
    "  --count N         number of printers (1)\n"
    "  --port P          first port; printer i listens on P + i; 0 lets the system choose (0)\n"
    "  --listen ADDRESS  address to listen on (127.0.0.1)\n"
    "  --speed X         seconds on the printers' clocks per second (1)\n"
    "  --sample-ms N     how often subscribers hear of changes (250)\n"
    "  --creality        behave like a stock Creality K2: an old API without history\n"
    "  --api-key K       ask clients for this key\n"
    "  --name NAME       printers are called NAME-1, NAME-2, ... (sim)\n"
    "  --seed N          seed of all chance (1)\n"
    "  --log-dir D       append what really happened to D/<printer>.jsonl\n"
    "  --state-dir D     keep files, history and beds in D (else they are removed at the end)\n"
    "  --exit-with-stdin stop when standard input closes\n"
    "  --exit-with-parent stop when the parent process dies\n"
    "  --help            show this text\n"
    "\n"
    "Prints {\"printer\",\"port\"} for each printer. Control on the same port: GET /sim/state, "
    "/sim/log,\n"
    "/sim/bed; POST /sim/fault {\"kind\": ...}, POST /sim/bed to clear the bed.\n";

command_line<simulator_options> make_command_line() {
  command_line<simulator_options> line;
  line.program = "sim moonraker";
  line.usage = usage;
  line.switches = {
      {"--creality", [](auto& o) { o.creality = true; }},
      {"--exit-with-stdin", [](auto& o) { o.exit_with_stdin = true; }},
      {"--exit-with-parent", [](auto& o) { o.exit_with_parent = true; }},
  };
  line.values = {
      {"--count",
       [](auto& o, auto v) {
         return parse_number<size_t>(v, 1, simulator_options::count_max, o.count);
       }},
      {"--port", [](auto& o, auto v) { return parse_number<uint16_t>(v, 0, 65535, o.base_port); }},
      {"--speed", [](auto& o, auto v) { return parse_number(v, 0.001, 1e6, o.speed); }},
      {"--sample-ms",
       [](auto& o, auto v) { return parse_number<int64_t>(v, 1, 60'000, o.sample_ms); }},
      {"--seed", [](auto& o, auto v) { return parse_number<uint64_t>(v, 0, UINT64_MAX, o.seed); }},
      {"--listen", [](auto& o, auto v) { return !(o.listen = v).empty(); }},
      {"--api-key", [](auto& o, auto v) { return !(o.api_key = v).empty(); }},
      {"--name", [](auto& o, auto v) { return !(o.name = v).empty() && v.find('/') == v.npos; }},
      {"--log-dir", [](auto& o, auto v) { return !(o.log_dir = v).empty(); }},
      {"--state-dir", [](auto& o, auto v) { return !(o.state_dir = v).empty(); }},
  };
  return line;
}

} // namespace

int moonraker_simulator_main(int argc, char** argv) {
  simulator_options options;
  if (const auto ended = make_command_line().read(argc, argv, options))
    return *ended;
  return run_moonraker_simulator(options);
}

} // namespace gantry::sim
