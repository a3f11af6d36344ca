// Content-addressed files beside the database: models, toolpaths, photos.
#pragma once

#include "schemas/digest.hpp"
#include "schemas/result.hpp"

#include <cstdint>
#include <functional>
#include <memory>
#include <string>
#include <string_view>

namespace gantry::storage {

/// A stored file.
struct stored_file {
  std::string sha256;
  uint64_t size_bytes = 0;
};

/// Receives a file piece by piece: temporary file, then fsync and rename. Destroying it before
/// `finish` leaves nothing behind. Not thread-safe.
class artifact_upload {
public:
  virtual ~artifact_upload() = default;
  /// Appends `bytes`; refuses with `payload_too_large` or `storage_low`, after which nothing more
  /// is taken.
  [[nodiscard]] virtual outcome append(std::string_view bytes) = 0;
  /// Makes the file durable under its digest. A file that exists already is not written again.
  [[nodiscard]] virtual result<stored_file> finish() = 0;
};

/// Files by SHA-256 below one folder. Thread-safe.
class artifact_store {
public:
  virtual ~artifact_store() = default;
  /// Begins an upload of at most `size_max` bytes.
  [[nodiscard]] virtual result<std::unique_ptr<artifact_upload>> begin(uint64_t size_max) = 0;
  /// Stores a copy of an existing file; durable when this returns.
  [[nodiscard]] virtual result<stored_file> adopt(const std::string& path) = 0;
  /// Path of the file with this digest; empty if there is none.
  [[nodiscard]] virtual std::string path_of(const std::string& sha256) const = 0;
  /// Removes files for which `used` is false and that are older than `grace_s`; returns how many
  /// went. Temporary files left by a crash go too.
  virtual size_t sweep(const std::function<bool(const std::string& sha256)>& used,
                       int64_t grace_s) = 0;
};

/// Opens (and makes) the folder `path`. `free_bytes` tells the free space of its disk; without one
/// the disk is asked. Uploads are refused with `storage_low` while less than 128 MiB are free.
[[nodiscard]] result<std::unique_ptr<artifact_store>>
open_artifact_store(const std::string& path, std::function<uint64_t()> free_bytes = {});

} // namespace gantry::storage
