// The files of stations and what the store believes, kept in step. The files are the truth: people
// and other programs edit them. The store keeps the revision and digest of what was taken over, so
// that an edit by hand is noticed, and never overwritten.
#pragma once

#include "actors/kernel.hpp"
#include "schemas/station_files.hpp"
#include "storage/station_files/station_files.hpp"

#include <functional>
#include <mutex>
#include <optional>
#include <string>

namespace gantry::actors {

/// A settings file as it is shown.
template <class Content>
struct settings_view {
  Content content; ///< Of the station, if there is no file yet.
  std::optional<storage::file_version> version;
  storage::file_standing standing = storage::file_standing::missing;
};

/// Commits what was taken over and waits for the outcome.
using settings_commit = std::function<result<command_reply>(commands::take_station_files wanted)>;

/// Works on the files of all stations. Thread-safe; blocks on the disk and on commits, so never
/// called by an actor.
class station_settings {
public:
  /// `folder` holds one folder per station. `served` outlives this.
  station_settings(kernel& served, std::string folder);

  /// Each refuses what is wrong with the file, naming the place.
  [[nodiscard]] result<settings_view<storage::network_file>> network(const station& where) const;
  [[nodiscard]] result<settings_view<storage::pumps_file>> pumps(const station& where) const;
  [[nodiscard]] result<settings_view<storage::recipe_file>> recipe(const station& where) const;

  /// Each checks first whether the station would take `wanted` over, then replaces the file, then
  /// commits. `expected_sha256` is the digest that was looked at, the recorded one if it is left
  /// out; if the file has another one it is refused with `station_file_changed`. A refusal leaves
  /// the file as it was. A recipe is set by its command, and its file follows.
  [[nodiscard]] result<command_reply> save(const station_id& id, const network_settings& wanted,
                                           const std::optional<std::string>& expected_sha256,
                                           const settings_commit& commit);
  [[nodiscard]] result<command_reply> save(const station_id& id, const pump_settings& wanted,
                                           const std::optional<std::string>& expected_sha256,
                                           const settings_commit& commit);

  /// Reads all three files and takes over what others than the store's versions say. If one of them
  /// is wrong nothing is taken over.
  [[nodiscard]] result<command_reply> reload(const station_id& id, const settings_commit& commit);

  /// Writes what the station knows into files that nobody else changed, and takes over what was
  /// saved without a record of it. A file that was edited by hand waits for `reload`.
  [[nodiscard]] outcome follow(const station_id& id, const settings_commit& commit);

  /// A commit in the kernel's own name.
  [[nodiscard]] settings_commit own_commit();

private:
  template <class File>
  [[nodiscard]] result<command_reply> save_file(const station_id& id, const File& wanted,
                                                const std::optional<std::string>& expected_sha256,
                                                const settings_commit& commit);
  [[nodiscard]] result<station> find(const station_id& id) const;

  kernel& kernel_;
  storage::station_files files_;
  std::mutex turn_; ///< One change of files at a time.
};

} // namespace gantry::actors
