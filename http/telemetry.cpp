// What a printer measured over time, read from its blocks.
#include "storage/telemetry.hpp"
#include "http/handlers.hpp"
#include "http/problem.hpp"
#include "http/services.hpp"
#include "schemas/codec.hpp"
#include "schemas/telemetry_block.hpp"
#include "schemas/time.hpp"

#include <algorithm>

namespace gantry::http::handlers {

namespace {

/// A day at the pace of a print; more is read in several requests.
constexpr size_t samples_max = 8'640;
/// A block that began before the wanted time may still reach into it.
constexpr std::chrono::hours block_max{6};
constexpr std::chrono::hours span_default{24};

result<timestamp> time_of(const exchange& x, std::string_view name, timestamp otherwise) {
  const auto text = x.asked.parameter(name);
  if (text.empty())
    return otherwise;
  if (const auto at = parse_timestamp(text))
    return *at;
  return refusal{reason::field_invalid,
                 {{"field", std::string{name}},
                  {"detail", "an instant such as 2026-11-21T18:00:00Z is expected"}}};
}

int64_t milliseconds_of(timestamp at) {
  return at.time_since_epoch().count();
}

/// Samples in [`after`, `until`), oldest first, at most one more than are given.
std::vector<telemetry_sample> samples_between(const exchange& x, timestamp after, timestamp until) {
  std::vector<telemetry_sample> found;
  const auto take = [&](std::string_view block) {
    for (auto& each : read_telemetry_block(block))
      if (each.at >= after && each.at < until && found.size() <= samples_max)
        found.push_back(std::move(each));
    return found.size() <= samples_max;
  };
  storage::read_telemetry(*x.all.kernel.parts().store, x.asked.id,
                          milliseconds_of(after - block_max), milliseconds_of(until),
                          [&take](int64_t, std::string_view block) { return take(block); });
  take(x.all.kernel.live().open_telemetry(printer_id{x.asked.id}));
  return found;
}

void append_sample(std::string& out, const telemetry_sample& sample) {
  out += "{\"at\":\"" + format_timestamp(sample.at)
         + "\",\"progress_permille\":" + std::to_string(sample.progress_permille)
         + ",\"layer\":" + std::to_string(sample.layer) + ",\"temperatures\":[";
  for (const auto& each : sample.temperatures) {
    if (out.back() != '[')
      out += ',';
    out += to_json_text(each);
  }
  out += "]}";
}

} // namespace

response printer_telemetry(exchange& x) {
  const auto refuse = [&x](const refusal& why) { return problem(why, x.asked.request_id); };
  if (!well_formed_id(printer_id::prefix, x.asked.id)
      || !x.view.get(ref_of(printer_id{x.asked.id})))
    return refuse({reason::not_found, {{"kind", "printer"}, {"id", x.asked.id}}});
  const auto now = x.all.kernel.parts().clock->wall();
  const auto until = time_of(x, "until", now + std::chrono::milliseconds{1});
  if (!until)
    return refuse(until.why());
  const auto after = time_of(x, "after", *until - span_default);
  if (!after)
    return refuse(after.why());
  const auto samples = samples_between(x, *after, *until);
  const auto count = std::min(samples.size(), samples_max);
  response answer;
  answer.body = "{\"samples\":[";
  for (size_t i = 0; i < count; ++i) {
    if (i > 0)
      answer.body += ',';
    append_sample(answer.body, samples[i]);
  }
  answer.body += "],\"next\":";
  answer.body +=
      samples.size() > count ? "\"" + format_timestamp(samples[count].at) + "\"" : "null";
  answer.body += '}';
  return answer;
}

} // namespace gantry::http::handlers
