// Goal: the simulated printers work over real sockets, many in one process, and stop at once.
// Method: a simulator in a thread, spoken to with plain POSIX sockets and hand-made frames.

#include <array>
#include <cstring>
#include <filesystem>
#include <fstream>
#include <thread>

#include <arpa/inet.h>
#include <netinet/in.h>
#include <sys/resource.h>
#include <sys/socket.h>
#include <sys/time.h>
#include <unistd.h>

#include <boost/test/unit_test.hpp>
#include <nlohmann/json.hpp>

#include "hal/sim/moonraker_server.hpp"

namespace gantry::sim::test {
namespace {

using nlohmann::json;
using namespace std::chrono_literals;

/// A blocking client of one printer.
class raw_client {
public:
  explicit raw_client(uint16_t port)
      : descriptor_(::socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0)) {
    sockaddr_in address{};
    address.sin_family = AF_INET;
    address.sin_port = htons(port);
    address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
    const timeval patience{10, 0};
    ::setsockopt(descriptor_, SOL_SOCKET, SO_RCVTIMEO, &patience, sizeof patience);
    BOOST_REQUIRE(::connect(descriptor_, reinterpret_cast<sockaddr*>(&address), sizeof address)
                  == 0);
  }
  raw_client(const raw_client&) = delete;
  raw_client& operator=(const raw_client&) = delete;
  ~raw_client() { ::close(descriptor_); }

  void send(std::string_view bytes) {
    while (!bytes.empty()) {
      const auto count = ::send(descriptor_, bytes.data(), bytes.size(), MSG_NOSIGNAL);
      BOOST_REQUIRE(count > 0);
      bytes.remove_prefix(static_cast<size_t>(count));
    }
  }

  /// Reads at least `count` bytes into the buffer; false when the peer closed.
  bool fill(size_t count) {
    while (buffer.size() < count) {
      std::array<char, 65536> chunk{};
      const auto got = ::recv(descriptor_, chunk.data(), chunk.size(), 0);
      if (got <= 0)
        return false;
      buffer.append(chunk.data(), static_cast<size_t>(got));
    }
    return true;
  }

  /// Sends a request and returns status and body; status 0 when the connection broke.
  std::pair<int, std::string> request(const std::string& method, const std::string& target,
                                      const std::string& body = {},
                                      const std::string& headers = {}) {
    send(method + " " + target + " HTTP/1.1\r\nHost: printer\r\nContent-Length: "
         + std::to_string(body.size()) + "\r\n" + headers + "\r\n");
    send(body);
    return response();
  }

  std::pair<int, std::string> response() {
    size_t end = 0;
    while ((end = buffer.find("\r\n\r\n")) == std::string::npos)
      if (!fill(buffer.size() + 1))
        return {0, {}};
    const auto head = buffer.substr(0, end);
    buffer.erase(0, end + 4);
    const int status = std::stoi(head.substr(9, 3));
    const auto at = head.find("Content-Length: ");
    const auto length = at == std::string::npos ? 0 : std::stoul(head.substr(at + 16));
    if (!fill(length))
      return {0, {}};
    auto body = buffer.substr(0, length);
    buffer.erase(0, length);
    return {status, body};
  }

  json get(const std::string& target) { return json::parse(request("GET", target).second); }

  void upgrade(const std::string& headers = {}) {
    send("GET /websocket HTTP/1.1\r\nHost: printer\r\nUpgrade: websocket\r\nConnection: Upgrade\r\n"
         "Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\nSec-WebSocket-Version: 13\r\n"
         + headers + "\r\n");
    BOOST_REQUIRE(response().first == 101);
  }

  void send_frame(const std::string& text) {
    BOOST_REQUIRE(text.size() < 65536);
    std::string frame("\x81");
    if (text.size() < 126) {
      frame += static_cast<char>(0x80 | text.size());
    } else {
      frame += static_cast<char>(0x80 | 126);
      frame += static_cast<char>(text.size() >> 8);
      frame += static_cast<char>(text.size() & 255);
    }
    // A mask of zeros leaves the text as it is.
    send(frame + std::string(4, '\0') + text);
  }

  /// Returns the next text frame; a close frame becomes {"close": code}, a broken connection null.
  json frame() {
    if (!fill(2))
      return nullptr;
    const int opcode = buffer[0] & 15;
    size_t length = static_cast<unsigned char>(buffer[1]) & 127;
    size_t header = 2;
    if (length == 126) {
      BOOST_REQUIRE(fill(4));
      length = static_cast<size_t>(static_cast<unsigned char>(buffer[2])) << 8
               | static_cast<unsigned char>(buffer[3]);
      header = 4;
    }
    if (!fill(header + length))
      return nullptr;
    const auto text = buffer.substr(header, length);
    buffer.erase(0, header + length);
    if (opcode == 8)
      return {{"close",
               (static_cast<unsigned char>(text[0]) << 8) | static_cast<unsigned char>(text[1])}};
    return json::parse(text);
  }

  /// Calls a method and returns its answer, passing over notifications.
  json rpc(const std::string& method, json params = json::object()) {
    send_frame(
        json{{"jsonrpc", "2.0"}, {"method", method}, {"params", params}, {"id", ++last_id}}.dump());
    while (true) {
      auto answer = frame();
      if (answer.is_null() || answer.contains("close") || answer.value("id", 0) == last_id)
        return answer;
    }
  }

  std::string buffer;
  int last_id = 0;

private:
  int descriptor_;
};

/// A simulator in its own thread.
class running_simulator {
public:
  explicit running_simulator(const simulator_options& options)
      : simulator(options), thread_([this] { simulator.run(false); }) {}
  ~running_simulator() { stop(); }
  void stop() {
    if (thread_.joinable()) {
      simulator.stop();
      thread_.join();
    }
  }
  uint16_t port(size_t index = 0) const { return simulator.printers().at(index).second; }
  moonraker_simulator simulator;

private:
  std::thread thread_;
};

std::string multipart(const std::string& name, const std::string& content) {
  return "--line\r\nContent-Disposition: form-data; name=\"file\"; filename=\"" + name
         + "\"\r\n\r\n" + content + "\r\n--line--\r\n";
}

constexpr auto multipart_type = "Content-Type: multipart/form-data; boundary=line\r\n";

/// A folder that is removed at the end.
struct scratch_folder {
  scratch_folder() {
    auto pattern = (std::filesystem::temp_directory_path() / "gantry-sim-test-XXXXXX").string();
    BOOST_REQUIRE(::mkdtemp(pattern.data()));
    path = pattern;
  }
  ~scratch_folder() { std::filesystem::remove_all(path); }
  std::filesystem::path path;
};

double cpu_seconds() {
  rusage usage{};
  ::getrusage(RUSAGE_SELF, &usage);
  const auto s = [](const timeval& t) {
    return static_cast<double>(t.tv_sec) + static_cast<double>(t.tv_usec) / 1e6;
  };
  return s(usage.ru_utime) + s(usage.ru_stime);
}

} // namespace

BOOST_AUTO_TEST_SUITE(server)

BOOST_AUTO_TEST_CASE(a_print_runs_over_real_sockets_from_upload_to_completion) {
  scratch_folder folder;
  simulator_options options;
  options.speed = 1000;
  options.log_dir = folder.path / "logs";
  running_simulator running(options);
  raw_client web(running.port());
  const auto gcode = std::string("G28\nM190 S60\nG90\nM83\nG1 X10 E1 F600\nG1 X200 E9 F600\n");
  BOOST_TEST(
      web.request("POST", "/server/files/upload", multipart("a.gcode", gcode), multipart_type).first
      == 201);
  raw_client socket(running.port());
  socket.upgrade();
  BOOST_TEST(socket.rpc("printer.objects.subscribe", {{"objects", {{"print_stats", {"state"}}}}})
                 .contains("result"));
  BOOST_TEST(socket.rpc("printer.print.start", {{"filename", "a.gcode"}})["result"] == "ok");
  std::string state;
  while (state != "complete") {
    const auto frame = socket.frame();
    BOOST_REQUIRE(!frame.is_null());
    if (frame.value("method", "") == "notify_status_update")
      state = frame["params"][0]["print_stats"]["state"];
  }
  BOOST_TEST(web.get("/sim/bed")["items"][0]["state"] == "complete");
  const auto log = web.get("/sim/log?since=0");
  size_t starts = 0;
  for (const auto& entry : log["entries"])
    starts += entry["event"] == "print_started" ? 1 : 0;
  BOOST_TEST(starts == 1u);
  BOOST_TEST(
      web.get("/sim/log?since=" + std::to_string(log["next"].get<int>()))["entries"].empty());
  BOOST_TEST(web.request("POST", "/sim/bed", R"({"action":"clear"})").first == 200);
  BOOST_TEST(web.get("/sim/bed")["items"].empty());
  running.stop();
  std::ifstream file(folder.path / "logs" / "sim-1.jsonl");
  std::string line;
  size_t lines = 0;
  while (std::getline(file, line))
    lines += json::parse(line).contains("event") ? 1 : 0;
  BOOST_TEST(lines >= log["entries"].size());
}

BOOST_AUTO_TEST_CASE(requests_and_connections_are_counted_without_the_control_paths) {
  running_simulator running({});
  raw_client web(running.port());
  web.get("/server/info");
  web.get("/server/info");
  raw_client socket(running.port());
  socket.upgrade();
  socket.rpc("server.info");
  const auto counters = web.get("/sim/state")["counters"];
  BOOST_TEST(counters["http_requests"] == 2);
  BOOST_TEST(counters["rpc_calls"] == 1);
  BOOST_TEST(counters["connections"] == 1);
}

BOOST_AUTO_TEST_CASE(faults_reach_the_sockets) {
  running_simulator running({});
  raw_client control(running.port());
  raw_client socket(running.port());
  socket.upgrade();
  BOOST_TEST(socket.rpc("server.info").contains("result"));
  BOOST_TEST(
      control.request("POST", "/sim/fault", R"({"kind":"moonraker_restart","for_ms":300})").first
      == 200);
  auto answer = socket.frame();
  while (answer.contains("method"))
    answer = socket.frame();
  BOOST_TEST(answer["close"] == 1001);
  raw_client refused(running.port());
  BOOST_TEST(refused.request("GET", "/server/info").first == 0);
  std::this_thread::sleep_for(500ms);
  raw_client again(running.port());
  BOOST_TEST(again.request("GET", "/server/info").first == 200);
  again.upgrade();
  control.request("POST", "/sim/fault", R"({"kind":"drop_connections"})");
  answer = again.frame();
  while (answer.is_object() && answer.contains("method"))
    answer = again.frame();
  BOOST_TEST(answer.is_null());
  BOOST_TEST(control.request("POST", "/sim/fault", R"({"kind":"flood"})").first == 400);
}

BOOST_AUTO_TEST_CASE(a_start_whose_client_hangs_up_still_happens) {
  running_simulator running({});
  raw_client web(running.port());
  web.request("POST", "/server/files/upload", multipart("a.gcode", "G28\nG4 P5000\nM84\n"),
              multipart_type);
  {
    raw_client blocker(running.port());
    blocker.send("POST /printer/gcode/script?script=G4%20P700 HTTP/1.1\r\nHost: "
                 "p\r\nContent-Length: 0\r\n\r\n");
    std::this_thread::sleep_for(100ms);
    raw_client impatient(running.port());
    impatient.send("POST /printer/print/start?filename=a.gcode HTTP/1.1\r\nHost: "
                   "p\r\nContent-Length: 0\r\n\r\n");
    std::this_thread::sleep_for(100ms);
    BOOST_TEST(web.get("/sim/state")["prints_started"] == 0);
  }
  std::this_thread::sleep_for(900ms);
  const auto state = web.get("/sim/state");
  BOOST_TEST(state["prints_started"] == 1);
  BOOST_TEST(state["print_state"] == "printing");
}

BOOST_AUTO_TEST_CASE(files_and_history_survive_a_restart_of_the_simulator) {
  scratch_folder folder;
  simulator_options options;
  options.state_dir = folder.path;
  options.speed = 1000;
  {
    running_simulator running(options);
    raw_client web(running.port());
    // A body of several megabytes passes through in pieces.
    const auto gcode = "G28\nM83\nG1 X10 E1 F600\n" + std::string(3'000'000, '\n');
    BOOST_TEST(
        web.request("POST", "/server/files/upload", multipart("big.gcode", gcode), multipart_type)
            .first
        == 201);
    web.request("POST", "/printer/print/start?filename=big.gcode");
    std::this_thread::sleep_for(600ms);
  }
  running_simulator running(options);
  raw_client web(running.port());
  BOOST_TEST(web.get("/server/files/metadata?filename=big.gcode")["result"]["size"] == 3'000'023);
  const auto jobs = web.get("/server/history/list")["result"]["jobs"];
  BOOST_REQUIRE(jobs.size() == 1u);
  BOOST_TEST(jobs[0]["filename"] == "big.gcode");
  BOOST_TEST(web.get("/sim/bed")["items"].size() == 1u);
}

BOOST_AUTO_TEST_CASE(fifty_printers_with_a_client_each_cost_next_to_nothing) {
  simulator_options options;
  options.count = 50;
  running_simulator running(options);
  std::vector<std::unique_ptr<raw_client>> clients;
  for (size_t i = 0; i < options.count; ++i) {
    clients.push_back(std::make_unique<raw_client>(running.port(i)));
    clients.back()->upgrade();
    BOOST_TEST(clients.back()
                   ->rpc("printer.objects.subscribe", {{"objects", {{"print_stats", nullptr}}}})
                   .contains("result"));
  }
  const auto before = cpu_seconds();
  std::this_thread::sleep_for(2s);
  const auto used = cpu_seconds() - before;
  BOOST_TEST_MESSAGE("50 idle printers used " << used << " s of CPU in 2 s");
  BOOST_TEST(used < 0.2);
  const auto begin = std::chrono::steady_clock::now();
  running.stop();
  BOOST_TEST(bool(std::chrono::steady_clock::now() - begin < 1s));
}

BOOST_AUTO_TEST_CASE(a_taken_port_is_an_error_and_not_a_crash) {
  running_simulator first({});
  simulator_options options;
  options.base_port = first.port();
  BOOST_CHECK_THROW(moonraker_simulator second(options), std::exception);
}

BOOST_AUTO_TEST_CASE(the_command_line_refuses_what_it_does_not_know) {
  const auto run = [](std::vector<std::string> words) {
    words.insert(words.begin(), "moonraker");
    std::vector<char*> arguments;
    for (auto& word : words)
      arguments.push_back(word.data());
    return moonraker_simulator_main(static_cast<int>(arguments.size()), arguments.data());
  };
  BOOST_TEST(run({"--help"}) == 0);
  BOOST_TEST(run({"--count", "0"}) == 2);
  BOOST_TEST(run({"--count"}) == 2);
  BOOST_TEST(run({"--speed", "nan"}) == 2);
  BOOST_TEST(run({"--bogus"}) == 2);
}

BOOST_AUTO_TEST_SUITE_END()

} // namespace gantry::sim::test
