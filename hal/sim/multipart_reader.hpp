#pragma once

// A streaming reader of multipart/form-data bodies: bounded memory for bodies of any size.

#include <cstddef>
#include <functional>
#include <string>
#include <string_view>

namespace gantry::sim {

/// What the reader tells about the body; every view lives only during the call.
struct multipart_events {
  /// A part begins; `filename` is raw (no percent-decoding) and empty for plain fields.
  std::function<void(std::string_view name, std::string_view filename)> on_part;
  /// Bytes of the current part, in any slicing.
  std::function<void(std::string_view bytes)> on_data;
};

/// Reads a multipart body piece by piece.
class multipart_reader {
public:
  /// Longest accepted header block of one part, bytes.
  static constexpr size_t header_bytes_max = 16 * 1024;

  multipart_reader(std::string boundary, multipart_events events);
  /// Consumes the next bytes; false once the body is malformed.
  bool feed(std::string_view bytes);
  /// Whether the closing boundary was seen.
  bool complete() const { return state_ == state::done; }

private:
  enum class state { preamble, headers, data, done, failed };
  bool step();
  bool step_preamble();
  bool step_headers();
  bool step_data();

  std::string delimiter_;
  multipart_events events_;
  std::string buffer_;
  state state_ = state::preamble;
};

/// Returns the boundary of a `multipart/form-data` content type, or "" when it is none.
std::string multipart_boundary(std::string_view content_type);

} // namespace gantry::sim
