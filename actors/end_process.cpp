#include "actors/end_process.hpp"

#include "logging/log.hpp"
#include "storage/store.hpp"

#include <cstdlib>

namespace gantry::actors {

namespace {

/// Exit status of a kernel that lost its store (sysexits' EX_IOERR), and of any other failure.
constexpr int storage_lost_status = 74;
constexpr int failed_status = 1;

[[noreturn]] void say_and_exit(const std::string& who, const std::string& text,
                               const std::string& error, int status) {
  logging::write(logging::level::error, who, text, {{"error", error}});
  logging::flush();
  std::_Exit(status);
}

} // namespace

void end_process(const std::string& who, const std::exception_ptr& problem) {
  try {
    std::rethrow_exception(problem);
  } catch (const storage::storage_error& error) {
    say_and_exit(who, "the store failed; the kernel stops and recovers from what is on disk",
                 error.what(), storage_lost_status);
  } catch (const std::exception& error) {
    say_and_exit(who, "the kernel cannot go on and stops", error.what(), failed_status);
  } catch (...) {
    say_and_exit(who, "the kernel cannot go on and stops", "unknown", failed_status);
  }
}

} // namespace gantry::actors
