// Part of network_runtime.cpp: one plain TCP stream as a client.
#pragma once

#include "hal/net/session.hpp"

#include <array>
#include <deque>

namespace gantry::hal::net_detail {

/// A TCP stream without any framing. Bytes in come in pieces of at most 16 KiB, bytes out are
/// bounded to 1 MiB in all. Whoever uses it keeps the time: a silent peer is not closed.
class stream_session final : public session {
public:
  /// Where the session's events go.
  struct events {
    std::function<void()> open;
    std::function<void(std::string_view)> bytes;
    std::function<void(reason, const std::string&)> close;
  };

  stream_session(session_context context, link_address to, events handlers)
      : session{context, std::move(to)}, stream_{context.io}, events_{std::move(handlers)} {}

  /// Sends bytes once the stream is open.
  void send(std::string bytes) {
    if (abandoned() || ended_ || bytes.empty())
      return;
    queued_bytes_ += bytes.size();
    queue_.push_back(std::move(bytes));
    if (queued_bytes_ > queued_bytes_max)
      return asio::post(context().io, [self = self_ptr()] {
        self->end(reason::link_protocol, "the machine does not read what is sent");
      });
    if (open_ && !writing_)
      write();
  }

private:
  static constexpr std::size_t piece_bytes_max = 16U << 10U;
  static constexpr std::size_t queued_bytes_max = 1U << 20U;

  std::shared_ptr<stream_session> self_ptr() {
    return std::static_pointer_cast<stream_session>(shared_from_this());
  }

  beast::tcp_stream& stream() override { return stream_; }

  void on_failed(reason why, std::string detail) override { end(why, detail); }

  void on_connected() override {
    stream_.expires_never();
    open_ = true;
    events_.open();
    if (abandoned() || ended_)
      return;
    read();
    // What was sent by the listener just now is being written already.
    if (!queue_.empty() && !writing_)
      write();
  }

  void read() {
    stream_.async_read_some(
        asio::buffer(piece_), [self = self_ptr()](error_code code, std::size_t size) {
          if (self->abandoned() || self->ended_)
            return;
          if (code)
            return self->end(reason_of(code), code == asio::error::eof ? "the machine closed the "
                                                                         "connection"
                                                                       : code.message());
          self->events_.bytes({self->piece_.data(), size});
          if (!self->abandoned() && !self->ended_)
            self->read();
        });
  }

  void write() {
    writing_ = true;
    asio::async_write(stream_, asio::buffer(queue_.front()),
                      [self = self_ptr()](error_code code, std::size_t) {
                        self->writing_ = false;
                        if (self->abandoned() || self->ended_)
                          return;
                        if (code)
                          return self->end(reason_of(code), code.message());
                        self->queued_bytes_ -= self->queue_.front().size();
                        self->queue_.pop_front();
                        if (!self->queue_.empty())
                          self->write();
                      });
  }

  void end(reason why, const std::string& detail) {
    if (abandoned() || ended_)
      return;
    ended_ = true;
    stream_.close();
    events_.close(why, detail);
  }

  beast::tcp_stream stream_;
  events events_;
  std::array<char, piece_bytes_max> piece_{};
  std::deque<std::string> queue_;
  std::size_t queued_bytes_ = 0;
  bool open_ = false;
  bool writing_ = false;
  bool ended_ = false;
};

} // namespace gantry::hal::net_detail
