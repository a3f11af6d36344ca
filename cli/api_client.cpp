#include "cli/api_client.hpp"

#include <future>
#include <nlohmann/json.hpp>

namespace gantry::cli {

/// One request on the links' thread. Keeps itself alive until it is over.
class api_client::exchange final : public hal::link_listener {
public:
  explicit exchange(hal::link_runtime& links) : links_{links} {}

  static std::future<hal::link_response>
  begin(hal::link_runtime& links, const hal::link_address& server, hal::link_request request) {
    auto self = std::make_shared<exchange>(links);
    auto future = self->promise_.get_future();
    links.post([self, server, request = std::move(request)]() mutable {
      self->self_ = self;
      self->link_ = self->links_.attach(*self);
      self->link_->request(server, std::move(request));
    });
    return future;
  }

  void on_open(uint64_t) override {
    // nop: no WebSocket is opened
  }
  void on_frame(uint64_t, std::string_view) override {
    // nop
  }
  void on_close(uint64_t, reason, const std::string&) override {
    // nop
  }
  void on_timer() override {
    // nop
  }
  void on_response(uint64_t, const hal::link_response& response) override {
    promise_.set_value(response);
    // The link must not go away inside its own callback.
    links_.post([self = std::move(self_)] { self->link_.reset(); });
  }

private:
  hal::link_runtime& links_;
  std::unique_ptr<hal::link> link_;
  std::promise<hal::link_response> promise_;
  std::shared_ptr<exchange> self_;
};

nlohmann::json api_reply::json() const {
  auto parsed = nlohmann::json::parse(body, nullptr, false);
  return parsed.is_discarded() ? nlohmann::json{} : parsed;
}

nlohmann::json api_reply::items() const {
  auto parsed = json();
  auto found = parsed.find("items");
  return found == parsed.end() ? nlohmann::json::array() : *found;
}

api_client::api_client(hal::link_runtime& links, hal::link_address server, std::string secret)
    : links_{links}, server_{std::move(server)}, secret_{std::move(secret)} {}

api_client::~api_client() = default;

api_reply api_client::get(const std::string& path) {
  hal::link_request request;
  request.target = path;
  return run(std::move(request));
}

api_reply api_client::send(std::string_view method, const std::string& path, std::string body,
                           std::string key, std::string_view content_type) {
  hal::link_request request;
  request.method = method;
  request.target = path;
  request.body = std::move(body);
  request.headers = {{"Idempotency-Key", std::move(key)},
                     {"Content-Type", std::string{content_type}}};
  return run(std::move(request));
}

api_reply api_client::run(hal::link_request request) {
  request.headers.push_back({"Authorization", "Bearer " + secret_});
  request.timeout = std::chrono::seconds{40}; // the server answers within 30 s
  auto response = exchange::begin(links_, server_, std::move(request)).get();
  api_reply reply{response.status, std::move(response.body), ""};
  if (response.status == 0)
    reply.problem = response.detail.empty() ? "the server does not answer" : response.detail;
  else if (response.status >= 400)
    reply.problem = reply.json().value("detail", "HTTP " + std::to_string(response.status));
  return reply;
}

} // namespace gantry::cli
