// Query parameters of lists.
#pragma once

#include "http/request.hpp"
#include "schemas/result.hpp"

namespace gantry::http {

/// Longest page.
inline constexpr uint64_t page_limit_max = 500;

/// Which part of a list is wanted.
struct paging {
  size_t limit = 50;
  uint64_t cursor = 0; ///< 0 = from the start.
  bool open_only = false;
};

/// Reads `limit`, `cursor` and `open`. Refuses with `field_invalid` or `cursor_invalid`.
[[nodiscard]] result<paging> paging_of(const request& asked);

/// Reads a whole decimal number; nothing if `text` is anything else.
[[nodiscard]] std::optional<uint64_t> number_of(std::string_view text);

} // namespace gantry::http
