// The actors of one kernel and how they are put together, whoever runs them: the real kernel on
// threads, the stepped one in virtual time.
#pragma once

#include "actors/services.hpp"
#include "actors/spawn_io.hpp"
#include "actors/submission_desk.hpp"

#include <caf/actor_system.hpp>

namespace gantry::actors {

/// The GATEWAY actor interface: carries commands from outside to the directory.
using gateway_actor = caf::typed_actor<
    // Hands a command on; its reply goes to the desk, under the number.
    caf::reacts_to<command_atom, command_ptr, uint64_t>>;

/// All actors of one kernel. Stopping takes two steps, so that what is being decided can still be
/// committed: `stop_deciding`, wait until `deciders` are gone, `stop_committing`, wait until the
/// journal is gone, `release`.
class assembly {
public:
  /// Makes the actors; nothing is done by itself before `begin`. `system` outlives this object,
  /// and `shared` and `desk` outlive the system, whose threads may use them until it is gone.
  assembly(caf::actor_system& system, services& shared, submission_desk& desk,
           const io_variant& io);

  /// Loads what is open, connects the printers and goes on where the log ends.
  void begin();

  /// See `kernel::submit`.
  void submit(command request, submission_desk::callback then);

  /// Asks everything that decides to exit.
  void stop_deciding();
  /// What `stop_deciding` asked to exit, in the order in which it goes.
  [[nodiscard]] std::vector<caf::actor> deciders() const;
  /// Asks the rest to exit. Nothing that decides may be there any more.
  void stop_committing();
  /// Gives up the handles, which would keep their actors alive: the system waits for all of them.
  void release();

private:
  void load_settings();
  void sweep_artifacts();

  services& shared_;
  submission_desk& desk_;
  gateway_actor gateway_;
  station_watch_actor station_watch_;
};

} // namespace gantry::actors
