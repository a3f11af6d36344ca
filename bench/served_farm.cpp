#include "bench/served_farm.hpp"

#include "bench/http_load.hpp"
#include "cli/api_client.hpp"
#include "cli/data_folder.hpp"
#include "cli/demo_setup.hpp"
#include "hal/net/network_runtime.hpp"

#include <chrono>
#include <cstdlib>
#include <stdexcept>
#include <thread>

namespace gantry::bench {

namespace fs = std::filesystem;

namespace {

constexpr auto patience = std::chrono::seconds{60};
constexpr auto retry_pause = std::chrono::microseconds{300};

size_t count_of(const std::string& text, std::string_view part) {
  size_t count = 0;
  for (auto at = text.find(part); at != std::string::npos; at = text.find(part, at + 1))
    ++count;
  return count;
}

/// The cursor at the end of a page; empty on the last one.
std::string next_cursor(const std::string& page) {
  constexpr std::string_view name = R"(],"next":")";
  const auto at = page.rfind(name);
  if (at == std::string::npos)
    return {};
  const auto begin = at + name.size();
  return page.substr(begin, page.find('"', begin) - begin);
}

} // namespace

scratch_folder::scratch_folder() {
  auto pattern = (fs::temp_directory_path() / "gantry-bench-XXXXXX").string();
  if (::mkdtemp(pattern.data()) == nullptr)
    throw std::runtime_error{"no folder can be made in " + fs::temp_directory_path().string()};
  path_ = pattern;
}

scratch_folder::~scratch_folder() {
  std::error_code ignored;
  fs::remove_all(path_, ignored);
}

served_farm::served_farm(const farm_options& options)
    : printers_{std::make_unique<printer_park>(options.park, scratch_.path("machines"))},
      port_{free_port()} {
  write_past(scratch_.path("data"), options.past);
  start();
  add_printers();
  await_printers();
  stop();
}

served_farm::~served_farm() = default;

double served_farm::start() {
  const auto began = std::chrono::steady_clock::now();
  kernel_ = std::make_unique<child_process>(
      std::vector<std::string>{"serve", "--data", scratch_.path("data"), "--port",
                               std::to_string(port_)},
      scratch_.path("serve.log"));
  const auto request = get_text("/health", {});
  for (;;) {
    const auto waited = std::chrono::steady_clock::now() - began;
    if (http_client client{port_}; client.connected() && client.ask(request) == 200)
      return std::chrono::duration<double, std::milli>(std::chrono::steady_clock::now() - began)
          .count();
    if (waited > patience)
      throw std::runtime_error{"the kernel does not become healthy"};
    std::this_thread::sleep_for(retry_pause);
  }
}

void served_farm::stop() {
  if (kernel_ && kernel_->stop() != 0)
    throw std::runtime_error{"the kernel did not stop cleanly"};
  kernel_.reset();
}

std::string served_farm::token() const {
  return cli::first_line(cli::admin_token_path(scratch_.path("data")));
}

void served_farm::add_printers() {
  const auto chance = hal::make_system_id_source();
  const auto links = hal::make_network_runtime();
  cli::api_client api{*links, {"127.0.0.1", port_}, token()};
  cli::key_maker keys{*chance};
  std::vector<cli::demo_printer> known;
  std::vector<std::string> added;
  if (auto problem = cli::set_up_printers(api, keys, printers_->printers(), known, added);
      !problem.empty())
    throw std::runtime_error{problem};
  for (const auto& each : known)
    ids_.push_back(each.id);
}

size_t served_farm::online_printers() const {
  http_client client{port_};
  size_t online = 0;
  std::string cursor;
  do {
    const auto path = "/api/v1/printers?limit=500" + (cursor.empty() ? "" : "&cursor=" + cursor);
    if (client.ask(get_text(path, token())) != 200)
      throw std::runtime_error{"the kernel does not list its printers"};
    online += count_of(client.body(), R"("link":"online")");
    cursor = next_cursor(client.body());
  } while (!cursor.empty());
  return online;
}

void served_farm::await_printers() const {
  const auto due = std::chrono::steady_clock::now() + patience;
  while (online_printers() != ids_.size()) {
    if (std::chrono::steady_clock::now() > due)
      throw std::runtime_error{"not every printer gets connected"};
    std::this_thread::sleep_for(std::chrono::milliseconds{100});
  }
}

} // namespace gantry::bench
