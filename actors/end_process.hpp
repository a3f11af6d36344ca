// What happens when something fails without which the kernel cannot go on.
#pragma once

#include <caf/error.hpp>
#include <exception>
#include <string>
#include <utility>

namespace gantry::actors {

/// Says in the log what happened to `who` and ends the process at once: with exit status 74 if it
/// was the store, otherwise with 1. Recovery from disk is the tested path.
[[noreturn]] void end_process(const std::string& who, const std::exception_ptr& problem);

/// Lets every exception in `self`, an event-based actor, end the process. An actor that is the only
/// one of its kind must do so first of all: if it ended alone, callers would wait for ever.
template <class Self>
void end_process_with(Self self, std::string who) {
  self->set_exception_handler([who = std::move(who)](std::exception_ptr& problem) -> caf::error {
    end_process(who, problem);
  });
}

} // namespace gantry::actors
