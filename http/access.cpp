#include "http/access.hpp"

#include "http/json_text.hpp"
#include "schemas/codec.hpp"
#include "schemas/digest.hpp"

#include <algorithm>

namespace gantry::http {

namespace {

constexpr std::string_view secret_prefix = "gantry_";
constexpr std::string_view secret_alphabet = "abcdefghijklmnopqrstuvwxyz234567";
constexpr size_t secret_characters = 32;

std::string lower(std::string_view text) {
  std::string out{text};
  for (auto& c : out)
    if (c >= 'A' && c <= 'Z')
      c = static_cast<char>(c - 'A' + 'a');
  return out;
}

/// A Host value without its port and brackets, in lower case.
std::string host_name(std::string_view host) {
  if (host.starts_with('[')) {
    const auto end = host.find(']');
    return end == std::string_view::npos ? std::string{} : lower(host.substr(1, end - 1));
  }
  return lower(host.substr(0, host.rfind(':')));
}

/// The principal that a stored token stands for; nothing if it is revoked.
std::optional<principal> principal_of(const storage::stored_entity& stored) {
  if (field_of(stored.json, "revoked") != "false")
    return std::nullopt;
  principal who{.id = stored.entity.id, .name = {}, .kind = principal_kind::user, .roles = {}};
  auto decoded = from_json_text<token>(stored.json, strictness::stored);
  if (!decoded)
    return std::nullopt;
  who.name = std::move(decoded->name);
  who.roles = std::move(decoded->roles);
  if (std::ranges::find(who.roles, role::integration) != who.roles.end())
    who.kind = principal_kind::integration;
  return who;
}

} // namespace

std::string make_secret(hal::id_source& ids) {
  std::string secret{secret_prefix};
  while (secret.size() < secret_prefix.size() + secret_characters) {
    auto bits = ids.bits();
    // 12 characters use 60 of the 64 bits.
    for (int i = 0; i < 12 && secret.size() < secret_prefix.size() + secret_characters; ++i) {
      secret += secret_alphabet[bits & 31];
      bits >>= 5;
    }
  }
  return secret;
}

bool well_formed_secret(std::string_view text) {
  return text.size() == secret_prefix.size() + secret_characters && text.starts_with(secret_prefix)
         && std::ranges::all_of(text.substr(secret_prefix.size()), [](char c) {
              return secret_alphabet.find(c) != std::string_view::npos;
            });
}

std::string secret_of(const request& asked) {
  constexpr std::string_view bearer = "bearer ";
  const auto authorization = asked.header("authorization");
  if (authorization.size() > bearer.size()
      && lower(authorization.substr(0, bearer.size())) == bearer)
    return std::string{authorization.substr(bearer.size())};
  auto cookies = asked.header("cookie");
  while (!cookies.empty()) {
    const auto end = std::min(cookies.find(';'), cookies.size());
    auto cookie = cookies.substr(0, end);
    cookies.remove_prefix(std::min(end + 1, cookies.size()));
    cookie.remove_prefix(std::min(cookie.find_first_not_of(' '), cookie.size()));
    if (cookie.starts_with(session_cookie) && cookie.substr(session_cookie.size()).starts_with('='))
      return std::string{cookie.substr(session_cookie.size() + 1)};
  }
  return {};
}

std::optional<token_index::entry> token_index::entry_of_digest(const storage::reader& view,
                                                               const std::string& digest) {
  {
    const std::lock_guard lock{mutex_};
    if (const auto position = entries_.find(digest); position != entries_.end())
      return position->second;
  }
  const auto tokens = view.open(entity_kind::token);
  const std::lock_guard lock{mutex_};
  entries_.clear();
  for (const auto& stored : tokens)
    entries_[std::string{text_of(stored.json, "secret_sha256")}] = {
        .id = stored.entity.id, .version = stored.version, .who = principal_of(stored)};
  const auto position = entries_.find(digest);
  return position == entries_.end() ? std::nullopt : std::optional{position->second};
}

std::optional<principal> token_index::find(const storage::reader& view, uint64_t seq,
                                           std::string_view secret) {
  if (!well_formed_secret(secret))
    return std::nullopt;
  const auto digest = sha256_hex(secret);
  auto known = entry_of_digest(view, digest);
  if (!known)
    return std::nullopt;
  if (known->version > 0 && known->seq == seq)
    return known->who;
  const auto stored = view.get({entity_kind::token, known->id});
  if (!stored)
    return std::nullopt;
  if (stored->version != known->version) {
    known->version = stored->version;
    known->who = principal_of(*stored);
  }
  known->seq = seq;
  const std::lock_guard lock{mutex_};
  entries_[digest] = *known;
  return known->who;
}

bool still_valid(const storage::reader& view, const principal& who) {
  const auto stored = view.get({entity_kind::token, who.id});
  return stored && field_of(stored->json, "revoked") == "false";
}

bool login_throttle::blocked(const std::string& peer, hal::mono_time now) {
  const std::lock_guard lock{mutex_};
  const auto position = peers_.find(peer);
  if (position == peers_.end())
    return false;
  if (now - position->second.since > std::chrono::minutes{1}) {
    peers_.erase(position);
    return false;
  }
  return position->second.failures >= failures_max;
}

void login_throttle::failed(const std::string& peer, hal::mono_time now) {
  const std::lock_guard lock{mutex_};
  if (peers_.size() >= peers_max)
    peers_.clear();
  auto& counted = peers_[peer];
  if (counted.failures++ == 0)
    counted.since = now;
}

bool is_loopback(std::string_view address) {
  return address.starts_with("127.") || address == "::1" || address.starts_with("::ffff:127.");
}

bool host_allowed(const request& asked, const std::vector<std::string>& allowed) {
  const auto name = host_name(asked.header("host"));
  if (name.empty())
    return false;
  if (name == "localhost" || name == "127.0.0.1" || name == "::1" || name == asked.local_address)
    return true;
  return std::ranges::any_of(allowed, [&name](const auto& x) { return lower(x) == name; });
}

bool origin_allowed(const request& asked) {
  const auto origin = asked.header("origin");
  if (origin.empty())
    return true;
  const auto host = lower(asked.header("host"));
  return lower(origin) == "http://" + host || lower(origin) == "https://" + host;
}

} // namespace gantry::http
