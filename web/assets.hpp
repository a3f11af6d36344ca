// The dashboard's files, built into the program.
#pragma once

#include <span>
#include <string_view>

namespace gantry::web {

/// One embedded file. All views live as long as the program.
struct asset {
  std::string_view path;         ///< Address on the server, e.g. `/index.html`.
  std::string_view content_type; ///< Value of Content-Type.
  std::string_view bytes;        ///< The file as it is.
  std::string_view gzip_bytes;   ///< The file for Content-Encoding: gzip.
  std::string_view etag;         ///< Strong entity tag with its quotes; changes with the bytes.

  /// True for files below `/assets/`: their names change with their content, so that browsers may
  /// keep them for ever. All others must be revalidated.
  [[nodiscard]] bool immutable() const { return path.starts_with("/assets/"); }
};

/// Every embedded file, sorted by path. Holds `/index.html` at least. Safe from any thread.
[[nodiscard]] std::span<const asset> assets();

} // namespace gantry::web
