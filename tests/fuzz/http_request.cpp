// Whole requests in front of a kernel that keeps what it is told: routes, query parameters,
// headers, cookies and bodies. An input is a request as it is written by hand: request line,
// headers, an empty line, the body; `TOKEN` in a header stands for a valid secret, `STATION` in the
// request line for a station that exists.
#include "http/facade.hpp"
#include "schemas/reason.hpp"
#include "tests/fuzz/fuzz.hpp"
#include "tests/http/fake_kernel.hpp"

#include <algorithm>
#include <httplib.h>
#include <nlohmann/json.hpp>

namespace gantry::fuzz {

namespace {

using nlohmann::json;

const std::string secret = "gantry_" + std::string(32, 'a');

/// Keeps what is submitted and changes nothing, so that every input meets the same farm.
class keeping_kernel final : public actors::kernel {
public:
  keeping_kernel() {
    inner_.add_token(secret, {role::admin});
    printer_ = inner_.add_printer("one");
    station where;
    where.setup.name = "left";
    where.setup.host = "192.0.2.4";
    auto& pump = where.setup.pumps.emplace_back();
    pump.name = "a";
    pump.material = "A";
    where.recipe = {{50, "B"}};
    where.files = {{"3.pwmb", 200}};
    station_ = inner_.add_station(std::move(where));
  }

  void submit(command request, std::function<void(actors::command_reply)> then) override {
    actors::command_reply reply;
    reply.entity = {entity_kind::printer, printer_.value};
    reply.version = 1;
    reply.projection = encode_state(printer{});
    kept.push_back(std::move(request));
    then(std::move(reply));
  }
  void probe(const hal::port_config&, std::function<void(hal::port_answer)> then) override {
    then({hal::port_outcome::refused, reason::link_refused, "no", 0});
  }
  void probe(const hal::resin_config& config, std::function<void(hal::port_answer)> then) override {
    inner_.probe(config, std::move(then));
  }
  std::optional<bool> stop_pumps(const station_id&, std::chrono::milliseconds) override {
    return true;
  }
  void list_files(const station_id& id, std::function<void(actors::station_files)> then) override {
    inner_.list_files(id, std::move(then));
  }
  std::vector<station_check> check_start(const station& where,
                                         const commands::start_station& wanted) const override {
    return inner_.check_start(where, wanted);
  }
  std::vector<station_check> check_attach(const station& where,
                                          const commands::attach_station& wanted) const override {
    return inner_.check_attach(where, wanted);
  }
  outcome check_files(const commands::take_station_files& wanted) const override {
    return inner_.check_files(wanted);
  }
  station_report report(const station_id& id, size_t prints_max) const override {
    return inner_.report(id, prints_max);
  }
  actors::clock_report clock(std::optional<timestamp> client_time) const override {
    return inner_.clock(client_time);
  }
  actors::live_table& live() override { return inner_.live(); }
  actors::event_feed& feed() override { return inner_.feed(); }
  const actors::kernel_parts& parts() const override { return inner_.parts(); }
  std::vector<actors::health_check> health() const override { return inner_.health(); }
  void stop() override { inner_.stop(); }

  [[nodiscard]] const station_id& station_there() const { return station_; }

  std::vector<command> kept;

private:
  test::fake_kernel inner_;
  printer_id printer_;
  station_id station_;
};

struct farm {
  keeping_kernel kernel;
  http::facade api{kernel, {}};
};

std::string lower(std::string_view text) {
  std::string out{text};
  std::ranges::transform(out, out.begin(), [](char c) {
    return c >= 'A' && c <= 'Z' ? static_cast<char>(c - 'A' + 'a') : c;
  });
  return out;
}

std::string with(std::string text, std::string_view word, const std::string& meaning) {
  if (const auto at = text.find(word); at != std::string::npos)
    text.replace(at, word.size(), meaning);
  return text;
}

http::request request_of(input bytes, const std::string& station) {
  http::request asked;
  const auto head = bytes.line();
  input words{reinterpret_cast<const uint8_t*>(head.data()), head.size()};
  asked.method = words.until(' ');
  asked.target = with(std::string{words.until(' ')}, "STATION", station);
  const auto mark = asked.target.find('?');
  asked.path = httplib::detail::decode_url(asked.target.substr(0, mark), false);
  if (mark != std::string::npos) {
    httplib::Params values;
    httplib::detail::parse_query_text(asked.target.substr(mark + 1), values);
    asked.query.insert(values.begin(), values.end());
  }
  asked.headers["host"] = "localhost";
  while (!bytes.empty()) {
    const auto line = bytes.line();
    const auto colon = line.find(": ");
    if (colon == std::string_view::npos)
      break;
    asked.headers[lower(line.substr(0, colon))] =
        with(std::string{line.substr(colon + 2)}, "TOKEN", secret);
  }
  asked.peer = "192.0.2.7";
  asked.local_address = "192.0.2.1";
  asked.body = bytes.rest();
  asked.content_length = asked.body.size();
  return asked;
}

void check_headers(const http::response& answer) {
  for (const auto& [name, value] : answer.headers)
    require((name + value).find_first_of(std::string_view{"\r\n\0", 3}) == std::string::npos,
            "a header is one line");
}

void check_problem(const http::response& answer) {
  const auto document = json::parse(answer.body);
  reason code{};
  require(parse_reason(document.at("reason").get<std::string>(), code), "a problem has a reason");
  require(document.at("status") == answer.status, "a problem repeats its status");
  require(!document.at("detail").get<std::string>().empty(), "a problem has words");
  require(code != reason::internal_error, "no request is an error of ours");
}

void check_commands(const std::vector<command>& kept, const http::request& asked) {
  if (kept.empty())
    return;
  require(kept.size() == 1, "a request is one command");
  require(asked.method != "GET" && asked.method != "HEAD", "reading changes nothing");
  require(!kept[0].context.who.id.empty(), "a command has somebody who asked");
  // Who stops pumps in an emergency needs none.
  require(!kept[0].context.idempotency_key.empty()
              || std::holds_alternative<commands::emergency_stop_station>(kept[0].body),
          "a command has a key");
  require(asked.headers.contains("authorization") || asked.headers.contains("cookie"),
          "a command needs a token");
}

void check(farm& at, http::request asked) {
  at.kernel.kept.clear();
  const auto answer = at.api.handle(asked);
  require(answer.status >= 200 && answer.status < 600, "an answer has a status");
  require(!answer.header("X-Request-Id").empty(), "an answer names its request");
  check_headers(answer);
  check_commands(at.kernel.kept, asked);
  if (answer.content_type == "application/problem+json")
    check_problem(answer);
  else if (answer.content_type == "application/json" && !answer.stream && answer.file.empty()
           && !answer.body.empty())
    require(json::accept(answer.body), "an answer in JSON is JSON");
  require(answer.status < 400 || answer.content_type == "application/problem+json"
              || answer.header("Allow").empty(),
          "a refusal is a problem");
}

} // namespace

} // namespace gantry::fuzz

extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size) {
  static gantry::fuzz::farm farm;
  gantry::fuzz::check(farm,
                      gantry::fuzz::request_of({data, size}, farm.kernel.station_there().value));
  return 0;
}
