#pragma once

// The file area of a simulated printer ("gcodes"), in memory or in a folder.

#include <cstddef>
#include <cstdint>
#include <filesystem>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace gantry::sim {

/// One stored file; `path` is relative to the area, with '/' between its parts.
struct file_info {
  std::string path;
  uint64_t size_bytes = 0;
  /// Unix time of the printer's clock, seconds.
  double modified_s = 0;
};

/// Random access to the bytes of one stored file. It stays valid after the file is replaced.
class file_reader {
public:
  virtual ~file_reader() = default;
  /// Returns the size in bytes at the time of opening.
  virtual uint64_t size() const = 0;
  /// Reads up to `length` bytes at `offset` into `to`; returns how many were there.
  virtual size_t read(uint64_t offset, char* to, size_t length) = 0;
};

/// A file that is being received. It is invisible until `printer_files::commit`, and vanishes
/// when it is destroyed without one.
class staged_file {
public:
  virtual ~staged_file() = default;
  /// Appends bytes; false when the medium refused them.
  virtual bool write(std::string_view bytes) = 0;
};

/// The files of one printer. All paths are relative and already checked by `is_safe_path`.
class printer_files {
public:
  virtual ~printer_files() = default;
  virtual std::unique_ptr<staged_file> stage() = 0;
  /// Makes a staged file visible under `path`, replacing a file of that name.
  virtual bool commit(std::unique_ptr<staged_file> file, const std::string& path,
                      double modified_s) = 0;
  virtual std::optional<file_info> find(const std::string& path) const = 0;
  /// Returns all files, ordered by path.
  virtual std::vector<file_info> list() const = 0;
  virtual bool remove(const std::string& path) = 0;
  virtual bool rename(const std::string& from, const std::string& to) = 0;
  virtual std::unique_ptr<file_reader> open(const std::string& path) const = 0;
};

/// Returns an area that lives in memory, for simulations in virtual time.
std::unique_ptr<printer_files> make_memory_files();

/// Returns an area kept in `folder` (made if missing); uploads are staged beside it and renamed.
std::unique_ptr<printer_files> make_folder_files(const std::filesystem::path& folder);

/// Whether a path is relative, non-empty and never climbs out of its root.
bool is_safe_path(std::string_view path);

/// Finds a file by its exact name, else by one that differs only in case (as Klipper does).
std::optional<file_info> find_any_case(const printer_files& files, std::string_view path);

/// Stores `content` in one step; for tests and for files that appear at the machine.
bool store_file(printer_files& files, const std::string& path, std::string_view content,
                double modified_s);

} // namespace gantry::sim
