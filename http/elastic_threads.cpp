#include "http/elastic_threads.hpp"

#include "http/thread_rank.hpp"

namespace gantry::http {

namespace {

thread_local bool is_behind = false;

} // namespace

elastic_threads::elastic_threads(size_t threads_max, std::chrono::milliseconds idle_max)
    : threads_max_{threads_max}, idle_max_{idle_max} {
  // nop
}

elastic_threads::~elastic_threads() {
  shutdown();
}

void elastic_threads::run(std::function<void()> job) {
  std::list<std::thread> ended;
  {
    const std::lock_guard lock{mutex_};
    jobs_.push_back(std::move(job));
    ended.swap(ended_);
    if (jobs_.size() > idle_ && threads_.size() < threads_max_) {
      const auto self = threads_.emplace(threads_.end());
      *self = std::thread{[this, self] { work(self); }};
    }
  }
  changed_.notify_one();
  for (auto& thread : ended)
    thread.join();
}

void elastic_threads::step_behind() {
  if (!is_behind)
    set_thread_rank(thread_rank::behind);
  is_behind = true;
}

void elastic_threads::work(std::list<std::thread>::iterator self) {
  std::unique_lock lock{mutex_};
  for (;;) {
    ++idle_;
    changed_.wait_for(lock, idle_max_, [this] { return stopping_ || !jobs_.empty(); });
    --idle_;
    if (jobs_.empty())
      break;
    auto job = std::move(jobs_.front());
    jobs_.pop_front();
    lock.unlock();
    job();
    lock.lock();
    // Jobs that nobody else can take are better done late than not.
    if (is_behind && jobs_.size() <= idle_)
      break;
  }
  ended_.splice(ended_.end(), threads_, self);
  changed_.notify_all();
}

void elastic_threads::shutdown() {
  std::list<std::thread> ended;
  {
    std::unique_lock lock{mutex_};
    stopping_ = true;
    changed_.notify_all();
    changed_.wait(lock, [this] { return threads_.empty(); });
    ended.swap(ended_);
  }
  for (auto& thread : ended)
    thread.join();
}

bool elastic_threads::saturated() const {
  const std::lock_guard lock{mutex_};
  return threads_.size() >= threads_max_ && jobs_.size() > idle_;
}

size_t elastic_threads::size() const {
  const std::lock_guard lock{mutex_};
  return threads_.size();
}

} // namespace gantry::http
