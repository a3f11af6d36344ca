// How `gantry` ends. Scripts and service managers rely on these numbers: they are never changed.
#pragma once

namespace gantry::cli {

enum class exit_code : int {
  done = 0,          ///< Did what was asked.
  failed = 1,        ///< Did not; the last line says why.
  usage = 2,         ///< The command line was not understood.
  folder_in_use = 3, ///< Another process uses the data folder.
  port_in_use = 4,   ///< The address or port cannot be listened at.
  folder_unfit = 5,  ///< The data folder is missing, damaged, or of a newer version.
  stop_timeout = 70, ///< Stopping took longer than 5 s; the store recovers at the next start.
  store_lost = 74,   ///< The disk failed or is full; restarting recovers what is on it.
};

/// The paragraph about exit codes below every help text.
inline constexpr const char* exit_code_help =
    "Exit status: 0 done, 1 failed, 2 wrong usage, 3 data folder in use by another process,\n"
    "4 port in use, 5 data folder missing, damaged or too new, 70 stopping took too long,\n"
    "74 the disk failed or is full.\n";

} // namespace gantry::cli
