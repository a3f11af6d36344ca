// Who may talk to this kernel: secrets, the hosts and pages that are served, and failed log-ins.
#pragma once

#include "hal/clock.hpp"
#include "http/request.hpp"
#include "storage/reader.hpp"

#include <chrono>
#include <map>
#include <mutex>
#include <optional>
#include <string>
#include <unordered_map>
#include <vector>

namespace gantry::http {

/// Name of the session cookie.
inline constexpr std::string_view session_cookie = "gantry_session";

/// A new secret: `gantry_` and 32 base32 characters (160 bits of `ids`).
[[nodiscard]] std::string make_secret(hal::id_source& ids);

/// True if `text` has the shape of a secret; others are refused without a look-up.
[[nodiscard]] bool well_formed_secret(std::string_view text);

/// The secret that `asked` carries as a bearer token or session cookie; empty if there is none.
[[nodiscard]] std::string secret_of(const request& asked);

/// Finds tokens by the digest of their secret. The digest leads to a token's id only; whether it
/// still works is read from the store whenever the log has grown, so a revocation counts at once.
/// Secrets are never compared, hence nothing can be learned from how long a look-up takes.
/// Thread-safe.
class token_index {
public:
  /// The principal that holds `secret`; nothing if there is no such token or it is revoked. `seq`
  /// is the number of the newest durable event before `view` reads anything.
  [[nodiscard]] std::optional<principal> find(const storage::reader& view, uint64_t seq,
                                              std::string_view secret);

private:
  struct entry {
    std::string id;
    entity_version version = 0;   ///< Version from which `who` was made; 0 = not yet.
    std::optional<principal> who; ///< Nothing if the token was revoked.
    uint64_t seq = 0;             ///< Newest event up to which `who` is known to be right.
  };
  [[nodiscard]] std::optional<entry> entry_of_digest(const storage::reader& view,
                                                     const std::string& digest);

  std::mutex mutex_;
  std::unordered_map<std::string, entry> entries_; ///< By SHA-256 of the secret.
};

/// True if the token of `who` still works.
[[nodiscard]] bool still_valid(const storage::reader& view, const principal& who);

/// Slows down guessing: after `failures_max` failed log-ins within a minute an address has to wait
/// until that minute is over. Thread-safe.
class login_throttle {
public:
  static constexpr int failures_max = 10;
  static constexpr size_t peers_max = 1'000; ///< Bounds the memory that strangers can take.

  [[nodiscard]] bool blocked(const std::string& peer, hal::mono_time now);
  void failed(const std::string& peer, hal::mono_time now);

private:
  struct record {
    hal::mono_time since{};
    int failures = 0;
  };
  std::mutex mutex_;
  std::map<std::string, record> peers_;
};

/// True if the Host header of `asked` names this kernel: a loopback name, the address at which the
/// request arrived, or one of `allowed`. Anything else may be a page that rebound its own name to
/// us.
[[nodiscard]] bool host_allowed(const request& asked, const std::vector<std::string>& allowed);

/// True if `asked` does not come from a page of another origin.
[[nodiscard]] bool origin_allowed(const request& asked);

/// True if `address` is a loopback address.
[[nodiscard]] bool is_loopback(std::string_view address);

} // namespace gantry::http
