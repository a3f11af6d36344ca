// The one table of routes. Dispatching, role checks, the OpenAPI document and the reference in
// docs/api.md are made from it.
#pragma once

#include "http/services.hpp"

#include <initializer_list>
#include <span>
#include <string_view>

namespace gantry::http {

/// Who may use a route.
enum class access : uint8_t {
  open,   ///< Everybody.
  scrape, ///< Programs on this machine, and who has the role.
  member, ///< Everybody with a valid token.
  role,   ///< Who has one of the roles (or admin).
};

/// What a route does.
enum class route_kind : uint8_t {
  query,
  command, ///< Changes something; JSON body.
  upload,  ///< Changes something; the body is a file and is read by the handler.
  stream,
};
constexpr auto names_of(route_kind) {
  return std::to_array<std::string_view>({"query", "command", "upload", "stream"});
}

/// A set of roles, one bit each.
class role_set {
public:
  constexpr role_set() = default;
  constexpr role_set(std::initializer_list<role> roles) {
    for (const auto x : roles)
      bits_ |= static_cast<uint8_t>(1u << static_cast<unsigned>(x));
  }
  [[nodiscard]] constexpr bool contains(role x) const {
    return (bits_ >> static_cast<unsigned>(x) & 1u) != 0;
  }
  /// Names joined by commas.
  [[nodiscard]] std::string text() const;
  /// True if `who` has one of them, or is an admin.
  [[nodiscard]] bool admits(const principal& who) const;

private:
  uint8_t bits_ = 0;
};

/// One row of the table.
struct route {
  std::string_view method;
  std::string_view pattern; ///< May contain one segment `{id}` and one `{item}`.
  access who = access::role;
  role_set roles;
  route_kind kind = route_kind::query;
  response (*answer)(exchange& x) = nullptr;
  std::string_view summary;
  std::string_view body;       ///< Name of the body's schema; empty if there is no body.
  std::string_view parameters; ///< Query parameters, separated by spaces.
  bool keyed = false;          ///< Needs an Idempotency-Key.
  bool creates = false;        ///< Answers 201 with a Location.
  bool urgent = false;         ///< Waits for no other work of the machine.
};

/// All routes.
[[nodiscard]] std::span<const route> routes();

/// What `method` and `path` lead to.
struct route_match {
  const route* row = nullptr;
  std::string_view id;
  std::string_view item;
  std::string allow; ///< If no row matches but the path exists: its methods.
};

/// Finds the row; HEAD counts as GET. Segments are compared one by one; nothing is a pattern
/// language.
[[nodiscard]] route_match find_route(std::string_view method, std::string_view path);

} // namespace gantry::http
