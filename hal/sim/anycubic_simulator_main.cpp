// The command line of `gantry sim anycubic`.

#include <cstdio>

#include <nlohmann/json.hpp>

#include "hal/sim/anycubic_server.hpp"
#include "hal/sim/command_line.hpp"
#include "hal/sim/simulator_loop.hpp"

namespace gantry::sim {
namespace {

using options_type = anycubic_simulator_options;

constexpr std::string_view usage =
    "Simulates Anycubic Photon resin printers behind their Wi-Fi protocol (TCP).\n"
    "\n"
    "  --count N         number of printers (1)\n"
    "  --port P          first port; printer i listens on P + i; 0 lets the system choose (0)\n"
    "  --control-port P  first port of the control interface (0)\n"
    "  --listen ADDRESS  address to listen on (127.0.0.1)\n"
    "  --model M         mono-x-6k, mono-x (minutes, plain stop) or mono-se (ok in lower case)\n"
    "  --speed X         seconds on the printers' clocks per second (1)\n"
    "  --layer-s S       duration of a layer on the printers' clocks (12)\n"
    "  --jump-share X    chance of a layer not to show before the next one does (0)\n"
    "  --accept-delay S  how long a new connection waits until it is served (0)\n"
    "  --one-shot        answer one request per connection and close it\n"
    "  --name NAME       printers are called NAME-1, NAME-2, ... (resin)\n"
    "  --seed N          seed of all chance (1)\n"
    "  --log-dir D       append what really happened to D/<printer>.jsonl\n"
    "  --exit-with-stdin stop when standard input closes\n"
    "  --exit-with-parent stop when the parent process dies\n"
    "  --help            show this text\n"
    "\n"
    "Prints {\"printer\",\"port\",\"control_port\"} for each printer. Control by HTTP on the "
    "control\n"
    "port: GET /sim/state, /sim/log; POST /sim/fault {\"kind\": ...}.\n";

/// Changes of one option that come after the model was chosen, whatever their order.
struct parsed_line {
  options_type options;
  std::string model = "mono-x-6k";
  std::optional<double> layer_s;
};

command_line<parsed_line> make_command_line() {
  command_line<parsed_line> line;
  line.program = "sim anycubic";
  line.usage = usage;
  line.switches = {
      {"--one-shot", [](auto& p) { p.options.machine.one_request_per_connection = true; }},
      {"--exit-with-stdin", [](auto& p) { p.options.exit_with_stdin = true; }},
      {"--exit-with-parent", [](auto& p) { p.options.exit_with_parent = true; }},
  };
  line.values = {
      {"--count",
       [](auto& p, auto v) {
         return parse_number<std::size_t>(v, 1, options_type::count_max, p.options.count);
       }},
      {"--port",
       [](auto& p, auto v) { return parse_number<uint16_t>(v, 0, 65535, p.options.base_port); }},
      {"--control-port",
       [](auto& p, auto v) { return parse_number<uint16_t>(v, 0, 65535, p.options.control_port); }},
      {"--listen", [](auto& p, auto v) { return !(p.options.listen = v).empty(); }},
      {"--model", [](auto& p, auto v) { return anycubic_model(p.model = v).has_value(); }},
      {"--speed",
       [](auto& p, auto v) { return parse_number(v, 0.001, 1e6, p.options.machine.speed); }},
      {"--layer-s",
       [](auto& p, auto v) { return parse_number(v, 0.001, 3'600.0, p.layer_s.emplace()); }},
      {"--jump-share",
       [](auto& p, auto v) {
         return parse_number(v, 0.0, 1.0, p.options.machine.mechanics.jump_share);
       }},
      {"--accept-delay",
       [](auto& p, auto v) {
         double delay_s = 0;
         const bool valid = parse_number(v, 0.0, 60.0, delay_s);
         p.options.machine.accept_delay = model_time(static_cast<int64_t>(delay_s * 1e6));
         return valid;
       }},
      {"--name",
       [](auto& p, auto v) { return !(p.options.name = v).empty() && v.find('/') == v.npos; }},
      {"--seed",
       [](auto& p, auto v) {
         return parse_number<uint64_t>(v, 0, UINT64_MAX, p.options.machine.seed);
       }},
      {"--log-dir", [](auto& p, auto v) { return !(p.options.log_dir = v).empty(); }},
  };
  return line;
}

/// The chosen model with what the command line says besides.
anycubic_options machine_of(const parsed_line& parsed) {
  auto machine = *anycubic_model(parsed.model);
  const auto& given = parsed.options.machine;
  machine.one_request_per_connection = given.one_request_per_connection;
  machine.accept_delay = given.accept_delay;
  machine.speed = given.speed;
  machine.seed = given.seed;
  machine.mechanics = given.mechanics;
  if (parsed.layer_s)
    for (auto& job : machine.files)
      job.layer_s = *parsed.layer_s;
  return machine;
}

} // namespace

int anycubic_simulator_main(int argc, char** argv) {
  parsed_line parsed;
  if (const auto ended = make_command_line().read(argc, argv, parsed))
    return *ended;
  parsed.options.machine = machine_of(parsed);
  if (parsed.options.exit_with_parent && !end_with_parent())
    return 0;
  try {
    anycubic_simulator simulator(parsed.options);
    for (const auto& item : simulator.printers()) {
      const nlohmann::json line{
          {"printer", item.printer}, {"port", item.port}, {"control_port", item.control_port}};
      std::printf("%s\n", line.dump().c_str());
    }
    std::fflush(stdout);
    simulator.run(true);
    return 0;
  } catch (const std::exception& error) {
    std::fprintf(stderr, "simulator: %s\n", error.what());
    return 1;
  }
}

} // namespace gantry::sim
