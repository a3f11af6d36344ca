#include "hal/net/network_runtime.hpp"

#include "hal/net/http_exchange.hpp"
#include "hal/net/stream_session.hpp"
#include "hal/net/websocket_session.hpp"

#include <boost/asio/executor_work_guard.hpp>
#include <future>
#include <map>
#include <set>
#include <thread>

namespace gantry::hal {

namespace {

using namespace net_detail;

/// One connector's links.
class network_link final : public link {
public:
  /// The attached links of one runtime, so that its end can close them.
  using registry = std::set<network_link*>;

  network_link(session_context context, registry& all, link_listener& listener)
      : context_{context}, all_{all}, listener_{listener}, timer_{context.io} {
    all_.insert(this);
  }

  ~network_link() override {
    abandon();
    all_.erase(this);
  }

  /// Ends everything that is under way; the listener hears nothing any more.
  void abandon() {
    for (const auto& item : sockets_)
      item.second->abandon();
    for (const auto& item : exchanges_)
      item.second->abandon();
    for (const auto& item : streams_)
      item.second->abandon();
    sockets_.clear();
    exchanges_.clear();
    streams_.clear();
    ++*wake_number_;
    timer_.cancel();
  }

  uint64_t open_websocket(const link_address& to, const std::string& path,
                          const std::vector<link_header>& headers) override {
    const auto number = ++last_number_;
    websocket_session::events events;
    events.open = [this, number] { listener_.on_open(number); };
    events.frame = [this, number](std::string_view text) { listener_.on_frame(number, text); };
    events.close = [this, number](reason why, const std::string& detail) {
      sockets_.erase(number);
      listener_.on_close(number, why, detail);
    };
    const auto socket =
        std::make_shared<websocket_session>(context_, to, path, headers, std::move(events));
    sockets_.emplace(number, socket);
    socket->dial();
    return number;
  }

  uint64_t open_stream(const link_address& to) override {
    const auto number = ++last_number_;
    stream_session::events events;
    events.open = [this, number] { listener_.on_open(number); };
    events.bytes = [this, number](std::string_view bytes) { listener_.on_bytes(number, bytes); };
    events.close = [this, number](reason why, const std::string& detail) {
      streams_.erase(number);
      listener_.on_close(number, why, detail);
    };
    const auto stream = std::make_shared<stream_session>(context_, to, std::move(events));
    streams_.emplace(number, stream);
    stream->dial();
    return number;
  }

  void send(uint64_t number, std::string text) override {
    if (const auto found = sockets_.find(number); found != sockets_.end())
      return found->second->send(std::move(text));
    if (const auto found = streams_.find(number); found != streams_.end())
      found->second->send(std::move(text));
  }

  void close(uint64_t number) override {
    close_one(sockets_, number);
    close_one(streams_, number);
  }

  uint64_t request(const link_address& to, link_request what) override {
    const auto number = ++last_number_;
    const auto exchange = std::make_shared<http_exchange>(
        context_, to, std::move(what), number, [this, number](const link_response& response) {
          exchanges_.erase(number);
          listener_.on_response(number, response);
        });
    exchanges_.emplace(number, exchange);
    exchange->dial();
    return number;
  }

  void wake_after(std::chrono::milliseconds pause) override {
    // A wait that ended in the moment it was cancelled still reports success, hence the number,
    // which outlives this object.
    timer_.expires_after(pause);
    timer_.async_wait([this, number = ++*wake_number_, newest = wake_number_](error_code code) {
      if (!code && number == *newest)
        listener_.on_timer();
    });
  }

private:
  template <class Sessions>
  static void close_one(Sessions& open, uint64_t number) {
    const auto found = open.find(number);
    if (found == open.end())
      return;
    found->second->abandon();
    open.erase(found);
  }

  session_context context_;
  registry& all_;
  link_listener& listener_;
  asio::steady_timer timer_;
  std::map<uint64_t, std::shared_ptr<websocket_session>> sockets_;
  std::map<uint64_t, std::shared_ptr<stream_session>> streams_;
  std::map<uint64_t, std::shared_ptr<http_exchange>> exchanges_;
  uint64_t last_number_ = 0;
  std::shared_ptr<uint64_t> wake_number_ = std::make_shared<uint64_t>(0);
};

class network_runtime final : public link_runtime {
public:
  explicit network_runtime(network_limits limits)
      : limits_{limits}, work_{asio::make_work_guard(io_)}, thread_{[this] {
          io_.run();
          finished_.set_value();
        }} {}

  ~network_runtime() override {
    asio::post(io_, [this] {
      for (auto* item : links_)
        item->abandon();
      work_.reset();
    });
    // Everything was cancelled, so the loop ends by itself; a listener that opens new links while
    // it is told so must not keep it alive.
    if (finished_.get_future().wait_for(std::chrono::milliseconds{500})
        != std::future_status::ready)
      io_.stop();
    thread_.join();
  }

  std::unique_ptr<link> attach(link_listener& listener) override {
    return std::make_unique<network_link>(session_context{io_, lookup_, limits_}, links_, listener);
  }

  void post(std::function<void()> task) override { asio::post(io_, std::move(task)); }

private:
  network_limits limits_;
  // Links that are destroyed together with the loop's last tasks still leave the registry.
  network_link::registry links_;
  asio::io_context io_{1};
  name_lookup lookup_;
  asio::executor_work_guard<asio::io_context::executor_type> work_;
  std::promise<void> finished_;
  std::thread thread_;
};

} // namespace

std::unique_ptr<link_runtime> make_network_runtime(network_limits limits) {
  return std::make_unique<network_runtime>(limits);
}

} // namespace gantry::hal
