#include "tests/scenarios/farm.hpp"

#include "hal/net/network_runtime.hpp"
#include "hal/slicer/builtin_profiles.hpp"
#include "hal/slicer/prusa_slicer.hpp"
#include "storage/data_folder.hpp"
#include "storage/initialise.hpp"

#include <boost/test/unit_test.hpp>
#include <cstdlib>
#include <fstream>
#include <future>
#include <nlohmann/json.hpp>

namespace gantry::test {

namespace {

using namespace std::chrono_literals;

constexpr auto all_roles = {role::viewer, role::operator_, role::planner, role::admin};

} // namespace

scratch_folder::scratch_folder() {
  std::string name = (std::filesystem::temp_directory_path() / "gantry-test-XXXXXX").string();
  BOOST_REQUIRE(mkdtemp(name.data()) != nullptr);
  path_ = name;
}

scratch_folder::~scratch_folder() {
  std::error_code ignored;
  std::filesystem::remove_all(path_, ignored);
}

simulated_printers::simulated_printers(const sim::simulator_options& options)
    : simulator_{options}, ports_{simulator_.printers()}, thread_{[this] {
        simulator_.run(false);
      }} {
  // nop
}

simulated_printers::~simulated_printers() {
  simulator_.stop();
  thread_.join();
}

std::map<std::string, int> starts_in(const std::filesystem::path& log_dir) {
  std::map<std::string, int> starts;
  for (const auto& entry : std::filesystem::directory_iterator{log_dir}) {
    std::ifstream file{entry.path()};
    for (std::string line; std::getline(file, line);) {
      const auto event = nlohmann::json::parse(line);
      if (event.at("event") == "print_started")
        ++starts[event.at("file").get<std::string>()];
    }
  }
  return starts;
}

running_kernel::running_kernel(const std::filesystem::path& data) {
  std::filesystem::create_directories(data / "work");
  auto store = storage::open_rocksdb_store(data.string(), {});
  BOOST_REQUIRE_MESSAGE(store, (store ? std::string{} : store.why().text()));
  store_ = std::move(*store);
  ids_ = hal::make_system_id_source();
  BOOST_REQUIRE(storage::initialise(*store_, {ids_->bits(), ids_->bits()}));
  auto artifacts = storage::open_artifact_store(storage::artifacts_path(data.string()));
  BOOST_REQUIRE(artifacts);
  artifacts_ = std::move(*artifacts);
  clock_ = hal::make_system_clock();
  links_ = hal::make_network_runtime();
  ports_ = std::make_unique<hal::moonraker_ports>(*links_, *clock_, *ids_);
  slicer_ = slicer::make_prusa_slicer({});
  actors::kernel_parts parts;
  parts.store = store_.get();
  parts.artifacts = artifacts_.get();
  parts.clock = clock_.get();
  parts.ids = ids_.get();
  parts.printers = ports_.get();
  parts.slicer = slicer_.get();
  parts.work_folder = (data / "work").string();
  kernel_ = actors::start_kernel(parts);
}

running_kernel::~running_kernel() {
  kernel_.reset();
}

actors::command_reply running_kernel::ask(any_command body, std::string key) {
  command request;
  request.context.who = {"tok-test", "test operator", principal_kind::user, all_roles};
  request.context.via = "test";
  request.context.idempotency_key =
      key.empty() ? std::to_string(ids_->bits()) + std::to_string(++keys_) : std::move(key);
  request.context.body_sha256 = sha256_hex(name_of(body));
  request.body = std::move(body);
  auto promise = std::make_shared<std::promise<actors::command_reply>>();
  auto answer = promise->get_future();
  kernel_->submit(std::move(request),
                  [promise](actors::command_reply reply) { promise->set_value(std::move(reply)); });
  BOOST_REQUIRE_MESSAGE(answer.wait_for(30s) == std::future_status::ready, "no answer in 30 s");
  return answer.get();
}

void running_kernel::seed() {
  for (const auto* name : {"PLA", "PETG"})
    BOOST_REQUIRE(ask(commands::add_material{name, 1'240}).code == reason::ok);
  for (const auto& each : slicer::builtin_profiles()) {
    const auto text = slicer::find_builtin_profile(each.name)->canonical_text();
    const auto reply = ask(commands::add_profile{std::string{each.name},
                                                 std::string{each.material},
                                                 400,
                                                 {220'000, 220'000, 250'000},
                                                 text});
    BOOST_REQUIRE_MESSAGE(reply.code == reason::ok, render(reply.code, reply.params));
  }
}

artifact_id running_kernel::upload_example(const std::string& name) {
  const auto path = std::filesystem::path{GANTRY_SOURCE_DIR} / "examples" / name;
  const auto stored = artifacts_->adopt(path.string());
  BOOST_REQUIRE(stored);
  const auto reply = ask(commands::store_artifact{artifact_kind::model, name, stored->sha256,
                                                  static_cast<int64_t>(stored->size_bytes)});
  BOOST_REQUIRE_MESSAGE(reply.code == reason::ok, render(reply.code, reply.params));
  return {reply.entity.id};
}

printer_id running_kernel::add_printer(const std::string& name, uint16_t port,
                                       const std::string& printer_class) {
  commands::add_printer body;
  body.setup.name = name;
  body.setup.address.host = "127.0.0.1";
  body.setup.address.port = port;
  body.setup.printer_class = printer_class;
  body.setup.slots.push_back({"PLA", "orange", 400});
  const auto reply = ask(body);
  BOOST_REQUIRE_MESSAGE(reply.code == reason::ok, render(reply.code, reply.params));
  return {reply.entity.id};
}

bool running_kernel::wait_until(const std::function<bool()>& done, std::chrono::seconds patience) {
  const auto end = std::chrono::steady_clock::now() + patience;
  while (!done()) {
    if (std::chrono::steady_clock::now() > end)
      return false;
    std::this_thread::sleep_for(20ms);
  }
  return true;
}

bool running_kernel::operate_until(const std::function<bool()>& done,
                                   std::chrono::seconds patience) {
  return wait_until(
      [&] {
        for (const auto& where : open<printer>(entity_kind::printer))
          if (where.bed != bed_state::clear && !where.ticket && !where.foreign)
            static_cast<void>(ask(commands::confirm_bed_clear{where.id, "seen", {}}));
        for (const auto& what : open<run>(entity_kind::run))
          if (what.state == run_state::inspecting) {
            const auto pieces = get<plate>(ref_of(what.plate)).items.size();
            static_cast<void>(
                ask(commands::inspect_run{what.id,
                                          std::vector<item_outcome>(pieces, item_outcome::good),
                                          attribution::plan,
                                          {}}));
          }
        return done();
      },
      patience);
}

std::string running_kernel::story() const {
  std::string text = "\n";
  storage::reader{*store_}.events_after(0, [&text](uint64_t seq, std::string_view encoded) {
    const auto event = decode_envelope(encoded);
    if (!event)
      text += std::to_string(seq) + " " + event.why().text() + "\n";
    else
      text += std::to_string(seq) + " " + format_timestamp(event->at) + " " + event->entity.text()
              + " " + event->type + " " + std::string{to_string(event->why)} + " "
              + event->data.substr(0, 200) + "\n";
    return true;
  });
  for (const auto& what : open<run>(entity_kind::run))
    if (const auto waiting = kernel_->live().waiting(what.id))
      for (const auto& each : waiting->rejections)
        text += what.id.value + " waits: " + render(each.why, each.why_params) + "\n";
  return text;
}

order_id running_kernel::order_examples(const std::string& key, int64_t quantity) {
  commands::create_order body;
  for (const auto* name : {"cube.stl", "overhang.stl"}) {
    order_line line;
    line.name = name;
    line.model = upload_example(name);
    line.quantity = quantity;
    body.lines.push_back(std::move(line));
  }
  const auto reply = ask(body, key);
  BOOST_REQUIRE_MESSAGE(reply.code == reason::ok, render(reply.code, reply.params));
  return {reply.entity.id};
}

} // namespace gantry::test
