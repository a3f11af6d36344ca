// Goal: whatever is sent, the answer is what the contract says and nothing else happens. Method:
// exact bytes over real sockets, in front of a kernel that records what reached it.
#include "http/documents.hpp"
#include "schemas/codec.hpp"
#include "schemas/telemetry_block.hpp"
#include "storage/telemetry.hpp"
#include "tests/http/server_fixture.hpp"

#include <fstream>
#include <nlohmann/json.hpp>
#include <sstream>

using namespace gantry;
using test::raw_answer;
using test::raw_client;
using test::server_fixture;

namespace {

const std::string order_body =
    R"({"lines":[{"name":"part","model":"art-abcdefghijkl2"}],"reference":"A-1"})";

void expect(const raw_answer& got, int status, const std::string& reason_name) {
  BOOST_TEST_CONTEXT(got.head << got.body) {
    BOOST_TEST(got.status == status);
    BOOST_TEST(got.header("Content-Type") == "application/problem+json");
    const auto document = nlohmann::json::parse(got.body, nullptr, false);
    BOOST_REQUIRE(document.is_object());
    BOOST_TEST(document["reason"] == reason_name);
    BOOST_TEST(document["status"] == status);
    BOOST_TEST(!document["detail"].get<std::string>().empty());
  }
}

} // namespace

BOOST_FIXTURE_TEST_SUITE(api, server_fixture)

BOOST_AUTO_TEST_CASE(a_created_order_is_answered_with_its_location_and_repeats_meet) {
  const auto request =
      text("POST", "/api/v1/orders", admin,
           "Content-Type: application/json\r\nIdempotency-Key: one\r\nX-Request-Id: mine\r\n",
           order_body);
  const auto first = ask(request);
  BOOST_TEST(first.status == 201);
  BOOST_TEST(first.header("ETag") == "\"1\"");
  BOOST_TEST(first.header("X-Request-Id") == "mine");
  BOOST_TEST(first.header("Gantry-Replayed").empty());
  const auto created = nlohmann::json::parse(first.body);
  BOOST_TEST(created["version"] == 1);
  BOOST_TEST(kernel.last.context.correlation == "mine");
  BOOST_TEST(kernel.last.context.via == "http");
  BOOST_TEST(kernel.last.context.who.name == "test");
  const auto again = ask(request);
  BOOST_TEST(again.header("Gantry-Replayed") == "true");
  BOOST_TEST(again.body == first.body);
  expect(ask(text("POST", "/api/v1/orders", admin,
                  "Content-Type: application/json\r\nIdempotency-Key: one\r\n", R"({"lines":[]})")),
         422, "key_reused");
  const auto read = get(first.header("Location"));
  BOOST_TEST(read.status == 200);
  BOOST_TEST(read.has("\"reference\":\"A-1\""));
  BOOST_TEST(get(first.header("Location"), "If-None-Match: \"1\"\r\n").status == 304);
}

BOOST_AUTO_TEST_CASE(bad_json_is_refused_with_its_cause) {
  expect(post("/api/v1/orders", "{\"lines\":"), 400, "json_malformed");
  expect(post("/api/v1/orders", std::string(10'000, '[')), 400, "json_malformed");
  expect(post("/api/v1/orders", "{\"reference\":\"\xff\xfe\",\"lines\":[]}"), 400,
         "json_malformed");
  expect(post("/api/v1/orders", R"({"lines":[],"colour":"red"})"), 422, "field_unknown");
  expect(post("/api/v1/orders", R"({"reference":"x"})"), 422, "field_missing");
  expect(post("/api/v1/orders", R"({"lines":[],"priority":99})"), 422, "field_invalid");
  expect(post("/api/v1/orders", R"({"lines":{}})"), 422, "field_invalid");
  expect(post("/api/v1/orders", "[]"), 422, "field_invalid");
  BOOST_TEST(kernel.last.context.via.empty());
}

BOOST_AUTO_TEST_CASE(bodies_of_the_wrong_type_or_size_are_refused) {
  expect(ask(text("POST", "/api/v1/orders", admin,
                  "Content-Type: text/plain\r\nIdempotency-Key: k\r\n", order_body)),
         415, "media_type_unsupported");
  expect(ask(text("POST", "/api/v1/orders", admin,
                  "Content-Type: multipart/form-data; boundary=x\r\nIdempotency-Key: k\r\n",
                  order_body)),
         415, "media_type_unsupported");
  expect(post("/api/v1/orders", std::string((1 << 20) + 1, ' ')), 413, "payload_too_large");
  // A length alone is enough to refuse: three gigabytes are announced and none is sent.
  const auto announced = text("POST", "/api/v1/artifacts?name=a.stl", admin,
                              "Content-Type: model/stl\r\nIdempotency-Key: k\r\n"
                              "Content-Length: 3221225472\r\n");
  raw_client client{server->port()};
  client.send(announced);
  expect(client.answer(), 413, "payload_too_large");
  BOOST_TEST(client.closes());
  // Chunks are counted while they arrive.
  raw_client chunks{server->port()};
  chunks.send(text("POST", "/api/v1/orders", admin,
                   "Content-Type: application/json\r\nIdempotency-Key: k\r\n"
                   "Transfer-Encoding: chunked\r\n"));
  const std::string piece = "40000\r\n" + std::string(0x40000, ' ') + "\r\n";
  for (int i = 0; i < 5; ++i)
    chunks.send(piece);
  expect(chunks.answer(), 413, "payload_too_large");
}

BOOST_AUTO_TEST_CASE(a_model_is_streamed_to_the_store) {
  const std::string bytes(300'000, 'm');
  const auto headers = std::string{"Content-Type: model/stl\r\nIdempotency-Key: up\r\n"};
  const auto got =
      ask(text("POST", "/api/v1/artifacts?kind=model&name=cube.stl", admin, headers, bytes));
  BOOST_TEST(got.status == 201);
  BOOST_TEST(got.has(sha256_hex(bytes)));
  BOOST_TEST(got.has("\"size_bytes\":300000"));
  for (const std::string& name :
       std::vector<std::string>{"..%2f..%2fetc%2fpasswd", "..", "a%00b", "a%0ab", "%ff", ""})
    BOOST_TEST(ask(text("POST", "/api/v1/artifacts?name=" + name, admin, headers, "x")).status
               == 422);
}

BOOST_AUTO_TEST_CASE(tokens_are_checked_on_every_request) {
  expect(ask(text("GET", "/api/v1/orders", "")), 401, "unauthenticated");
  expect(ask(text("GET", "/api/v1/orders", "short")), 401, "unauthenticated");
  expect(ask(text("GET", "/api/v1/orders", secret('z'))), 401, "unauthenticated");
  expect(ask(text("GET", "/api/v1/orders?limit=1&token=" + admin, "")), 401, "unauthenticated");
  BOOST_TEST(ask(text("GET", "/api/v1/orders", viewer)).status == 200);
  expect(ask(text("POST", "/api/v1/orders", viewer,
                  "Content-Type: application/json\r\nIdempotency-Key: k\r\n", order_body)),
         403, "role_insufficient");
  expect(ask(text("GET", "/api/v1/tokens", viewer)), 403, "role_insufficient");
  BOOST_TEST(!get("/api/v1/tokens").has("secret_sha256"));
  kernel.revoke(viewer);
  expect(ask(text("GET", "/api/v1/orders", viewer)), 401, "unauthenticated");
}

BOOST_AUTO_TEST_CASE(a_session_cookie_stands_for_its_token) {
  const auto json = std::string{"Content-Type: application/json\r\n"};
  const auto entered =
      ask(text("POST", "/api/v1/session", "", json, R"({"token":")" + viewer + "\"}"));
  BOOST_TEST(entered.status == 200);
  const auto cookie = entered.header("Set-Cookie");
  BOOST_TEST(cookie.find("HttpOnly; SameSite=Strict; Path=/") != std::string::npos);
  const auto pair = cookie.substr(0, cookie.find(';'));
  const auto me = ask(text("GET", "/api/v1/session", "", "Cookie: a=b; " + pair + "\r\n"));
  BOOST_TEST(me.status == 200);
  BOOST_TEST(nlohmann::json::parse(me.body)["principal"]["roles"][0] == "viewer");
  const auto wrong = text("POST", "/api/v1/session", "", json, R"({"token":"x"})");
  for (int i = 0; i < 10; ++i)
    expect(ask(wrong), 401, "unauthenticated");
  expect(ask(wrong), 429, "login_throttled");
}

BOOST_AUTO_TEST_CASE(a_token_shows_its_secret_once) {
  const auto request = text("POST", "/api/v1/tokens", admin,
                            "Content-Type: application/json\r\nIdempotency-Key: tok\r\n",
                            R"({"name":"wall","roles":["viewer"]})");
  const auto first = nlohmann::json::parse(ask(request).body);
  const auto given = first["secret"].get<std::string>();
  BOOST_TEST(given.size() == 39u);
  BOOST_TEST(!first.contains("secret_sha256"));
  BOOST_TEST(ask(text("GET", "/api/v1/printers", given)).status == 200);
  BOOST_TEST(nlohmann::json::parse(ask(request).body)["secret"].is_null());
}

BOOST_AUTO_TEST_CASE(keys_versions_and_ids_are_checked) {
  const auto json = std::string{"Content-Type: application/json\r\n"};
  expect(ask(text("POST", "/api/v1/orders", admin, json, order_body)), 400,
         "idempotency_key_missing");
  expect(ask(text("POST", "/api/v1/orders", admin,
                  json + "Idempotency-Key: " + std::string(101, 'k') + "\r\n", order_body)),
         422, "field_invalid");
  const auto id = kernel.add_printer("one").value;
  expect(post("/api/v1/printers/" + id + "/bed-clear", "{}", "If-Match: \"7\"\r\n"), 412,
         "precondition_failed");
  expect(post("/api/v1/printers/" + id + "/bed-clear", "{}", "If-Match: seven\r\n"), 422,
         "field_invalid");
  BOOST_TEST(post("/api/v1/printers/" + id + "/bed-clear", "", "If-Match: \"1\"\r\n").status
             == 200);
  expect(post("/api/v1/printers/..%2f..%2fx/bed-clear", "{}"), 404, "route_not_found");
  expect(post("/api/v1/printers/prn-zzz/bed-clear", "{}"), 404, "not_found");
  expect(get("/api/v1/printers/prn-aaaaaaaaaaaaa"), 404, "not_found");
  expect(get("/../../etc/passwd"), 404, "route_not_found");
  expect(get("/api/v1/orders?limit=0"), 422, "field_invalid");
  expect(get("/api/v1/orders?cursor=x"), 422, "cursor_invalid");
  expect(get("/api/v1/orders?stat=held"), 422, "field_unknown");
  const auto wrong_method = ask(text("PUT", "/api/v1/orders", admin));
  expect(wrong_method, 405, "method_not_allowed");
  BOOST_TEST(wrong_method.header("Allow") == "GET, POST");
}

BOOST_AUTO_TEST_CASE(foreign_hosts_and_pages_are_refused) {
  const auto with_host = [this](const std::string& name) {
    return ask("GET /health HTTP/1.1\r\nHost: " + name + "\r\n\r\n");
  };
  expect(with_host("evil.example"), 403, "host_refused");
  expect(with_host(""), 403, "host_refused");
  BOOST_TEST(with_host("localhost:1").status == 200);
  BOOST_TEST(with_host("[::1]").status == 200);
  expect(post("/api/v1/orders", order_body, "Origin: http://evil.example\r\n"), 403,
         "origin_refused");
  expect(post("/api/v1/orders", order_body, "Origin: null\r\n"), 403, "origin_refused");
  BOOST_TEST(post("/api/v1/orders", order_body, "Origin: http://" + host + "\r\n").status == 201);
}

BOOST_AUTO_TEST_CASE(an_outcome_that_does_not_come_is_called_unknown) {
  kernel.silent = true;
  expect(post("/api/v1/orders", order_body), 504, "outcome_unknown");
}

BOOST_AUTO_TEST_CASE(printers_carry_what_they_say_and_pages_go_on) {
  const auto first = kernel.add_printer("first");
  kernel.add_printer("second");
  device_report report;
  report.link = link_state::online;
  report.observed_at = kernel.parts().clock->wall();
  kernel.live().put_report(first, report, {});
  const auto page = nlohmann::json::parse(get("/api/v1/printers?limit=1").body);
  BOOST_TEST(page["items"][0]["setup"]["name"] == "second");
  BOOST_TEST(page["items"][0]["live"]["report"].is_null());
  const auto next = page["next"].get<std::string>();
  const auto rest = nlohmann::json::parse(get("/api/v1/printers?limit=1&cursor=" + next).body);
  BOOST_TEST(rest["items"][0]["live"]["report"]["link"] == "online");
  BOOST_TEST(rest["items"][0]["live"]["stale"] == false);
  const auto retired = nlohmann::json::parse(get("/api/v1/printers?state=retired").body);
  BOOST_TEST(retired["items"].empty());
  const auto tested = get("/health");
  BOOST_TEST(tested.header("X-Content-Type-Options") == "nosniff");
  BOOST_TEST(tested.header("Content-Security-Policy").find("default-src 'self'") == 0u);
  kernel.healthy = false;
  BOOST_TEST(get("/health").status == 503);
  BOOST_TEST(get("/metrics").has("gantry_printers{link=\"online\"} 1"));
  const auto probed = post("/api/v1/printers/test", R"({"host":"127.0.0.1"})");
  BOOST_TEST(probed.has("\"ok\":false,\"reason\":\"link_refused\""));
  expect(post("/api/v1/printers/test", R"({"hots":"127.0.0.1"})"), 422, "field_missing");
}

BOOST_AUTO_TEST_CASE(a_printer_out_of_reach_says_where_and_why) {
  const auto id = kernel.add_printer("first");
  const auto sentence_for = [&](reason why) {
    device_report report;
    report.link = link_state::offline;
    report.link_reason = why;
    report.link_detail = "nothing was heard";
    kernel.live().put_report(id, report, {});
    const auto page = nlohmann::json::parse(get("/api/v1/printers").body);
    return page["items"][0]["live"]["attention"][0]["sentence"].get<std::string>();
  };
  const auto refused = sentence_for(reason::link_refused);
  BOOST_TEST(refused.find(":7125 refused the connection") != std::string::npos, refused);
  BOOST_TEST(sentence_for(reason::link_timeout).find("first does not answer: nothing was heard")
             == 0u);
}

BOOST_AUTO_TEST_CASE(every_route_stands_in_the_document_and_in_the_reference) {
  const auto document = nlohmann::json::parse(get("/openapi.json").body);
  BOOST_TEST(document["openapi"] == "3.1.0");
  for (const auto& row : http::routes()) {
    std::string method{row.method};
    for (auto& c : method)
      c = static_cast<char>(std::tolower(c));
    BOOST_TEST_CONTEXT(row.pattern)
    BOOST_TEST(document["paths"][std::string{row.pattern}].contains(method));
    if (!row.body.empty())
      BOOST_TEST(document["components"]["schemas"].contains(std::string{row.body}));
  }
  std::ifstream file{GANTRY_SOURCE_DIR "/docs/api.md"};
  std::stringstream text;
  text << file.rdbuf();
  BOOST_TEST((text.str().find(http::api_reference_markdown()) != std::string::npos),
             "docs/api.md does not hold this table:\n"
                 << http::api_reference_markdown());
}

BOOST_AUTO_TEST_CASE(garbage_ends_its_connection_and_nothing_else) {
  for (const std::string& bytes : std::vector<std::string>{
           "\r\n\r\n", "GET\r\n\r\n", "\x16\x03\x01\x02", "GET / HTTP/9.9\r\n\r\n"}) {
    raw_client client{server->port()};
    client.send(bytes);
  }
  raw_client flood{server->port()};
  flood.send("GET /health HTTP/1.1\r\nHost: " + host + "\r\n");
  for (int i = 0; i < 100; ++i)
    flood.send("X-" + std::to_string(i) + ": " + std::string(1'000, 'x') + "\r\n");
  BOOST_TEST(flood.closes());
  BOOST_TEST(get("/health").status == 200);
}

BOOST_AUTO_TEST_CASE(telemetry_is_read_from_stored_blocks_and_from_what_is_not_stored_yet) {
  const auto id = kernel.add_printer("one");
  const auto now = kernel.parts().clock->wall();
  const auto block_of = [](timestamp at, int64_t actual_mc) {
    telemetry_writer writer;
    static_cast<void>(writer.add({at, 500, 7, {{"extruder", actual_mc, 215'000}}}));
    return writer.block();
  };
  const auto early = now - std::chrono::hours{2}, late = now - std::chrono::minutes{1};
  storage::batch changes;
  storage::append_telemetry(changes, id.value, early.time_since_epoch().count(),
                            block_of(early, 200'000));
  kernel.parts().store->write(changes, false);
  kernel.live().put_telemetry(id, block_of(late, 214'900));
  const auto path = "/api/v1/printers/" + id.value + "/telemetry";
  const auto all = nlohmann::json::parse(get(path).body);
  BOOST_REQUIRE(all["samples"].size() == 2u);
  BOOST_TEST(all["next"].is_null());
  BOOST_TEST(all["samples"][0]["at"] == format_timestamp(early));
  BOOST_TEST(all["samples"][0]["progress_permille"] == 500);
  BOOST_TEST(all["samples"][0]["layer"] == 7);
  BOOST_TEST(all["samples"][1]["temperatures"][0]["actual_mc"] == 214'900);
  const auto since = get(path + "?after=" + format_timestamp(now - std::chrono::hours{1}));
  BOOST_TEST(nlohmann::json::parse(since.body)["samples"].size() == 1u);
  const auto before = get(path + "?until=" + format_timestamp(now - std::chrono::hours{1}));
  BOOST_TEST(nlohmann::json::parse(before.body)["samples"].size() == 1u);
  expect(get(path + "?after=yesterday"), 422, "field_invalid");
  expect(get("/api/v1/printers/prn-aaaaaaaaaaaaa/telemetry"), 404, "not_found");
}

BOOST_AUTO_TEST_SUITE_END()
