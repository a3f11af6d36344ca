// The short time between vfork and exec.
//
// The child lives in its parent's memory, and other threads of the parent may hold locks, so the
// child may only make system calls. All that it needs is prepared here before.
#pragma once

#include "hal/process/run_process.hpp"

#include <array>
#include <string>
#include <vector>

#include <sched.h>
#include <sys/resource.h>
#include <sys/types.h>

namespace gantry::process {

/// Steps that a child reports to its parent.
enum class child_step : int {
  layout_fixed = 1,    ///< success of an optional step
  processor_fixed = 2, ///< success of an optional step
  setup_failed = 3,
  exec_failed = 4,
};

/// A report from the child; small enough to be written to a pipe in one piece.
struct child_report {
  child_step step = child_step::setup_failed;
  int error_number = 0;
};

/// Everything that a child needs, in the form in which the kernel wants it. Points into `spec`,
/// which must outlive it.
class child_setup {
public:
  /// Looks the program up and prepares limits and arrays.
  explicit child_setup(const process_spec& spec);
  child_setup(const child_setup&) = delete;
  child_setup& operator=(const child_setup&) = delete;

  /// Whether the program was found; false means `not_found`.
  [[nodiscard]] bool found() const { return !program_.empty(); }

  /// Becomes the program. Only to be called in a fresh child; makes system calls only and never
  /// returns.
  [[noreturn]] void become(pid_t parent, int null_in, int out, int err, int report) const;

private:
  struct limit {
    __rlimit_resource resource;
    rlimit bound;
  };

  void find_program();
  void add_limit(__rlimit_resource resource, std::uint64_t bound);
  void choose_processor();
  bool apply(pid_t parent, int null_in, int out, int err, int report) const;

  const process_spec& spec_;
  std::string program_;
  std::string folder_;
  std::vector<char*> argv_;
  std::vector<char*> environment_;
  std::vector<limit> limits_;
  cpu_set_t processors_{};
  bool fix_processor_ = false;
};

} // namespace gantry::process
