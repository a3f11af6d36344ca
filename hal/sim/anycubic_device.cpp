#include "hal/sim/anycubic_device.hpp"

#include <algorithm>
#include <cmath>

#include "hal/sim/anycubic_internal.hpp"

namespace gantry::sim {
namespace {

/// A client that sends this much without a whole request is cut off.
constexpr std::size_t inbox_bytes_max = 64 * 1024;

resin_job widget(std::string display, std::string internal, int64_t layers) {
  resin_job job;
  job.display = std::move(display);
  job.internal = std::move(internal);
  job.layers = layers;
  return job;
}

} // namespace

std::optional<anycubic_options> anycubic_model(std::string_view name) {
  anycubic_options options;
  std::string suffix = "pwmb";
  if (name == "mono-x") {
    options.model = "Photon Mono X";
    options.firmware = "v0.1";
    options.stopped = "stop";
    options.elapsed_in_minutes = true;
    suffix = "pwmx";
  } else if (name == "mono-se") {
    options.model = "Photon Mono SE";
    options.firmware = "V2.1.6";
    options.ok = "ok";
    options.stopped = "stop";
    options.elapsed_in_minutes = true;
    suffix = "pwms";
  } else if (name != "mono-x-6k") {
    return std::nullopt;
  }
  options.files = {widget("Widget." + suffix, "0." + suffix, 200),
                   widget("Coupon 3 colours." + suffix, "1." + suffix, 300),
                   widget("Tower (long)." + suffix, "2." + suffix, 2338)};
  return options;
}

// -- construction ----------------------------------------------------------------

anycubic_device::impl::impl(anycubic_options given)
    : options(std::move(given)),
      machine(options.mechanics, options.seed),
      random(options.seed),
      last_word(word()) {
  // nop
}

anycubic_device::anycubic_device(anycubic_options options)
    : impl_(std::make_unique<impl>(std::move(options))) {
  // nop
}

anycubic_device::~anycubic_device() = default;

void anycubic_device::set_log(std::function<void(std::string_view)> log) {
  impl_->log_sink = std::move(log);
  impl_->log({{"event", "power_on"}, {"model", impl_->options.model}});
}

// -- time ------------------------------------------------------------------------

void anycubic_device::advance(model_time now) {
  impl_->advance(now);
}

std::optional<model_time> anycubic_device::next_deadline() const {
  return impl_->deadline();
}

void anycubic_device::impl::advance(model_time to) {
  while (const auto next = deadline()) {
    if (*next > to)
      break;
    const auto before = now;
    step_to(*next);
    // What is due now but waits for somebody to take it must not be waited for.
    if (now == before)
      break;
  }
  step_to(to);
}

void anycubic_device::impl::step_to(model_time to) {
  const auto passed = std::max(model_time(0), to - now);
  now = std::max(now, to);
  machine_now += machine_time(std::llround(static_cast<double>(passed.count()) * options.speed));
  machine.advance(machine_now);
  drain_machine();
  while (!timers.empty() && timers.begin()->first <= now) {
    const auto action = std::move(timers.begin()->second);
    timers.erase(timers.begin());
    action();
  }
  serve();
}

std::optional<model_time> anycubic_device::impl::deadline() const {
  std::optional<model_time> next;
  const auto consider = [&](model_time when) {
    next = std::min(next.value_or(when), std::max(when, now));
  };
  if (!timers.empty())
    consider(timers.begin()->first);
  if (!outputs.empty())
    consider(outputs.begin()->first);
  if (!clients.empty() && clients.front().served_from > now)
    consider(clients.front().served_from);
  if (const auto due = machine.next()) {
    const auto ahead_us = static_cast<double>((*due - machine_now).count()) / options.speed;
    // At least a microsecond ahead, so that rounding can not stop the clock.
    consider(now + model_time(std::max<int64_t>(1, std::llround(std::ceil(ahead_us)))));
  }
  return next;
}

void anycubic_device::impl::at(model_time delay, std::function<void()> action) {
  timers.emplace(now + delay, std::move(action));
}

double anycubic_device::impl::random_unit() {
  return static_cast<double>(random() >> 11U) * 0x1.0p-53;
}

void anycubic_device::impl::drain_machine() {
  for (const auto& event : machine.take_events()) {
    ++happened[event.what];
    json entry{{"event", event.what}, {"layer", event.layer}};
    if (event.what != "layer") {
      entry["internal_file"] = machine.job().internal;
      entry["layers"] = machine.job().layers;
    }
    log(std::move(entry), event.at);
    if (event.what == "print_resumed" && faults.dropout_after > model_time(0))
      at(faults.dropout_after,
         [this] { fall_silent(faults.dropout_for, false, faults.dropout_resets); });
  }
  if (const auto shown = word(); shown != last_word) {
    log({{"event", "state"}, {"from", last_word}, {"to", shown}});
    last_word = shown;
  }
}

void anycubic_device::impl::log(json entry, std::optional<machine_time> when) {
  if (!log_sink)
    return;
  auto at_time = now;
  if (when)
    at_time -= model_time(
        std::llround(static_cast<double>((machine_now - *when).count()) / options.speed));
  entry["t_ms"] = at_time.count() / 1000;
  entry["unix_s"] = options.epoch_unix_s + static_cast<double>(at_time.count()) / 1e6;
  entry["printer"] = options.name;
  log_sink(entry.dump(-1, ' ', false, json::error_handler_t::replace));
}

// -- connections -----------------------------------------------------------------

bool anycubic_device::accepts_connections() const {
  return impl_->power && !(impl_->faults.refuse_until && *impl_->faults.refuse_until > impl_->now);
}

connection_id anycubic_device::connect() {
  auto& device = *impl_;
  stream_client client;
  client.id = ++device.last_connection;
  client.served_from = device.now + device.options.accept_delay;
  device.clients.push_back(client);
  device.log({{"event", "connection_opened"}, {"connection", client.id}});
  return client.id;
}

void anycubic_device::receive(connection_id from, std::string_view bytes) {
  auto& device = *impl_;
  auto* client = device.find(from);
  if (!client || bytes.empty())
    return;
  device.last_byte_at = device.now;
  if (device.faults.silent_until && !device.faults.silent_executes) {
    device.log({{"event", "bytes_lost"}, {"connection", from}, {"bytes", bytes}});
    return;
  }
  client->inbox += bytes;
  if (client->inbox.size() > inbox_bytes_max) {
    device.put(from, stream_output::kind::reset, device.now);
    return device.leave(from);
  }
  device.serve();
}

void anycubic_device::close(connection_id connection) {
  auto& device = *impl_;
  if (auto* client = device.find(connection))
    client->gone = true;
  device.serve();
}

stream_client* anycubic_device::impl::find(connection_id id) {
  const auto found = std::find_if(clients.begin(), clients.end(),
                                  [id](const stream_client& item) { return item.id == id; });
  return found == clients.end() ? nullptr : &*found;
}

void anycubic_device::impl::leave(connection_id id) {
  if (clients.remove_if([id](const stream_client& item) { return item.id == id; }) > 0)
    log({{"event", "connection_closed"}, {"connection", id}});
}

void anycubic_device::impl::serve() {
  while (!clients.empty()) {
    auto& client = clients.front();
    const auto id = client.id;
    if (client.served_from > now && !client.gone)
      return;
    while (find(id) && serve_one(clients.front())) {
    }
    if (!find(id))
      continue;
    if (!clients.front().gone)
      return;
    leave(id);
    // The next one waits from now on, as if it had just come.
    if (!clients.empty())
      clients.front().served_from = std::max(clients.front().served_from, now);
  }
}

/// Carries out one request of the served client; false if there is none.
bool anycubic_device::impl::serve_one(stream_client& client) {
  const auto id = client.id;
  auto request = next_request(client.inbox);
  if (!request)
    return false;
  ++received[request->command];
  const auto loss = std::find_if(faults.losses.begin(), faults.losses.end(), [&](const auto& item) {
    return item.count > 0 && (item.command.empty() || item.command == request->command);
  });
  const bool lost = loss != faults.losses.end();
  const bool executed = !lost || loss->executes;
  const auto reply = executed ? execute(*request) : std::nullopt;
  json entry{{"event", "command"}, {"connection", id}, {"command", request->command}};
  if (!request->arguments.empty())
    entry["arguments"] = request->arguments;
  if (reply)
    entry["reply"] = reply->size() > 400 ? reply->substr(0, 400) : *reply;
  if (lost)
    entry["lost"] = executed ? "reply" : "command";
  log(std::move(entry));
  if (lost) {
    --loss->count;
    if (loss->reset) {
      put(id, stream_output::kind::reset, now);
      leave(id);
    }
    return true;
  }
  if (reply)
    send(client, request->command, *reply);
  if (options.one_request_per_connection && find(id)) {
    // Bytes that nobody read make the end a reset.
    put(id, client.inbox.empty() ? stream_output::kind::close : stream_output::kind::reset,
        last_due[id]);
    leave(id);
  }
  return true;
}

void anycubic_device::impl::send(stream_client& client, const std::string& command,
                                 std::string reply) {
  const auto id = client.id;
  if (faults.silent_until)
    return log({{"event", "reply_lost"}, {"command", command}});
  if (faults.foreign_count > 0) {
    --faults.foreign_count;
    reply.insert(0, faults.foreign);
  }
  if (faults.truncate_count > 0) {
    --faults.truncate_count;
    reply.resize(reply.size() - std::min(reply.size(), faults.truncate_bytes));
  }
  auto due = now + faults.delay_min;
  if (faults.delay_max > faults.delay_min)
    due += model_time(static_cast<int64_t>(
        random_unit() * static_cast<double>((faults.delay_max - faults.delay_min).count())));
  if (faults.split_count > 0) {
    --faults.split_count;
    for (std::size_t begin = 0; begin < reply.size(); begin += faults.split_bytes) {
      put(id, stream_output::kind::bytes, due, reply.substr(begin, faults.split_bytes));
      due += faults.split_gap;
    }
  } else {
    put(id, stream_output::kind::bytes, due, std::move(reply));
  }
  if (faults.reset_count > 0) {
    --faults.reset_count;
    put(id, stream_output::kind::reset, due);
    leave(id);
  }
}

void anycubic_device::impl::put(connection_id to, stream_output::kind what, model_time when,
                                std::string bytes) {
  // Nothing overtakes what was sent before on the same connection.
  auto& due = last_due[to];
  due = std::max(due, std::max(when, now));
  outputs.emplace(due, stream_output{what, to, std::move(bytes)});
}

std::vector<stream_output> anycubic_device::take_outputs() {
  auto& device = *impl_;
  std::vector<stream_output> ready;
  while (!device.outputs.empty() && device.outputs.begin()->first <= device.now) {
    ready.push_back(std::move(device.outputs.begin()->second));
    device.outputs.erase(device.outputs.begin());
  }
  for (const auto& item : ready)
    if (item.what != stream_output::kind::bytes)
      device.last_due.erase(item.connection);
  return ready;
}

void anycubic_device::impl::break_connections() {
  for (const auto& client : clients) {
    outputs.emplace(now, stream_output{stream_output::kind::reset, client.id, {}});
    log({{"event", "connection_closed"}, {"connection", client.id}});
  }
  clients.clear();
}

void anycubic_device::impl::fall_silent(model_time span, bool executes, bool resets) {
  log({{"event", "silent"}, {"for_ms", span.count() / 1000}, {"resets", resets}});
  faults.silent_until = now + span;
  faults.silent_executes = executes;
  if (resets) {
    faults.refuse_until = now + span;
    break_connections();
  }
  at(span, [this] {
    if (faults.silent_until && *faults.silent_until <= now)
      faults.silent_until.reset();
    if (faults.refuse_until && *faults.refuse_until <= now)
      faults.refuse_until.reset();
  });
}

// -- control ---------------------------------------------------------------------

std::string anycubic_device::inject(std::string_view fault_json) {
  const auto fault = json::parse(fault_json, nullptr, false);
  if (!fault.is_object())
    return "not a JSON object";
  try {
    const auto refusal = impl_->inject(fault);
    impl_->drain_machine();
    impl_->serve();
    return refusal;
  } catch (const json::exception& error) {
    return error.what();
  }
}

std::string anycubic_device::state_json() const {
  return impl_->state_json();
}

} // namespace gantry::sim
