#include "tests/crash/farm_client.hpp"

namespace gantry::test {

using nlohmann::json;

void promise_journal::add(acknowledged what) {
  const std::lock_guard guard{mutex_};
  all_.push_back(std::move(what));
}

std::vector<acknowledged> promise_journal::since(size_t from) const {
  const std::lock_guard guard{mutex_};
  return {all_.begin() + static_cast<ptrdiff_t>(std::min(from, all_.size())), all_.end()};
}

size_t promise_journal::size() const {
  const std::lock_guard guard{mutex_};
  return all_.size();
}

farm_client::farm_client(uint16_t port, std::string secret, promise_journal& journal)
    : port_{port}, secret_{std::move(secret)}, journal_{&journal} {
  // nop
}

std::optional<raw_answer> farm_client::ask(const std::string& method, const std::string& target,
                                           const std::string& key, const std::string& body) const {
  raw_client client{port_};
  if (!client.connected())
    return std::nullopt;
  const bool is_file = target.starts_with("/api/v1/artifacts");
  client.send(method + " " + target + " HTTP/1.1\r\nHost: 127.0.0.1:" + std::to_string(port_)
              + "\r\nAuthorization: Bearer " + secret_ + "\r\nContent-Type: "
              + (is_file ? "model/stl" : "application/json") + "\r\nIdempotency-Key: " + key
              + "\r\nConnection: close\r\nContent-Length: " + std::to_string(body.size())
              + "\r\n\r\n" + body);
  auto got = client.answer();
  const auto length = got.header("Content-Length");
  // What was cut off is no answer.
  if (got.status == 0 || length.empty() || got.body.size() != std::stoul(length))
    return std::nullopt;
  return got;
}

std::optional<raw_answer> farm_client::tell(const std::string& method, const std::string& target,
                                            const std::string& key, const std::string& body) {
  auto got = ask(method, target, key, body);
  if (got && got->status / 100 == 2)
    journal_->add({method, target, key, body, got->status, got->body});
  return got;
}

json farm_client::get(const std::string& target) const {
  const auto got = look(target);
  return got.status == 200 ? json::parse(got.body) : json{};
}

raw_answer farm_client::look(const std::string& target) const {
  return ask("GET", target, "none", {}).value_or(raw_answer{});
}

std::vector<std::string>
farm_client::find_broken_promises(const std::vector<acknowledged>& what) const {
  std::vector<std::string> broken;
  for (const auto& each : what) {
    const auto got = repeat(each);
    if (!got)
      broken.push_back(each.key + ": no answer");
    else if (got->header("Gantry-Replayed") != "true")
      broken.push_back(each.key + ": forgotten, now " + std::to_string(got->status) + " "
                       + got->body.substr(0, 200));
    else if (got->status != each.status || got->body != each.reply)
      broken.push_back(each.key + ": was " + each.reply + ", now " + got->body);
  }
  return broken;
}

} // namespace gantry::test
