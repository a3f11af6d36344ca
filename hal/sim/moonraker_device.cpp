#include "hal/sim/moonraker_device.hpp"

#include <algorithm>
#include <cmath>
#include <cstdio>

#include "hal/sim/moonraker_internal.hpp"

namespace gantry::sim {

namespace {

/// How soon Moonraker's own job tracker hears of a print.
constexpr model_time tracker_period{250'000};

/// At higher speeds a print must stay visible for two samples, as every real one does.
device_options with_visible_prints(device_options options) {
  constexpr double samples = 2;
  if (options.speed > 1)
    options.physics.print_min = printer_time(
        std::llround(options.speed * samples * static_cast<double>(options.sample_period.count())));
  return options;
}

} // namespace

// -- construction ----------------------------------------------------------------

moonraker_device::impl::impl(device_options given, std::unique_ptr<printer_files> area)
    : options(with_visible_prints(std::move(given))),
      files(std::move(area)),
      klipper(options.physics, *files),
      random(options.seed) {
  tick_phase = model_time(
      static_cast<int64_t>(random() % static_cast<uint64_t>(options.sample_period.count())));
  load_state();
  if (options.klippy_ready)
    klippy_seen = true;
  else
    klipper.disconnect();
}

moonraker_device::moonraker_device(device_options options, std::unique_ptr<printer_files> files)
    : impl_(std::make_unique<impl>(std::move(options), std::move(files))) {
  // nop
}

moonraker_device::~moonraker_device() = default;

// -- time ------------------------------------------------------------------------

void moonraker_device::impl::advance(model_time to) {
  while (const auto next = deadline()) {
    if (*next > to)
      break;
    step_to(*next);
  }
  step_to(to);
}

void moonraker_device::impl::step_to(model_time to) {
  const bool tick_now = to >= tick_after(now);
  const auto passed = std::max(model_time(0), to - now);
  now = std::max(now, to);
  printer_now += printer_time(std::llround(static_cast<double>(passed.count()) * options.speed));
  klipper.advance(printer_now);
  drain_klipper();
  while (!timers.empty() && timers.begin()->first <= now) {
    const auto action = std::move(timers.begin()->second);
    timers.erase(timers.begin());
    action();
    drain_klipper();
  }
  if (now - last_heartbeat >= options.heartbeat_period)
    send_heartbeat();
  if (tick_now && needs_tick())
    tick();
}

model_time moonraker_device::impl::tick_after(model_time at) const {
  const auto periods = (at - tick_phase).count() / options.sample_period.count();
  auto next = tick_phase + options.sample_period * (periods - 1);
  while (next <= at)
    next += options.sample_period;
  return next;
}

bool moonraker_device::impl::needs_tick() const {
  return dirty || !queries.empty() || !klipper.settled();
}

std::optional<model_time> moonraker_device::impl::deadline() const {
  std::optional<model_time> next;
  const auto consider = [&](model_time at) {
    next = std::min(next.value_or(at), std::max(at, now));
  };
  if (needs_tick())
    consider(tick_after(now));
  if (!timers.empty())
    consider(timers.begin()->first);
  if (!outputs.empty() && outputs.begin()->first > now)
    consider(outputs.begin()->first);
  if (!connections.empty())
    consider(last_heartbeat + options.heartbeat_period);
  if (const auto script = klipper.script_deadline()) {
    const auto ahead_us = static_cast<double>((*script - printer_now).count()) / options.speed;
    // At least a microsecond ahead, so that rounding can not stop the clock.
    consider(now + model_time(std::max<int64_t>(1, std::llround(std::ceil(ahead_us)))));
  }
  return next;
}

void moonraker_device::impl::at(model_time delay, std::function<void()> action) {
  timers.emplace(now + delay, std::move(action));
}

double moonraker_device::impl::unix_now() const {
  return options.epoch_unix_s + static_cast<double>(now.count()) / 1e6;
}

double moonraker_device::impl::random_unit() {
  return static_cast<double>(random() >> 11) * 0x1.0p-53;
}

// -- what the machine did ----------------------------------------------------------

void moonraker_device::impl::drain_klipper() {
  for (auto& event : klipper.take_events())
    on_event(event);
  for (auto& result : klipper.take_results()) {
    dirty = true;
    const auto found = scripts.find(result.token);
    if (found == scripts.end())
      continue;
    const auto action = std::move(found->second);
    scripts.erase(found);
    action(result);
  }
}

void moonraker_device::impl::on_event(const klipper_event& event) {
  using kind = klipper_event::kind;
  dirty = true;
  switch (event.what) {
  case kind::gcode_response:
    notify("notify_gcode_response", json::array({event.text}));
    return;
  case kind::print_started: {
    ++ordinal;
    const auto info = files->find(event.text);
    log({{"event", "print_started"},
         {"file", event.text},
         {"requested", event.requested},
         {"origin", event.origin},
         {"ordinal", ordinal},
         {"bytes", info ? info->size_bytes : 0},
         {"bed_items", bed.size()}},
        event.at);
    // The job tracker has a subscription of its own, which coarse samples for others do not slow.
    if (options.sample_period > tracker_period)
      at(tracker_period, [this] { track_job(klipper.print_stats()); });
    return;
  }
  case kind::start_refused:
    log({{"event", "start_refused"},
         {"reason", event.text},
         {"requested", event.requested},
         {"origin", event.origin}},
        event.at);
    return;
  case kind::print_paused:
    log({{"event", "print_paused"}, {"file", event.text}, {"origin", event.origin}}, event.at);
    return;
  case kind::print_resumed:
    log({{"event", "print_resumed"}, {"file", event.text}, {"origin", event.origin}}, event.at);
    return;
  case kind::extrusion_began:
    bed.push_back({event.text, ordinal, "printing"});
    log({{"event", "extrusion_began"}, {"file", event.text}, {"ordinal", ordinal}}, event.at);
    return;
  case kind::print_finished:
    if (!bed.empty() && bed.back().ordinal == ordinal)
      bed.back().state = event.text;
    log({{"event", "print_finished"},
         {"outcome", event.text},
         {"message", event.requested},
         {"ordinal", ordinal}},
        event.at);
    return;
  case kind::script_ran:
    log({{"event", "gcode"}, {"command", event.text}, {"origin", event.origin}}, event.at);
    return;
  }
}

void moonraker_device::impl::log(json entry, std::optional<printer_time> at) {
  if (!log_sink)
    return;
  auto when = now;
  if (at)
    when -=
        model_time(std::llround(static_cast<double>((printer_now - *at).count()) / options.speed));
  entry["t_ms"] = when.count() / 1000;
  entry["unix_s"] = options.epoch_unix_s + static_cast<double>(when.count()) / 1e6;
  entry["printer"] = options.name;
  log_sink(entry.dump(-1, ' ', false, json::error_handler_t::replace));
}

// -- outputs -----------------------------------------------------------------------

void moonraker_device::impl::send(device_output output) {
  auto due = now;
  if (faults.delay_max > model_time(0)) {
    const auto span = static_cast<double>((faults.delay_max - faults.delay_min).count());
    due += faults.delay_min + model_time(std::llround(span * random_unit()));
  }
  if (output.connection != 0) {
    // One TCP stream never reorders.
    auto& connection = connections[output.connection];
    due = connection.last_due = std::max(due, connection.last_due);
  }
  outputs.emplace(due, std::move(output));
}

void moonraker_device::impl::send_frame(connection_id to, std::string text) {
  if (!connections.contains(to) || faults.silent_until)
    return;
  if (faults.drop > 0 && random_unit() < faults.drop)
    return;
  ++counters.frames_out;
  device_output output;
  output.connection = to;
  output.text = std::move(text);
  if (faults.duplicate > 0 && random_unit() < faults.duplicate)
    send(output);
  send(std::move(output));
}

void moonraker_device::impl::notify(std::string_view method, json params) {
  json message{{"jsonrpc", "2.0"}, {"method", method}};
  if (!params.is_null())
    message["params"] = std::move(params);
  send_to_all(message.dump(-1, ' ', false, json::error_handler_t::replace));
}

void moonraker_device::impl::send_to_all(const std::string& text) {
  for (auto& [id, connection] : connections)
    if (connection.authorized)
      send_frame(id, text);
}

/// Sent each second for years of simulated time, so its text is not made of parts.
void moonraker_device::impl::send_heartbeat() {
  last_heartbeat = now;
  if (connections.empty())
    return;
  char text[400];
  std::snprintf(text, sizeof text,
                R"({"jsonrpc": "2.0", "method": "notify_proc_stat_update", "params": [{)"
                R"("moonraker_stats": {"time": %.6f, "cpu_usage": 1.0, "memory": 52536, )"
                R"("mem_units": "kB"}, "cpu_temp": null, "network": {}, )"
                R"("system_cpu_usage": {"cpu": 5.0}, "websocket_connections": %zu}]})",
                unix_now(), connections.size());
  send_to_all(text);
}

// -- public calls --------------------------------------------------------------------

void moonraker_device::set_log(std::function<void(std::string_view)> log) {
  impl_->log_sink = std::move(log);
  impl_->log({{"event", "power_on"},
              {"creality", impl_->options.creality},
              {"speed", impl_->options.speed}});
}

void moonraker_device::advance(model_time now) {
  impl_->advance(now);
}

std::optional<model_time> moonraker_device::next_deadline() const {
  return impl_->deadline();
}

std::vector<device_output> moonraker_device::take_outputs() {
  std::vector<device_output> due;
  auto& waiting = impl_->outputs;
  while (!waiting.empty() && waiting.begin()->first <= impl_->now) {
    auto output = std::move(waiting.begin()->second);
    waiting.erase(waiting.begin());
    const bool gone = output.connection != 0 && !impl_->connections.contains(output.connection);
    const bool ends =
        output.what == device_output::kind::close || output.what == device_output::kind::reset;
    if (!gone || ends)
      due.push_back(std::move(output));
  }
  return due;
}

bool moonraker_device::accepts_connections() const {
  return !impl_->faults.refuse_until && !impl_->power_off;
}

connection_id moonraker_device::open_websocket(const http_request& upgrade) {
  return impl_->open(upgrade);
}

void moonraker_device::receive_frame(connection_id connection, std::string_view text) {
  impl_->receive(connection, text);
}

void moonraker_device::close(connection_id connection) {
  if (impl_->connections.erase(connection) == 1)
    impl_->log({{"event", "connection_closed"}, {"connection", connection}});
}

request_id moonraker_device::http(http_request request) {
  auto body = std::move(request.body);
  const auto id = begin_http(std::move(request));
  http_body(id, body);
  end_http(id);
  return id;
}

request_id moonraker_device::begin_http(http_request head) {
  const auto id = ++impl_->last_id;
  ++impl_->counters.http_requests;
  auto& request = impl_->incoming[id];
  request.head = std::move(head);
  request.head.body.clear();
  if (request.head.target.starts_with("/server/files/upload"))
    impl_->begin_upload(request);
  return id;
}

bool moonraker_device::http_body(request_id id, std::string_view bytes) {
  const auto found = impl_->incoming.find(id);
  if (found == impl_->incoming.end())
    return false;
  auto& request = found->second;
  request.received += bytes.size();
  if (request.received > (request.upload ? upload_bytes_max : body_bytes_max))
    request.too_large = true;
  if (request.too_large)
    return false;
  if (!request.upload)
    request.head.body.append(bytes);
  else if (request.upload->reader && !request.upload->reader->feed(bytes))
    request.upload->failed = true;
  return true;
}

void moonraker_device::end_http(request_id request) {
  impl_->finish_http(request);
  impl_->drain_klipper();
}

void moonraker_device::abort_http(request_id request) {
  impl_->incoming.erase(request);
  for (auto& [id, call] : impl_->calls)
    if (call.request == request)
      impl_->log({{"event", "client_gave_up"}, {"method", call.method}});
}

std::string moonraker_device::inject(std::string_view fault_json) {
  const auto fault = json::parse(fault_json, nullptr, false);
  if (!fault.is_object())
    return "not a JSON object";
  try {
    const auto refusal = impl_->inject(fault);
    impl_->drain_klipper();
    return refusal;
  } catch (const json::exception& error) {
    return error.what();
  }
}

std::string moonraker_device::state_json() const {
  const auto& machine = impl_->klipper;
  const auto stats = machine.print_stats();
  json state{{"printer", impl_->options.name},
             {"t_ms", impl_->now.count() / 1000},
             {"klippy_state", to_string(machine.state())},
             {"print_state", stats.state},
             {"file", machine.sdcard().path},
             {"active", machine.sdcard().active},
             {"position", machine.sdcard().position},
             {"size", machine.sdcard().size},
             {"filament_used_mm", stats.filament_used_mm},
             {"is_paused", machine.is_paused()},
             {"mutex_busy", machine.mutex_busy()},
             {"prints_started", impl_->ordinal},
             {"connections", impl_->connections.size()},
             {"counters",
              {{"http_requests", impl_->counters.http_requests},
               {"rpc_calls", impl_->counters.rpc_calls},
               {"connections", impl_->counters.connections},
               {"frames_out", impl_->counters.frames_out}}}};
  return state.dump(-1, ' ', false, json::error_handler_t::replace);
}

std::string moonraker_device::bed_json() const {
  auto items = json::array();
  for (const auto& item : impl_->bed)
    items.push_back({{"file", item.file}, {"ordinal", item.ordinal}, {"state", item.state}});
  return json{{"items", items}}.dump(-1, ' ', false, json::error_handler_t::replace);
}

std::string moonraker_device::saved_state() const {
  return impl_->saved_state();
}

const device_counters& moonraker_device::counters() const {
  return impl_->counters;
}

printer_files& moonraker_device::files() {
  return *impl_->files;
}

} // namespace gantry::sim
