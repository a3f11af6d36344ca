// `gantry demo`: simulated printers, an order, and the story of it.
#include "cli/demo_operator.hpp"
#include "cli/demo_resin.hpp"
#include "cli/demo_setup.hpp"
#include "cli/demo_story.hpp"
#include "cli/serve.hpp"
#include "cli/simulator_child.hpp"
#include "cli/start_log.hpp"
#include "cli/stop_signals.hpp"

#include <filesystem>
#include <iostream>
#include <nlohmann/json.hpp>
#include <unistd.h>

namespace gantry::cli {

namespace {

using nlohmann::json;

constexpr std::chrono::milliseconds round_pause{400};
constexpr size_t printer_count = 3;
/// Ports of the simulated printers; the next ones are tried if they are taken.
constexpr int first_port = 17'125;
constexpr int port_tries = 8;

/// What came of a demonstration.
struct tally {
  size_t orders = 0;
  size_t fulfilled = 0;
  std::map<std::string, int64_t> starts;
  double elapsed_s = 0;

  [[nodiscard]] bool complete() const { return orders > 0 && fulfilled == orders; }
  [[nodiscard]] int64_t doubled() const {
    return std::count_if(starts.begin(), starts.end(), [](const auto& x) { return x.second > 1; });
  }
};

std::unique_ptr<simulator_child> start_printers(const arguments& given, const std::string& folder) {
  simulator_settings settings{
      .count = printer_count, .speed = given.real("--speed", 60), .folder = folder + "/demo"};
  std::filesystem::create_directories(settings.folder);
  for (int attempt = 0; attempt < port_tries; ++attempt) {
    settings.base_port = static_cast<uint16_t>(first_port + attempt * 10);
    if (auto child = simulator_child::start(settings))
      return child;
  }
  return nullptr;
}

/// A demonstration while it runs.
class demonstration {
public:
  demonstration(const arguments& given, farm& running, simulator_child& printers,
                std::string folder)
      : given_{given},
        running_{running},
        simulated_{printers},
        folder_{std::move(folder)},
        began_{running.clock().mono()},
        keys_{running.ids()},
        admin_{running.links(), {"127.0.0.1", running.port()}, running.admin_secret()},
        story_{admin_, given.has("--json") ? STDERR_FILENO : STDOUT_FILENO, newest_event()} {}

  /// Everything until somebody stops it, or, with --once, until all is done.
  exit_code run(stop_signals& signals) {
    if (auto problem = prepare(); !problem.empty()) {
      story_.say("gantry demo: " + problem);
      return exit_code::failed;
    }
    bool once = given_.has("--once");
    const auto limit = std::chrono::seconds{given_.integer("--timeout", 1'800)};
    while (!signals.wait(round_pause)) {
      story_.follow();
      if (!once)
        continue;
      hand_->make_round();
      if (auto result = count(); result.complete())
        return report(result, exit_code::done);
      if (running_.clock().mono() - began_ > limit) {
        explain_waiting();
        return report(count(), exit_code::failed);
      }
    }
    story_.end();
    return once ? report(count(), exit_code::failed) : exit_code::done;
  }

private:
  /// The story begins where this start begins.
  uint64_t newest_event() {
    auto reply = admin_.get("/api/v1/orders?limit=1");
    return reply ? reply.json().value("as_of_seq", uint64_t{0}) : 0;
  }

  std::string prepare() {
    std::vector<demo_printer> printers;
    std::vector<std::string> added;
    if (auto problem = set_up_printers(admin_, keys_, simulated_.printers(), printers, added);
        !problem.empty())
      return problem;
    auto secret = operator_secret(admin_, keys_, folder_ + "/demo/operator-token");
    if (secret.empty())
      return "the operator got no token";
    operator_api_ = std::make_unique<api_client>(
        running_.links(), hal::link_address{"127.0.0.1", running_.port()}, secret);
    hand_ = std::make_unique<demo_operator>(*operator_api_, running_.links(), keys_, printers);
    if (auto problem = hand_->announce_clear(added); !problem.empty())
      return problem;
    // Who confirms in the page that a bed is clear takes the simulated parts away by that.
    story_.on_event = [this](const std::string& type, const std::string& subject) {
      if (type == "printer.bed_confirmed")
        hand_->empty_bed(subject.substr(subject.find('/') + 1));
    };
    return set_up_orders(admin_, keys_, given_.integer("--orders", 1));
  }

  tally count() {
    tally result;
    result.elapsed_s = std::chrono::duration<double>(running_.clock().mono() - began_).count();
    auto reply = admin_.get("/api/v1/orders?limit=500");
    for (const auto& each : reply.items()) {
      ++result.orders;
      result.fulfilled += each["state"] == "fulfilled" ? 1 : 0;
    }
    result.starts = starts_per_run(folder_ + "/demo/logs");
    return result;
  }

  void explain_waiting() {
    story_.say("Not everything was done in time. What waits:");
    auto runs = admin_.get("/api/v1/runs?open=true&limit=500");
    for (const auto& each : runs.items())
      story_.say("  " + each["id"].get<std::string>() + " is " + each["state"].get<std::string>()
                 + ". " + each["live"].value("waiting_summary", ""));
    auto orders = admin_.get("/api/v1/orders?open=true&limit=500");
    for (const auto& each : orders.items())
      for (const auto& line : each["lines"])
        story_.say("  " + each["reference"].get<std::string>() + ": "
                   + line["line"]["name"].get<std::string>() + " is "
                   + line["state"].get<std::string>() + " (" + line["why"].get<std::string>()
                   + ")");
    if (!hand_->complaint().empty())
      story_.say("  The API last refused the operator: " + hand_->complaint());
  }

  exit_code report(const tally& result, exit_code code) {
    story_.follow();
    story_.end();
    if (given_.has("--json")) {
      json starts = json::object();
      for (const auto& [run, count] : result.starts)
        starts[run] = count;
      std::cout << json{{"orders", result.orders},      {"fulfilled", result.fulfilled},
                        {"runs", result.starts.size()}, {"starts_per_run", starts},
                        {"doubled", result.doubled()},  {"elapsed_s", result.elapsed_s}}
                       .dump()
                << std::endl;
      return code;
    }
    story_.say("");
    story_.say(std::to_string(result.fulfilled) + " of " + std::to_string(result.orders)
               + " orders fulfilled. Starts per run, from the printers' own logs:");
    for (const auto& [run, count] : result.starts)
      story_.say("  " + run + "  " + std::to_string(count));
    story_.say(std::to_string(result.doubled()) + " runs were started twice.");
    return code;
  }

  const arguments& given_;
  farm& running_;
  simulator_child& simulated_;
  std::string folder_;
  hal::mono_time began_;
  key_maker keys_;
  api_client admin_;
  demo_story story_;
  std::unique_ptr<api_client> operator_api_;
  std::unique_ptr<demo_operator> hand_;
};

void greet(const arguments& given, const farm& running) {
  auto& out = given.has("--json") ? std::cerr : std::cout;
  out << "Gantry's demonstration: " << printer_count << " simulated printers, "
      << given.real("--speed", 60) << " times as fast as real ones.\n"
      << "Open " << running.login_link() << "\n";
  if (!given.has("--once"))
    out << "When a print ends, look at the parts and clear the bed there: nobody else does.\n"
        << "Ctrl-C stops; the next start goes on where this one was.\n";
  out << std::endl;
}

exit_code demo(const arguments& given) {
  if (given.has("--resin"))
    return resin_demo(given);
  // The child is started before this process has threads.
  stop_signals signals;
  auto options = farm_options_of(given);
  if (!given.has("--data"))
    options.folder += "-demo";
  options.demo_speed = given.real("--speed", 60);
  options.terminal_level = logging::level::error;
  auto printers = start_printers(given, options.folder);
  if (!printers) {
    std::cerr << "gantry demo: the simulated printers could not be started\n";
    return exit_code::failed;
  }
  auto started = farm::start(options);
  if (!started)
    return exit_code_of(started.why());
  greet(given, **started);
  auto code = demonstration{given, **started, *printers, options.folder}.run(signals);
  stop_signals::stop_within(stop_patience);
  (*started)->stop();
  started->reset();
  return code;
}

} // namespace

subcommand demo_command() {
  auto options = listen_options();
  std::vector<option> own = {
      {"--once", option_kind::flag, "",
       "a scripted operator does everything; exit when all orders are fulfilled"},
      {"--resin", option_kind::flag, "",
       "a print of three materials on a simulated resin printer with simulated pumps instead"},
      {"--orders", option_kind::integer, "N", "orders of the first start (1)", 1, 200},
      {"--speed", option_kind::real, "X", "simulated seconds per second (60)", 0.1, 100'000},
      {"--timeout", option_kind::integer, "S", "seconds after which --once gives up (1800)", 1,
       1'000'000},
      {"--json", option_kind::flag, "",
       "with --once: print one JSON object with the result; the story goes to standard error"}};
  options.insert(options.end(), own.begin(), own.end());
  return {.name = "demo",
          .operands = "",
          .summary = "Runs a farm of three simulated printers and fulfils an order.",
          .details = "Its data folder is kept apart (gantry-demo) unless --data names one.\n",
          .options = std::move(options),
          .run = demo};
}

} // namespace gantry::cli
