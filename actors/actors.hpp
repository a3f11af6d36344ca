// The interfaces of all actors, one comment per message. All see all protocols, none sees an
// implementation.
#pragma once

#include "actors/messages.hpp"

#include <caf/replies_to.hpp>
#include <caf/typed_actor.hpp>

namespace gantry::actors {

/// The WRITER interface: writes and syncs groups, on a thread of its own.
using writer_actor = caf::typed_actor<
    // Writes one group with one sync; replies with the newest seq that is durable then.
    caf::replies_to<write_atom, group_ptr>::with<uint64_t>,
    // Writes without a sync; the next synced group makes it durable as well.
    caf::reacts_to<keep_atom, loose_batch_ptr>>;

/// The WORKER interface: runs one task at a time, on a thread of its own.
using worker_actor = caf::typed_actor<
    // Runs the task; replies when it has returned, false if it failed.
    caf::replies_to<work_atom, task_ptr>::with<bool>>;

/// The JOURNAL actor interface: the one place where order is made.
using journal_actor = caf::typed_actor<
    // Answers with newest admitted states, and whether a key was used before.
    caf::replies_to<load_atom, load_request_ptr>::with<load_reply_ptr>,
    // Admits a commit; replies once it is durable, or at once if it is refused.
    caf::replies_to<commit_atom, commit_request_ptr>::with<commit_reply_ptr>,
    // Keeps telemetry, unless the disk is nearly full.
    caf::reacts_to<keep_atom, loose_batch_ptr>>;

/// The POLICY actor interface: answers gates, on the facts of the asker alone.
using policy_actor = caf::typed_actor<
    // Evaluates a gate on the facts of the asker; counts what it answered.
    caf::replies_to<gate_atom, gate_request_ptr>::with<decision_ptr>>;

/// The interface that every ENTITY actor has.
using entity_actor = caf::typed_actor<
    // Decides a command; replies when its outcome is durable.
    caf::replies_to<command_atom, command_ptr>::with<reply_ptr>,
    // Tells states that other initiators committed.
    caf::reacts_to<committed_atom, committed_ptr>>;

/// The PRINTER actor interface: an entity with a machine.
using printer_actor = entity_actor::extend<
    // INTERNAL: the port's newest-value slot holds an unread report.
    caf::reacts_to<report_atom>,
    // INTERNAL: the port answers a request.
    caf::reacts_to<answer_atom, uint64_t, answer_ptr>,
    // INTERNAL: a timer (first number) ran out; the second number is the epoch in which it was
    // armed.
    caf::reacts_to<wake_atom, uint64_t, uint64_t>>;

/// The STATION actor interface: an entity with a resin printer and pumps.
using station_actor = entity_actor::extend<
    // INTERNAL: the slot of the ports holds unread reports.
    caf::reacts_to<report_atom>,
    // INTERNAL: the printer's port answers a request.
    caf::reacts_to<answer_atom, uint64_t, answer_ptr>,
    // INTERNAL: the guard has ended a run.
    caf::reacts_to<answer_atom, uint64_t, run_result_ptr>,
    // INTERNAL: a timer (first number) ran out; the second number is the epoch in which it was
    // armed.
    caf::reacts_to<wake_atom, uint64_t, uint64_t>>;

/// The STATION WATCH interface: notices stations whose control does not move.
using station_watch_actor = caf::typed_actor<
    // INTERNAL: time to look.
    caf::reacts_to<wake_atom>>;

/// The DIRECTORY actor interface: parent of all entities, finds or makes the one a command is for.
using directory_actor = caf::typed_actor<
    // Routes a command to its initiator.
    caf::replies_to<command_atom, command_ptr>::with<reply_ptr>,
    // Routes a command to the entity that is named (kind, id).
    caf::replies_to<command_atom, command_ptr, uint8_t, std::string>::with<reply_ptr>,
    // Passes committed states to their live owners and wakes entities that now have something to
    // do.
    caf::reacts_to<committed_atom, committed_ptr>,
    // INTERNAL: starts an entity anew after a crash (kind, id).
    caf::reacts_to<restart_atom, uint8_t, std::string>>;

/// The SCHEDULER actor interface: proposes runs to printers and explains why the others wait.
using scheduler_actor = caf::typed_actor<
    // Tells states that were committed.
    caf::reacts_to<committed_atom, committed_ptr>,
    // Something that matters for dispatch has changed; looks at everything soon.
    caf::reacts_to<wake_atom>,
    // INTERNAL: time to look, if the epoch is the current one.
    caf::reacts_to<wake_atom, uint64_t>>;

/// The WORK POOL actor interface: a bounded number of threads for work that blocks.
using work_pool_actor = caf::typed_actor<
    // Runs the task on a worker; replies when it has returned.
    caf::replies_to<work_atom, task_ptr>::with<bool>>;

} // namespace gantry::actors
