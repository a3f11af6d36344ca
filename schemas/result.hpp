// Values that may be refusals. Expected failures travel as values with a reason code; exceptions
// are caught where a library throws them and turned into one of these.
#pragma once

#include "schemas/reason.hpp"

#include <string>
#include <utility>
#include <variant>

namespace gantry {

/// Why something was not done, with the values that fill the reason's text.
struct refusal {
  reason code = reason::internal_error;
  reason_params params;

  /// The sentence for people.
  [[nodiscard]] std::string text() const { return render(code, params); }
  bool operator==(const refusal&) const = default;
};

/// Either a `T` or the refusal that explains its absence.
template <class T>
class [[nodiscard]] result {
public:
  result(T value) : content_{std::move(value)} {}   // NOLINT: implicit by design
  result(refusal why) : content_{std::move(why)} {} // NOLINT: implicit by design

  explicit operator bool() const { return content_.index() == 0; }
  /// The value; must not be called on a refusal.
  T& operator*() { return std::get<0>(content_); }
  const T& operator*() const { return std::get<0>(content_); }
  T* operator->() { return &std::get<0>(content_); }
  const T* operator->() const { return &std::get<0>(content_); }
  /// The refusal; must not be called on a value.
  [[nodiscard]] const refusal& why() const { return std::get<1>(content_); }

private:
  std::variant<T, refusal> content_;
};

/// Success without a value, or a refusal.
using outcome = result<std::monostate>;

/// The success value of `outcome`.
inline outcome success() {
  return std::monostate{};
}

} // namespace gantry
