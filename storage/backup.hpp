// Copies of a data folder, and the way back.
#pragma once

#include "storage/doctor.hpp"
#include "storage/initialise.hpp"
#include "storage/rocksdb_store.hpp"

#include <cstdint>
#include <string>

namespace gantry::storage {

/// What a backup holds.
struct backup_summary {
  std::string site;
  std::string epoch;
  uint64_t last_seq = 0;
  uint64_t files = 0;
  uint64_t size_bytes = 0;
  std::string manifest_sha256; ///< Digest of the list of files; names the backup's content.
};

/// Copies `where` and the artifacts of the data folder `folder` into `target`, which must not
/// exist. Files are linked where the file system can. The kernel may go on working meanwhile. A
/// backup without a manifest was interrupted and is worthless.
[[nodiscard]] result<backup_summary> make_backup(rocksdb_store& where, const std::string& folder,
                                                 const std::string& target);

/// Makes the data folder `folder` from the backup at `source`, every file checked against the
/// manifest. Refuses with `already_exists` if the folder has a database. The new log gets an epoch
/// of its own from `epoch_bits` and the mark `restored`: the kernel must not start a print before a
/// person has confirmed the printers. An interrupted restore can be repeated.
[[nodiscard]] result<backup_summary> restore_backup(const std::string& source,
                                                    const std::string& folder, uint64_t epoch_bits);

/// What a rehearsal found.
struct rehearsal {
  backup_summary backup;
  doctor_report report;
  /// True if the restored log ends where the backup's manifest says and a replay agrees with every
  /// record.
  [[nodiscard]] bool good() const { return report.clean() && report.last_seq == backup.last_seq; }
};

/// Restores the backup at `source` into `scratch`, which must not exist, replays and compares, and
/// removes `scratch` again.
[[nodiscard]] result<rehearsal> rehearse_restore(const std::string& source,
                                                 const std::string& scratch,
                                                 const evolve_function& evolve,
                                                 const fold_table& folds = fold_versions);

} // namespace gantry::storage
