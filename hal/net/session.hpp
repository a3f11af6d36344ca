// Part of network_runtime.cpp: what HTTP exchanges and WebSockets have in common, which is finding
// and reaching the machine.
#pragma once

#include "hal/link.hpp"
#include "hal/net/name_lookup.hpp"
#include "hal/net/network_runtime.hpp"

#include <boost/asio/io_context.hpp>
#include <boost/asio/ip/tcp.hpp>
#include <boost/asio/post.hpp>
#include <boost/asio/steady_timer.hpp>
#include <boost/asio/write.hpp>
#include <boost/beast/core.hpp>
#include <boost/beast/http.hpp>
#include <boost/beast/websocket.hpp>

namespace gantry::hal::net_detail {

namespace asio = boost::asio;
namespace beast = boost::beast;
namespace http = beast::http;
namespace websocket = beast::websocket;
using tcp = asio::ip::tcp;
using boost::system::error_code;

/// The cause in our terms of an error of the system or of Beast.
inline reason reason_of(const error_code& code) {
  namespace errors = boost::system::errc;
  if (code == errors::connection_refused)
    return reason::link_refused;
  // A machine that is switched off shows as one of these, depending on who notices first.
  if (code == beast::error::timeout || code == errors::timed_out || code == errors::host_unreachable
      || code == errors::network_unreachable)
    return reason::link_timeout;
  if (code == websocket::error::closed || code == asio::error::eof
      || code == errors::connection_reset || code == errors::broken_pipe
      || code == errors::connection_aborted || code == http::error::end_of_stream
      || code == http::error::partial_message)
    return reason::link_closed;
  return reason::link_protocol;
}

/// True for a byte that may stand in a header value or a request target.
inline bool is_header_byte(char byte) {
  return static_cast<unsigned char>(byte) >= 0x20 && byte != 0x7f;
}

/// `text` without bytes that could end a header line.
inline std::string header_text(std::string_view text) {
  std::string clean;
  std::copy_if(text.begin(), text.end(), std::back_inserter(clean), is_header_byte);
  return clean;
}

/// The `Host` header of an address.
inline std::string host_header(const link_address& to) {
  const bool bare_v6 = to.host.find(':') != std::string::npos && to.host.front() != '[';
  return header_text(bare_v6 ? "[" + to.host + "]" : to.host) + ":" + std::to_string(to.port);
}

/// What every session needs of the runtime.
struct session_context {
  asio::io_context& io;
  name_lookup& lookup;
  network_limits limits;
};

/// One connection, from the look-up of the name on. Lives on the links' thread.
class session : public std::enable_shared_from_this<session> {
public:
  session(session_context context, link_address to)
      : context_{context}, to_{std::move(to)}, dial_timer_{context.io} {}
  virtual ~session() = default;
  session(const session&) = delete;
  session& operator=(const session&) = delete;

  /// Finds and connects to the machine.
  void dial() {
    dial_timer_.expires_after(context_.limits.connect);
    dial_timer_.async_wait([self = shared_from_this()](error_code code) {
      if (!code && !self->dialled_)
        self->end_dial(self->looking_up_ ? reason::link_dns : reason::link_timeout,
                       self->looking_up_ ? "the name server did not answer" : "no answer");
    });
    auto host = to_.host;
    if (host.size() > 2 && host.front() == '[' && host.back() == ']')
      host = host.substr(1, host.size() - 2);
    error_code code;
    if (const auto address = asio::ip::make_address(host, code); !code) {
      endpoints_.emplace_back(address, to_.port);
      // Posted, so that nothing is called back from inside the call that opened the link.
      asio::post(context_.io, [self = shared_from_this()] { self->connect(); });
      return;
    }
    looking_up_ = true;
    context_.lookup.find(host, [self = shared_from_this()](lookup_answer answer) {
      asio::post(self->context_.io, [self, answer = std::move(answer)] { self->found(answer); });
    });
  }

  /// Closes the connection; nothing is called back any more.
  void abandon() {
    abandoned_ = true;
    dialled_ = true;
    dial_timer_.cancel();
    stream().close();
  }

protected:
  virtual void on_connected() = 0;
  virtual void on_failed(reason why, std::string detail) = 0;
  virtual beast::tcp_stream& stream() = 0;

  [[nodiscard]] bool abandoned() const { return abandoned_; }
  [[nodiscard]] const link_address& to() const { return to_; }
  [[nodiscard]] const session_context& context() const { return context_; }

private:
  void found(const lookup_answer& answer) {
    if (dialled_)
      return;
    looking_up_ = false;
    for (const auto& text : answer.addresses) {
      error_code code;
      if (const auto address = asio::ip::make_address(text, code); !code)
        endpoints_.emplace_back(address, to_.port);
    }
    if (endpoints_.empty())
      return end_dial(reason::link_dns, answer.error);
    connect();
  }

  void connect() {
    if (dialled_)
      return;
    stream().async_connect(endpoints_,
                           [self = shared_from_this()](error_code code, const tcp::endpoint&) {
                             if (self->dialled_)
                               return;
                             if (code)
                               return self->end_dial(reason_of(code), code.message());
                             self->dialled_ = true;
                             self->dial_timer_.cancel();
                             error_code ignored;
                             self->stream().socket().set_option(tcp::no_delay{true}, ignored);
                             self->on_connected();
                           });
  }

  void end_dial(reason why, const std::string& detail) {
    dialled_ = true;
    dial_timer_.cancel();
    stream().close();
    on_failed(why, detail);
  }

  session_context context_;
  link_address to_;
  asio::steady_timer dial_timer_;
  std::vector<tcp::endpoint> endpoints_;
  bool looking_up_ = false;
  bool dialled_ = false;
  bool abandoned_ = false;
};

} // namespace gantry::hal::net_detail
