// What a process asked of its disk: which bytes and names it has made durable, and which a loss of
// power may take.
#pragma once

#include <array>
#include <cstdint>
#include <filesystem>
#include <random>
#include <string>
#include <string_view>

namespace gantry::test {

/// Operations that change a disk. The order is that of `disk_step_names`.
enum class disk_step : uint8_t { create, append, sync, rename, remove, sync_folder };
inline constexpr auto disk_step_names = std::to_array<std::string_view>(
    {"create", "append", "sync", "rename", "remove", "sync_folder"});

/// Names of the variables that tell `faulty_disk` what to do; each may be missing.
namespace disk_order {
/// File that the operations are written to, one per line. Without it the disk is an ordinary one.
inline constexpr auto ledger = "GANTRY_DISK_LEDGER";
/// `before:N`, `torn:N` or `after:N`: end the process by SIGKILL at its N-th operation. Torn means
/// that half of the bytes have been written.
inline constexpr auto kill = "GANTRY_DISK_KILL";
/// Any value: the database's log is not synced although that is said, as if the program had never
/// asked for it.
inline constexpr auto forgetful = "GANTRY_DISK_FORGETFUL";
} // namespace disk_order

/// A file beside the ledger that makes the disk fail while it exists. It holds words: `append`,
/// `sync`, `open`, `read` name what fails, with an I/O error, or for want of space if it says
/// `full`; with `die` the process is killed instead.
[[nodiscard]] std::filesystem::path fault_path(const std::filesystem::path& ledger);

/// Folder beside the ledger with what was removed or replaced, and may come back.
[[nodiscard]] std::filesystem::path kept_path(const std::filesystem::path& ledger);

/// Operations in a ledger.
[[nodiscard]] uint64_t disk_steps_in(const std::filesystem::path& ledger);

/// What a loss of power took.
struct lost_power {
  uint64_t files_cut = 0;    ///< Files whose end vanished, in whole or in part.
  uint64_t bytes = 0;        ///< Bytes that vanished.
  uint64_t names_undone = 0; ///< Creations, removals and renames that did not last.
};

/// Lets the power fail under files whose process is dead: of the bytes that were not synced a
/// random prefix survives, and so it is with changes of names whose folder was not synced. What
/// remains is durable, so the ledger begins anew.
lost_power lose_power(const std::filesystem::path& ledger, std::mt19937_64& random);

} // namespace gantry::test
