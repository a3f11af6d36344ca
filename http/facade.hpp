// The API without sockets: what a request may do, and what it is answered.
#pragma once

#include "http/route.hpp"

#include <memory>
#include <optional>

namespace gantry::http {

/// Largest JSON body.
inline constexpr uint64_t json_bytes_max = 1ull << 20;
/// Largest upload.
inline constexpr uint64_t upload_bytes_max = 2ull << 30;
/// Longest path that is looked at.
inline constexpr size_t path_bytes_max = 1'024;

/// What the headers of a request lead to.
struct admission {
  const route* row = nullptr; ///< Null for files of the dashboard.
  const static_asset* asset = nullptr;
  std::optional<response> refused;       ///< Set if the body need not even be read.
  std::unique_ptr<storage::reader> view; ///< The snapshot of a request without a body.
};

/// Answers requests. Thread-safe.
class facade {
public:
  facade(actors::kernel& kernel, facade_options options);

  /// Checks everything that the headers show, and fills the lower part of `asked`.
  [[nodiscard]] admission admit(request& asked);
  /// Reads the body where there is one, and answers an admitted request.
  [[nodiscard]] response answer(admission& admitted, request& asked);
  /// Both, with the security headers and counters.
  [[nodiscard]] response handle(request& asked);
  /// Adds what every answer carries.
  static void finish(response& answer, const request& asked, bool is_page);
  /// Lets streams end and waiting requests give up soon.
  void stop();

private:
  [[nodiscard]] std::optional<response> refuse_caller(admission& admitted, request& asked);
  [[nodiscard]] std::optional<response> refuse_body(const route& row, const request& asked) const;
  [[nodiscard]] std::optional<response> read_body(const route& row, request& asked) const;
  [[nodiscard]] response page(const static_asset& asset, const request& asked) const;

  services all_;
};

} // namespace gantry::http
