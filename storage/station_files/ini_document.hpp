// An INI file as text: values can be read and replaced, and every byte that is not replaced stays.
#pragma once

#include "schemas/result.hpp"

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace gantry::storage {

/// A file in the dialect of Python's `configparser`: `[section]`, `key = value` or `key: value`,
/// whole-line comments after `#` or `;`, indented lines continue a value, `[DEFAULT]` gives the
/// values of sections that lack them, keys are case-insensitive. Not thread-safe.
class ini_document {
public:
  /// Reads `text`; `file` is its name in refusals. Refuses with `station_file_malformed` (naming
  /// the line) what `configparser` refuses too: text that is no setting, settings before the first
  /// section, a section or key twice; and bytes that are not UTF-8.
  [[nodiscard]] static result<ini_document> parse(std::string text, std::string_view file);

  /// The value without surrounding white space, as it stands in the file; with its continuation
  /// lines. Nothing if neither the section nor `[DEFAULT]` has it.
  [[nodiscard]] std::optional<std::string> value(std::string_view section,
                                                 std::string_view key) const;
  [[nodiscard]] bool has_section(std::string_view section) const;
  /// Sections and keys in the order of the file; keys in lower case.
  [[nodiscard]] std::vector<std::pair<std::string, std::string>> keys() const;
  /// The keys of a section together with the line (from 1) on which each stands.
  [[nodiscard]] size_t line_of(std::string_view section, std::string_view key) const;

  /// Replaces or adds a value; `value` is one line without surrounding white space.
  void set(std::string_view section, std::string_view key, std::string_view value);

  /// The number in the comment `# revision: N`; 0 without one.
  [[nodiscard]] int64_t revision() const { return revision_; }
  /// Writes that comment; a new one becomes the first line.
  void set_revision(int64_t revision);

  /// The whole file.
  [[nodiscard]] const std::string& text() const { return text_; }

private:
  struct section_extent {
    std::string name;
    size_t end = 0; ///< Behind its last line that says something.
  };
  struct entry {
    std::string section;
    std::string key;
    size_t line = 0;
    size_t begin = 0; ///< Of the value.
    size_t end = 0;
  };
  struct reader;

  [[nodiscard]] const entry* find(std::string_view section, std::string_view key) const;
  void replace(size_t begin, size_t end, std::string_view with);
  [[nodiscard]] std::string_view line_end() const;

  std::string text_;
  std::vector<section_extent> sections_;
  std::vector<entry> entries_;
  int64_t revision_ = 0;
  std::optional<std::pair<size_t, size_t>> revision_at_;
};

/// True if `text` is UTF-8 without zero bytes.
[[nodiscard]] bool is_plain_utf8(std::string_view text);

} // namespace gantry::storage
