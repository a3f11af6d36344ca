#include "cli/farm.hpp"

#include "cli/data_folder.hpp"
#include "cli/first_start.hpp"
#include "cli/replay.hpp"
#include "cli/station_mirror.hpp"
#include "cli/version.hpp"
#include "hal/anycubic/anycubic_ports.hpp"
#include "hal/moonraker/moonraker_ports.hpp"
#include "hal/net/network_runtime.hpp"
#include "hal/slicer/prusa_slicer.hpp"
#include "http/server.hpp"
#include "storage/data_folder.hpp"
#include "storage/doctor.hpp"
#include "storage/initialise.hpp"
#include "storage/rocksdb_store.hpp"
#include "web/assets.hpp"

#include <cstdio>
#include <filesystem>

namespace gantry::cli {

/// In the order in which they are made; destroyed the other way round.
struct farm::parts {
  farm_options options;
  std::unique_ptr<hal::clock> time = hal::make_system_clock();
  std::unique_ptr<hal::id_source> chance = hal::make_system_id_source();
  std::unique_ptr<logging::log_service> log;
  std::unique_ptr<storage::rocksdb_store> store;
  std::unique_ptr<storage::artifact_store> artifacts;
  std::unique_ptr<hal::link_runtime> links;
  std::unique_ptr<hal::moonraker_ports> printers;
  std::unique_ptr<hal::anycubic_ports> resin_printers;
  std::unique_ptr<slicer::slicer> slicing;
  std::unique_ptr<actors::kernel> running;
  std::vector<http::static_asset> assets;
  std::unique_ptr<actors::station_settings> settings;
  std::unique_ptr<http::server> api;
  std::unique_ptr<station_mirror> mirror;
  admin_access admin;

  outcome open_store();
  outcome start_kernel();
  outcome listen();
};

namespace {

std::vector<http::static_asset> dashboard() {
  std::vector<http::static_asset> files;
  for (const auto& each : web::assets())
    files.push_back({each.path, each.content_type, each.bytes, each.gzip_bytes, each.etag});
  return files;
}

} // namespace

std::string reachable_host(const std::string& address) {
  if (address == "0.0.0.0")
    return "127.0.0.1";
  if (address == "::")
    return "[::1]";
  return address.find(':') == std::string::npos ? address : "[" + address + "]";
}

outcome farm::parts::open_store() {
  auto opened =
      storage::open_rocksdb_store(options.folder, {.warn = [](const std::string& text) {
                                    logging::write(logging::level::warning, "storage", text);
                                  }});
  if (!opened)
    return opened.why();
  store = std::move(*opened);
  auto identity = storage::initialise(*store, {chance->bits(), chance->bits()});
  if (!identity)
    return identity.why();
  if (auto kinds = storage::outdated_kinds(*store).size(); kinds > 0) {
    auto rebuilt = storage::rebuild(*store, replay_event, is_open_state);
    if (!rebuilt)
      return rebuilt.why();
    logging::write(logging::level::info, "storage", "projections were made anew from the log",
                   {{"records", std::to_string(*rebuilt)}});
  }
  auto files = storage::open_artifact_store(storage::artifacts_path(options.folder));
  if (!files)
    return files.why();
  artifacts = std::move(*files);
  logging::write(
      logging::level::info, "storage", "the store is open",
      {{"folder", options.folder}, {"site", identity->site}, {"epoch", identity->epoch}});
  return success();
}

outcome farm::parts::start_kernel() {
  links = hal::make_network_runtime();
  printers = std::make_unique<hal::moonraker_ports>(*links, *time, *chance);
  resin_printers = std::make_unique<hal::anycubic_ports>(*links, *time, *chance);
  slicer::prusa_slicer_config slicing_limits;
  slicing_limits.program = options.slicer_program;
  slicing = slicer::make_prusa_slicer(std::move(slicing_limits));
  auto work = options.folder + "/work";
  std::error_code problem;
  // What an earlier process left half sliced is of no use to anybody.
  std::filesystem::remove_all(work, problem);
  std::filesystem::create_directories(work, problem);
  running = actors::start_kernel({.store = store.get(),
                                  .artifacts = artifacts.get(),
                                  .clock = time.get(),
                                  .ids = chance.get(),
                                  .printers = printers.get(),
                                  .resin_printers = resin_printers.get(),
                                  .pumps = options.pumps,
                                  .slicer = slicing.get(),
                                  .work_folder = work});
  return add_catalogue(*running);
}

outcome farm::parts::listen() {
  // Who is answered at all can also log in.
  auto access = make_admin_access(*running, options.folder);
  if (!access)
    return access.why();
  admin = std::move(*access);
  assets = dashboard();
  http::server_options wanted{.address = options.address,
                              .port = options.port,
                              .urgent_stops = options.pumps != nullptr,
                              .api = {}};
  wanted.api.allowed_hosts = options.allowed_hosts;
  wanted.api.demo_speed = options.demo_speed;
  wanted.api.assets = assets;
  wanted.api.version = version;
  settings =
      std::make_unique<actors::station_settings>(*running, storage::stations_path(options.folder));
  wanted.api.settings = settings.get();
  auto started = http::server::start(std::move(wanted), *running);
  if (!started)
    return started.why();
  api = std::move(*started);
  if (options.pumps && !api->stops_come_first())
    logging::write(logging::level::info, "http",
                   "there is no right to real-time priority (LimitRTPRIO): on a busy computer an "
                   "emergency stop from a page takes longer");
  mirror = std::make_unique<station_mirror>(*running, *settings, options.folder, version);
  return write_private_file(listen_path(options.folder),
                            reachable_host(options.address) + " " + std::to_string(api->port()));
}

result<std::unique_ptr<farm>> farm::start(farm_options options) {
  auto made = std::make_unique<parts>();
  made->options = std::move(options);
  made->log = std::make_unique<logging::log_service>(
      logging::log_settings{.folder = made->options.folder + "/logs",
                            .terminal_level = made->options.terminal_level,
                            .wall = [time = made->time.get()] { return time->wall(); }});
  auto* parts = made.get();
  std::unique_ptr<farm> running{new farm{std::move(made)}};
  const auto carry_out = [parts](auto step) -> outcome {
    try {
      return (parts->*step)();
    } catch (const storage::storage_error& error) {
      return refusal{reason::storage_failed, {{"detail", error.what()}, {"cause", "disk"}}};
    }
  };
  for (auto step : {&parts::open_store, &parts::start_kernel, &parts::listen})
    if (auto done = carry_out(step); !done) {
      logging::write(logging::level::error, "gantry", done.why().text());
      return done.why();
    }
  return running;
}

farm::farm(std::unique_ptr<parts> made) : parts_{std::move(made)} {}

farm::~farm() {
  stop();
}

uint16_t farm::port() const {
  return parts_->api->port();
}

std::string farm::url() const {
  return "http://" + reachable_host(parts_->options.address) + ":" + std::to_string(port());
}

std::string farm::login_link() const {
  return url() + "/#/login?token=" + parts_->admin.secret;
}

const std::string& farm::admin_secret() const {
  return parts_->admin.secret;
}

bool farm::is_first_start() const {
  return parts_->admin.is_new;
}

hal::link_runtime& farm::links() {
  return *parts_->links;
}

hal::id_source& farm::ids() {
  return *parts_->chance;
}

hal::clock& farm::clock() {
  return *parts_->time;
}

void farm::stop() {
  if (parts_->api) {
    std::remove(listen_path(parts_->options.folder).c_str());
    parts_->api->stop();
  }
  parts_->mirror.reset();
  if (parts_->running)
    parts_->running->stop();
}

} // namespace gantry::cli
