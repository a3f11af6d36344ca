// Goal: the simulated resin printer over real sockets: one client at a time, real ends of
// connections, and a control interface beside the machine's own port. Method: plain sockets.
#include "tests/sim/anycubic_simulation.hpp"

#include <chrono>
#include <filesystem>
#include <fstream>

using namespace gantry;
using namespace gantry::tests;
using namespace std::chrono_literals;
namespace asio = boost::asio;
using tcp = asio::ip::tcp;

namespace {

/// A client of the machine.
class machine_client {
public:
  explicit machine_client(uint16_t port) {
    socket_.connect({asio::ip::address_v4::loopback(), port});
  }
  void send(const std::string& bytes) { asio::write(socket_, asio::buffer(bytes)); }
  /// Reads `size` bytes, or less if the connection ends; `error` says how.
  std::string read(std::size_t size) {
    std::string bytes(size, '\0');
    bytes.resize(asio::read(socket_, asio::buffer(bytes), error));
    return bytes;
  }
  bool hears_nothing(std::chrono::milliseconds time) {
    std::this_thread::sleep_for(time);
    return socket_.available() == 0;
  }
  void close() { socket_.close(); }

  boost::system::error_code error;

private:
  asio::io_context io_;
  tcp::socket socket_{io_};
};

} // namespace

BOOST_AUTO_TEST_CASE(one_client_is_served_and_the_next_waits_connected) {
  const resin_simulation machine{resin_simulation::quick()};
  machine_client first{machine.port()};
  first.send("getmode,");
  BOOST_TEST(first.read(13) == "getmode,0,end");
  machine_client second{machine.port()};
  second.send("getmode,");
  BOOST_TEST(second.hears_nothing(200ms));
  first.close();
  BOOST_TEST(second.read(13) == "getmode,0,end");
}

BOOST_AUTO_TEST_CASE(a_reply_may_be_followed_by_a_reset_or_an_orderly_end) {
  auto options = resin_simulation::quick();
  const resin_simulation machine{options};
  machine.inject({{"kind", "reset_after_reply"}});
  machine_client broken{machine.port()};
  broken.send("getmode,");
  BOOST_TEST(broken.read(100) == "getmode,0,end");
  BOOST_TEST(broken.error == asio::error::connection_reset);
  options.machine.one_request_per_connection = true;
  const resin_simulation one_shot{options};
  machine_client client{one_shot.port()};
  client.send("getmode,");
  BOOST_TEST(client.read(100) == "getmode,0,end");
  BOOST_TEST(client.error == asio::error::eof);
}

BOOST_AUTO_TEST_CASE(a_line_that_is_gone_resets_who_comes) {
  const resin_simulation machine{resin_simulation::quick()};
  machine.inject({{"kind", "refuse_connections"}, {"for_ms", 60'000}});
  machine_client client{machine.port()};
  client.read(1);
  BOOST_TEST(client.error == asio::error::connection_reset);
  machine.inject({{"kind", "clear"}});
  machine_client again{machine.port()};
  again.send("getmode,");
  BOOST_TEST(again.read(13) == "getmode,0,end");
}

BOOST_AUTO_TEST_CASE(the_control_shows_the_truth_and_refuses_nonsense) {
  const auto folder = std::filesystem::temp_directory_path() / "gantry-anycubic-server-test";
  std::filesystem::remove_all(folder);
  auto options = resin_simulation::quick();
  options.log_dir = folder;
  {
    const resin_simulation machine{options};
    BOOST_TEST(machine.state()["state"] == "stop\r\n");
    machine.inject({{"kind", "screen_start"}, {"file", "0.pwmb"}});
    while (machine.state()["layer"] < 3)
      std::this_thread::sleep_for(20ms);
    BOOST_TEST(machine.logged("print_started").size() == 1);
    BOOST_TEST(machine.logged("layer").size() >= 3);
    BOOST_TEST(machine.control("POST", "/sim/fault", "{").contains("error"));
    BOOST_TEST(machine.control("POST", "/sim/fault", R"({"kind":"x"})").contains("error"));
    BOOST_TEST(machine.control("GET", "/sim/nothing").contains("error"));
  }
  std::ifstream file{folder / "resin-1.jsonl"};
  std::string line;
  BOOST_REQUIRE(std::getline(file, line));
  BOOST_TEST(nlohmann::json::parse(line)["event"] == "power_on");
  std::filesystem::remove_all(folder);
}
