// Fills every field of a described struct with values from a seeded generator, and lists the names
// of its fields. Uses the same `describe` as the codec, so that no field can be forgotten.
#pragma once

#include "schemas/describe.hpp"
#include "schemas/ids.hpp"
#include "schemas/reason.hpp"
#include "schemas/time.hpp"

#include <optional>
#include <random>
#include <set>
#include <string>
#include <vector>

namespace gantry::test {

/// A source of field values; the same seed gives the same values.
class generator {
public:
  explicit generator(uint32_t seed) : chance_{seed} {}

  /// Fills `out` with a value that fits its type.
  template <class T>
  void fill(T& out) {
    if constexpr (std::is_same_v<T, reason>)
      out = reason_catalogue()[below(reason_catalogue().size())].code;
    else if constexpr (named_enum<T>)
      out = static_cast<T>(below(names_of(T{}).size()));
    else if constexpr (std::is_same_v<T, bool>)
      out = below(2) == 1;
    else if constexpr (std::is_integral_v<T>)
      out = static_cast<T>(chance_()) * (below(2) ? 1 : -1);
    else if constexpr (std::is_same_v<T, std::string>)
      out = text();
    else if constexpr (std::is_same_v<T, timestamp>)
      out = timestamp{std::chrono::milliseconds{static_cast<int64_t>(below(4'000'000'000)) * 1001}};
    else if constexpr (std::is_same_v<T, reason_params>)
      out = {{"detail", text()}, {text(), text()}};
    else
      fill_structure(out);
  }

  /// A number from 0 to `limit` - 1.
  size_t below(size_t limit) { return chance_() % limit; }

private:
  template <class Tag>
  void fill_structure(basic_id<Tag>& out) {
    out.value = make_id(Tag::prefix, static_cast<uint64_t>(chance_()) << 32 | chance_());
  }
  template <class T>
  void fill_structure(std::optional<T>& out) {
    out.reset();
    if (below(4) > 0)
      fill(out.emplace());
  }
  template <class T>
  void fill_structure(std::vector<T>& out) {
    out.resize(below(4));
    for (auto& item : out)
      fill(item);
  }
  template <described T>
  void fill_structure(T& out) {
    T::describe([this, &out](std::string_view, auto T::*member, std::string_view, field_rule = {}) {
      this->fill(out.*member);
    });
  }

  std::string text() {
    static constexpr auto parts = std::to_array<std::string_view>(
        {"a", "Z9", " ", "\"", "\\", "/", "\n", "\t", "\x01", "ä", "€", "😀", "{}", "%", "'"});
    std::string result;
    for (size_t i = below(8); i > 0; --i)
      result += parts[below(parts.size())];
    return result;
  }

  std::mt19937 chance_;
};

/// The names of the fields of `T`, in order.
template <described T>
std::vector<std::string> fields_of() {
  std::vector<std::string> names;
  T::describe([&names](std::string_view name, auto T::*, std::string_view, field_rule = {}) {
    names.emplace_back(name);
  });
  return names;
}

} // namespace gantry::test
