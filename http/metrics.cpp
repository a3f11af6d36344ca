#include "http/metrics.hpp"

#include <algorithm>
#include <cstdio>

namespace gantry::http {

namespace {

std::string seconds(int64_t us) {
  char text[32];
  std::snprintf(text, sizeof text, "%.6g", static_cast<double>(us) / 1e6);
  return text;
}

} // namespace

void metrics::count(std::string_view route, int status, std::chrono::microseconds took) {
  const auto bucket = std::ranges::lower_bound(bounds_us, took.count()) - bounds_us.begin();
  const std::lock_guard lock{mutex_};
  ++requests_[{std::string{route}, status}];
  ++buckets_[static_cast<size_t>(bucket)];
  total_us_ += took.count();
}

std::string metrics::text() const {
  const std::lock_guard lock{mutex_};
  std::string out = "# HELP gantry_http_requests_total Answered requests.\n"
                    "# TYPE gantry_http_requests_total counter\n";
  for (const auto& [key, number] : requests_)
    out += "gantry_http_requests_total{route=\"" + key.first + "\",status=\""
           + std::to_string(key.second) + "\"} " + std::to_string(number) + "\n";
  out += "# HELP gantry_http_request_seconds Time from the request's headers to its answer.\n"
         "# TYPE gantry_http_request_seconds histogram\n";
  uint64_t sum = 0;
  for (size_t i = 0; i < buckets_.size(); ++i) {
    sum += buckets_[i];
    out += "gantry_http_request_seconds_bucket{le=\""
           + (i < bounds_us.size() ? seconds(bounds_us[i]) : "+Inf") + "\"} " + std::to_string(sum)
           + "\n";
  }
  return out + "gantry_http_request_seconds_sum " + seconds(total_us_)
         + "\ngantry_http_request_seconds_count " + std::to_string(sum) + "\n";
}

} // namespace gantry::http
