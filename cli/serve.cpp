// `gantry serve`: the kernel until somebody stops it.
#include "cli/serve.hpp"
#include "cli/command.hpp"
#include "cli/data_folder.hpp"
#include "cli/farm.hpp"
#include "cli/guarded.hpp"
#include "cli/stop_signals.hpp"

#include <iostream>

namespace gantry::cli {

exit_code exit_code_of(const refusal& why) {
  if (why.code == reason::store_locked)
    return exit_code::folder_in_use;
  if (why.code == reason::port_in_use)
    return exit_code::port_in_use;
  if (const auto cause = why.params.find("cause");
      cause != why.params.end() && cause->second == "disk")
    return exit_code::store_lost;
  return exit_code::folder_unfit;
}

farm_options farm_options_of(const arguments& given) {
  farm_options options;
  options.folder = data_folder(given);
  options.address = given.text("--listen", options.address);
  options.port = static_cast<uint16_t>(given.integer("--port", options.port));
  options.allowed_hosts = given.all("--allow-host");
  options.slicer_program = given.text("--slicer", options.slicer_program);
  return options;
}

namespace {

exit_code serve(const arguments& given) {
  auto options = farm_options_of(given);
  if (auto ended = guard_if_needed(options.folder))
    return static_cast<exit_code>(*ended);
  stop_signals signals;
  const auto guard = connect_to_guard();
  options.pumps = guard.get();
  auto started = farm::start(options);
  if (!started)
    return exit_code_of(started.why());
  auto& running = **started;
  std::cout << "Gantry listens at " << running.url() << " and keeps its data in " << options.folder
            << ".\n";
  if (running.is_first_start())
    std::cout << "Log in once with " << running.login_link() << "\n(the token is also in "
              << admin_token_path(options.folder) << ")\n";
  std::cout.flush();
  announce("READY=1", guard.get());
  signals.wait();
  announce("STOPPING=1", guard.get());
  stop_signals::stop_within(stop_patience);
  running.stop();
  started->reset();
  return exit_code::done;
}

} // namespace

std::vector<option> listen_options() {
  return {data_option(),
          {"--listen", option_kind::text, "ADDRESS", "address to listen at (127.0.0.1)"},
          {"--port", option_kind::integer, "N", "port to listen at, 0 = any free one (8080)", 0,
           65'535},
          {"--allow-host", option_kind::text, "NAME",
           "accept requests for this host name too; repeatable"},
          {"--slicer", option_kind::text, "PROGRAM",
           "slicing program, by path or by name (prusa-slicer)"}};
}

subcommand serve_command() {
  return {.name = "serve",
          .operands = "",
          .summary = "Runs the farm until SIGTERM or SIGINT; prints go on without it.",
          .details = "Prints the log-in link at the first start. Who loses the token removes the "
                     "file\nadmin-token in the data folder and restarts.\n",
          .options = listen_options(),
          .run = serve};
}

} // namespace gantry::cli
