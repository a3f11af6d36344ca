#include "hal/net/name_lookup.hpp"

#include <algorithm>
#include <deque>
#include <mutex>
#include <netdb.h>
#include <sys/socket.h>
#include <system_error>
#include <thread>

namespace gantry::hal {

namespace {

constexpr int threads_max = 16;

/// Blocks until the system's resolver has answered.
lookup_answer ask_system(const std::string& host) {
  lookup_answer answer;
  addrinfo hints{};
  hints.ai_family = AF_UNSPEC;
  hints.ai_socktype = SOCK_STREAM;
  addrinfo* found = nullptr;
  if (const int code = getaddrinfo(host.c_str(), nullptr, &hints, &found); code != 0) {
    answer.error = gai_strerror(code);
    return answer;
  }
  for (const addrinfo* item = found; item; item = item->ai_next) {
    char text[NI_MAXHOST] = {};
    if (getnameinfo(item->ai_addr, item->ai_addrlen, text, sizeof text, nullptr, 0, NI_NUMERICHOST)
        == 0)
      answer.addresses.emplace_back(text);
  }
  freeaddrinfo(found);
  if (answer.addresses.empty())
    answer.error = "the name has no address";
  return answer;
}

} // namespace

struct name_lookup::shared {
  struct question {
    std::string host;
    std::function<void(lookup_answer)> then;
  };

  std::mutex mutex;
  std::deque<question> waiting;
  int threads = 0;
  bool closed = false;

  /// Answers questions until none waits.
  static void work(const std::shared_ptr<shared>& state) {
    std::unique_lock lock{state->mutex};
    while (!state->closed && !state->waiting.empty()) {
      const auto next = std::move(state->waiting.front());
      state->waiting.pop_front();
      lock.unlock();
      auto answer = ask_system(next.host);
      lock.lock();
      if (!state->closed)
        next.then(std::move(answer));
    }
    --state->threads;
  }
};

name_lookup::name_lookup() : shared_{std::make_shared<shared>()} {}

name_lookup::~name_lookup() {
  const std::lock_guard lock{shared_->mutex};
  shared_->closed = true;
  shared_->waiting.clear();
}

void name_lookup::find(const std::string& host, std::function<void(lookup_answer)> then) {
  const std::lock_guard lock{shared_->mutex};
  shared_->waiting.push_back({host, std::move(then)});
  if (shared_->threads >= threads_max)
    return;
  // Detached on purpose: the resolver cannot be interrupted, and the thread holds only its own
  // share of the state.
  try {
    std::thread{[state = shared_] { shared::work(state); }}.detach();
    ++shared_->threads;
  } catch (const std::system_error& failure) {
    if (shared_->threads > 0)
      return;
    auto last = std::move(shared_->waiting.back());
    shared_->waiting.pop_back();
    last.then({{}, failure.what()});
  }
}

} // namespace gantry::hal
