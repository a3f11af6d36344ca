// From a request to a decided command and back: what every handler that changes something shares.
#pragma once

#include "http/handlers.hpp"
#include "http/problem.hpp"
#include "schemas/codec.hpp"

#include <chrono>
#include <condition_variable>
#include <mutex>
#include <optional>

namespace gantry::http::handlers {

/// How often a waiting handler looks whether the server is being stopped.
inline constexpr std::chrono::milliseconds wait_slice{100};
/// Slices that a command in flight is still given when the server is being stopped.
inline constexpr int slices_when_stopping = 10;
/// A slot for an answer that comes from another thread, or never.
template <class T>
class mailbox {
public:
  void put(T value) {
    {
      const std::lock_guard lock{mutex_};
      value_ = std::move(value);
    }
    arrived_.notify_all();
  }

  /// The value; nothing after `patience`, or soon after `stopping` was set.
  std::optional<T> take(std::chrono::milliseconds patience, const std::atomic<bool>& stopping) {
    std::unique_lock lock{mutex_};
    auto slices = patience / wait_slice;
    int grace = slices_when_stopping;
    while (!value_ && slices-- > 0) {
      arrived_.wait_for(lock, wait_slice, [this] { return value_.has_value(); });
      if (stopping && --grace <= 0)
        break;
    }
    return std::move(value_);
  }

private:
  std::mutex mutex_;
  std::condition_variable arrived_;
  std::optional<T> value_;
};

/// The digest by which a repeated key is recognised as the same request.
[[nodiscard]] std::string digest_of(const request& asked, std::string_view content);

/// A decided command: its reply, or the refusal to answer with.
[[nodiscard]] result<actors::command_reply> submit(exchange& x, any_command body, std::string note,
                                                   std::string digest);

/// The same for a version that is not named by If-Match.
[[nodiscard]] result<actors::command_reply>
submit_expecting(exchange& x, any_command body, std::string note, std::string digest,
                 std::optional<entity_version> expected);

/// The entity after a command, with `extra` fields (each with a leading comma).
[[nodiscard]] response answer_with(const exchange& x, const actors::command_reply& reply,
                                   std::string_view extra = {});

/// Decides `body` under the request's key and answers with the entity or with a problem.
[[nodiscard]] response decide(exchange& x, any_command body, std::string note);

/// A body that may be left out where every field has a default.
inline std::string_view body_text(const request& asked) {
  return asked.body.empty() ? std::string_view{"{}"} : std::string_view{asked.body};
}

/// Puts the id from the path into the command; false if it cannot be one.
template <class Id>
bool take_id(const exchange& x, Id& id) {
  id.value = x.asked.id;
  return well_formed_id(Id::prefix, id.value);
}

template <class Id>
response no_such(const exchange& x, const Id& id) {
  return problem(
      {reason::not_found, {{"kind", std::string{name_of(ref_of(id).kind)}}, {"id", x.asked.id}}},
      x.asked.request_id);
}

/// Decodes the body strictly, puts the id from the path into it, and decides it.
template <class Command>
response command_on(exchange& x) {
  Command body;
  if constexpr (requires { body.id; })
    if (!take_id(x, body.id))
      return no_such(x, body.id);
  auto decoded = from_json_text<Command>(body_text(x.asked), strictness::request);
  if (!decoded)
    return problem(decoded.why(), x.asked.request_id);
  std::string note;
  if constexpr (requires { decoded->note; })
    note = decoded->note;
  if constexpr (requires { decoded->id; })
    decoded->id = body.id;
  return decide(x, std::move(*decoded), std::move(note));
}

} // namespace gantry::http::handlers
