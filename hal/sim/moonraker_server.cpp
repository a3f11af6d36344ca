// The only file of the simulator with sockets: HTTP and WebSocket by Boost.Beast, one thread for
// all printers. Every simulated printer is a moonraker_device; this file only carries bytes and
// time.

#include "hal/sim/moonraker_server.hpp"

#include <algorithm>
#include <array>
#include <chrono>
#include <cstdio>
#include <deque>
#include <fstream>
#include <map>
#include <optional>
#include <sstream>

#include <unistd.h>

#include <boost/asio/io_context.hpp>
#include <boost/asio/ip/tcp.hpp>
#include <boost/asio/steady_timer.hpp>
#include <boost/beast/core.hpp>
#include <boost/beast/http.hpp>
#include <boost/beast/websocket.hpp>
#include <nlohmann/json.hpp>

#include "hal/sim/control.hpp"
#include "hal/sim/moonraker_device.hpp"
#include "hal/sim/simulator_loop.hpp"

namespace gantry::sim {
namespace {

namespace asio = boost::asio;
namespace beast = boost::beast;
namespace http = beast::http;
namespace websocket = beast::websocket;
using tcp = asio::ip::tcp;
using error_code = boost::system::error_code;
using nlohmann::json;

constexpr size_t chunk_bytes = 64 * 1024;
constexpr uint32_t header_bytes_max = 16 * 1024;
/// A client that does not read is cut off at this many waiting frames.
constexpr size_t frames_waiting_max = 10'000;

/// Breaks a connection so that the peer sees a reset.
void reset_socket(tcp::socket& socket) {
  error_code ignored;
  socket.set_option(asio::socket_base::linger(true, 0), ignored);
  socket.close(ignored);
}

class printer_host;

/// One WebSocket client.
class socket_session : public std::enable_shared_from_this<socket_session> {
public:
  socket_session(printer_host& host, tcp::socket socket)
      : host_(host), stream_(std::move(socket)) {}
  void start(http::request<http::buffer_body> upgrade, http_request head);
  void send(std::string text);
  void close(int code, const std::string& reason);
  void reset() { reset_socket(beast::get_lowest_layer(stream_).socket()); }

private:
  void read();
  void write();
  void gone();

  printer_host& host_;
  websocket::stream<beast::tcp_stream> stream_;
  http::request<http::buffer_body> upgrade_;
  http_request head_;
  beast::flat_buffer buffer_;
  std::deque<std::string> waiting_;
  std::optional<websocket::close_reason> closing_;
  bool writing_ = false;
  connection_id id_ = 0;
};

/// One HTTP connection, which may become a WebSocket.
class http_session : public std::enable_shared_from_this<http_session> {
public:
  http_session(printer_host& host, tcp::socket socket) : host_(host), stream_(std::move(socket)) {}
  void read_request();
  void reply(const device_output& output);
  void reset() { reset_socket(stream_.socket()); }

private:
  void on_header();
  void read_body();
  void on_body();
  void answer_control();
  void watch_client();
  void write_reply(int status, const std::string& reason, std::string body,
                   const std::vector<std::pair<std::string, std::string>>& headers);
  http_request head_of_request() const;

  printer_host& host_;
  beast::tcp_stream stream_;
  beast::flat_buffer buffer_;
  std::optional<http::request_parser<http::buffer_body>> parser_;
  http::response<http::string_body> response_;
  std::array<char, chunk_bytes> chunk_{};
  std::string control_body_;
  bool is_control_ = false;
  request_id request_ = 0;
};

/// One simulated printer with its port, clock and log.
class printer_host {
public:
  printer_host(asio::io_context& io, const simulator_options& options, const std::string& name,
               size_t index, const std::filesystem::path& folder);

  const std::string& name() const { return name_; }
  uint16_t port() const { return port_; }
  moonraker_device& device() { return *device_; }
  void accept();
  void close();
  /// Brings the device to the present; call before every input.
  void advance() { device_->advance(elapsed()); }
  /// Sends what the device wants to send and sets the timer for what comes next.
  void pump();
  std::pair<int, std::string> control(const std::string& method, const std::string& target,
                                      const std::string& body);

  std::map<connection_id, std::shared_ptr<socket_session>> sockets;
  std::map<request_id, std::shared_ptr<http_session>> requests;

private:
  model_time elapsed() const {
    return std::chrono::duration_cast<model_time>(std::chrono::steady_clock::now() - start_);
  }
  void deliver(const device_output& output);
  void append_log(std::string_view line);

  std::string name_;
  std::filesystem::path state_file_;
  tcp::acceptor acceptor_;
  asio::steady_timer timer_;
  std::chrono::steady_clock::time_point start_ = std::chrono::steady_clock::now();
  uint16_t port_ = 0;
  log_book log_;
  std::function<void(std::string_view)> on_frame_;
  bool state_dirty_ = false;
  std::unique_ptr<moonraker_device> device_;
};

// -- printer_host ----------------------------------------------------------------------

std::string read_text(const std::filesystem::path& path) {
  std::ifstream file(path, std::ios::binary);
  std::ostringstream text;
  text << file.rdbuf();
  return text.str();
}

printer_host::printer_host(asio::io_context& io, const simulator_options& options,
                           const std::string& name, size_t index,
                           const std::filesystem::path& folder)
    : name_(name), state_file_(folder / "state.json"), acceptor_(io), timer_(io) {
  const auto port = options.base_port == 0 ? 0 : options.base_port + index;
  const tcp::endpoint endpoint(asio::ip::make_address(options.listen), static_cast<uint16_t>(port));
  acceptor_.open(endpoint.protocol());
  acceptor_.set_option(asio::socket_base::reuse_address(true));
  acceptor_.bind(endpoint);
  acceptor_.listen();
  port_ = acceptor_.local_endpoint().port();
  if (!options.log_dir.empty())
    log_.open(options.log_dir / (name + ".jsonl"));
  device_options device;
  device.name = name;
  device.seed = options.seed * simulator_options::count_max + index;
  device.speed = options.speed;
  device.creality = options.creality;
  device.api_key = options.api_key;
  device.sample_period = std::chrono::milliseconds{options.sample_ms};
  device.saved_state = read_text(state_file_);
  device.epoch_unix_s =
      std::chrono::duration<double>(std::chrono::system_clock::now().time_since_epoch()).count();
  device_ = std::make_unique<moonraker_device>(std::move(device), make_folder_files(folder));
  if (options.on_frame)
    on_frame_ = [hear = options.on_frame, index](std::string_view frame) { hear(index, frame); };
  device_->set_log([this](std::string_view line) { append_log(line); });
}

void printer_host::accept() {
  acceptor_.async_accept([this](error_code error, tcp::socket socket) {
    if (error == asio::error::operation_aborted)
      return;
    if (!error) {
      socket.set_option(tcp::no_delay(true), error);
      std::make_shared<http_session>(*this, std::move(socket))->read_request();
    }
    accept();
  });
}

void printer_host::close() {
  error_code ignored;
  acceptor_.close(ignored);
  timer_.cancel();
}

void printer_host::pump() {
  advance();
  for (const auto& output : device_->take_outputs())
    deliver(output);
  if (std::exchange(state_dirty_, false)) {
    std::ofstream(state_file_.string() + ".new", std::ios::binary) << device_->saved_state();
    std::error_code ignored;
    std::filesystem::rename(state_file_.string() + ".new", state_file_, ignored);
  }
  const auto next = device_->next_deadline();
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

void printer_host::deliver(const device_output& output) {
  using kind = device_output::kind;
  if (const auto found = requests.find(output.request); found != requests.end()) {
    const auto session = found->second;
    requests.erase(found);
    if (output.what == kind::reset)
      session->reset();
    else
      session->reply(output);
    return;
  }
  const auto found = sockets.find(output.connection);
  if (found == sockets.end())
    return;
  const auto session = found->second;
  if (output.what == kind::frame) {
    if (on_frame_)
      on_frame_(output.text);
    session->send(output.text);
  } else {
    sockets.erase(found);
    if (output.what == kind::close)
      session->close(output.code, output.reason);
    else
      session->reset();
  }
}

void printer_host::append_log(std::string_view line) {
  log_.append(line);
  for (const auto* event : {"\"print_", "\"history_", "\"extrusion_began\"", "\"fault\""})
    state_dirty_ = state_dirty_ || line.find(event) != std::string_view::npos;
}

std::pair<int, std::string> printer_host::control(const std::string& method,
                                                  const std::string& target,
                                                  const std::string& body) {
  const control_handles handles{[this] { return device_->state_json(); },
                                [this](std::string_view fault) { return device_->inject(fault); },
                                log_};
  if (target != "/sim/bed")
    return answer_control(handles, method, target, body);
  if (method == "GET")
    return {200, device_->bed_json()};
  return answer_control(handles, method, "/sim/fault", R"({"kind":"clear_bed"})");
}

// -- http_session ----------------------------------------------------------------------

void http_session::read_request() {
  parser_.emplace();
  parser_->header_limit(header_bytes_max);
  parser_->body_limit(moonraker_device::upload_bytes_max + chunk_bytes);
  request_ = 0;
  control_body_.clear();
  http::async_read_header(stream_, buffer_, *parser_,
                          [self = shared_from_this()](error_code error, size_t) {
                            if (!error)
                              self->on_header();
                          });
}

http_request http_session::head_of_request() const {
  http_request head;
  const auto& message = parser_->get();
  head.method = std::string(message.method_string());
  head.target = std::string(message.target());
  for (const auto& field : message)
    head.headers.emplace_back(std::string(field.name_string()), std::string(field.value()));
  return head;
}

void http_session::on_header() {
  host_.advance();
  auto head = head_of_request();
  is_control_ = head.target.starts_with("/sim/");
  if (!is_control_ && !host_.device().accepts_connections()) {
    reset();
    return;
  }
  if (websocket::is_upgrade(parser_->get())) {
    auto session = std::make_shared<socket_session>(host_, stream_.release_socket());
    session->start(parser_->release(), std::move(head));
    return;
  }
  if (!is_control_)
    request_ = host_.device().begin_http(std::move(head));
  if (parser_->get()[http::field::expect] != "100-continue") {
    read_body();
    return;
  }
  auto permission = std::make_shared<http::response<http::empty_body>>(http::status::continue_, 11);
  http::async_write(stream_, *permission,
                    [self = shared_from_this(), permission](error_code error, size_t) {
                      if (!error)
                        self->read_body();
                    });
}

void http_session::read_body() {
  if (parser_->is_done()) {
    on_body();
    return;
  }
  auto& body = parser_->get().body();
  body.data = chunk_.data();
  body.size = chunk_.size();
  http::async_read(
      stream_, buffer_, *parser_, [self = shared_from_this()](error_code error, size_t) {
        if (error && error != http::error::need_buffer) {
          if (self->request_ != 0)
            self->host_.device().abort_http(self->request_);
          return;
        }
        const std::string_view bytes(self->chunk_.data(),
                                     chunk_bytes - self->parser_->get().body().size);
        if (!self->is_control_)
          self->host_.device().http_body(self->request_, bytes);
        else if (self->control_body_.size() + bytes.size() <= moonraker_device::body_bytes_max)
          self->control_body_.append(bytes);
        self->read_body();
      });
}

void http_session::on_body() {
  if (is_control_) {
    answer_control();
    return;
  }
  host_.requests[request_] = shared_from_this();
  host_.advance();
  host_.device().end_http(request_);
  host_.pump();
  if (host_.requests.contains(request_))
    watch_client();
}

void http_session::answer_control() {
  const auto head = head_of_request();
  auto [status, body] = host_.control(head.method, head.target, control_body_);
  host_.pump();
  write_reply(status, status == 200 ? "OK" : "Refused", std::move(body),
              {{"Content-Type", "application/json"}});
}

/// Notices a client that goes away while its command waits for the machine.
void http_session::watch_client() {
  stream_.socket().async_wait(
      tcp::socket::wait_read, [self = shared_from_this()](error_code error) {
        if (error || !self->host_.requests.contains(self->request_))
          return;
        auto& socket = self->stream_.socket();
        error_code peeked;
        socket.non_blocking(true, peeked);
        char byte = 0;
        const auto count =
            socket.receive(asio::buffer(&byte, 1), asio::socket_base::message_peek, peeked);
        if (count > 0 || peeked == asio::error::would_block)
          return;
        self->host_.advance();
        self->host_.device().abort_http(self->request_);
        self->host_.requests.erase(self->request_);
        self->reset();
      });
}

void http_session::reply(const device_output& output) {
  write_reply(output.code, output.reason, output.text, output.headers);
}

void http_session::write_reply(int status, const std::string& reason, std::string body,
                               const std::vector<std::pair<std::string, std::string>>& headers) {
  response_ = {};
  response_.version(11);
  response_.result(static_cast<unsigned>(status));
  response_.reason(reason);
  for (const auto& [name, value] : headers)
    response_.insert(name, value);
  response_.keep_alive(parser_->get().keep_alive());
  response_.body() = std::move(body);
  response_.prepare_payload();
  http::async_write(stream_, response_, [self = shared_from_this()](error_code error, size_t) {
    if (error)
      return;
    if (self->response_.keep_alive()) {
      self->read_request();
    } else {
      self->stream_.socket().shutdown(tcp::socket::shutdown_both, error);
    }
  });
}

// -- socket_session --------------------------------------------------------------------

void socket_session::start(http::request<http::buffer_body> upgrade, http_request head) {
  upgrade_ = std::move(upgrade);
  head_ = std::move(head);
  stream_.read_message_max(moonraker_device::body_bytes_max);
  stream_.async_accept(upgrade_, [self = shared_from_this()](error_code error) {
    if (error)
      return;
    self->stream_.text(true);
    self->host_.advance();
    self->id_ = self->host_.device().open_websocket(self->head_);
    self->host_.sockets[self->id_] = self;
    self->host_.pump();
    self->read();
  });
}

void socket_session::read() {
  stream_.async_read(buffer_, [self = shared_from_this()](error_code error, size_t) {
    if (error) {
      self->gone();
      return;
    }
    const auto text = beast::buffers_to_string(self->buffer_.data());
    self->buffer_.consume(self->buffer_.size());
    self->host_.advance();
    self->host_.device().receive_frame(self->id_, text);
    self->host_.pump();
    self->read();
  });
}

void socket_session::gone() {
  if (host_.sockets.erase(id_) == 0)
    return;
  host_.advance();
  host_.device().close(id_);
  host_.pump();
}

void socket_session::send(std::string text) {
  if (waiting_.size() >= frames_waiting_max) {
    reset();
    return;
  }
  waiting_.push_back(std::move(text));
  if (!writing_)
    write();
}

void socket_session::write() {
  if (waiting_.empty() && closing_) {
    writing_ = true;
    stream_.async_close(*closing_, [self = shared_from_this()](error_code) { self->reset(); });
  }
  if (waiting_.empty())
    return;
  writing_ = true;
  stream_.async_write(asio::buffer(waiting_.front()),
                      [self = shared_from_this()](error_code error, size_t) {
                        self->writing_ = false;
                        if (error) {
                          self->gone();
                          return;
                        }
                        self->waiting_.pop_front();
                        self->write();
                      });
}

void socket_session::close(int code, const std::string& reason) {
  closing_ = websocket::close_reason(static_cast<websocket::close_code>(code), reason);
  if (!writing_)
    write();
}

} // namespace

// -- moonraker_simulator ---------------------------------------------------------------

struct moonraker_simulator::impl {
  explicit impl(const simulator_options& given) : options(given) {}

  simulator_options options;
  simulator_loop loop;
  std::filesystem::path temporary;
  std::vector<std::unique_ptr<printer_host>> hosts;
};

moonraker_simulator::moonraker_simulator(const simulator_options& options)
    : impl_(std::make_unique<impl>(options)) {
  auto folder = options.state_dir;
  if (folder.empty()) {
    auto pattern = (std::filesystem::temp_directory_path() / "gantry-sim-XXXXXX").string();
    if (!::mkdtemp(pattern.data()))
      throw std::runtime_error("no temporary folder");
    folder = impl_->temporary = pattern;
  }
  if (!options.log_dir.empty())
    std::filesystem::create_directories(options.log_dir);
  for (size_t i = 0; i < std::min(options.count, simulator_options::count_max); ++i) {
    const auto name = options.name + "-" + std::to_string(i + 1);
    std::filesystem::create_directories(folder / name);
    impl_->hosts.push_back(
        std::make_unique<printer_host>(impl_->loop.io(), options, name, i, folder / name));
    impl_->hosts.back()->accept();
  }
}

moonraker_simulator::~moonraker_simulator() {
  impl_->hosts.clear();
  std::error_code ignored;
  if (!impl_->temporary.empty())
    std::filesystem::remove_all(impl_->temporary, ignored);
}

std::vector<std::pair<std::string, uint16_t>> moonraker_simulator::printers() const {
  std::vector<std::pair<std::string, uint16_t>> result;
  for (const auto& host : impl_->hosts)
    result.emplace_back(host->name(), host->port());
  return result;
}

void moonraker_simulator::run(bool with_signals) {
  for (auto& host : impl_->hosts)
    host->pump();
  impl_->loop.run({.with_signals = with_signals, .with_stdin = impl_->options.exit_with_stdin},
                  [this] {
                    for (auto& host : impl_->hosts)
                      host->close();
                  });
}

void moonraker_simulator::stop() {
  impl_->loop.stop();
}

int run_moonraker_simulator(const simulator_options& options) {
  if (options.exit_with_parent && !end_with_parent())
    return 0;
  try {
    moonraker_simulator simulator(options);
    for (const auto& [name, port] : simulator.printers())
      std::printf("%s\n", json{{"printer", name}, {"port", port}}.dump().c_str());
    std::fflush(stdout);
    simulator.run(true);
    return 0;
  } catch (const std::exception& error) {
    std::fprintf(stderr, "simulator: %s\n", error.what());
    return 1;
  }
}

} // namespace gantry::sim
