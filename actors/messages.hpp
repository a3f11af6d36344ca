// Atoms and message types of all actors. Messages never leave the process, so they carry shared
// pointers to values that nobody changes after sending.
#pragma once

#include "actors/command_reply.hpp"
#include "actors/journal_messages.hpp"
#include "hal/printer_port.hpp"
#include "hal/pump_port.hpp"
#include "rules/gate.hpp"
#include "schemas/command.hpp"

#include <caf/allowed_unsafe_message_type.hpp>
#include <caf/type_id.hpp>
#include <functional>
#include <memory>

namespace gantry::actors {

/// A command on its way to its initiator.
using command_ptr = std::shared_ptr<const command>;
/// What became of it.
using reply_ptr = std::shared_ptr<const command_reply>;
/// Work that blocks; runs on a worker thread and must not throw.
using task_ptr = std::shared_ptr<const std::function<void()>>;
/// A question to the policy, with the facts it is judged on.
struct gate_request {
  rules::gate_question question;
  rules::facts known;
  timestamp now;
};
using gate_request_ptr = std::shared_ptr<const gate_request>;
using decision_ptr = std::shared_ptr<const decision>;
/// Changes that may be lost: telemetry.
using loose_batch_ptr = std::shared_ptr<const storage::batch>;
using answer_ptr = std::shared_ptr<const hal::port_answer>;
using run_result_ptr = std::shared_ptr<const hal::pump_run_result>;

} // namespace gantry::actors

// CAF 0.17 numbers message types; ours begin above its own.
CAF_BEGIN_TYPE_ID_BLOCK(gantry, first_custom_type_id)

CAF_ADD_ATOM(gantry, gantry::actors, load_atom, "load")
CAF_ADD_ATOM(gantry, gantry::actors, commit_atom, "commit")
CAF_ADD_ATOM(gantry, gantry::actors, write_atom, "write")
CAF_ADD_ATOM(gantry, gantry::actors, command_atom, "command")
CAF_ADD_ATOM(gantry, gantry::actors, committed_atom, "committed")
CAF_ADD_ATOM(gantry, gantry::actors, gate_atom, "gate")
CAF_ADD_ATOM(gantry, gantry::actors, work_atom, "work")
CAF_ADD_ATOM(gantry, gantry::actors, report_atom, "report")
CAF_ADD_ATOM(gantry, gantry::actors, answer_atom, "answer")
CAF_ADD_ATOM(gantry, gantry::actors, wake_atom, "wake")
CAF_ADD_ATOM(gantry, gantry::actors, restart_atom, "restart")
CAF_ADD_ATOM(gantry, gantry::actors, keep_atom, "keep")

CAF_END_TYPE_ID_BLOCK(gantry)

CAF_ALLOW_UNSAFE_MESSAGE_TYPE(gantry::actors::command_ptr)
CAF_ALLOW_UNSAFE_MESSAGE_TYPE(gantry::actors::reply_ptr)
CAF_ALLOW_UNSAFE_MESSAGE_TYPE(gantry::actors::task_ptr)
CAF_ALLOW_UNSAFE_MESSAGE_TYPE(gantry::actors::gate_request_ptr)
CAF_ALLOW_UNSAFE_MESSAGE_TYPE(gantry::actors::decision_ptr)
CAF_ALLOW_UNSAFE_MESSAGE_TYPE(gantry::actors::answer_ptr)
CAF_ALLOW_UNSAFE_MESSAGE_TYPE(gantry::actors::loose_batch_ptr)
CAF_ALLOW_UNSAFE_MESSAGE_TYPE(gantry::actors::run_result_ptr)
CAF_ALLOW_UNSAFE_MESSAGE_TYPE(gantry::actors::load_request_ptr)
CAF_ALLOW_UNSAFE_MESSAGE_TYPE(gantry::actors::load_reply_ptr)
CAF_ALLOW_UNSAFE_MESSAGE_TYPE(gantry::actors::commit_request_ptr)
CAF_ALLOW_UNSAFE_MESSAGE_TYPE(gantry::actors::commit_reply_ptr)
CAF_ALLOW_UNSAFE_MESSAGE_TYPE(gantry::actors::committed_ptr)
CAF_ALLOW_UNSAFE_MESSAGE_TYPE(gantry::actors::group_ptr)
