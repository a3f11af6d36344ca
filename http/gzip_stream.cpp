#include "http/gzip_stream.hpp"

#include <algorithm>
#include <new>
#include <zlib.h>

namespace gantry::http {

namespace {

/// The library's sum for "a window of 2^14 bytes, with a gzip header".
constexpr int window_bits = 14 + 16;
constexpr int memory_level = 7;
/// Higher levels gain little on texts that repeat themselves.
constexpr int compression_level = 4;

} // namespace

struct gzip_stream::state {
  z_stream stream{};
};

gzip_stream::gzip_stream() : state_{std::make_unique<state>()} {
  if (::deflateInit2(&state_->stream, compression_level, Z_DEFLATED, window_bits, memory_level,
                     Z_DEFAULT_STRATEGY)
      != Z_OK)
    throw std::bad_alloc{};
}

gzip_stream::~gzip_stream() {
  ::deflateEnd(&state_->stream);
}

std::string gzip_stream::add(std::string_view text) {
  auto& stream = state_->stream;
  stream.next_in = reinterpret_cast<Bytef*>(const_cast<char*>(text.data()));
  stream.avail_in = static_cast<uInt>(text.size());
  std::string out;
  do {
    char piece[4096];
    stream.next_out = reinterpret_cast<Bytef*>(piece);
    stream.avail_out = sizeof piece;
    ::deflate(&stream, Z_SYNC_FLUSH);
    out.append(piece, sizeof piece - stream.avail_out);
  } while (stream.avail_out == 0);
  return out;
}

bool accepts_gzip(std::string_view accept_encoding) {
  while (!accept_encoding.empty()) {
    auto one = accept_encoding.substr(0, accept_encoding.find(','));
    accept_encoding.remove_prefix(std::min(one.size() + 1, accept_encoding.size()));
    const auto begin = one.find_first_not_of(' ');
    one = begin == one.npos ? std::string_view{} : one.substr(begin);
    const auto name = one.substr(0, one.find_first_of("; "));
    const auto weight = one.substr(name.size());
    const auto refused =
        weight.find("q=0") != weight.npos && weight.find_first_of("123456789") == weight.npos;
    if (name == "gzip")
      return !refused;
  }
  return false;
}

} // namespace gantry::http
