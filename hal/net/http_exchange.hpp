// Part of network_runtime.cpp: one HTTP request and its answer on a connection of its own.
#pragma once

#include "hal/net/session.hpp"

#include <fstream>
#include <optional>

namespace gantry::hal::net_detail {

/// Sends one request, streaming an uploaded file in pieces of 64 KiB, and reads the answer.
class http_exchange final : public session {
public:
  using answer_handler = std::function<void(const link_response&)>;

  http_exchange(session_context context, link_address to, link_request what, uint64_t number,
                answer_handler then)
      : session{context, std::move(to)},
        stream_{context.io},
        what_{std::move(what)},
        boundary_{"gantry-part-boundary-" + std::to_string(number)},
        then_{std::move(then)} {
    answer_.body_limit(body_bytes_max);
    answer_.header_limit(64U << 10U);
  }

private:
  static constexpr std::size_t piece_bytes = 64U << 10U;
  static constexpr uint64_t body_bytes_max = 8U << 20U;
  static constexpr std::chrono::seconds late_answer_s{2};

  std::shared_ptr<http_exchange> self_ptr() {
    return std::static_pointer_cast<http_exchange>(shared_from_this());
  }

  beast::tcp_stream& stream() override { return stream_; }

  void on_failed(reason why, std::string detail) override { fail(why, std::move(detail)); }

  void on_connected() override {
    if (what_.file.empty()) {
      out_ = head(what_.body.size(), {}) + what_.body;
    } else if (!open_file()) {
      return fail(reason::not_found, "the file to upload cannot be read");
    }
    response_.sent = true;
    write();
  }

  /// The request line and all headers.
  [[nodiscard]] std::string head(uint64_t body_bytes, const std::string& type) const {
    std::string text = header_text(what_.method) + " " + header_text(what_.target)
                       + " HTTP/1.1\r\nHost: " + host_header(to())
                       + "\r\nUser-Agent: gantry\r\nAccept: application/json\r\n"
                         "Connection: close\r\n";
    for (const auto& header : what_.headers)
      text += header_text(header.name) + ": " + header_text(header.value) + "\r\n";
    if (!type.empty())
      text += "Content-Type: " + type + "\r\n";
    if (body_bytes > 0 || what_.method != "GET")
      text += "Content-Length: " + std::to_string(body_bytes) + "\r\n";
    return text + "\r\n";
  }

  /// Opens the file and prepares everything up to its first byte.
  bool open_file() {
    file_.open(what_.file, std::ios::binary | std::ios::ate);
    const auto size = static_cast<int64_t>(file_.tellg());
    if (!file_ || size < 0)
      return false;
    file_.seekg(0);
    file_left_bytes_ = size;
    response_.file_size_bytes = size;
    std::string parts;
    for (const auto& field : what_.fields)
      parts += "--" + boundary_ + "\r\nContent-Disposition: form-data; name=\""
               + header_text(field.name) + "\"\r\n\r\n" + field.value + "\r\n";
    parts += "--" + boundary_ + "\r\nContent-Disposition: form-data; name=\"file\"; filename=\""
             + header_text(what_.file_name)
             + "\"\r\nContent-Type: application/octet-stream\r\n\r\n";
    tail_ = "\r\n--" + boundary_ + "--\r\n";
    out_ = head(parts.size() + static_cast<uint64_t>(size) + tail_.size(),
                "multipart/form-data; boundary=" + boundary_)
           + parts;
    return true;
  }

  void write() {
    stream_.expires_after(what_.timeout);
    asio::async_write(stream_, asio::buffer(out_),
                      [self = self_ptr()](error_code code, std::size_t) {
                        if (!self->abandoned())
                          self->written(code);
                      });
  }

  void written(error_code code) {
    if (code == beast::error::timeout)
      return fail(reason::link_timeout, "the printer stopped taking data");
    if (code) {
      // A server that refuses an upload often answers and closes before it has read it all.
      write_error_ = code;
      return read(late_answer_s);
    }
    if (!next_piece())
      return fail(reason::link_protocol, "the file to upload changed while it was read");
    if (!out_.empty())
      return write();
    read(std::max(what_.answer_timeout, what_.timeout));
  }

  /// Fills `out_` with what follows, or with nothing at the end; false if the file was cut short.
  bool next_piece() {
    out_.clear();
    if (file_left_bytes_ > 0) {
      out_.resize(
          static_cast<std::size_t>(std::min(file_left_bytes_, static_cast<int64_t>(piece_bytes))));
      if (!file_.read(out_.data(), static_cast<std::streamsize>(out_.size())))
        return false;
      file_left_bytes_ -= static_cast<int64_t>(out_.size());
    } else {
      out_.swap(tail_);
    }
    return true;
  }

  void read(std::chrono::milliseconds timeout) {
    stream_.expires_after(timeout);
    http::async_read_some(stream_, buffer_, answer_,
                          [self = self_ptr()](error_code code, std::size_t) {
                            if (!self->abandoned())
                              self->have_read(code);
                          });
  }

  void have_read(error_code code) {
    if (code)
      return read_failed(code);
    if (!answer_.is_done())
      return read(what_.timeout);
    response_.status = static_cast<int>(answer_.get().result_int());
    response_.body = std::move(answer_.get().body());
    stream_.close();
    then_(response_);
  }

  void read_failed(error_code code) {
    if (write_error_)
      return fail(reason_of(*write_error_), write_error_->message());
    const bool not_http = code.category() == http::make_error_code(http::error{}).category()
                          && reason_of(code) == reason::link_protocol
                          && code != http::error::body_limit;
    fail(not_http ? reason::link_not_klipper : reason_of(code), code.message());
  }

  void fail(reason why, std::string detail) {
    response_.status = 0;
    response_.why = why;
    response_.detail = std::move(detail);
    stream_.close();
    then_(response_);
  }

  beast::tcp_stream stream_;
  link_request what_;
  std::string boundary_;
  answer_handler then_;
  std::ifstream file_;
  int64_t file_left_bytes_ = 0;
  std::string out_;
  std::string tail_;
  std::optional<error_code> write_error_;
  beast::flat_buffer buffer_;
  http::response_parser<http::string_body> answer_;
  link_response response_;
};

} // namespace gantry::hal::net_detail
