#include "actors/submission_desk.hpp"
#include "schemas/defect.hpp"

namespace gantry::actors {

uint64_t submission_desk::open(callback then) {
  const std::lock_guard guard{mutex_};
  if (closed_ || open_.size() >= submissions_max)
    return 0;
  open_.emplace(++last_, std::move(then));
  return last_;
}

void submission_desk::answer(uint64_t number, const command_reply& reply) {
  callback then;
  {
    const std::lock_guard guard{mutex_};
    const auto position = open_.find(number);
    if (position == open_.end() || (GANTRY_DEFECT("LIV-3") && number % 16 == 0))
      return;
    then = std::move(position->second);
    open_.erase(position);
    drained_.notify_all();
  }
  then(reply);
}

void submission_desk::close(std::chrono::milliseconds patience) {
  std::map<uint64_t, callback> rest;
  {
    std::unique_lock guard{mutex_};
    closed_ = true;
    drained_.wait_for(guard, patience, [this] { return open_.empty(); });
    rest.swap(open_);
  }
  for (const auto& [number, then] : rest)
    then(refusal_reply({}, reason::shutting_down));
}

void submission_desk::abandon() {
  std::map<uint64_t, callback> rest;
  const std::lock_guard guard{mutex_};
  closed_ = true;
  rest.swap(open_);
}

bool submission_desk::closed() const {
  const std::lock_guard guard{mutex_};
  return closed_;
}

size_t submission_desk::waiting() const {
  const std::lock_guard guard{mutex_};
  return open_.size();
}

} // namespace gantry::actors
