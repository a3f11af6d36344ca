// A server with one token per purpose, and short ways to ask it.
#pragma once

#include "http/server.hpp"
#include "tests/http/fake_kernel.hpp"
#include "tests/http/raw_client.hpp"

#include <boost/test/unit_test.hpp>

namespace gantry::test {

struct server_fixture {
  explicit server_fixture(size_t streams_max = 8, bool urgent_stops = false) {
    admin = kernel.add_token(secret('a'), {role::admin});
    viewer = kernel.add_token(secret('b'), {role::viewer});
    auto started =
        http::server::start({.address = "127.0.0.1",
                             .port = 0,
                             .urgent_stops = urgent_stops,
                             .api = {.allowed_hosts = {},
                                     .demo_speed = {},
                                     .assets = {},
                                     .streams_max = streams_max,
                                     .version = "test",
                                     .command_patience = std::chrono::milliseconds{600}}},
                            kernel);
    BOOST_REQUIRE(!!started);
    server = std::move(*started);
    host = "127.0.0.1:" + std::to_string(server->port());
  }

  static std::string secret(char c) { return "gantry_" + std::string(32, c); }

  /// The text of a request; `extra` are further header lines, each with its end.
  std::string text(const std::string& method, const std::string& target, const std::string& token,
                   const std::string& extra = {}, const std::string& body = {}) const {
    auto out = method + " " + target + " HTTP/1.1\r\nHost: " + host + "\r\n";
    if (!token.empty())
      out += "Authorization: Bearer " + token + "\r\n";
    if (!body.empty())
      out += "Content-Length: " + std::to_string(body.size()) + "\r\n";
    return out + extra + "\r\n" + body;
  }

  raw_answer ask(const std::string& bytes) const {
    raw_client client{server->port()};
    BOOST_REQUIRE(client.connected());
    client.send(bytes);
    return client.answer();
  }

  raw_answer get(const std::string& target, const std::string& extra = {}) const {
    return ask(text("GET", target, admin, extra));
  }

  raw_answer post(const std::string& target, const std::string& body,
                  const std::string& extra = {}) const {
    return ask(text("POST", target, admin,
                    "Content-Type: application/json\r\nIdempotency-Key: key-"
                        + std::to_string(++keys) + "\r\n" + extra,
                    body));
  }

  fake_kernel kernel;
  std::unique_ptr<http::server> server;
  std::string admin, viewer, host;
  mutable int keys = 0;
};

} // namespace gantry::test
