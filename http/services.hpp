// What every handler may use, and one exchange of request and response.
#pragma once

#include "actors/kernel.hpp"
#include "actors/station_settings.hpp"
#include "http/access.hpp"
#include "http/live_json.hpp"
#include "http/log_events.hpp"
#include "http/metrics.hpp"
#include "http/request.hpp"
#include "http/shared_frames.hpp"

#include <atomic>
#include <memory>
#include <mutex>
#include <span>
#include <string>
#include <vector>

namespace gantry::http {

/// A file of the dashboard, embedded in the program.
struct static_asset {
  std::string_view path; ///< Begins with `/`.
  std::string_view content_type;
  std::string_view bytes;
  std::string_view gzip_bytes; ///< Empty if there is no compressed form.
  std::string_view etag;       ///< With quotes.
};

/// What the operator of the program chose.
struct facade_options {
  std::vector<std::string> allowed_hosts; ///< Host names besides loopback and the own address.
  std::optional<double> demo_speed;       ///< Set in a demo: simulated seconds per second.
  std::span<const static_asset> assets;
  size_t streams_max = 64; ///< Event streams that may be open at the same time.
  std::string version = "0.0.0";
  actors::station_settings* settings = nullptr;       ///< Null: stations have no files.
  std::chrono::milliseconds command_patience{30'000}; ///< Then the answer is `outcome_unknown`.
};

struct route;

/// Shared by all requests. Thread-safe.
struct services {
  services(actors::kernel& served, facade_options chosen);
  ~services();

  actors::kernel& kernel;
  const facade_options options;
  token_index tokens;
  login_throttle throttle;
  live_renderer live;
  log_events events;
  shared_frames frames;
  metrics counters;
  std::atomic<size_t> streams{0};
  std::atomic<bool> stopping{false};
  const std::string openapi; ///< The document at /openapi.json.

  /// The last page of printers that was read, so that polling pages cost no scan per request.
  struct printer_page {
    uint64_t seq = 0;
    std::string query;
    std::shared_ptr<const storage::list_page> page;
  };
  /// The same page as text. It is right as long as neither the log nor the live table moves; only
  /// the ages in it grow, so it is made anew after `printer_text_ms_max`.
  struct printer_text {
    uint64_t seq = 0;
    uint64_t revision = 0;
    std::string query;
    timestamp at;
    std::shared_ptr<const std::string> text;
  };
  static constexpr int64_t printer_text_ms_max = 20;
  /// How old a text may be that is given while a newer one is being made.
  static constexpr int64_t replaced_text_ms_max = 100;
  std::mutex page_mutex;
  std::mutex text_turn; ///< Held while the text is made; taken before `page_mutex`.
  printer_page page;
  printer_text text;
};

/// One request being answered.
struct exchange {
  services& all;
  const route& row;
  const request& asked;
  const storage::reader& view; ///< The one consistent view of this request.
};

} // namespace gantry::http
