// A JSON file as text: values can be read and replaced, and every byte that is not replaced stays.
#pragma once

#include "schemas/result.hpp"

#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace gantry::storage {

/// What a JSON value is.
enum class json_kind : uint8_t { null, boolean, number, text, array, object };

/// Names of members from the root inwards.
using json_path = std::vector<std::string>;

/// `path` for people: `pumps.pump_a.name`.
[[nodiscard]] std::string text_of(const json_path& path);

/// An object with nested objects; arrays are left as they are. Not thread-safe.
class json_document {
public:
  /// Reads `text`; `file` is its name in refusals. Refuses with `station_file_malformed` (naming
  /// line and column) what is no JSON object, is nested too deeply, or names a member twice.
  [[nodiscard]] static result<json_document> parse(std::string text, std::string_view file);

  /// Kind of the value at `path`; nothing if there is none.
  [[nodiscard]] std::optional<json_kind> kind(const json_path& path) const;
  /// The value at `path` as it stands in the file.
  [[nodiscard]] std::string_view raw(const json_path& path) const;
  /// The text at `path`; empty if there is none.
  [[nodiscard]] std::string string(const json_path& path) const;
  /// Names of the members at `path`, in the order of the file.
  [[nodiscard]] std::vector<std::string> members(const json_path& path) const;

  /// Replaces or adds a value. Missing objects on the way are made; new members go behind the last
  /// one (at the root: before the first), indented as the file is.
  void set(const json_path& path, std::string_view literal);
  /// Takes a member away, with the comma that belongs to it.
  void remove(const json_path& path);

  /// The whole file.
  [[nodiscard]] const std::string& text() const { return text_; }

private:
  struct node {
    std::string name;
    json_kind kind = json_kind::null;
    size_t name_begin = 0; ///< Of the member's name.
    size_t begin = 0;      ///< Of the value.
    size_t end = 0;
    std::vector<node> members;
  };
  struct scanner;

  [[nodiscard]] const node* find(const json_path& path) const;
  void read_again(const std::string& before);
  void add(const node& parent, size_t depth, const std::string& name, std::string_view literal);

  std::string text_;
  node root_;
};

/// `text` as a JSON text with its quotation marks.
[[nodiscard]] std::string json_literal(std::string_view text);

} // namespace gantry::storage
