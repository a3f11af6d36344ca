// `gantry doctor`, `backup` and `restore`: work on a data folder that no kernel uses.
#include "cli/command.hpp"
#include "cli/data_folder.hpp"
#include "cli/replay.hpp"
#include "cli/serve.hpp"
#include "hal/clock.hpp"
#include "storage/backup.hpp"
#include "storage/data_folder.hpp"

#include <filesystem>
#include <iostream>

namespace gantry::cli {

namespace fs = std::filesystem;

namespace {

/// What went wrong, without the advice that the store's sentence has for a running kernel.
std::string sentence_of(const refusal& why) {
  auto detail = why.params.find("detail");
  return why.code == reason::storage_failed && detail != why.params.end() ? detail->second
                                                                          : why.text();
}

exit_code refuse(std::string_view command, const refusal& why) {
  std::cerr << "gantry " << command << ": " << sentence_of(why) << '\n';
  return exit_code_of(why);
}

/// Opens the store of `folder`, which must exist.
result<std::unique_ptr<storage::rocksdb_store>> open_existing(const std::string& folder) {
  if (!fs::exists(storage::database_path(folder)))
    return refusal{reason::storage_failed, {{"detail", folder + " is not a data folder"}}};
  // Without a ballast: looking at a folder must not fill its disk.
  return storage::open_rocksdb_store(folder, {.ballast_bytes = 0, .warn = {}});
}

std::string megabytes(uint64_t bytes) {
  return std::to_string((bytes + 999'999) / 1'000'000) + " MB";
}

void print_report(const storage::doctor_report& report) {
  std::cout << report.events << " events and " << report.entities << " entities examined; the log "
            << "ends at " << report.last_seq << ".\n";
  if (report.other_folds > 0)
    std::cout << report.other_folds
              << " records were made by another version; the next start makes them anew.\n";
  for (const auto& each : report.findings)
    std::cout << "  " << name_of(each.what) << "  " << each.subject << "  " << each.detail << '\n';
  for (const auto& [what, count] : report.counts)
    std::cout << name_of(what) << ": " << count << '\n';
  std::cout << (report.clean() ? "The store agrees with its log.\n"
                               : "The store does not agree with its log: restore a backup, and "
                                 "keep this folder for the report.\n");
}

exit_code doctor(const arguments& given) {
  auto folder = data_folder(given);
  if (given.has("--free")) {
    auto bytes = storage::release_ballast(folder);
    std::cout << megabytes(bytes) << " given back to the disk.\n";
    return exit_code::done;
  }
  auto opened = open_existing(folder);
  if (!opened)
    return refuse("doctor", opened.why());
  auto report = storage::examine(**opened, replay_event);
  print_report(report);
  return report.clean() ? exit_code::done : exit_code::failed;
}

exit_code backup(const arguments& given) {
  auto folder = data_folder(given);
  auto opened = open_existing(folder);
  if (!opened)
    return refuse("backup", opened.why());
  auto target = fs::absolute(given.positional()[0]).lexically_normal().string();
  auto made = storage::make_backup(**opened, folder, target);
  if (!made) {
    std::cerr << "gantry backup: " << sentence_of(made.why()) << '\n';
    return exit_code::failed;
  }
  std::cout << "Backup of " << made->files << " files (" << megabytes(made->size_bytes)
            << ") up to event " << made->last_seq << " in " << target << ".\n"
            << "Check it with: gantry restore " << target << " --rehearse\n";
  return exit_code::done;
}

exit_code rehearse(const std::string& source) {
  auto rehearsed = storage::rehearse_restore(source, source + ".rehearsal", replay_event);
  if (!rehearsed) {
    std::cerr << "gantry restore: " << sentence_of(rehearsed.why()) << '\n';
    return exit_code::failed;
  }
  print_report(rehearsed->report);
  std::cout << (rehearsed->good() ? "The backup is good.\n" : "The backup is NOT good.\n");
  return rehearsed->good() ? exit_code::done : exit_code::failed;
}

exit_code restore(const arguments& given) {
  auto source = fs::absolute(given.positional()[0] + "/").lexically_normal().parent_path().string();
  if (given.has("--rehearse"))
    return rehearse(source);
  if (!given.has("--data")) {
    std::cerr << "gantry restore: say with --data which folder to make, or --rehearse\n";
    return exit_code::usage;
  }
  auto folder = data_folder(given);
  auto made = storage::restore_backup(source, folder, hal::make_system_id_source()->bits());
  if (!made)
    return refuse("restore", made.why());
  std::cout << "Restored " << made->files << " files up to event " << made->last_seq << " into "
            << folder << ".\nNothing is printed until a person has confirmed every printer.\n";
  return exit_code::done;
}

} // namespace

subcommand doctor_command() {
  return {.name = "doctor",
          .operands = "",
          .summary = "Replays the log of a data folder and compares every record with it.",
          .details = "Changes nothing. The kernel must not be running, but for --free.\n",
          .options = {data_option(),
                      {"--free", option_kind::flag, "",
                       "instead give back the disk space held in reserve"}},
          .run = doctor};
}

subcommand backup_command() {
  return {.name = "backup",
          .operands = "DIR",
          .operands_min = 1,
          .operands_max = 1,
          .summary = "Copies a data folder into DIR, which must not exist.",
          .details = "The kernel must not be running; prints go on meanwhile. Files are linked "
                     "where the\nfile system can, so that a backup on the same disk takes "
                     "seconds.\n",
          .options = {data_option()},
          .run = backup};
}

subcommand restore_command() {
  return {.name = "restore",
          .operands = "DIR",
          .operands_min = 1,
          .operands_max = 1,
          .summary = "Makes a data folder from the backup DIR, every file checked.",
          .details = "",
          .options = {data_option(),
                      {"--rehearse", option_kind::flag, "",
                       "only restore into a scratch folder beside DIR, replay and compare"}},
          .run = restore};
}

} // namespace gantry::cli
