#include "logging/log.hpp"

#include "logging/log_line.hpp"
#include "logging/rotating_file.hpp"

#include <cerrno>
#include <condition_variable>
#include <cstdlib>
#include <deque>
#include <memory>
#include <mutex>
#include <optional>
#include <stdexcept>
#include <thread>
#include <unistd.h>
#include <utility>

namespace gantry::logging {

namespace {

/// How long `flush` waits for a stuck disk or terminal.
constexpr std::chrono::seconds flush_patience{2};

/// Longest message or value that is kept; more would let one device fill the log.
constexpr size_t text_bytes_max = 16'384;

void shorten(std::string& text) {
  if (text.size() <= text_bytes_max)
    return;
  text.resize(text_bytes_max);
  text += "...";
}

/// The queue between those who write and the one who stores.
class queue {
public:
  /// False if a service runs already.
  bool start(log_settings settings) {
    std::lock_guard guard{mutex_};
    if (running_)
      return false;
    settings_ = std::move(settings);
    counts_ = {};
    taken_ = accepted_ = reported_drops_ = 0;
    failing_ = false;
    coloured_ = ::isatty(settings_.terminal_fd) == 1 && std::getenv("NO_COLOR") == nullptr;
    people_.reset();
    programs_.reset();
    if (!settings_.folder.empty()) {
      people_.emplace(settings_.folder, "app", ".log", settings_.file_bytes_max,
                      settings_.files_max);
      programs_.emplace(settings_.folder, "app", ".jsonl", settings_.file_bytes_max,
                        settings_.files_max);
    }
    running_ = true;
    writer_ = std::thread{[this] { run(); }};
    return true;
  }

  void stop() {
    {
      std::lock_guard guard{mutex_};
      running_ = false;
    }
    wake_.notify_one();
    writer_.join();
  }

  void push(record entry) {
    std::lock_guard guard{mutex_};
    if (!running_)
      return;
    if (waiting_.size() >= settings_.queue_max) {
      ++counts_.dropped;
      return;
    }
    // The time is taken under the lock, so that lines stand in the order of their times.
    if (settings_.wall)
      entry.at = settings_.wall();
    waiting_.push_back(std::move(entry));
    ++accepted_;
    wake_.notify_one();
  }

  void flush() {
    std::unique_lock guard{mutex_};
    auto goal = accepted_;
    idle_.wait_for(guard, flush_patience, [this, goal] { return taken_ >= goal; });
  }

  /// True if a message of this level would be written anywhere.
  bool wants(level severity) {
    std::lock_guard guard{mutex_};
    return running_
           && (severity >= settings_.terminal_level
               || (!settings_.folder.empty() && severity >= settings_.file_level));
  }

  log_health health() {
    std::lock_guard guard{mutex_};
    auto answer = counts_;
    answer.queued = waiting_.size();
    return answer;
  }

private:
  void run() {
    std::unique_lock guard{mutex_};
    for (;;) {
      wake_.wait(guard, [this] { return !waiting_.empty() || !running_; });
      if (waiting_.empty())
        return;
      auto batch = std::exchange(waiting_, {});
      auto count = batch.size();
      auto drops = counts_.dropped - reported_drops_;
      reported_drops_ = counts_.dropped;
      guard.unlock();
      auto errors = store(batch);
      if (drops > 0)
        errors += store({{batch.back().at,
                          level::warning,
                          "logging",
                          "the log's queue was full and lines were dropped",
                          {{"dropped", std::to_string(drops)}}}});
      guard.lock();
      counts_.written += count;
      counts_.file_errors += errors;
      counts_.failing = failing_;
      taken_ += count;
      idle_.notify_all();
    }
  }

  /// Writes `batch`; returns how many lines a file refused. Only the writer's thread calls it.
  uint64_t store(const std::deque<record>& batch) {
    uint64_t errors = 0;
    std::string terminal;
    for (const auto& entry : batch) {
      if (people_ && entry.severity >= settings_.file_level) {
        const bool kept = people_->append(human_line(entry, false));
        failing_ = !programs_->append(json_line(entry)) || !kept;
        errors += failing_ ? 1 : 0;
      }
      if (entry.severity >= settings_.terminal_level)
        terminal += human_line(entry, coloured_);
    }
    for (std::string_view rest = terminal; !rest.empty();) {
      auto count = ::write(settings_.terminal_fd, rest.data(), rest.size());
      if (count < 0 && errno == EINTR)
        continue;
      // A terminal that is gone is no reason to stop.
      if (count <= 0)
        break;
      rest.remove_prefix(static_cast<size_t>(count));
    }
    return errors;
  }

  std::mutex mutex_;
  std::condition_variable wake_;
  std::condition_variable idle_;
  log_settings settings_;
  std::optional<rotating_file> people_;
  std::optional<rotating_file> programs_;
  std::deque<record> waiting_;
  log_health counts_;
  uint64_t accepted_ = 0;
  uint64_t taken_ = 0;
  uint64_t reported_drops_ = 0;
  bool running_ = false;
  bool coloured_ = false;
  bool failing_ = false; ///< Only the writer's thread uses it.
  std::thread writer_;
};

/// The process's one queue. Never destroyed: threads may write while statics go away.
queue& the_queue() {
  static auto* instance = new queue;
  return *instance;
}

} // namespace

void write(level severity, std::string_view component, std::string message,
           std::vector<field> fields) {
  auto& target = the_queue();
  if (!target.wants(severity))
    return;
  shorten(message);
  for (auto& item : fields)
    shorten(item.value);
  target.push({{}, severity, component, std::move(message), std::move(fields)});
}

void flush() {
  the_queue().flush();
}

log_health health() {
  return the_queue().health();
}

log_service::log_service(log_settings settings) {
  if (!the_queue().start(std::move(settings)))
    throw std::logic_error{"a log service runs already"};
}

log_service::~log_service() {
  the_queue().stop();
}

} // namespace gantry::logging
