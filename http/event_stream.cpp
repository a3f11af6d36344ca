// The log outward: pages as JSON, and streams of server-sent events. A stream is a cursor over the
// log; nothing is buffered for it.
#include "http/gzip_stream.hpp"
#include "http/handlers.hpp"
#include "http/json_text.hpp"
#include "http/paging.hpp"
#include "http/problem.hpp"
#include "http/station_json.hpp"

#include <algorithm>
#include <set>

namespace gantry::http::handlers {

namespace {

using std::chrono::milliseconds;

/// Shortest pause between two frames of live values: what changes meanwhile goes into one. Nobody
/// sees it, and it bounds the frames of a large farm.
constexpr milliseconds live_pause{5};
/// How often a stream without news looks whether its reader has gone.
constexpr milliseconds look_pause{250};
/// Longest silence on a stream.
constexpr std::chrono::seconds silence_max{10};
/// Events per round, which bounds the memory of one stream.
constexpr size_t round_max = 200;
/// A reader that is further behind than this starts anew.
constexpr uint64_t gap_max = 5'000;

/// Holds one of the streams that may be open.
class stream_slot {
public:
  explicit stream_slot(std::atomic<size_t>& open) : open_{open} {}
  ~stream_slot() { --open_; }
  stream_slot(const stream_slot&) = delete;
  stream_slot& operator=(const stream_slot&) = delete;

private:
  std::atomic<size_t>& open_;
};

/// Where a reader wants to go on.
struct start_point {
  uint64_t seq = 0;
  bool reset = false; ///< What it has seen does not connect to this log.
};

start_point start_of(const exchange& x) {
  const auto last = x.view.last_seq();
  start_point start{.seq = last};
  std::optional<uint64_t> seen;
  if (const auto id = x.asked.header("last-event-id"); !id.empty()) {
    const auto dot = id.rfind('.');
    if (dot != std::string_view::npos && id.substr(0, dot) == x.view.epoch())
      seen = number_of(id.substr(dot + 1));
    start.reset = !seen;
  } else if (const auto after = x.asked.parameter("after"); !after.empty()) {
    seen = number_of(after);
    start.reset = !seen;
  }
  if (seen && (*seen > last || last - *seen > gap_max))
    start.reset = true;
  else if (seen)
    start.seq = *seen;
  return start;
}

class event_stream final : public stream_source {
public:
  /// The caller has counted this stream already.
  event_stream(const exchange& x, const start_point& start, bool compressed)
      : all_{x.all},
        slot_{x.all.streams},
        who_{x.asked.who},
        origin_{.site = x.view.site(), .epoch = x.view.epoch()},
        seq_{start.seq},
        reset_{start.reset} {
    if (compressed)
      gzip_ = std::make_unique<gzip_stream>();
  }

  bool next(std::string& out) override {
    std::string text;
    const auto go_on = next_text(text);
    if (gzip_ && !text.empty())
      text = gzip_->add(text);
    out += text;
    return go_on;
  }

private:
  hal::mono_time now() const { return all_.kernel.parts().clock->mono(); }

  std::string id_of(uint64_t seq) const { return origin_.epoch + "." + std::to_string(seq); }

  /// One round: what is new, or nothing; false ends the stream.
  bool next_text(std::string& out) {
    if (all_.stopping)
      return false;
    if (!greeted_)
      return greet(out);
    const auto before = now();
    const auto live_allowed = before >= live_due_;
    const actors::feed_position seen{.seq = seq_,
                                     .live = live_allowed ? live_ : actors::event_feed::no_live};
    const auto patience =
        live_allowed ? look_pause : std::chrono::ceil<milliseconds>(live_due_ - before);
    const auto newest = all_.kernel.feed().wait(seen, patience);
    if (all_.stopping || newest.closed)
      return false;
    if (newest.seq > seq_ && !tell_log(out))
      return false;
    if (newest.live > live_ && now() >= live_due_)
      tell_live(out);
    if (!out.empty())
      spoke_at_ = now();
    else if (now() - spoke_at_ > silence_max)
      return keep_alive(out);
    return true;
  }

  bool greet(std::string& out) {
    greeted_ = true;
    spoke_at_ = now();
    out += "event: hello\ndata: {\"epoch\":" + json_quoted(origin_.epoch)
           + ",\"seq\":" + std::to_string(seq_) + ",\"now\":\""
           + format_timestamp(all_.kernel.parts().clock->wall()) + "\"}\n\n";
    if (reset_)
      out +=
          "id: " + id_of(seq_) + "\nevent: reset\ndata: {\"seq\":" + std::to_string(seq_) + "}\n\n";
    tell_live(out);
    return true;
  }

  bool keep_alive(std::string& out) {
    const storage::reader view{*all_.kernel.parts().store};
    if (!still_valid(view, who_))
      return false;
    out += ": keep-alive\n\n";
    spoke_at_ = now();
    return true;
  }

  /// Appends what the log has for us; false if the asker may not listen any more.
  bool tell_log(std::string& out) {
    const storage::reader view{*all_.kernel.parts().store};
    if (!still_valid(view, who_))
      return false;
    const auto is_admin = who_.has(role::admin);
    const auto frame = all_.frames.get(is_admin ? frame_kind::log_for_admin : frame_kind::log, seq_,
                                       seq_, now(), [&] { return log_frame(view, is_admin); });
    out += frame->text;
    seq_ = frame->until;
    return true;
  }

  /// Appends what changed in the live objects since the last time.
  void tell_live(std::string& out) {
    live_due_ = now() + live_pause;
    const auto frame =
        all_.frames.get(frame_kind::live, live_, seq_, now(), [this] { return live_frame(); });
    out += frame->text;
    live_ = frame->until;
  }

  /// The events after our position, and the newest state of what they are about.
  stream_frame log_frame(const storage::reader& view, bool is_admin) const {
    stream_frame frame{.text = {}, .until = seq_, .seq = view.last_seq()};
    std::set<entity_ref> touched;
    size_t count = 0;
    view.events_after(seq_, [&](uint64_t seq, std::string_view envelope) {
      const auto event = all_.events.render(seq, envelope, origin_);
      frame.text += "id: " + id_of(seq) + "\nevent: log\ndata: " + event->json + "\n\n";
      touched.insert(event->entity);
      frame.until = seq;
      return ++count < round_max;
    });
    for (const auto& entity : touched)
      if (entity.kind != entity_kind::token || is_admin)
        append_entity(frame.text, view, entity);
    return frame;
  }

  static void append_entity(std::string& out, const storage::reader& view,
                            const entity_ref& entity) {
    const auto stored = view.get(entity);
    if (!stored)
      return;
    const auto version = std::to_string(stored->version);
    out += "event: entity\ndata: {\"kind\":\"" + std::string{name_of(entity.kind)} + "\",\"id\":\""
           + entity.id + "\",\"version\":" + version + ",\"entity\":";
    append_open(out, public_json(*stored, true));
    out += ",\"version\":" + version + "}}\n\n";
  }

  /// One event with every live object that changed after our position.
  stream_frame live_frame() const {
    stream_frame frame{.text = {}, .until = live_, .seq = 0};
    const auto changed = all_.live.changed_since(frame.until);
    const storage::reader view{*all_.kernel.parts().store};
    frame.seq = view.last_seq();
    const auto wall = all_.kernel.parts().clock->wall();
    std::set<std::string> run_ids;
    for (const auto& id : changed.runs)
      run_ids.insert(id.value);
    std::string printers, runs;
    for (const auto& id : changed.printers) {
      const auto stored = view.get(ref_of(id));
      if (!stored)
        continue;
      const auto parts = all_.live.printer(*stored);
      printers += (printers.empty() ? "\"" : ",\"") + id.value + "\":";
      parts->append(printers, wall);
      if (!parts->run.empty())
        run_ids.insert(parts->run);
    }
    for (const auto& id : run_ids)
      if (const auto stored = view.get({entity_kind::run, id}))
        runs += (runs.empty() ? "\"" : ",\"") + id + "\":" + all_.live.run(*stored, wall);
    std::string stations;
    for (const auto& id : changed.stations)
      if (const auto stored = view.get(ref_of(id)))
        stations += (stations.empty() ? "\"" : ",\"") + id.value
                    + "\":" + station_live_json(*stored, all_.kernel.live(), wall);
    if (!printers.empty() || !runs.empty() || !stations.empty())
      frame.text = "event: live\ndata: {\"printers\":{" + printers + "},\"runs\":{" + runs
                   + "},\"stations\":{" + stations + "}}\n\n";
    return frame;
  }

  services& all_;
  const stream_slot slot_;
  const principal who_;
  const log_origin origin_;
  uint64_t seq_ = 0;
  uint64_t live_ = 0;
  const bool reset_;
  std::unique_ptr<gzip_stream> gzip_; ///< Null for a reader that wants plain text.
  bool greeted_ = false;
  hal::mono_time spoke_at_{};
  hal::mono_time live_due_{};
};

response open_stream(exchange& x) {
  const auto limit = x.all.options.streams_max;
  if (x.all.streams.fetch_add(1) >= limit) {
    --x.all.streams;
    return problem({reason::too_many_streams, {{"limit", std::to_string(limit)}}},
                   x.asked.request_id);
  }
  response answer;
  answer.content_type = "text/event-stream";
  answer.headers.emplace_back("X-Accel-Buffering", "no");
  answer.headers.emplace_back("Vary", "Accept-Encoding");
  const auto compressed = accepts_gzip(x.asked.header("accept-encoding"));
  if (compressed)
    answer.headers.emplace_back("Content-Encoding", "gzip");
  answer.stream = std::make_unique<event_stream>(x, start_of(x), compressed);
  return answer;
}

/// The entity of `kind/id`; nothing if it is not one.
std::optional<entity_ref> parse_subject(std::string_view text) {
  const auto slash = text.find('/');
  entity_ref entity;
  if (slash == std::string_view::npos || !parse_name(text.substr(0, slash), entity.kind)
      || !well_formed_id(id_prefix_of(entity.kind), text.substr(slash + 1)))
    return std::nullopt;
  entity.id = text.substr(slash + 1);
  return entity;
}

/// A page of the log; of one entity if `about` is given.
response event_page(exchange& x, std::optional<entity_ref> about) {
  const auto refuse = [&x](const refusal& why) { return problem(why, x.asked.request_id); };
  const auto paging = paging_of(x.asked);
  if (!paging)
    return refuse(paging.why());
  uint64_t after = 0;
  if (const auto text = x.asked.parameter("after"); !text.empty()) {
    const auto number = number_of(text);
    if (!number)
      return refuse({reason::cursor_invalid, {}});
    after = *number;
  }
  const log_origin origin{.site = x.view.site(), .epoch = x.view.epoch()};
  std::string items;
  uint64_t last = 0;
  bool more = false;
  size_t count = 0;
  const auto visit = [&](uint64_t seq, std::string_view envelope) {
    if (seq <= after)
      return true;
    more = count == paging->limit;
    if (more)
      return false;
    ++count;
    items += (items.empty() ? "" : ",") + x.all.events.render(seq, envelope, origin)->json;
    last = seq;
    return true;
  };
  if (const auto text = x.asked.parameter("subject"); !text.empty()) {
    const auto subject = parse_subject(text);
    if (!subject)
      return refuse(
          {reason::field_invalid, {{"field", "subject"}, {"detail", "kind/id is expected"}}});
    about = subject;
  }
  if (about) {
    x.view.events_of(*about, visit);
  } else {
    x.view.events_after(after, visit);
  }
  response answer;
  answer.body = "{\"items\":[" + items
                + "],\"next\":" + (more ? "\"" + std::to_string(last) + "\"" : std::string{"null"})
                + ",\"as_of_seq\":" + std::to_string(x.view.last_seq())
                + ",\"epoch\":" + json_quoted(origin.epoch) + "}";
  return answer;
}

} // namespace

response events(exchange& x) {
  const auto wants_stream =
      x.asked.header("accept").find("text/event-stream") != std::string_view::npos;
  return wants_stream && x.asked.method == "GET" ? open_stream(x) : event_page(x, std::nullopt);
}

response station_history(exchange& x) {
  const entity_ref about{entity_kind::station, x.asked.id};
  if (!well_formed_id(station_id::prefix, about.id) || !x.view.get(about))
    return problem({reason::not_found, {{"kind", "station"}, {"id", x.asked.id}}},
                   x.asked.request_id);
  return event_page(x, about);
}

} // namespace gantry::http::handlers
