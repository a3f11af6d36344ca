// What the machine understands and what it answers.

#include <algorithm>
#include <array>
#include <cmath>
#include <cstdio>

#include "hal/sim/anycubic_internal.hpp"

namespace gantry::sim {
namespace {

/// The size of the machine's preview picture, RGB565.
constexpr std::size_t preview_bytes = 224U * 168U * 2U;

/// Commands with one argument; all others have none.
bool takes_argument(std::string_view command) {
  static constexpr auto names =
      std::to_array<std::string_view>({"goprint", "setname", "getPreview2"});
  return std::find(names.begin(), names.end(), command) != names.end();
}

bool is_line_end(char byte) {
  return byte == '\r' || byte == '\n';
}

/// Clients end requests with `,`, CR LF, `,end` or several of them; the rest is no new request.
void skip_endings(std::string& inbox) {
  while (!inbox.empty()) {
    if (inbox.front() == ',' || is_line_end(inbox.front()))
      inbox.erase(0, 1);
    else if (inbox == "end" || inbox.starts_with("end,") || inbox.starts_with("end\r")
             || inbox.starts_with("end\n"))
      inbox.erase(0, 3);
    else
      return;
  }
}

std::string fixed(double value, int digits) {
  std::array<char, 40> text{};
  const int size = std::snprintf(text.data(), text.size(), "%.*f", digits, value);
  return {text.data(), static_cast<std::size_t>(std::max(0, size))};
}

} // namespace

std::optional<act_request> anycubic_device::impl::next_request(std::string& inbox) const {
  if (!options.one_request_per_connection)
    skip_endings(inbox);
  const auto end = inbox.find_first_of(",\r\n");
  if (end == std::string::npos)
    return std::nullopt;
  act_request request;
  request.command = inbox.substr(0, end);
  auto used = end + 1;
  if (inbox[end] == ',' && takes_argument(request.command)) {
    const auto end_of_argument = inbox.find_first_of(",\r\n", used);
    if (end_of_argument == std::string::npos)
      return std::nullopt;
    request.arguments.push_back(inbox.substr(used, end_of_argument - used));
    used = end_of_argument + 1;
  }
  if (inbox[used - 1] == '\r' && used < inbox.size() && inbox[used] == '\n')
    ++used;
  inbox.erase(0, used);
  return request;
}

std::optional<std::string> anycubic_device::impl::execute(const act_request& request) {
  const auto& command = request.command;
  if (options.commands_missing.contains(command))
    return std::nullopt;
  if (command == "getstatus")
    return status();
  if (command == "getfile")
    return files_on_stick();
  if (command == "sysinfo")
    return "sysinfo," + options.model + "," + options.firmware + "," + options.serial + ","
           + options.network + ",end";
  if (command == "getmode")
    return "getmode,0,end";
  if (command == "gethistory")
    return past_prints();
  if (command == "getwifi")
    return "getwifi," + options.network + ",end";
  if (command == "getname")
    return "getname," + options.machine_name + ",end";
  if (command == "getpara")
    return "getpara,6,0.5,25.0,1.7,6.0,4.0,6.0,8,end";
  if (command == "getPreview2") {
    // A grey wedge; no field and no end is sent around it.
    std::string picture(preview_bytes, '\0');
    for (std::size_t i = 0; i < picture.size(); ++i)
      picture[i] = static_cast<char>(i * 256 / preview_bytes);
    return picture;
  }
  return control(request);
}

std::optional<std::string> anycubic_device::impl::control(const act_request& request) {
  const auto& command = request.command;
  const auto argument = request.arguments.empty() ? std::string() : request.arguments.front();
  if (command == "goprint")
    return start(argument, "api");
  if (command == "gopause")
    return settle(command, machine.pause(), "api");
  if (command == "goresume")
    return settle(command, machine.resume(), "api");
  if (command == "gostop")
    return settle(command, machine.stop(), "api");
  if (command == "setname") {
    options.machine_name = argument.substr(0, 15);
    return "setname," + options.ok + ",end";
  }
  return std::nullopt;
}

std::string anycubic_device::impl::settle(const std::string& command, bool accepted,
                                          const std::string& origin) {
  const auto event = command + (accepted ? "_accepted" : "_refused");
  ++happened[event];
  log({{"event", event}, {"origin", origin}, {"layer", machine.layer()}});
  drain_machine();
  return command + "," + (accepted ? options.ok : "ERROR1") + ",end";
}

std::string anycubic_device::impl::start(const std::string& internal, const std::string& origin) {
  const auto found = std::find_if(options.files.begin(), options.files.end(),
                                  [&](const auto& job) { return job.internal == internal; });
  const bool exists = stick && found != options.files.end();
  if (exists || machine.has_print())
    return settle("goprint", exists && machine.start(*found), origin);
  settle("goprint", false, origin);
  return "goprint,ERROR2,end";
}

std::string anycubic_device::impl::word() const {
  if (!false_word.empty())
    return false_word;
  switch (machine.phase()) {
  case machine_phase::preparing:
  case machine_phase::printing:
  case machine_phase::pausing:
    return "print";
  case machine_phase::paused:
  case machine_phase::resuming:
    return "pause";
  case machine_phase::stopping:
    return options.stopping;
  case machine_phase::finished:
    return "finish";
  case machine_phase::resting:
    break;
  }
  return options.stopped;
}

std::string anycubic_device::impl::status() const {
  const auto shown = word();
  if (shown != "print" && shown != "pause")
    return "getstatus," + shown + ",end";
  const auto& job = machine.job();
  const auto layer = machine.shown_layer();
  const auto elapsed_s = machine.elapsed_s();
  const auto remaining_s = std::llround(machine.remaining_s());
  const auto percent = job.layers > 0 ? layer * 100 / job.layers : 0;
  const auto elapsed = std::llround(options.elapsed_in_minutes ? elapsed_s / 60 : elapsed_s);
  return "getstatus," + shown + "," + job.display + "/"
         + (false_file.empty() ? job.internal : false_file) + "," + std::to_string(job.layers) + ","
         + std::to_string(percent) + "," + std::to_string(layer) + "," + std::to_string(elapsed)
         + "," + std::to_string(remaining_s) + ",~" + std::to_string(job.resin_ml) + "mL,UV,39.38,"
         + fixed(job.layer_height_mm, 2) + ",0,end";
}

std::string anycubic_device::impl::files_on_stick() const {
  if (!stick)
    return "getfile,ERROR1,end";
  if (options.files.empty())
    return "getfile,ERROR2,end";
  std::string reply = "getfile,";
  for (const auto& job : options.files)
    reply += job.display + "/" + job.internal + ",";
  return reply + "end";
}

std::string anycubic_device::impl::past_prints() const {
  std::string reply = "gethistory,";
  for (std::size_t i = 0; i < options.history.size(); ++i) {
    const auto& [job, minutes, bottom_exposure_s, exposure_s] = options.history[i];
    reply += std::to_string(i) + "/" + job.display + "/" + job.internal + "/"
             + std::to_string(job.size_bytes) + "/" + std::to_string(minutes) + "/"
             + std::to_string(job.layers) + "/" + std::to_string(job.resin_ml) + "/"
             + bottom_exposure_s + "/" + exposure_s + ",";
  }
  return reply + "end";
}

} // namespace gantry::sim
