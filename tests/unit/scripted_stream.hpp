// A stream and a listener that keep what a connector of a resin printer does with them.
#pragma once

#include "hal/anycubic/anycubic_connector.hpp"
#include "tests/unit/stopped_clock.hpp"

#include <algorithm>
#include <optional>
#include <stdexcept>
#include <string>
#include <utility>
#include <vector>

namespace gantry::tests {

using namespace std::chrono_literals;

/// What the connector did with its link.
struct stream_net {
  std::vector<uint64_t> opened;
  std::vector<uint64_t> closed;
  std::vector<std::pair<hal::mono_time, std::string>> sent;
  std::optional<std::chrono::milliseconds> wake;
};

class scripted_link final : public hal::link {
public:
  scripted_link(stream_net& net, const stopped_clock& clock) : net_{net}, clock_{clock} {}

  uint64_t open_websocket(const hal::link_address&, const std::string&,
                          const std::vector<hal::link_header>&) override {
    throw std::logic_error{"resin printers have no WebSockets"};
  }
  uint64_t open_stream(const hal::link_address&) override {
    net_.opened.push_back(net_.opened.size() + 1);
    return net_.opened.back();
  }
  void send(uint64_t number, std::string bytes) override {
    if (net_.opened.empty() || number != net_.opened.back())
      throw std::logic_error{"bytes go to the newest stream"};
    net_.sent.emplace_back(clock_.now, std::move(bytes));
  }
  void close(uint64_t number) override { net_.closed.push_back(number); }
  uint64_t request(const hal::link_address&, hal::link_request) override {
    throw std::logic_error{"resin printers have no HTTP"};
  }
  void wake_after(std::chrono::milliseconds pause) override { net_.wake = pause; }

private:
  stream_net& net_;
  const stopped_clock& clock_;
};

class resin_recorder final : public hal::resin_listener {
public:
  void on_report(const resin_report& report) override { reports.push_back(report); }
  void on_answer(uint64_t ticket, const hal::port_answer& answer) override {
    answers.emplace_back(ticket, answer);
    reports_at_answer.push_back(reports.size());
  }
  void on_files(uint64_t ticket, const std::vector<hal::resin_file>& found) override {
    if (answers_of(ticket) != 0)
      throw std::logic_error{"files come before the answer"};
    files = found;
  }
  long answers_of(uint64_t ticket) const {
    return std::count_if(answers.begin(), answers.end(),
                         [ticket](const auto& item) { return item.first == ticket; });
  }

  std::vector<resin_report> reports;
  std::vector<std::pair<uint64_t, hal::port_answer>> answers;
  std::vector<std::size_t> reports_at_answer;
  std::vector<hal::resin_file> files;
};

} // namespace gantry::tests
