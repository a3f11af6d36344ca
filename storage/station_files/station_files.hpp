// The files of all stations: loaded, saved and compared with what was loaded before.
#pragma once

#include "storage/station_files/network_file.hpp"
#include "storage/station_files/pumps_file.hpp"
#include "storage/station_files/recipe_file.hpp"

#include <mutex>
#include <optional>
#include <string>
#include <vector>

namespace gantry::storage {

/// Names one content of a file.
struct file_version {
  int64_t revision = 0;
  std::string sha256; ///< Of the bytes.
  bool operator==(const file_version&) const = default;
};

/// How a file compares with the version that the store has recorded.
enum class file_standing : uint8_t {
  missing,
  recorded, ///< It is that version.
  saved,    ///< A program saved a later one, and the record of it was lost.
  edited,   ///< The bytes are others although no program saved it: somebody changed it by hand.
};
constexpr auto names_of(file_standing) {
  return std::to_array<std::string_view>({"missing", "recorded", "saved", "edited"});
}

/// Compares; `present` is what `station_files` reports, without a value if there is no file.
[[nodiscard]] file_standing standing_of(const std::optional<file_version>& present,
                                        const file_version& recorded);

/// A file as it was read.
template <class Content>
struct loaded_file {
  Content content; ///< What is built in if there is no file.
  std::optional<file_version> version;
};

/// A recipe as it was read.
struct recipe_file {
  std::vector<recipe_step> steps;
  std::vector<file_note> notes;
};

/// Under which conditions a file is saved.
struct save_terms {
  /// Digest of the content that is replaced; another one is refused with `station_file_changed`.
  std::optional<std::string> expected_sha256;
  /// Revision that the store has recorded; the new one is higher than it and than the file's.
  int64_t recorded_revision = 0;
};

/// The files below one folder, which has a folder per station. A save replaces a file as a whole
/// and keeps the one before in `backups/`, ten of each. Thread-safe for one process.
class station_files {
public:
  /// `folder` is made when the first file is saved.
  explicit station_files(std::string folder) : folder_{std::move(folder)} {}

  /// Each refuses what its reader refuses, and `station_file_unreadable`. `station` is an id.
  [[nodiscard]] result<loaded_file<network_file>> network(const std::string& station) const;
  [[nodiscard]] result<loaded_file<pumps_file>> pumps(const std::string& station) const;
  /// The recipe is read as `import_recipe` does; a recipe that is not complete is refused with the
  /// first thing that it would lose.
  [[nodiscard]] result<loaded_file<recipe_file>> recipe(const std::string& station) const;

  /// Each refuses what its writer refuses, `station_file_changed` and `station_file_not_written`;
  /// then the file is as it was. Returns the new version.
  [[nodiscard]] result<file_version>
  save(const std::string& station, const network_settings& settings, const save_terms& terms);
  [[nodiscard]] result<file_version> save(const std::string& station, const pump_settings& settings,
                                          const save_terms& terms);
  [[nodiscard]] result<file_version>
  save(const std::string& station, const std::vector<recipe_step>& steps, const save_terms& terms);

  /// Folder of a station's files.
  [[nodiscard]] std::string folder_of(const std::string& station) const;

private:
  std::string folder_;
  std::mutex writing_;
};

} // namespace gantry::storage
