#include "tests/binary/kernel_process.hpp"

#include <algorithm>
#include <csignal>
#include <fstream>
#include <nlohmann/json.hpp>
#include <sstream>
#include <stdexcept>

namespace gantry::test {

namespace fs = std::filesystem;
using nlohmann::json;

namespace {

fs::path made(const fs::path& folder) {
  fs::create_directories(folder);
  return folder;
}

std::vector<std::string> serve_words(const fs::path& data, std::vector<std::string> more) {
  std::vector<std::string> words{"serve", "--data", data.string()};
  if (std::ranges::find(more, "--port") == more.end())
    words.insert(words.end(), {"--port", "0"});
  words.insert(words.end(), more.begin(), more.end());
  return words;
}

} // namespace

std::string bytes_of(const fs::path& file) {
  std::ifstream in{file, std::ios::binary};
  std::stringstream text;
  text << in.rdbuf();
  return text.str();
}

std::string source_bytes(const std::string& path) {
  const fs::path file = fs::path{GANTRY_SOURCE_DIR} / path;
  if (!fs::is_regular_file(file))
    throw std::runtime_error{"no " + file.string()};
  return bytes_of(file);
}

printer_process::printer_process(const fs::path& folder, int speed)
    : log_{made(folder) / "sim-1.jsonl"},
      child_{{"sim", "moonraker", "--speed", std::to_string(speed), "--log-dir", folder.string(),
              "--exit-with-parent"},
             folder / "output"} {
  port_ = json::parse(child_.line_with("\"port\""))["port"].get<uint16_t>();
}

void printer_process::clear_bed() const {
  raw_client client{port_};
  client.send("POST /sim/bed HTTP/1.1\r\nHost: machine\r\nConnection: close\r\n"
              "Content-Length: 2\r\n\r\n{}");
  if (client.answer().status != 200)
    throw std::runtime_error{"the machine does not clear its bed"};
}

int printer_process::starts() const {
  int count = 0;
  std::ifstream in{log_};
  for (std::string line; std::getline(in, line);)
    count += line.find("\"print_started\"") != std::string::npos ? 1 : 0;
  return count;
}

kernel_process::kernel_process(const fs::path& data, std::vector<std::string> more)
    : child_{serve_words(data, std::move(more)), data.string() + ".output"} {
  const auto line = child_.line_with("Gantry listens at ");
  const auto host = line.find("127.0.0.1:");
  port_ = static_cast<uint16_t>(std::stoi(line.substr(host + 10)));
  secret_ = bytes_of(data / "admin-token");
  secret_.erase(secret_.find_last_not_of('\n') + 1);
}

std::string kernel_process::text(const std::string& method, const std::string& target,
                                 const std::string& body, const std::string& extra) {
  auto out = method + " " + target + " HTTP/1.1\r\nHost: 127.0.0.1:" + std::to_string(port_)
             + "\r\nAuthorization: Bearer " + secret_ + "\r\n";
  if (extra.find("Content-Type:") == std::string::npos)
    out += "Content-Type: application/json\r\n";
  if (extra.find("Idempotency-Key:") == std::string::npos)
    out += "Idempotency-Key: test-" + std::to_string(::getpid()) + "-" + std::to_string(port_) + "-"
           + std::to_string(++keys_) + "\r\n";
  if (extra.find("Transfer-Encoding:") == std::string::npos
      && extra.find("Content-Length:") == std::string::npos)
    out += "Content-Length: " + std::to_string(body.size()) + "\r\n";
  return out + extra + "\r\n" + body;
}

raw_answer kernel_process::ask(const std::string& bytes) const {
  raw_client client{port_};
  if (!client.connected())
    return {};
  client.send(bytes);
  return client.answer();
}

json kernel_process::get(const std::string& target) {
  const auto got = ask(text("GET", target));
  return got.status == 200 ? json::parse(got.body) : json{};
}

json kernel_process::send(const std::string& method, const std::string& target, const json& body) {
  const auto got = ask(text(method, target, body.dump()));
  if (got.status != 200 && got.status != 201)
    throw std::runtime_error{target + ": " + got.head + got.body};
  return json::parse(got.body);
}

std::string kernel_process::upload(const std::string& name, const std::string& bytes) {
  const auto got = ask(text("POST", "/api/v1/artifacts?kind=model&name=" + name, bytes,
                            "Content-Type: model/stl\r\n"));
  if (got.status != 201)
    throw std::runtime_error{name + ": " + got.head + got.body};
  return json::parse(got.body)["id"];
}

std::string kernel_process::add_printer(const std::string& name, uint16_t port) {
  const json slots = json::array({json{{"material", "PLA"}}});
  const json setup{
      {"name", name}, {"address", json{{"host", "127.0.0.1"}, {"port", port}}}, {"slots", slots}};
  return post("/api/v1/printers", json{{"setup", setup}})["id"];
}

std::string kernel_process::order(const std::string& reference, const std::string& model) {
  const json line{{"name", reference}, {"model", model}, {"quantity", 1}};
  return post("/api/v1/orders",
              json{{"reference", reference}, {"lines", json::array({line})}})["id"];
}

std::optional<int> kernel_process::stop() {
  child_.signal(SIGTERM);
  return child_.exit_code_within(std::chrono::seconds{5});
}

} // namespace gantry::test
