// A person at the API of a farm that may die at any moment, with a journal of what was promised.
#pragma once

#include "tests/http/raw_client.hpp"

#include <mutex>
#include <nlohmann/json.hpp>
#include <optional>
#include <string>
#include <vector>

namespace gantry::test {

/// A request that was answered by 2xx: what the farm must never forget.
struct acknowledged {
  std::string method;
  std::string target;
  std::string key;
  std::string body;
  int status = 0;
  std::string reply;
};

/// Everything that clients were promised. It outlives the farm. Thread-safe.
class promise_journal {
public:
  void add(acknowledged what);
  /// Those from number `from` on.
  [[nodiscard]] std::vector<acknowledged> since(size_t from) const;
  [[nodiscard]] size_t size() const;

private:
  mutable std::mutex mutex_;
  std::vector<acknowledged> all_;
};

/// Speaks to one life of a farm. Requests are repeated in the next one under the same key.
class farm_client {
public:
  farm_client(uint16_t port, std::string secret, promise_journal& journal);

  /// Posts; nothing without a whole answer. 2xx answers are in the journal when this returns.
  std::optional<raw_answer> tell(const std::string& target, const std::string& key,
                                 const std::string& body) {
    return tell("POST", target, key, body);
  }
  std::optional<raw_answer> tell(const std::string& method, const std::string& target,
                                 const std::string& key, const std::string& body);
  /// What a GET answers; null unless it is 200.
  [[nodiscard]] nlohmann::json get(const std::string& target) const;
  /// The whole answer to a GET.
  [[nodiscard]] raw_answer look(const std::string& target) const;
  /// Repeats what was acknowledged; nothing without a whole answer.
  [[nodiscard]] std::optional<raw_answer> repeat(const acknowledged& what) const {
    return ask(what.method, what.target, what.key, what.body);
  }
  /// Repeats what was acknowledged; each that is not answered as before is named.
  [[nodiscard]] std::vector<std::string>
  find_broken_promises(const std::vector<acknowledged>& what) const;

private:
  [[nodiscard]] std::optional<raw_answer> ask(const std::string& method, const std::string& target,
                                              const std::string& key,
                                              const std::string& body) const;

  uint16_t port_;
  std::string secret_;
  promise_journal* journal_;
};

} // namespace gantry::test
