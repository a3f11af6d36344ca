#include "bench/disk_watch.hpp"

#include <chrono>
#include <filesystem>

namespace gantry::bench {

namespace fs = std::filesystem;

namespace {

constexpr std::chrono::milliseconds look_pause{100};

} // namespace

std::string component_of(const std::string& path) {
  const auto within = [&path](const char* folder) {
    return path.find(folder) != std::string::npos;
  };
  if (path.ends_with(".sst"))
    return "tables";
  if (within("/db/"))
    return path.ends_with(".log") ? "write-ahead log" : "other";
  if (within("/artifacts/"))
    return "artifacts";
  return path.find(".log") != std::string::npos || within("/log") ? "log" : "other";
}

disk_watch::disk_watch(std::string folder) : folder_{std::move(folder)} {
  look(false);
  thread_ = std::jthread{[this](const std::stop_token& stop) {
    while (!stop.stop_requested()) {
      std::this_thread::sleep_for(look_pause);
      look(true);
    }
  }};
}

disk_watch::~disk_watch() = default;

std::map<std::string, uint64_t> disk_watch::stop() {
  thread_.request_stop();
  thread_.join();
  look(true);
  return grown_;
}

void disk_watch::look(bool count) {
  std::error_code ignored;
  for (fs::recursive_directory_iterator each{folder_, ignored}, end; each != end;
       each.increment(ignored)) {
    if (ignored || !each->is_regular_file(ignored))
      continue;
    const auto path = each->path().string();
    const auto size = each->file_size(ignored);
    if (ignored)
      continue;
    auto& known = sizes_[path];
    if (count && size > known)
      grown_[component_of(path)] += size - known;
    known = std::max(known, static_cast<uint64_t>(size));
  }
}

} // namespace gantry::bench
