// Goal: streams follow the log without gaps, end when they should, and starve nobody. Method: many
// real connections at once.
#include "http/elastic_threads.hpp"
#include "http/urgency_budget.hpp"
#include "tests/http/inflater.hpp"
#include "tests/http/server_fixture.hpp"

#include <algorithm>
#include <future>
#include <sys/resource.h>

using namespace gantry;
using std::chrono::milliseconds;
using std::chrono::steady_clock;
using test::raw_client;
using test::server_fixture;

namespace {

milliseconds since(steady_clock::time_point began) {
  return std::chrono::duration_cast<milliseconds>(steady_clock::now() - began);
}

/// The body of a chunked answer, as far as it has arrived.
std::string chunks_of(const std::string& input) {
  std::string body;
  auto at = input.find("\r\n\r\n");
  at = at == std::string::npos ? input.size() : at + 4;
  for (auto end = input.find("\r\n", at); end != std::string::npos; end = input.find("\r\n", at)) {
    const auto size = std::stoul(input.substr(at, end - at), nullptr, 16);
    body += input.substr(end + 2, size);
    at = end + 2 + size + 2;
  }
  return body;
}

} // namespace

BOOST_FIXTURE_TEST_SUITE(streams, server_fixture)

BOOST_AUTO_TEST_CASE(a_stream_tells_events_entities_and_live_values) {
  raw_client client{server->port()};
  client.send(text("GET", "/api/v1/events", viewer, "Accept: text/event-stream\r\n"));
  BOOST_TEST(client.read_until("event: hello"));
  const auto id = kernel.add_printer("one");
  BOOST_TEST(client.read_until("event: log"));
  BOOST_TEST(client.read_until("\"type\":\"gantry.printer.added\""));
  BOOST_TEST(client.read_until("event: entity"));
  BOOST_TEST(client.read_until("\"id\":\"" + id.value + "\",\"version\":1"));
  kernel.live().put_report(id, {}, {});
  kernel.feed().live_changed(kernel.live().revision());
  BOOST_TEST(client.read_until("event: live"));
  BOOST_TEST(client.read_until("{\"printers\":{\"" + id.value + "\":{\"report\":{"));
}

BOOST_AUTO_TEST_CASE(a_reader_that_admits_gzip_gets_every_event_at_once) {
  raw_client client{server->port()};
  client.send(text("GET", "/api/v1/events", viewer,
                   "Accept: text/event-stream\r\nAccept-Encoding: gzip, br\r\n"));
  BOOST_TEST(client.read_until("Content-Encoding: gzip"));
  const auto id = kernel.add_printer("one");
  const auto began = steady_clock::now();
  std::string text;
  while (text.find("\"id\":\"" + id.value) == std::string::npos && since(began).count() < 5'000) {
    client.read_until("never", 20);
    test::inflater in;
    text = in.add(chunks_of(client.input));
  }
  BOOST_TEST(text.starts_with("event: hello\n"));
  BOOST_TEST(text.find("\"type\":\"gantry.printer.added\"") != std::string::npos);
}

BOOST_AUTO_TEST_CASE(a_reader_goes_on_where_it_was_and_starts_anew_on_a_foreign_log) {
  kernel.add_printer("one");
  kernel.add_printer("two");
  const storage::reader view{*kernel.parts().store};
  const auto ask_from = [this](raw_client& client, const std::string& id) {
    client.send(text("GET", "/api/v1/events", viewer,
                     "Accept: text/event-stream\r\nLast-Event-ID: " + id + "\r\n"));
  };
  raw_client here{server->port()};
  ask_from(here, view.epoch() + ".3");
  BOOST_TEST(here.read_until("id: " + view.epoch() + ".4\nevent: log"));
  BOOST_TEST(here.input.find("\"gantryseq\":3,") == std::string::npos);
  BOOST_TEST(here.input.find("event: reset") == std::string::npos);
  for (const std::string& id : {std::string{"other.3"}, view.epoch() + ".900", std::string{"x"}}) {
    raw_client foreign{server->port()};
    ask_from(foreign, id);
    BOOST_TEST(foreign.read_until("event: reset"));
    BOOST_TEST(foreign.input.find("event: log") == std::string::npos);
  }
  BOOST_TEST(get("/api/v1/events?after=3").has("\"gantryseq\":4"));
  BOOST_TEST(!get("/api/v1/events").has("secret_sha256"));
}

BOOST_AUTO_TEST_CASE(a_revoked_token_ends_its_stream) {
  raw_client client{server->port()};
  client.send(text("GET", "/api/v1/events", viewer, "Accept: text/event-stream\r\n"));
  BOOST_TEST(client.read_until("event: hello"));
  kernel.revoke(viewer);
  BOOST_TEST(client.read_until("\r\n0\r\n\r\n"));
}

BOOST_AUTO_TEST_CASE(full_streams_and_idle_connections_do_not_delay_a_command) {
  std::vector<std::unique_ptr<raw_client>> others;
  for (int i = 0; i < 8; ++i) {
    others.push_back(std::make_unique<raw_client>(server->port()));
    others.back()->send(text("GET", "/api/v1/events", viewer, "Accept: text/event-stream\r\n"));
    BOOST_TEST(others.back()->read_until("event: hello"));
  }
  for (int i = 0; i < 64; ++i)
    others.push_back(std::make_unique<raw_client>(server->port()));
  const auto refused = get("/api/v1/events", "Accept: text/event-stream\r\n");
  BOOST_TEST(refused.status == 503);
  BOOST_TEST(refused.has("too_many_streams"));
  const auto id = kernel.add_printer("one").value;
  const auto began = steady_clock::now();
  BOOST_TEST(post("/api/v1/printers/" + id + "/bed-clear", "{}").status == 200);
  BOOST_TEST(since(began).count() < 500);
  // Places become free when their readers go.
  others.clear();
  bool again = false;
  for (int i = 0; i < 30 && !again; ++i) {
    raw_client client{server->port()};
    client.send(text("GET", "/api/v1/events", viewer, "Accept: text/event-stream\r\n"));
    again = client.read_until("event: hello", 300);
  }
  BOOST_TEST(again);
}

BOOST_AUTO_TEST_CASE(stopping_is_prompt_with_streams_and_idle_connections) {
  std::vector<std::unique_ptr<raw_client>> others;
  for (int i = 0; i < 20; ++i)
    others.push_back(std::make_unique<raw_client>(server->port()));
  for (int i = 0; i < 8; ++i)
    others[static_cast<size_t>(i)]->send(
        text("GET", "/api/v1/events", viewer, "Accept: text/event-stream\r\n"));
  BOOST_TEST(others[7]->read_until("event: hello"));
  others[10]->send(text("GET", "/health", ""));
  BOOST_TEST(others[10]->answer().status == 200);
  const auto began = steady_clock::now();
  server->stop();
  BOOST_TEST(since(began).count() < 2'000);
}

BOOST_AUTO_TEST_CASE(a_second_instance_does_not_share_the_port) {
  const auto second =
      http::server::start({.address = "127.0.0.1", .port = server->port(), .api = {}}, kernel);
  BOOST_REQUIRE(!second);
  BOOST_TEST((second.why().code == reason::port_in_use));
}

BOOST_AUTO_TEST_SUITE_END()

BOOST_AUTO_TEST_CASE(threads_come_with_work_and_go_without) {
  http::elastic_threads threads{4, milliseconds{20}};
  std::promise<void> gate;
  const auto opened = gate.get_future().share();
  std::atomic<int> done{0};
  for (int i = 0; i < 5; ++i)
    threads.run([opened, &done] {
      opened.wait();
      ++done;
    });
  BOOST_TEST(threads.size() == 4u);
  BOOST_TEST(threads.saturated());
  gate.set_value();
  const auto began = steady_clock::now();
  while (threads.size() > 0 && since(began).count() < 5'000)
    std::this_thread::yield();
  BOOST_TEST(threads.size() == 0u);
  BOOST_TEST(done == 5);
}

BOOST_AUTO_TEST_CASE(a_job_that_steps_behind_takes_its_thread_with_it) {
  http::elastic_threads threads{1, std::chrono::minutes{1}};
  const auto usual = ::getpriority(PRIO_PROCESS, 0);
  const auto niceness_of_a_job = [&threads](bool steps_behind) {
    std::promise<int> seen;
    threads.run([&seen, steps_behind] {
      if (steps_behind)
        http::elastic_threads::step_behind();
      seen.set_value(::getpriority(PRIO_PROCESS, 0));
    });
    return seen.get_future().get();
  };
  BOOST_TEST(niceness_of_a_job(true) == std::min(usual + 5, 19));
  while (threads.size() > 0)
    std::this_thread::yield();
  BOOST_TEST(niceness_of_a_job(false) == usual);
}

BOOST_AUTO_TEST_CASE(a_queued_job_does_not_wait_for_ever_behind_one_that_stepped_behind) {
  http::elastic_threads threads{1, std::chrono::minutes{1}};
  std::promise<void> gate, done;
  threads.run([opened = gate.get_future().share()] {
    http::elastic_threads::step_behind();
    opened.wait();
  });
  threads.run([&done] { done.set_value(); });
  gate.set_value();
  BOOST_TEST((done.get_future().wait_for(std::chrono::seconds{5}) == std::future_status::ready));
}

BOOST_AUTO_TEST_CASE(a_flood_of_requests_is_not_urgent) {
  http::urgency_budget budget;
  const auto granted_at = [&budget](hal::mono_time now) {
    int granted = 0;
    for (int i = 0; i < 1'000; ++i)
      granted += budget.take(now) ? 1 : 0;
    return granted;
  };
  BOOST_TEST(granted_at(std::chrono::milliseconds{7'000}) == 200);
  BOOST_TEST(granted_at(std::chrono::milliseconds{7'999}) == 0);
  BOOST_TEST(granted_at(std::chrono::milliseconds{8'000}) == 200);
}
