// Part of network_runtime.cpp: one WebSocket as a client.
#pragma once

#include "hal/net/session.hpp"

#include <deque>

namespace gantry::hal::net_detail {

/// A WebSocket for text frames. Frames in are bounded to 4 MiB, frames out to 8 MiB in all.
class websocket_session final : public session {
public:
  /// Where the session's events go.
  struct events {
    std::function<void()> open;
    std::function<void(std::string_view)> frame;
    std::function<void(reason, const std::string&)> close;
  };

  websocket_session(session_context context, link_address to, std::string path,
                    std::vector<link_header> headers, events handlers)
      : session{context, std::move(to)},
        socket_{context.io},
        path_{header_text(path)},
        headers_{std::move(headers)},
        events_{std::move(handlers)} {}

  /// Sends a text frame once the socket is open.
  void send(std::string text) {
    if (abandoned() || ended_)
      return;
    queued_bytes_ += text.size();
    queue_.push_back(std::move(text));
    if (queued_bytes_ > queued_bytes_max)
      return asio::post(context().io, [self = self_ptr()] {
        self->end(reason::link_protocol, "the printer does not read what is sent");
      });
    if (open_ && !writing_)
      write();
  }

private:
  static constexpr std::size_t frame_bytes_max = 4U << 20U;
  static constexpr std::size_t queued_bytes_max = 8U << 20U;

  std::shared_ptr<websocket_session> self_ptr() {
    return std::static_pointer_cast<websocket_session>(shared_from_this());
  }

  beast::tcp_stream& stream() override { return beast::get_lowest_layer(socket_); }

  void on_failed(reason why, std::string detail) override { end(why, detail); }

  void on_connected() override {
    stream().expires_never();
    websocket::stream_base::timeout limits{};
    limits.handshake_timeout = context().limits.handshake;
    limits.idle_timeout = context().limits.idle;
    limits.keep_alive_pings = true;
    socket_.set_option(limits);
    socket_.read_message_max(frame_bytes_max);
    socket_.set_option(websocket::stream_base::decorator{[this](websocket::request_type& request) {
      request.set(http::field::user_agent, "gantry");
      for (const auto& header : headers_)
        request.set(header_text(header.name), header_text(header.value));
    }});
    socket_.async_handshake(answer_, host_header(to()), path_,
                            [self = self_ptr()](error_code code) { self->handshaken(code); });
  }

  void handshaken(error_code code) {
    if (abandoned())
      return;
    if (code == websocket::error::upgrade_declined)
      return declined();
    if (code) {
      // Whatever answers, but not in HTTP, is no Moonraker.
      const bool other = code.category() == http::make_error_code(http::error{}).category()
                         || reason_of(code) == reason::link_protocol;
      const bool closed = reason_of(code) == reason::link_closed;
      return end(other && !closed ? reason::link_not_klipper : reason_of(code), code.message());
    }
    open_ = true;
    events_.open();
    if (abandoned() || ended_)
      return;
    read();
    // What was sent by the listener just now is being written already.
    if (!queue_.empty() && !writing_)
      write();
  }

  void declined() {
    const auto status = answer_.result_int();
    auto why = reason::link_not_klipper;
    if (status == 401 || status == 403)
      why = reason::link_auth;
    else if (status == 502 || status == 503 || status == 504)
      why = reason::link_refused; // A proxy is up, the Moonraker behind it is not.
    end(why, "the WebSocket was answered with HTTP " + std::to_string(status));
  }

  void read() {
    socket_.async_read(buffer_, [self = self_ptr()](error_code code, std::size_t) {
      if (self->abandoned() || self->ended_)
        return;
      if (code)
        return self->end_with(code);
      const auto data = self->buffer_.data();
      self->events_.frame({static_cast<const char*>(data.data()), data.size()});
      if (self->abandoned() || self->ended_)
        return;
      self->buffer_.consume(self->buffer_.size());
      // One big snapshot must not keep its memory for months.
      if (self->buffer_.capacity() > kept_bytes_max)
        self->buffer_.shrink_to_fit();
      self->read();
    });
  }
  static constexpr std::size_t kept_bytes_max = 256U << 10U;

  void write() {
    writing_ = true;
    socket_.text(true);
    socket_.async_write(asio::buffer(queue_.front()),
                        [self = self_ptr()](error_code code, std::size_t) {
                          self->writing_ = false;
                          if (self->abandoned() || self->ended_)
                            return;
                          if (code)
                            return self->end_with(code);
                          self->queued_bytes_ -= self->queue_.front().size();
                          self->queue_.pop_front();
                          if (!self->queue_.empty())
                            self->write();
                        });
  }

  void end_with(error_code code) {
    if (code != websocket::error::closed)
      return end(reason_of(code), code.message());
    const auto& why = socket_.reason();
    auto detail = "closed with code " + std::to_string(static_cast<unsigned>(why.code));
    if (!why.reason.empty())
      detail += ": " + std::string{why.reason.data(), why.reason.size()};
    end(reason::link_closed, detail);
  }

  void end(reason why, const std::string& detail) {
    if (abandoned() || ended_)
      return;
    ended_ = true;
    stream().close();
    events_.close(why, detail);
  }

  websocket::stream<beast::tcp_stream> socket_;
  std::string path_;
  std::vector<link_header> headers_;
  events events_;
  websocket::response_type answer_;
  beast::flat_buffer buffer_;
  std::deque<std::string> queue_;
  std::size_t queued_bytes_ = 0;
  bool open_ = false;
  bool writing_ = false;
  bool ended_ = false;
};

} // namespace gantry::hal::net_detail
