#include "storage/memory_store.hpp"

#include "storage/scan_range.hpp"

#include <algorithm>
#include <iterator>
#include <random>
#include <utility>

namespace gantry::storage {

namespace {

using table = memory_store::table;
using visitor = std::function<bool(std::string_view, std::string_view)>;

class memory_snapshot final : public snapshot {
public:
  memory_snapshot(std::vector<std::shared_ptr<table>> tables, std::shared_ptr<std::mutex> guard)
      : tables_{std::move(tables)}, guard_{std::move(guard)} {}

  // Under the store's lock: a writer who finds a table unshared changes it in place, and must come
  // after everything that was read from it.
  ~memory_snapshot() override {
    const std::lock_guard lock{*guard_};
    tables_.clear();
  }

  std::optional<std::string> get(family where, std::string_view key) const override {
    const auto& entries = *tables_[static_cast<size_t>(where)];
    const auto position = entries.find(key);
    return position == entries.end() ? std::nullopt : std::optional{position->second};
  }

  void scan(family where, std::string_view prefix, std::string_view from, bool descending,
            const visitor& visit) const override {
    const auto& entries = *tables_[static_cast<size_t>(where)];
    if (descending)
      walk(std::make_reverse_iterator(end_of_descending(entries, prefix, from)), entries.rend(),
           prefix, visit);
    else
      walk(entries.lower_bound(std::max(prefix, from)), entries.end(), prefix, visit);
  }

private:
  static table::const_iterator end_of_descending(const table& entries, std::string_view prefix,
                                                 std::string_view from) {
    const auto start = start_descending(prefix, from);
    if (!start.key)
      return entries.end();
    return start.inclusive ? entries.upper_bound(*start.key) : entries.lower_bound(*start.key);
  }

  template <class Iterator>
  static void walk(Iterator position, Iterator end, std::string_view prefix, const visitor& visit) {
    while (position != end && std::string_view{position->first}.starts_with(prefix)
           && visit(position->first, position->second))
      ++position;
  }

  std::vector<std::shared_ptr<table>> tables_;
  std::shared_ptr<std::mutex> guard_;
};

} // namespace

memory_store::memory_store() {
  for (size_t i = 0; i < family_count; ++i)
    tables_.push_back(std::make_shared<table>());
}

memory_store::~memory_store() = default;

void memory_store::write(const batch& changes, bool synced) {
  const std::lock_guard lock{*guard_};
  const auto fails = std::exchange(fail_next_, false);
  if (!fails || apply_failing_) {
    batch undo;
    for (const auto& x : changes)
      apply(x, undo);
    undo_.push_back(std::move(undo));
    if (synced)
      undo_.clear();
  }
  if (fails)
    throw storage_error{"injected failure"};
}

std::unique_ptr<snapshot> memory_store::read() const {
  const std::lock_guard lock{*guard_};
  return std::make_unique<memory_snapshot>(tables_, guard_);
}

uint64_t memory_store::free_bytes() const {
  const std::lock_guard lock{*guard_};
  return free_bytes_;
}

void memory_store::crash(crash_mode mode, uint64_t seed) {
  const std::lock_guard lock{*guard_};
  fail_next_ = false;
  if (mode == crash_mode::power_loss) {
    std::mt19937_64 random{seed};
    const auto kept = random() % (undo_.size() + 1);
    while (undo_.size() > kept) {
      batch ignored;
      for (auto x = undo_.back().rbegin(); x != undo_.back().rend(); ++x)
        apply(*x, ignored);
      undo_.pop_back();
    }
  }
  // What recovery found is on disk from then on.
  undo_.clear();
}

size_t memory_store::unsynced_writes() const {
  const std::lock_guard lock{*guard_};
  return undo_.size();
}

void memory_store::set_free_bytes(uint64_t bytes) {
  const std::lock_guard lock{*guard_};
  free_bytes_ = bytes;
}

void memory_store::fail_next_write(bool applied) {
  const std::lock_guard lock{*guard_};
  fail_next_ = true;
  apply_failing_ = applied;
}

void memory_store::apply(const change& what, batch& undo) {
  auto& entries = writable(what.where);
  const auto position = entries.find(what.key);
  undo.push_back({what.where, what.key,
                  position == entries.end() ? std::nullopt : std::optional{position->second}});
  if (what.value)
    entries.insert_or_assign(what.key, *what.value);
  else if (position != entries.end())
    entries.erase(position);
}

table& memory_store::writable(family where) {
  auto& shared = tables_[static_cast<size_t>(where)];
  if (shared.use_count() > 1)
    shared = std::make_shared<table>(*shared);
  return *shared;
}

} // namespace gantry::storage
