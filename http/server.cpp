#include "http/server.hpp"

#include "http/connection.hpp"
#include "http/elastic_threads.hpp"
#include "http/thread_rank.hpp"
#include "http/urgency_budget.hpp"

#include <charconv>
#include <csignal>
#include <fcntl.h>
#include <future>
#include <sys/eventfd.h>
#include <sys/stat.h>
#include <thread>
#include <unistd.h>

namespace gantry::http {

namespace {

/// Threads beside those of the streams: requests in flight and idle connections.
constexpr size_t request_threads = 192;
/// Connections that the system may hold until they are accepted.
constexpr int listen_backlog = 256;
constexpr size_t file_piece = 64 << 10;

/// Lower-case copy of a header's name.
std::string lower_name(const std::string& name) {
  std::string out = name;
  for (auto& c : out)
    if (c >= 'A' && c <= 'Z')
      c = static_cast<char>(c - 'A' + 'a');
  return out;
}

request request_of(const httplib::Request& raw) {
  request asked;
  asked.method = raw.method;
  asked.path = raw.path;
  asked.target = raw.target;
  asked.peer = raw.remote_addr;
  asked.local_address = raw.local_addr;
  for (const auto& [name, value] : raw.params)
    asked.query.emplace(name, value);
  for (const auto& [name, value] : raw.headers)
    asked.headers.emplace(lower_name(name), value);
  if (const auto text = asked.header("content-length"); !text.empty()) {
    uint64_t length = 0;
    const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), length);
    // A length that is no number is taken as too large for anything.
    asked.content_length =
        error == std::errc{} && end == text.data() + text.size() ? length : UINT64_MAX;
  }
  return asked;
}

/// Hands a file to the library piece by piece.
bool set_file(httplib::Response& out, const std::string& path, const std::string& type) {
  const int file = ::open(path.c_str(), O_RDONLY | O_CLOEXEC);
  struct stat about {};
  if (file < 0 || ::fstat(file, &about) != 0 || about.st_size == 0) {
    if (file >= 0)
      ::close(file);
    return false;
  }
  out.set_content_provider(
      static_cast<size_t>(about.st_size), type,
      [file](size_t offset, size_t length, httplib::DataSink& sink) {
        char piece[file_piece];
        const auto count =
            ::pread(file, piece, std::min(length, sizeof piece), static_cast<off_t>(offset));
        return count > 0 && sink.write(piece, static_cast<size_t>(count));
      },
      [file](bool) { ::close(file); });
  return true;
}

/// Hands a text to the library without a copy.
void set_shared(httplib::Response& out, std::shared_ptr<const std::string> text,
                const std::string& type) {
  const auto size = text->size();
  out.set_content_provider(
      size, type, [text = std::move(text)](size_t offset, size_t length, httplib::DataSink& sink) {
        return sink.write(text->data() + offset, std::min(length, text->size() - offset));
      });
}

/// The library's queue of accepted connections.
class task_queue final : public httplib::TaskQueue {
public:
  /// Whoever accepts the connections calls `accepted` for each.
  task_queue(elastic_threads& threads, std::function<void()> accepted)
      : threads_{threads}, accepted_{std::move(accepted)} {}
  void enqueue(std::function<void()> job) override {
    threads_.run(std::move(job));
    accepted_();
  }
  void shutdown() override { threads_.shutdown(); }

private:
  elastic_threads& threads_;
  const std::function<void()> accepted_;
};

/// The request that the current thread answers.
struct call {
  connection* peer = nullptr;
  request asked;
  bool close = false; ///< What follows on this connection cannot be trusted to be a request.
};

thread_local call* current = nullptr;

class listener final : public httplib::Server {
public:
  listener(facade& api, elastic_threads& threads, const hal::clock& clock, int stop_event,
           bool urgent_stops)
      : api_{api},
        threads_{threads},
        clock_{clock},
        stop_event_{stop_event},
        urgent_stops_{urgent_stops} {
    set_tcp_nodelay(true);
    // The library would set SO_REUSEPORT, with which a second instance shares our port silently.
    set_socket_options([](socket_t socket) {
      const int yes = 1;
      ::setsockopt(socket, SOL_SOCKET, SO_REUSEADDR, &yes, sizeof yes);
    });
    set_keep_alive_max_count(100'000);
    set_keep_alive_timeout(60);
    new_task_queue = [this] {
      listening_.set_value();
      return new task_queue{threads_, [this] { be_urgent(); }};
    };
    set_pre_routing_handler([this](const httplib::Request&, httplib::Response& out) {
      return answer_without_body(out) ? HandlerResponse::Handled : HandlerResponse::Unhandled;
    });
    // Bodies are asked for only if the headers are acceptable.
    set_expect_100_continue_handler([this](const httplib::Request&, httplib::Response& out) {
      auto admitted = api_.admit(current->asked);
      if (!admitted.refused)
        return 100;
      current->close = true;
      api_.finish(*admitted.refused, current->asked, false);
      fill(out, std::move(*admitted.refused));
      return out.status;
    });
    const auto with_body = [this](const httplib::Request&, httplib::Response& out,
                                  const httplib::ContentReader& content) {
      answer_with_body(out, content);
    };
    // The facade has its own table; to the library every path is alike.
    Post(R"([\s\S]*)", with_body);
    Put(R"([\s\S]*)", with_body);
    Patch(R"([\s\S]*)", with_body);
    Delete(R"([\s\S]*)", with_body);
  }

  /// Becomes ready when connections are being accepted.
  std::future<void> listening() { return listening_.get_future(); }

  /// Accepts connections until the end.
  void serve() {
    may_be_urgent_ = urgent_stops_ && set_thread_rank(thread_rank::urgent);
    be_urgent();
    listen_after_bind();
  }

  /// True if the system lets emergency stops come first; known once it listens.
  [[nodiscard]] bool may_be_urgent() const { return may_be_urgent_; }

  /// The library's own backlog of 5 refuses bursts.
  void widen_backlog() { ::listen(svr_sock_, listen_backlog); }

private:
  bool process_and_close_socket(socket_t socket) override {
    connection peer{socket, stop_event_, clock_, {}};
    bool good = true;
    be_urgent();
    while (good && peer.wait_for_request([this] { return threads_.saturated(); })) {
      call here{.peer = &peer, .asked = {}, .close = false};
      current = &here;
      bool closed = false;
      good = process_request(peer, false, closed, [this, &here](httplib::Request& raw) {
        here.peer->headers_done();
        here.asked = request_of(raw);
        if (urgent_stops_ && !is_urgent(here.asked))
          set_thread_rank(thread_rank::usual);
        // Neither the library's compression (brotli takes 76 ms for a page of JSON) nor its ranges.
        raw.headers.erase("Accept-Encoding");
        raw.ranges.clear();
      });
      current = nullptr;
      be_urgent();
      good = peer.flush() && good && !closed && !here.close;
      if (here.close)
        peer.linger();
    }
    return good;
  }

  /// Waits for what comes next with real-time priority, unless requests come in a flood: then all
  /// have the usual rank, or strangers could keep the processor from the rest of the kernel.
  void be_urgent() {
    if (urgent_stops_)
      set_thread_rank(urgency_.take(clock_.mono()) ? thread_rank::urgent : thread_rank::usual);
  }

  static bool is_urgent(const request& asked) {
    const auto* row = find_route(asked.method, asked.path).row;
    return row && row->urgent;
  }

  /// Answers what needs no body; false if the body has to be read first.
  bool answer_without_body(httplib::Response& out) {
    auto& asked = current->asked;
    const auto chunked = !asked.header("transfer-encoding").empty();
    const auto has_body = chunked || asked.content_length.value_or(0) > 0;
    const auto takes_body = asked.method == "POST" || asked.method == "PUT"
                            || asked.method == "PATCH" || asked.method == "DELETE";
    if (has_body && takes_body && !(chunked && asked.content_length)
        && asked.path.size() <= path_bytes_max) {
      auto probe = asked;
      if (!api_.admit(probe).refused)
        return false;
    }
    current->close = has_body;
    fill(out, api_.handle(asked));
    return true;
  }

  void answer_with_body(httplib::Response& out, const httplib::ContentReader& content) {
    bool complete = false;
    current->asked.read_body = [&](const std::function<bool(std::string_view)>& take) {
      complete = content([&take](const char* data, size_t size) {
        return take(std::string_view{data, size});
      });
      return complete;
    };
    auto given = api_.handle(current->asked);
    current->close = !complete;
    fill(out, std::move(given));
  }

  void fill(httplib::Response& out, response given) {
    out.status = given.status;
    for (auto& [name, value] : given.headers)
      out.headers.emplace(std::move(name), std::move(value));
    if (given.stream) {
      // A change wakes every stream, and an emergency stop must not wait for all of them.
      elastic_threads::step_behind();
      current->peer->write_through();
      out.set_chunked_content_provider(
          given.content_type,
          [source = std::shared_ptr<stream_source>{std::move(given.stream)}](
              size_t, httplib::DataSink& sink) { return relay(*source, sink); });
    } else if (given.shared_body) {
      set_shared(out, std::move(given.shared_body), given.content_type);
    } else if (!given.file.empty()) {
      if (!set_file(out, given.file, given.content_type))
        out.set_header("Content-Type", given.content_type);
    } else {
      out.body = std::move(given.body);
      if (!out.body.empty())
        out.set_header("Content-Type", given.content_type);
    }
  }

  /// Sends one round of a stream; false ends the connection.
  static bool relay(stream_source& source, httplib::DataSink& sink) {
    std::string frames;
    try {
      if (!source.next(frames)) {
        sink.done();
        return true;
      }
    } catch (const std::exception&) {
      // The store or the log cannot be read; the client connects again and is told so.
      return false;
    }
    if (frames.empty())
      return !current->peer->peer_gone();
    return sink.write(frames.data(), frames.size());
  }

  facade& api_;
  elastic_threads& threads_;
  const hal::clock& clock_;
  const int stop_event_;
  const bool urgent_stops_;
  bool may_be_urgent_ = false; ///< Written before the server listens.
  urgency_budget urgency_;
  std::promise<void> listening_;
};

} // namespace

struct server::state {
  state(server_options options, actors::kernel& kernel)
      : address{options.address},
        threads{options.api.streams_max + request_threads},
        stop_event{::eventfd(0, EFD_CLOEXEC)},
        api{kernel, std::move(options.api)},
        socket{api, threads, *kernel.parts().clock, stop_event, options.urgent_stops} {
    // nop
  }
  ~state() { ::close(stop_event); }

  const std::string address;
  elastic_threads threads;
  const int stop_event;
  facade api;
  listener socket;
  std::thread thread;
  uint16_t port = 0;
};

server::server(std::unique_ptr<state> made) : state_{std::move(made)} {
  // nop
}

server::~server() {
  stop();
}

result<std::unique_ptr<server>> server::start(server_options options, actors::kernel& kernel) {
  options.api.allowed_hosts.push_back(options.address);
  char host[256] = "";
  if (::gethostname(host, sizeof host - 1) == 0 && host[0] != '\0') {
    options.api.allowed_hosts.emplace_back(host);
    options.api.allowed_hosts.push_back(std::string{host} + ".local");
  }
  const auto wanted = options.port;
  auto made = std::make_unique<state>(std::move(options), kernel);
  int port = wanted;
  if (wanted == 0)
    port = made->socket.bind_to_any_port(made->address);
  else if (!made->socket.bind_to_port(made->address, wanted))
    port = -1;
  if (port <= 0)
    return refusal{reason::port_in_use,
                   {{"address", made->address + ":" + std::to_string(wanted)}}};
  made->socket.widen_backlog();
  made->port = static_cast<uint16_t>(port);
  auto listening = made->socket.listening();
  // An interrupted accept would end the library's loop, so signals go to other threads.
  sigset_t all, before;
  ::sigfillset(&all);
  ::pthread_sigmask(SIG_SETMASK, &all, &before);
  made->thread = std::thread{[socket = &made->socket] { socket->serve(); }};
  ::pthread_sigmask(SIG_SETMASK, &before, nullptr);
  listening.wait();
  return std::unique_ptr<server>{new server{std::move(made)}};
}

uint16_t server::port() const {
  return state_->port;
}

bool server::stops_come_first() const {
  return state_->socket.may_be_urgent();
}

facade& server::api() {
  return state_->api;
}

void server::stop() {
  if (!state_->thread.joinable())
    return;
  state_->api.stop();
  const uint64_t one = 1;
  static_cast<void>(!::write(state_->stop_event, &one, sizeof one));
  state_->socket.stop();
  state_->thread.join();
}

} // namespace gantry::http
