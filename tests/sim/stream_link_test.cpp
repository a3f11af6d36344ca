// Goal: plain TCP streams as links: bytes arrive whole and in order, every end has its cause, and
// nothing is unbounded; and what a listener sends while its link opens goes out once. Method: the
// test is the machine, with a socket of its own.
#include "hal/net/network_runtime.hpp"
#include "tests/sim/listening_socket.hpp"

#include <boost/asio/io_context.hpp>
#include <boost/asio/ip/tcp.hpp>
#include <boost/beast/core.hpp>
#include <boost/beast/websocket.hpp>
#include <condition_variable>
#include <future>
#include <mutex>

using namespace gantry;
using namespace gantry::hal;
using namespace std::chrono_literals;

BOOST_TEST_DONT_PRINT_LOG_VALUE(gantry::reason)

namespace {

/// A client with one stream; keeps what happens to it.
class stream_client final : public link_listener {
public:
  explicit stream_client(link_runtime& links) : links_{links} {
    links_.post([this] { access_ = links_.attach(*this); });
  }
  ~stream_client() override {
    on_thread([this] { access_.reset(); });
  }

  void open(uint16_t port, const std::string& host = "127.0.0.1") {
    on_thread([&] { stream_ = access_->open_stream({host, port}); });
  }
  void open_websocket(uint16_t port) {
    on_thread([&] { stream_ = access_->open_websocket({"127.0.0.1", port}, "/", {}); });
  }
  void send(const std::string& bytes) {
    on_thread([&] { access_->send(stream_, bytes); });
  }
  void close() {
    on_thread([this] { access_->close(stream_); });
  }

  std::string heard(std::size_t size) {
    std::unique_lock lock{mutex_};
    changed_.wait_for(lock, 5s, [&] { return bytes_.size() >= size; });
    return bytes_;
  }
  std::string heard_frames(std::size_t size) {
    std::unique_lock lock{mutex_};
    changed_.wait_for(lock, 5s, [&] { return frames_.size() >= size; });
    return frames_;
  }
  bool opened() {
    std::unique_lock lock{mutex_};
    return changed_.wait_for(lock, 5s, [&] { return open_; });
  }
  reason cause_of_end() {
    std::unique_lock lock{mutex_};
    changed_.wait_for(lock, 10s, [&] { return ends_ > 0; });
    return why_;
  }
  std::string greeting; ///< Sent from within `on_open`.

  int ends() {
    const std::lock_guard lock{mutex_};
    return ends_;
  }

  void on_open(uint64_t) override {
    if (!greeting.empty())
      access_->send(stream_, greeting);
    change([this] { open_ = true; });
  }
  void on_frame(uint64_t, std::string_view text) override {
    change([&] { frames_ += text; });
  }
  void on_bytes(uint64_t, std::string_view bytes) override {
    change([&] { bytes_ += bytes; });
  }
  void on_close(uint64_t, reason why, const std::string&) override {
    change([&] {
      why_ = why;
      ++ends_;
    });
  }
  void on_response(uint64_t, const link_response&) override {}
  void on_timer() override {}

private:
  void change(const std::function<void()>& what) {
    const std::lock_guard lock{mutex_};
    what();
    changed_.notify_all();
  }
  void on_thread(const std::function<void()>& what) {
    std::promise<void> done;
    links_.post([&] {
      what();
      done.set_value();
    });
    done.get_future().wait();
  }

  link_runtime& links_;
  std::unique_ptr<hal::link> access_;
  uint64_t stream_ = 0;
  std::mutex mutex_;
  std::condition_variable changed_;
  std::string bytes_;
  std::string frames_;
  bool open_ = false;
  int ends_ = 0;
  reason why_ = reason::ok;
};

struct parts {
  std::unique_ptr<link_runtime> links = make_network_runtime();
  tests::listening_socket machine;
  stream_client client{*links};
};

} // namespace

BOOST_FIXTURE_TEST_CASE(bytes_go_both_ways_unchanged_and_in_order, parts) {
  client.open(machine.port());
  client.send("first,");
  client.send("second,");
  auto end = machine.accept();
  BOOST_TEST(end.read(13) == "first,second,");
  BOOST_TEST(client.opened());
  std::string all;
  for (int i = 0; i < 256 * 1024; ++i)
    all += static_cast<char>(i * 7);
  // Zeros, line ends and bytes that are no UTF-8 mean nothing to a stream.
  end.write(all);
  BOOST_TEST((client.heard(all.size()) == all));
  BOOST_TEST(client.ends() == 0);
}

BOOST_FIXTURE_TEST_CASE(defect_what_is_sent_while_a_stream_opens_was_written_twice, parts) {
  client.greeting = "getmode,";
  client.open(machine.port());
  auto end = machine.accept();
  BOOST_TEST(end.read(8) == "getmode,");
  client.send("getstatus,");
  BOOST_TEST(end.read(10) == "getstatus,");
  end.write("x");
  BOOST_TEST(client.heard(1) == "x");
}

BOOST_FIXTURE_TEST_CASE(defect_what_is_sent_while_a_websocket_opens_was_written_twice, parts) {
  namespace asio = boost::asio;
  namespace beast = boost::beast;
  asio::io_context io;
  asio::ip::tcp::acceptor acceptor{io, {asio::ip::address_v4::loopback(), 0}};
  client.greeting = std::string(2'000, 'g');
  client.open_websocket(acceptor.local_endpoint().port());
  beast::websocket::stream<asio::ip::tcp::socket> end{acceptor.accept()};
  end.accept();
  BOOST_TEST(client.opened());
  client.send("second");
  const auto heard = [&end] {
    beast::flat_buffer frame;
    end.read(frame);
    return beast::buffers_to_string(frame.data());
  };
  BOOST_TEST(heard() == client.greeting);
  BOOST_TEST(heard() == "second");
  // The second writing waited until the library's next pong, and sent what was freed by then.
  end.ping({});
  end.text(true);
  end.write(asio::buffer("x", 1));
  BOOST_TEST(client.heard_frames(1) == "x");
  client.send("third");
  BOOST_TEST(heard() == "third");
}

BOOST_FIXTURE_TEST_CASE(every_end_has_its_cause_and_comes_once, parts) {
  client.open(machine.port());
  machine.accept().close();
  BOOST_TEST(client.cause_of_end() == reason::link_closed);
  BOOST_TEST(client.ends() == 1);

  stream_client broken{*links};
  broken.open(machine.port());
  auto end = machine.accept();
  BOOST_TEST(broken.opened());
  end.reset();
  BOOST_TEST(broken.cause_of_end() == reason::link_closed);

  stream_client refused{*links};
  refused.open(1);
  BOOST_TEST(refused.cause_of_end() == reason::link_refused);
  stream_client unknown{*links};
  unknown.open(6000, "no-such-printer.invalid");
  BOOST_TEST(unknown.cause_of_end() == reason::link_dns);
}

BOOST_FIXTURE_TEST_CASE(what_was_said_before_the_end_is_heard, parts) {
  client.open(machine.port());
  auto end = machine.accept();
  end.write("getmode,0,end");
  end.close();
  BOOST_TEST(client.cause_of_end() == reason::link_closed);
  BOOST_TEST(client.heard(13) == "getmode,0,end");
}

BOOST_FIXTURE_TEST_CASE(a_closed_stream_is_silent, parts) {
  client.open(machine.port());
  auto end = machine.accept();
  BOOST_TEST(client.opened());
  client.close();
  client.send("late,");
  BOOST_TEST(end.read(1).empty());
  BOOST_TEST(client.ends() == 0);
}

BOOST_FIXTURE_TEST_CASE(a_machine_that_does_not_read_is_cut_off, parts) {
  client.open(machine.port());
  const auto end = machine.accept();
  BOOST_TEST(client.opened());
  for (int i = 0; i < 200 && client.ends() == 0; ++i)
    client.send(std::string(100'000, 'x'));
  BOOST_TEST(client.cause_of_end() == reason::link_protocol);
}
