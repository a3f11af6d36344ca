// Goal: nothing that is sent harms the farm: it is refused with its reason, and other work goes on.
// Method: exact bytes to the program's own port; what was stored is counted in its data folder.
#include "tests/binary/kernel_process.hpp"
#include "tests/binary/models.hpp"

#include <boost/test/unit_test.hpp>
#include <future>
#include <map>
#include <nlohmann/json.hpp>

using namespace gantry::test;
using namespace std::chrono_literals;
using nlohmann::json;

namespace {

constexpr uint64_t three_gigabytes = 3'000'000'000;
/// What serving an upload may add to the memory, whatever its size.
constexpr int64_t memory_growth_max_kb = 64 << 10;

struct running_farm {
  temporary_folder folder;
  kernel_process kernel{folder / "data"};

  /// Bytes of all files in the artifact store, finished or not.
  [[nodiscard]] uint64_t stored_bytes() const {
    uint64_t sum = 0;
    for (const auto& each :
         std::filesystem::recursive_directory_iterator{folder / "data/artifacts"})
      sum += each.is_regular_file() ? each.file_size() : 0;
    return sum;
  }

  [[nodiscard]] std::string order_body(const std::string& reference) {
    const auto model = kernel.upload("cube.stl", source_bytes("examples/cube.stl"));
    const json line{{"name", "cube"}, {"model", model}, {"quantity", 1}};
    return json{{"reference", reference}, {"lines", json::array({line})}}.dump();
  }
};

void expect(const raw_answer& got, int status, const std::string& reason) {
  BOOST_TEST_CONTEXT(got.head << got.body) {
    BOOST_TEST(got.status == status);
    const auto document = json::parse(got.body, nullptr, false);
    BOOST_REQUIRE(document.is_object());
    BOOST_TEST(document.value("reason", "") == reason);
  }
}

std::string upload_headers(const std::string& more) {
  return "Content-Type: model/stl\r\n" + more;
}

} // namespace

BOOST_FIXTURE_TEST_SUITE(bad_input, running_farm)

BOOST_AUTO_TEST_CASE(an_upload_announced_as_too_large_is_refused_before_it_is_sent) {
  const auto head =
      kernel.text("POST", "/api/v1/artifacts?kind=model&name=big.stl", {},
                  upload_headers("Content-Length: " + std::to_string(three_gigabytes) + "\r\n"));
  expect(kernel.ask(head), 413, "payload_too_large");
  BOOST_TEST(stored_bytes() == 0u);
}

BOOST_AUTO_TEST_CASE(an_endless_upload_in_chunks_is_refused_at_the_limit_and_leaves_nothing) {
  const auto before_kb = kernel.child().memory_peak_kb();
  raw_client client{kernel.port()};
  client.send(kernel.text("POST", "/api/v1/artifacts?kind=model&name=big.stl", {},
                          upload_headers("Transfer-Encoding: chunked\r\n")));
  const std::string chunk = "400000\r\n" + std::string(0x400000, 'x') + "\r\n";
  uint64_t sent = 0;
  while (sent < three_gigabytes && client.send(chunk))
    sent += chunk.size();
  BOOST_TEST(sent < three_gigabytes);
  expect(client.answer(), 413, "payload_too_large");
  BOOST_TEST(eventually([this] { return stored_bytes() == 0; }, 2s));
  BOOST_TEST(kernel.child().memory_peak_kb() < before_kb + memory_growth_max_kb);
  BOOST_TEST(kernel.get("/api/v1/artifacts")["items"].empty());
}

BOOST_AUTO_TEST_CASE(an_upload_that_breaks_off_leaves_nothing) {
  {
    raw_client client{kernel.port()};
    client.send(kernel.text("POST", "/api/v1/artifacts?kind=model&name=half.stl",
                            std::string(100'000, 'x'),
                            upload_headers("Content-Length: 200000\r\n")));
    BOOST_TEST(eventually([this] { return stored_bytes() > 0; }, 5s));
  }
  BOOST_TEST(eventually([this] { return stored_bytes() == 0; }, 2s));
  BOOST_TEST(kernel.get("/api/v1/artifacts")["items"].empty());
}

BOOST_AUTO_TEST_CASE(a_model_is_stored_under_its_digest_whatever_it_is_called) {
  for (const std::string name : {"../../admin-token", "%2e%2e%2fadmin-token", "..", "/etc/passwd",
                                 "a%5Cb.stl", "a%00b.stl", "%ff.stl", ""}) {
    const auto got = kernel.ask(kernel.text("POST", "/api/v1/artifacts?kind=model&name=" + name,
                                            "solid x", upload_headers("")));
    BOOST_TEST_CONTEXT(name << got.head << got.body) BOOST_TEST(got.status == 422);
  }
  BOOST_TEST(stored_bytes() == 0u);
  for (const std::string path :
       {"/../admin-token", "/%2e%2e/admin-token", "/assets/../../admin-token",
        "/api/v1/artifacts/../../admin-token", "/api/v1/artifacts/..%2f..%2fadmin-token/content"}) {
    const auto got = kernel.ask(kernel.text("GET", path));
    BOOST_TEST_CONTEXT(path << got.head) {
      BOOST_TEST((got.status == 404 || got.status == 400));
      BOOST_TEST(!got.has(kernel.secret()));
    }
  }
}

BOOST_AUTO_TEST_CASE(bad_models_hold_their_orders_with_the_reason_and_others_go_on) {
  std::map<std::string, std::string> reasons;
  for (const auto& each : bad_models())
    reasons[kernel.order(each.name, kernel.upload(each.name + ".stl", each.bytes))] = each.reason;
  const auto good =
      kernel.order("good", kernel.upload("good.stl", source_bytes("examples/cube.stl")));
  for (const auto& [id, reason] : reasons) {
    json line;
    const auto held = [&, path = "/api/v1/orders/" + id] {
      const auto order = kernel.get(path);
      line = order["lines"][0];
      line["reference"] = order["reference"];
      return line["state"] == "held";
    };
    BOOST_TEST(eventually(held, 20s), line.dump());
    BOOST_TEST_CONTEXT(line.dump()) BOOST_TEST(line["why"] == reason);
  }
  const auto producing = [&] {
    return kernel.get("/api/v1/orders/" + good)["lines"][0]["state"] == "producing";
  };
  BOOST_TEST(eventually(producing, 30s));
  BOOST_TEST(kernel.get("/api/v1/runs")["items"].size() == 1u);
  // Not "pass": a machine without time synchronisation is warned of.
  BOOST_TEST(kernel.get("/health")["status"] != "fail");
}

BOOST_AUTO_TEST_CASE(a_key_means_one_request_also_when_both_come_at_once) {
  const auto body = order_body("twice");
  const auto bytes = kernel.text("POST", "/api/v1/orders", body, "Idempotency-Key: one-key\r\n");
  auto other = std::async(std::launch::async, [&] { return kernel.ask(bytes); });
  const auto mine = kernel.ask(bytes);
  const auto theirs = other.get();
  BOOST_TEST(mine.status == 201);
  BOOST_TEST(theirs.status == 201);
  BOOST_TEST(mine.body == theirs.body);
  BOOST_TEST(mine.header("Gantry-Replayed").empty() != theirs.header("Gantry-Replayed").empty());
  BOOST_TEST(kernel.get("/api/v1/orders")["items"].size() == 1u);
  expect(kernel.ask(kernel.text("POST", "/api/v1/orders", order_body("another"),
                                "Idempotency-Key: one-key\r\n")),
         422, "key_reused");
}

BOOST_AUTO_TEST_CASE(a_command_for_another_version_changes_nothing) {
  const auto id = kernel.add_printer("left", 9);
  const auto path = "/api/v1/printers/" + id;
  expect(kernel.ask(kernel.text("POST", path + "/mode", R"({"mode":"maintenance"})",
                                "If-Match: \"99\"\r\n")),
         412, "precondition_failed");
  expect(kernel.ask(
             kernel.text("POST", path + "/mode", R"({"mode":"maintenance"})", "If-Match: 1\r\n")),
         422, "field_invalid");
  BOOST_TEST(kernel.get(path)["mode"] == "active");
}

BOOST_AUTO_TEST_CASE(a_wrong_token_learns_nothing_and_a_weak_one_changes_nothing) {
  const auto with_token = [&](const std::string& method, const std::string& path,
                              const std::string& token) {
    auto bytes = kernel.text(method, path, method == "POST" ? "{\"name\":\"x\"}" : "");
    const auto at = bytes.find(kernel.secret());
    return kernel.ask(bytes.replace(at, kernel.secret().size(), token));
  };
  for (const auto& wrong : {std::string{"x"}, "gantry_" + std::string(32, 'a'),
                            kernel.secret() + "a", std::string(4'000, 'a')})
    expect(with_token("GET", "/api/v1/orders", wrong), 401, "unauthenticated");
  const auto viewer = kernel.post(
      "/api/v1/tokens", json{{"name", "wall"}, {"roles", json::array({"viewer"})}})["secret"];
  BOOST_TEST(with_token("GET", "/api/v1/orders", viewer).status == 200);
  expect(with_token("POST", "/api/v1/materials", viewer), 403, "role_insufficient");
  expect(with_token("GET", "/api/v1/tokens", viewer), 403, "role_insufficient");
}

BOOST_AUTO_TEST_SUITE_END()
