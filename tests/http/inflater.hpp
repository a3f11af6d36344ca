// Reads a gzip stream as a browser does: piece by piece.
#pragma once

#include <stdexcept>
#include <string>
#include <string_view>
#include <zlib.h>

namespace gantry::test {

/// Decompresses one gzip stream. Throws `std::runtime_error` on what is none.
class inflater {
public:
  inflater() {
    constexpr int gzip_bits = 15 + 16;
    ::inflateInit2(&stream_, gzip_bits);
  }
  ~inflater() { ::inflateEnd(&stream_); }
  inflater(const inflater&) = delete;
  inflater& operator=(const inflater&) = delete;

  /// What can be read once `piece` has arrived.
  std::string add(std::string_view piece) {
    stream_.next_in = reinterpret_cast<Bytef*>(const_cast<char*>(piece.data()));
    stream_.avail_in = static_cast<uInt>(piece.size());
    std::string text;
    do {
      char out[4096];
      stream_.next_out = reinterpret_cast<Bytef*>(out);
      stream_.avail_out = sizeof out;
      const auto status = ::inflate(&stream_, Z_SYNC_FLUSH);
      if (status != Z_OK && status != Z_BUF_ERROR)
        throw std::runtime_error{"this is no gzip stream"};
      text.append(out, sizeof out - stream_.avail_out);
    } while (stream_.avail_out == 0);
    return text;
  }

private:
  z_stream stream_{};
};

} // namespace gantry::test
