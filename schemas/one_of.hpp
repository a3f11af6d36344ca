// A variant with so many alternatives that what the compiler makes of it is made once.
#pragma once

#include <concepts>
#include <type_traits>
#include <utility>
#include <variant>

namespace gantry {

/// The base of a class that holds one of many types. The class declares its copies, its moves and
/// its destructor, and defines them in a source file: each of them knows every alternative, and in
/// a header every file would pay for that again.
template <class... T>
class one_of : public std::variant<T...> {
public:
  using alternatives = std::variant<T...>;

  /// Holds a default value of the first alternative.
  one_of() = default;

  /// Holds `x`, which must be exactly one of the alternatives.
  template <class X>
  requires(std::same_as<std::remove_cvref_t<X>, T> || ...)
      one_of(X&& x) // NOLINT: implicit, as a variant's is
      : alternatives{std::in_place_type<std::remove_cvref_t<X>>, std::forward<X>(x)} {}

  /// Holds alternative number `I` made of `arguments`.
  template <size_t I, class... Arguments>
  explicit one_of(std::in_place_index_t<I> number, Arguments&&... arguments)
      : alternatives{number, std::forward<Arguments>(arguments)...} {}
};

} // namespace gantry
