// Compresses a stream piece by piece, so that each piece can be read as soon as it arrives.
#pragma once

#include <memory>
#include <string>
#include <string_view>

namespace gantry::http {

/// One gzip stream (RFC 1952). Keeps about 130 kB between the pieces: frames of a farm resemble
/// each other, and what repeats an earlier one costs a few bytes. Not thread-safe.
class gzip_stream {
public:
  gzip_stream();
  ~gzip_stream();
  gzip_stream(const gzip_stream&) = delete;
  gzip_stream& operator=(const gzip_stream&) = delete;

  /// The compressed form of `text`, complete up to its last byte. Throws `std::bad_alloc`.
  [[nodiscard]] std::string add(std::string_view text);

private:
  struct state;
  std::unique_ptr<state> state_;
};

/// True if the value of an Accept-Encoding header admits gzip.
[[nodiscard]] bool accepts_gzip(std::string_view accept_encoding);

} // namespace gantry::http
