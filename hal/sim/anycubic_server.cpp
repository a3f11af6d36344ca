// The sockets of the simulated Anycubic printers: plain TCP for the machine, HTTP for its control,
// one thread for all. Every printer is an anycubic_device; this file only carries bytes and time.

#include "hal/sim/anycubic_server.hpp"

#include <algorithm>
#include <array>
#include <chrono>
#include <cstdio>
#include <deque>
#include <map>
#include <optional>
#include <stdexcept>

#include <boost/asio/ip/tcp.hpp>
#include <boost/asio/steady_timer.hpp>
#include <boost/asio/write.hpp>
#include <boost/beast/core.hpp>
#include <boost/beast/http.hpp>

#include "hal/sim/control.hpp"
#include "hal/sim/simulator_loop.hpp"

namespace gantry::sim {
namespace {

namespace asio = boost::asio;
namespace beast = boost::beast;
namespace http = beast::http;
using tcp = asio::ip::tcp;
using error_code = boost::system::error_code;

constexpr uint64_t control_bytes_max = 1024 * 1024;
/// A client that does not read is cut off at this many waiting replies.
constexpr std::size_t replies_waiting_max = 100'000;

/// Breaks a connection so that the peer sees a reset.
void reset_socket(tcp::socket& socket) {
  error_code ignored;
  socket.set_option(asio::socket_base::linger(true, 0), ignored);
  socket.close(ignored);
}

tcp::acceptor listen_on(asio::io_context& io, const std::string& address, std::size_t port) {
  const tcp::endpoint endpoint(asio::ip::make_address(address), static_cast<uint16_t>(port));
  tcp::acceptor acceptor(io);
  acceptor.open(endpoint.protocol());
  acceptor.set_option(asio::socket_base::reuse_address(true));
  acceptor.bind(endpoint);
  acceptor.listen();
  return acceptor;
}

class machine_host;

/// One client of a machine.
class stream_session : public std::enable_shared_from_this<stream_session> {
public:
  stream_session(machine_host& host, tcp::socket socket, connection_id id)
      : host_(host), socket_(std::move(socket)), id_(id) {}
  void read();
  void carry(stream_output output);

private:
  void write();

  machine_host& host_;
  tcp::socket socket_;
  connection_id id_;
  std::array<char, 4096> piece_{};
  std::deque<stream_output> waiting_;
  bool writing_ = false;
};

/// One request to a machine's control.
class control_session : public std::enable_shared_from_this<control_session> {
public:
  control_session(machine_host& host, tcp::socket socket)
      : host_(host), stream_(std::move(socket)) {}
  void read();

private:
  void answer();

  machine_host& host_;
  beast::tcp_stream stream_;
  beast::flat_buffer buffer_;
  std::optional<http::request_parser<http::string_body>> parser_;
  http::response<http::string_body> response_;
};

/// One simulated printer with its ports, clock and log.
class machine_host {
public:
  machine_host(asio::io_context& io, const anycubic_simulator_options& options,
               const anycubic_options& machine, std::size_t index)
      : name_(machine.name),
        acceptor_(
            listen_on(io, options.listen, options.base_port == 0 ? 0 : options.base_port + index)),
        control_(listen_on(io, options.listen,
                           options.control_port == 0 ? 0 : options.control_port + index)),
        timer_(io),
        device_(machine) {
    if (!options.log_dir.empty())
      log_.open(options.log_dir / (name_ + ".jsonl"));
    device_.set_log([this](std::string_view line) { log_.append(line); });
  }

  [[nodiscard]] anycubic_address address() const {
    return {name_, acceptor_.local_endpoint().port(), control_.local_endpoint().port()};
  }

  anycubic_device& device() { return device_; }

  void accept() {
    acceptor_.async_accept([this](error_code error, tcp::socket socket) {
      if (error == asio::error::operation_aborted)
        return;
      if (!error)
        welcome(std::move(socket));
      accept();
    });
  }

  void accept_control() {
    control_.async_accept([this](error_code error, tcp::socket socket) {
      if (error == asio::error::operation_aborted)
        return;
      if (!error)
        std::make_shared<control_session>(*this, std::move(socket))->read();
      accept_control();
    });
  }

  void close() {
    error_code ignored;
    acceptor_.close(ignored);
    control_.close(ignored);
    timer_.cancel();
  }

  /// Brings the device to the present; call before every input.
  void advance() {
    device_.advance(
        std::chrono::duration_cast<model_time>(std::chrono::steady_clock::now() - start_));
  }

  /// Sends what the device wants to send and sets the timer for what comes next.
  void pump() {
    advance();
    for (auto& output : device_.take_outputs())
      deliver(std::move(output));
    const auto next = device_.next_deadline();
    if (!next) {
      timer_.cancel();
      return;
    }
    timer_.expires_at(start_ + *next);
    timer_.async_wait([this](error_code error) {
      if (!error)
        pump();
    });
  }

  /// The connection is gone for the client, or is to be forgotten.
  void left(connection_id id) {
    if (sessions_.erase(id) == 0)
      return;
    advance();
    device_.close(id);
    pump();
  }

  std::pair<int, std::string> control(const http::request<http::string_body>& request) {
    advance();
    const control_handles handles{[this] { return device_.state_json(); },
                                  [this](std::string_view fault) { return device_.inject(fault); },
                                  log_};
    auto answer = answer_control(handles, std::string(request.method_string()),
                                 std::string(request.target()), request.body());
    pump();
    return answer;
  }

private:
  void welcome(tcp::socket socket) {
    advance();
    if (!device_.accepts_connections())
      return reset_socket(socket);
    error_code ignored;
    socket.set_option(tcp::no_delay(true), ignored);
    const auto id = device_.connect();
    const auto session = std::make_shared<stream_session>(*this, std::move(socket), id);
    sessions_[id] = session;
    session->read();
    pump();
  }

  void deliver(stream_output output) {
    const auto found = sessions_.find(output.connection);
    if (found == sessions_.end())
      return;
    const auto session = found->second;
    if (output.what != stream_output::kind::bytes)
      sessions_.erase(found);
    session->carry(std::move(output));
  }

  std::string name_;
  tcp::acceptor acceptor_;
  tcp::acceptor control_;
  asio::steady_timer timer_;
  std::chrono::steady_clock::time_point start_ = std::chrono::steady_clock::now();
  log_book log_;
  anycubic_device device_;
  std::map<connection_id, std::shared_ptr<stream_session>> sessions_;
};

// -- stream_session ----------------------------------------------------------------------

void stream_session::read() {
  socket_.async_read_some(asio::buffer(piece_),
                          [self = shared_from_this()](error_code error, std::size_t size) {
                            if (error)
                              return self->host_.left(self->id_);
                            self->host_.advance();
                            self->host_.device().receive(self->id_, {self->piece_.data(), size});
                            self->host_.pump();
                            self->read();
                          });
}

void stream_session::carry(stream_output output) {
  waiting_.push_back(std::move(output));
  if (waiting_.size() > replies_waiting_max)
    return reset_socket(socket_);
  if (!writing_)
    write();
}

void stream_session::write() {
  if (waiting_.empty())
    return;
  const auto& next = waiting_.front();
  if (next.what == stream_output::kind::reset)
    return reset_socket(socket_);
  if (next.what == stream_output::kind::close) {
    error_code ignored;
    socket_.shutdown(tcp::socket::shutdown_both, ignored);
    socket_.close(ignored);
    return;
  }
  writing_ = true;
  asio::async_write(socket_, asio::buffer(next.bytes),
                    [self = shared_from_this()](error_code error, std::size_t) {
                      self->writing_ = false;
                      if (error)
                        return;
                      self->waiting_.pop_front();
                      self->write();
                    });
}

// -- control_session ---------------------------------------------------------------------

void control_session::read() {
  parser_.emplace();
  parser_->body_limit(control_bytes_max);
  http::async_read(stream_, buffer_, *parser_,
                   [self = shared_from_this()](error_code error, std::size_t) {
                     if (!error)
                       self->answer();
                   });
}

void control_session::answer() {
  const auto& request = parser_->get();
  auto [status, body] = host_.control(request);
  response_ = {static_cast<http::status>(status), request.version()};
  response_.set(http::field::content_type, "application/json");
  response_.keep_alive(request.keep_alive());
  response_.body() = std::move(body);
  response_.prepare_payload();
  http::async_write(stream_, response_, [self = shared_from_this()](error_code error, std::size_t) {
    if (error)
      return;
    if (self->response_.keep_alive())
      self->read();
    else
      self->stream_.socket().shutdown(tcp::socket::shutdown_both, error);
  });
}

} // namespace

// -- anycubic_simulator ------------------------------------------------------------------

struct anycubic_simulator::impl {
  explicit impl(const anycubic_simulator_options& given) : options(given) {}

  anycubic_simulator_options options;
  simulator_loop loop;
  std::vector<std::unique_ptr<machine_host>> hosts;
};

anycubic_simulator::anycubic_simulator(const anycubic_simulator_options& options)
    : impl_(std::make_unique<impl>(options)) {
  if (!options.log_dir.empty())
    std::filesystem::create_directories(options.log_dir);
  const auto count = std::min(options.count, anycubic_simulator_options::count_max);
  for (std::size_t i = 0; i < count; ++i) {
    auto machine = options.machine;
    machine.name = options.name + "-" + std::to_string(i + 1);
    machine.seed = options.machine.seed * anycubic_simulator_options::count_max + i;
    machine.epoch_unix_s =
        std::chrono::duration<double>(std::chrono::system_clock::now().time_since_epoch()).count();
    impl_->hosts.push_back(std::make_unique<machine_host>(impl_->loop.io(), options, machine, i));
    impl_->hosts.back()->accept();
    impl_->hosts.back()->accept_control();
  }
}

anycubic_simulator::~anycubic_simulator() = default;

std::vector<anycubic_address> anycubic_simulator::printers() const {
  std::vector<anycubic_address> result;
  for (const auto& host : impl_->hosts)
    result.push_back(host->address());
  return result;
}

void anycubic_simulator::run(bool with_signals) {
  for (auto& host : impl_->hosts)
    host->pump();
  impl_->loop.run({.with_signals = with_signals, .with_stdin = impl_->options.exit_with_stdin},
                  [this] {
                    for (auto& host : impl_->hosts)
                      host->close();
                  });
}

void anycubic_simulator::stop() {
  impl_->loop.stop();
}

} // namespace gantry::sim
