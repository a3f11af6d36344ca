// The machine's replies: finding them in a stream without frames, and reading what they say. All of
// it is tolerant of what was seen in the field, and nothing of it throws.
#pragma once

#include "hal/resin_port.hpp"

#include <optional>

namespace gantry::hal {

/// Finds the reply to one command in bytes that may be split, glued to others' replies, or cut off.
/// A reply is `<command>,<fields>,end` without anything after it, and a name in it may contain
/// `,end` too; so an end is sure only if the reply is complete in itself or another follows, and
/// likely if nothing comes for a while.
class reply_reader {
public:
  /// Bytes that are kept while a reply grows.
  static constexpr std::size_t bytes_max = 256U << 10U;

  /// Forgets everything and waits for the reply to `command`.
  void expect(std::string command);
  /// Takes bytes; of a flood only the end is kept.
  void feed(std::string_view bytes);
  /// What stands between the command and `,end`; of several replies the last. `quiet` says that
  /// nothing more has come for a while.
  [[nodiscard]] std::optional<std::string> body(bool quiet) const;
  /// True if the reply seems complete, but is not sure to be.
  [[nodiscard]] bool is_likely() const { return !body(false) && body(true); }

private:
  struct match;
  [[nodiscard]] match match_at(std::size_t begin) const;

  std::string command_;
  std::string buffer_;
};

/// What a `getstatus` says. Numbers that are missing are 0.
struct act_status {
  resin_state state = resin_state::unknown;
  std::string word;          ///< The machine's own.
  std::string file;          ///< For people.
  std::string internal_file; ///< As `escaped_bytes`.
  int64_t layers = 0;
  int64_t percent = 0;
  int64_t layer = 0;
  int64_t elapsed = 0; ///< In the unit of the model.
  int64_t remaining_s = 0;
  int64_t resin_ml = 0;
  int64_t layer_height_um = 0;
};

/// Reads the body of a `getstatus`; nothing if it makes no sense, as when part of it got lost.
[[nodiscard]] std::optional<act_status> parse_status(std::string_view body);

/// True if `body` is a whole status that cannot go on: the reply ends where it seems to.
[[nodiscard]] bool is_whole_status(std::string_view body);

/// How a command ended according to its reply.
enum class act_verdict : uint8_t { ok, error, unclear };

/// Reads the body of a command's reply: `OK` in any case, or `ERROR` and a number.
[[nodiscard]] act_verdict verdict_of(std::string_view body);

/// What a `sysinfo` says, for people.
struct act_system {
  std::string model;
  std::string firmware;
  std::string serial;
};

/// Reads the body of a `sysinfo`; missing fields are empty.
[[nodiscard]] act_system parse_system(std::string_view body);

/// Reads the body of a `getfile`: at most 1,000 files; fields that name none are left out.
[[nodiscard]] std::vector<resin_file> parse_files(std::string_view body);

/// The unit in which a model counts the time since the start.
enum class elapsed_unit : uint8_t { unknown, seconds, minutes };

/// The unit for which the share of the elapsed time fits the reported percentage; `known` if both
/// fit alike.
[[nodiscard]] elapsed_unit unit_of_elapsed(const act_status& status, elapsed_unit known);

/// The unit that machines of `model` are known to use; unknown for an empty name.
[[nodiscard]] elapsed_unit unit_of_model(std::string_view model);

} // namespace gantry::hal
