// What happens when something fails without which the kernel cannot go on.
#pragma once

#include <caf/error.hpp>
#include <caf/sec.hpp>
#include <exception>
#include <functional>
#include <string>
#include <utility>

namespace gantry::actors {

/// Says in the log what happened to `who` and ends the process at once: with exit status 74 if it
/// was the store, otherwise with 1. Recovery from disk is the tested path.
[[noreturn]] void end_process(const std::string& who, const std::exception_ptr& problem);

/// How the process ends because of `who`; `end_process`, except where a process is only simulated:
/// there it may return, and no actor of that kernel is run any more.
using process_end = std::function<void(const std::string& who, const std::exception_ptr& problem)>;

/// Lets every exception in `self`, an event-based actor, end the process. An actor that is the only
/// one of its kind must do so first of all: if it ended alone, callers would wait for ever.
template <class Self>
void end_process_with(Self self, std::string who, process_end end) {
  self->set_exception_handler(
      [who = std::move(who), end = std::move(end)](std::exception_ptr& problem) -> caf::error {
        end(who, problem);
        return caf::sec::runtime_error;
      });
}

} // namespace gantry::actors
