// A link and a listener that keep what a connector does with them.
#pragma once

#include "hal/moonraker/connector.hpp"
#include "tests/unit/stopped_clock.hpp"

#include <nlohmann/json.hpp>
#include <optional>
#include <stdexcept>
#include <utility>
#include <vector>

namespace gantry::tests {

using nlohmann::json;
using namespace std::chrono_literals;

/// What the connector did with its link.
struct fake_net {
  uint64_t numbers = 0;
  std::vector<uint64_t> opened;
  std::vector<uint64_t> closed;
  std::vector<hal::link_header> upgrade_headers;
  std::vector<json> sent;
  std::vector<std::pair<uint64_t, hal::link_request>> requests;
  std::optional<std::chrono::milliseconds> wake;
};

class fake_link final : public hal::link {
public:
  explicit fake_link(fake_net& net) : net_{net} {}

  uint64_t open_websocket(const hal::link_address&, const std::string&,
                          const std::vector<hal::link_header>& headers) override {
    net_.upgrade_headers = headers;
    net_.opened.push_back(++net_.numbers);
    return net_.numbers;
  }
  uint64_t open_stream(const hal::link_address&) override {
    throw std::logic_error{"Moonraker needs no streams"};
  }
  void send(uint64_t, std::string text) override { net_.sent.push_back(json::parse(text)); }
  void close(uint64_t number) override { net_.closed.push_back(number); }
  uint64_t request(const hal::link_address&, hal::link_request what) override {
    net_.requests.emplace_back(++net_.numbers, std::move(what));
    return net_.numbers;
  }
  void wake_after(std::chrono::milliseconds pause) override { net_.wake = pause; }

private:
  fake_net& net_;
};

class fake_listener final : public hal::port_listener {
public:
  void on_report(const device_report& report) override { reports.push_back(report); }
  void on_answer(uint64_t ticket, const hal::port_answer& answer) override {
    answers.emplace_back(ticket, answer);
    reports_at_answer.push_back(reports.size());
  }

  std::vector<device_report> reports;
  std::vector<std::pair<uint64_t, hal::port_answer>> answers;
  std::vector<std::size_t> reports_at_answer;
};

} // namespace gantry::tests
