// What lies where in a data folder, and who may use it.
#pragma once

#include "schemas/result.hpp"

#include <cstdint>
#include <string>
#include <utility>

namespace gantry::storage {

/// The database's folder below the data folder.
[[nodiscard]] std::string database_path(const std::string& folder);
/// The artifacts' folder below the data folder.
[[nodiscard]] std::string artifacts_path(const std::string& folder);
/// The folder of the stations' files, one folder per station.
[[nodiscard]] std::string stations_path(const std::string& folder);
/// The file that keeps disk space in reserve.
[[nodiscard]] std::string ballast_path(const std::string& folder);

/// Exclusive use of a data folder, for as long as the object lives and the process runs. A process
/// that dies gives it back at once: a child that it was starting holds nothing. For any thread.
class folder_lock {
public:
  /// Locks `folder`, which is made if it does not exist. Refuses with `store_locked`.
  [[nodiscard]] static result<folder_lock> acquire(const std::string& folder);

  folder_lock(folder_lock&& other) noexcept;
  folder_lock& operator=(folder_lock&& other) noexcept;
  ~folder_lock();

private:
  folder_lock(int descriptor, std::string folder)
      : descriptor_{descriptor}, folder_{std::move(folder)} {}
  int descriptor_ = -1;
  std::string folder_;
};

/// Free bytes for ordinary users on the disk of `path`; 0 if it cannot be asked.
[[nodiscard]] uint64_t free_bytes_of(const std::string& path);

/// Reserves `size_bytes` in the ballast file unless it exists or less than four times as much is
/// free. Failing to is no error: the floor of the journal is the first line of defence.
void make_ballast(const std::string& folder, uint64_t size_bytes);

/// Gives the ballast back to the file system; returns the bytes that it held. Works while another
/// process uses the folder.
uint64_t release_ballast(const std::string& folder);

/// Makes everything about the entries of the folder `path` durable.
[[nodiscard]] outcome sync_folder(const std::string& path);

} // namespace gantry::storage
