#include "bench/farm_sim/sim_links.hpp"

#include "bench/farm_sim/damage.hpp"

#include <fstream>
#include <nlohmann/json.hpp>
#include <sstream>

namespace gantry::farm_sim {

using namespace std::chrono_literals;
using hal::mono_time;

namespace {

constexpr auto dial_limit = 10s;
constexpr std::string_view boundary = "farm-sim-boundary";

std::string file_text(const std::string& path) {
  std::ifstream file{path, std::ios::binary};
  std::ostringstream text;
  text << file.rdbuf();
  return text.str();
}

std::string multipart_body(const hal::link_request& what, const std::string& content) {
  const auto part = [](const std::string& disposition) {
    return "--" + std::string{boundary} + "\r\nContent-Disposition: form-data; name=" + disposition
           + "\r\n\r\n";
  };
  std::string body;
  for (const auto& field : what.fields)
    body += part("\"" + field.name + "\"") + field.value + "\r\n";
  body += part("\"file\"; filename=\"" + what.file_name + "\"") + content + "\r\n--"
          + std::string{boundary} + "--\r\n";
  return body;
}

std::vector<std::pair<std::string, std::string>>
pairs_of(const std::vector<hal::link_header>& headers) {
  std::vector<std::pair<std::string, std::string>> result;
  for (const auto& header : headers)
    result.emplace_back(header.name, header.value);
  return result;
}

bool tells_state(const std::string& text) {
  return text.find("\"status\":{") != std::string::npos
         && text.find("\"id\":") != std::string::npos;
}

} // namespace

/// A connector's end.
class sim_link final : public hal::link {
public:
  sim_link(sim_links& net, uint64_t number) : net_{net}, number_{number} {}
  ~sim_link() override { net_.detach(number_); }

  uint64_t open_websocket(const hal::link_address& to, const std::string& path,
                          const std::vector<hal::link_header>& headers) override {
    return net_.open(number_, to, path, headers);
  }
  uint64_t open_stream(const hal::link_address& to) override {
    return net_.open_stream(number_, to);
  }
  void send(uint64_t socket, std::string text) override { net_.send(socket, std::move(text)); }
  void close(uint64_t socket) override { net_.close(socket); }
  uint64_t request(const hal::link_address& to, hal::link_request what) override {
    return net_.request(number_, to, std::move(what));
  }
  void wake_after(std::chrono::milliseconds pause) override { net_.wake_after(number_, pause); }

private:
  sim_links& net_;
  uint64_t number_;
};

sim_links::sim_links(agenda& time, dice& random, ledger& counts, const fault_mix& mix)
    : time_{time}, random_{random}, counts_{counts}, mix_{mix} {
  // nop
}

void sim_links::connect(const std::string& host, machine& where) {
  machines_[host] = &where;
}

std::unique_ptr<hal::link> sim_links::attach(hal::link_listener& listener) {
  attachments_[++last_] = {&listener, 0};
  return std::make_unique<sim_link>(*this, last_);
}

void sim_links::post(std::function<void()> task) {
  if (!dead_)
    ready_.push_back(std::move(task));
}

void sim_links::run_one() {
  const auto what = std::move(ready_.front());
  ready_.pop_front();
  what();
}

void sim_links::cut_off() {
  dead_ = true;
  attachments_.clear();
  ready_.clear();
  for (auto& [number, each] : sockets_)
    close(number);
  for (auto& [number, each] : streams_)
    close_stream(number);
}

void sim_links::hear(uint64_t owner, std::function<void(hal::link_listener&)> what) {
  if (dead_)
    return;
  ready_.push_back([this, owner, what = std::move(what)] {
    const auto found = attachments_.find(owner);
    if (found != attachments_.end())
      what(*found->second.listener);
  });
}

void sim_links::detach(uint64_t owner) {
  attachments_.erase(owner);
  for (auto& [number, each] : sockets_)
    if (each.owner == owner)
      close(number);
  for (auto& [number, each] : streams_)
    if (each.owner == owner)
      close_stream(number);
}

void sim_links::wake_after(uint64_t owner, std::chrono::milliseconds pause) {
  const auto found = attachments_.find(owner);
  if (found == attachments_.end())
    return;
  time_.after(pause, [this, owner, timer = ++found->second.timer] {
    const auto same = attachments_.find(owner);
    if (same != attachments_.end() && same->second.timer == timer)
      hear(owner, [](hal::link_listener& who) { who.on_timer(); });
  });
}

// -- disturbances ---------------------------------------------------------------------------------

machine* sim_links::find(const hal::link_address& to) {
  const auto found = machines_.find(to.host);
  return found == machines_.end() ? nullptr : found->second;
}

bool sim_links::disturbed(const line_state& line) const {
  return disturbing_ && line.disturbed_until > time_.now();
}

std::optional<mono_time> sim_links::arrival(const line_state& line) {
  auto when = time_.now() + random_.span(1ms, 15ms);
  if (line.cut_until > time_.now()) {
    if (line.half_open)
      return std::nullopt;
    return line.cut_until + random_.span(1ms, 500ms);
  }
  if (!disturbed(line))
    return when;
  if (mix_.delay_max > 0s && random_.chance(0.3)) {
    counts_.fault("F-06");
    when += random_.span(1ms, mix_.delay_max);
  }
  if (random_.chance(mix_.drop)) {
    counts_.fault("F-06");
    return std::nullopt;
  }
  return when;
}

void sim_links::notice_start(machine& where, const std::string& method, const std::string& text) {
  if (on_start_sent && method.find("print.start") != std::string::npos)
    on_start_sent(where, text);
}

// -- WebSockets -----------------------------------------------------------------------------------

uint64_t sim_links::open(uint64_t owner, const hal::link_address& to, const std::string& path,
                         const std::vector<hal::link_header>& headers) {
  const auto number = ++last_;
  auto* where = find(to);
  if (dead_)
    return number;
  sockets_[number] = {.owner = owner, .where = where};
  const auto when = where ? arrival(where->line) : std::nullopt;
  if (!where || !when) {
    time_.after(where ? dial_limit : 5ms, [this, number, where] {
      end_socket(number, where ? reason::link_timeout : reason::link_dns, "no answer");
    });
    return number;
  }
  sim::http_request upgrade{
      .method = "GET", .target = path, .headers = pairs_of(headers), .body = {}};
  time_.at(*when, [this, number, upgrade] { arrive_upgrade(number, upgrade); });
  return number;
}

void sim_links::arrive_upgrade(uint64_t number, const sim::http_request& upgrade) {
  const auto found = sockets_.find(number);
  if (found == sockets_.end() || found->second.left)
    return;
  auto& each = found->second;
  each.where->catch_up();
  if (!each.where->device().accepts_connections())
    return end_socket(number, reason::link_refused, "connection refused");
  each.connection = each.where->device().open_websocket(upgrade);
  by_connection_[{each.where, each.connection}] = number;
  each.last_down = time_.now() + 1ms;
  time_.at(each.last_down, [this, number] {
    const auto open_now = sockets_.find(number);
    if (open_now != sockets_.end() && !open_now->second.left)
      hear(open_now->second.owner, [number](hal::link_listener& who) { who.on_open(number); });
  });
  pump(*each.where);
}

void sim_links::send(uint64_t number, std::string text) {
  if (const auto plain = streams_.find(number); plain != streams_.end())
    return send_stream(plain->second, number, std::move(text));
  const auto found = sockets_.find(number);
  if (found == sockets_.end() || found->second.left)
    return;
  auto& where = *found->second.where;
  if (text.find("printer.print.start") != std::string::npos)
    notice_start(where, "printer.print.start", text);
  const bool twice = disturbed(where.line) && random_.chance(mix_.duplicate);
  if (twice) {
    counts_.fault("F-06");
    carry_up(number, text);
  }
  carry_up(number, std::move(text));
}

void sim_links::carry_up(uint64_t number, std::string text) {
  auto& each = sockets_.at(number);
  const auto when = arrival(each.where->line);
  if (!when || each.dead) {
    // A stream does not lose its middle: after a lost part nothing follows any more.
    each.dead = each.dead || each.where->line.cut_until > time_.now();
    return;
  }
  each.last_up = std::max(*when, each.last_up);
  time_.at(each.last_up, [this, number, text = std::move(text)] { arrive_frame(number, text); });
}

void sim_links::arrive_frame(uint64_t number, const std::string& text) {
  const auto found = sockets_.find(number);
  if (found == sockets_.end() || found->second.connection == 0)
    return;
  auto& each = found->second;
  if (each.left)
    counts_.fault("F-06");
  each.where->catch_up();
  each.where->device().receive_frame(each.connection, text);
  pump(*each.where);
}

void sim_links::close(uint64_t number) {
  if (streams_.contains(number))
    return close_stream(number);
  const auto found = sockets_.find(number);
  if (found == sockets_.end() || std::exchange(found->second.left, true))
    return;
  // What was sent before is still on its way.
  const auto when = std::max(found->second.last_up, time_.now()) + random_.span(1ms, 50ms);
  time_.at(when, [this, number] {
    const auto gone = sockets_.find(number);
    if (gone == sockets_.end())
      return;
    auto each = gone->second;
    sockets_.erase(gone);
    if (each.connection == 0)
      return;
    by_connection_.erase({each.where, each.connection});
    each.where->catch_up();
    each.where->device().close(each.connection);
    pump(*each.where);
  });
}

void sim_links::end_socket(uint64_t number, reason why, const std::string& detail) {
  const auto found = sockets_.find(number);
  if (found == sockets_.end())
    return;
  const auto each = found->second;
  sockets_.erase(found);
  if (each.connection != 0)
    by_connection_.erase({each.where, each.connection});
  if (!each.left)
    hear(each.owner,
         [number, why, detail](hal::link_listener& who) { who.on_close(number, why, detail); });
}

// -- HTTP -----------------------------------------------------------------------------------------

uint64_t sim_links::request(uint64_t owner, const hal::link_address& to, hal::link_request what) {
  const auto number = ++last_;
  auto* where = find(to);
  if (dead_)
    return number;
  exchanges_[number] = {.owner = owner, .where = where};
  const auto patience = std::max(what.timeout, what.answer_timeout);
  time_.after(where ? patience : std::chrono::milliseconds{5}, [this, number, where] {
    hal::link_response response;
    response.why = where ? reason::link_timeout : reason::link_dns;
    response.sent = where != nullptr;
    answer_request(number, response);
  });
  const auto when = where ? arrival(where->line) : std::nullopt;
  if (where)
    notice_start(*where, what.target, what.target);
  if (when)
    time_.at(*when, [this, number, what = std::move(what)] { arrive_request(number, what); });
  return number;
}

void sim_links::arrive_request(uint64_t number, const hal::link_request& what) {
  const auto found = exchanges_.find(number);
  if (found == exchanges_.end())
    return;
  auto& each = found->second;
  auto& where = *each.where;
  where.catch_up();
  if (!where.device().accepts_connections()) {
    hal::link_response response;
    response.why = reason::link_refused;
    return answer_request(number, response);
  }
  sim::http_request head{
      .method = what.method, .target = what.target, .headers = pairs_of(what.headers), .body = {}};
  if (what.file.empty()) {
    head.body = what.body;
    each.request = where.device().http(std::move(head));
  } else {
    const auto content = file_text(what.file);
    each.file_size_bytes = static_cast<int64_t>(content.size());
    head.headers.emplace_back("Content-Type",
                              "multipart/form-data; boundary=" + std::string{boundary});
    each.request = where.device().begin_http(std::move(head));
    where.device().http_body(each.request, multipart_body(what, content));
    where.device().end_http(each.request);
  }
  by_request_[{&where, each.request}] = number;
  pump(where);
}

void sim_links::answer_request(uint64_t number, hal::link_response response) {
  const auto found = exchanges_.find(number);
  if (found == exchanges_.end())
    return;
  const auto each = found->second;
  exchanges_.erase(found);
  if (each.request != 0)
    by_request_.erase({each.where, each.request});
  response.file_size_bytes = each.file_size_bytes;
  hear(each.owner, [number, response = std::move(response)](hal::link_listener& who) {
    who.on_response(number, response);
  });
}

// -- from the machine -----------------------------------------------------------------------------

void sim_links::pump(machine& where) {
  for (auto& output : where.device().take_outputs())
    deliver_output(where, std::move(output));
  where.touched();
}

void sim_links::deliver_output(machine& where, sim::device_output output) {
  using kind = sim::device_output::kind;
  if (output.request != 0) {
    const auto found = by_request_.find({&where, output.request});
    if (found == by_request_.end())
      return;
    hal::link_response response;
    response.sent = true;
    if (output.what == kind::http_reply) {
      response.status = output.code;
      response.body = std::move(output.text);
    } else {
      response.why = reason::link_closed;
    }
    const auto number = found->second;
    if (const auto when = arrival(where.line))
      time_.at(*when, [this, number, response] { answer_request(number, response); });
    return;
  }
  const auto found = by_connection_.find({&where, output.connection});
  if (found == by_connection_.end())
    return;
  const auto number = found->second;
  if (output.what == kind::frame)
    return carry_down(number, std::move(output.text), where.busy());
  auto& each = sockets_.at(number);
  const auto when = arrival(where.line);
  if (when && !each.dead)
    time_.at(std::max(*when, each.last_down),
             [this, number] { end_socket(number, reason::link_closed, "closed by the printer"); });
}

void sim_links::carry_down(uint64_t number, std::string text, bool was_busy) {
  auto& each = sockets_.at(number);
  auto& where = *each.where;
  const int copies = disturbed(where.line) && random_.chance(mix_.duplicate) ? 2 : 1;
  if (copies > 1)
    counts_.fault("F-06");
  if (disturbing_ && random_.chance(mix_.mangle)) {
    counts_.fault("F-13");
    text = damaged(std::move(text), random_);
  }
  for (int i = 0; i < copies; ++i) {
    const auto when = arrival(where.line);
    if (!when || each.dead) {
      each.dead = each.dead || where.line.cut_until > time_.now();
      continue;
    }
    each.last_down = std::max(*when, each.last_down);
    time_.at(each.last_down, [this, number, text, was_busy] {
      const auto found = sockets_.find(number);
      if (found == sockets_.end() || found->second.left)
        return;
      if (on_state_heard && tells_state(text))
        on_state_heard(*found->second.where, was_busy);
      hear(found->second.owner,
           [number, text](hal::link_listener& who) { who.on_frame(number, text); });
    });
  }
}

} // namespace gantry::farm_sim
