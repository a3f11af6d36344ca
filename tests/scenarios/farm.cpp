#include "tests/scenarios/farm.hpp"

#include "hal/net/network_runtime.hpp"
#include "hal/slicer/builtin_profiles.hpp"
#include "storage/data_folder.hpp"
#include "storage/initialise.hpp"
#include "tests/http/raw_client.hpp"
#include "tests/time_scale.hpp"

#include <cstdlib>
#include <fstream>
#include <future>
#include <nlohmann/json.hpp>

namespace gantry::test {

namespace {

using namespace std::chrono_literals;

constexpr auto all_roles = {role::viewer, role::operator_, role::planner, role::admin};

} // namespace

void must(bool condition, const std::string& text) {
  if (!condition)
    throw std::runtime_error{text};
}

scratch_folder::scratch_folder() {
  std::string name = (std::filesystem::temp_directory_path() / "gantry-test-XXXXXX").string();
  must(mkdtemp(name.data()) != nullptr, "no scratch folder");
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

std::string control_machine(uint16_t port, const std::string& method, const std::string& path,
                            const std::string& body) {
  raw_client client{port};
  if (!client.connected())
    return {};
  client.send(method + " " + path + " HTTP/1.1\r\nHost: machine\r\nConnection: close\r\n"
              + "Content-Length: " + std::to_string(body.size()) + "\r\n\r\n" + body);
  return client.answer().body;
}

void act_at_machine(uint16_t port, const nlohmann::json& what) {
  const auto answer = control_machine(port, "POST", "/sim/fault", what.dump());
  must(answer.find("true") != std::string::npos, "the machine refused " + what.dump() + answer);
}

nlohmann::json truth_of_machine(uint16_t port) {
  return nlohmann::json::parse(control_machine(port, "GET", "/sim/state"), nullptr, false);
}

std::vector<nlohmann::json> events_in(const std::filesystem::path& log_dir,
                                      const std::string& event) {
  std::vector<nlohmann::json> found;
  for (const auto& entry : std::filesystem::directory_iterator{log_dir}) {
    std::ifstream file{entry.path()};
    for (std::string line; std::getline(file, line);) {
      // The machine may just be writing the last line.
      auto logged = nlohmann::json::parse(line, nullptr, false);
      if (!logged.is_discarded() && logged.at("event") == event)
        found.push_back(std::move(logged));
    }
  }
  return found;
}

std::vector<print_start> print_starts_in(const std::filesystem::path& log_dir) {
  std::vector<print_start> starts;
  for (const auto& each : events_in(log_dir, "print_started"))
    starts.push_back({each.at("file").get<std::string>(), each.at("origin").get<std::string>(),
                      each.at("bed_items").get<int64_t>()});
  return starts;
}

std::map<std::string, int> starts_in(const std::filesystem::path& log_dir) {
  std::map<std::string, int> starts;
  for (const auto& each : print_starts_in(log_dir))
    ++starts[each.file];
  return starts;
}

running_kernel::running_kernel(const std::filesystem::path& data, kernel_options options)
    : options_{std::move(options)} {
  std::filesystem::create_directories(data / "work");
  auto store = storage::open_rocksdb_store(data.string(), {.ballast_bytes = 0, .warn = {}});
  must(bool{store}, store ? std::string{} : store.why().text());
  store_ = std::move(*store);
  ids_ = hal::make_system_id_source();
  must(bool{storage::initialise(*store_, {ids_->bits(), ids_->bits()})}, "not initialised");
  auto artifacts = storage::open_artifact_store(storage::artifacts_path(data.string()));
  must(bool{artifacts}, "no artifacts");
  artifacts_ = std::move(*artifacts);
  clock_ = hal::make_system_clock();
  links_ = hal::make_network_runtime();
  ports_ = std::make_unique<hal::moonraker_ports>(*links_, *clock_, *ids_);
  slicer_ = slicer::make_prusa_slicer(options_.slicer);
  if (options_.around_store)
    outer_store_ = options_.around_store(*store_);
  if (options_.around_ports)
    outer_ports_ = options_.around_ports(*ports_);
  actors::kernel_parts parts;
  parts.store = outer_store_ ? outer_store_.get() : store_.get();
  parts.artifacts = artifacts_.get();
  parts.clock = clock_.get();
  parts.ids = ids_.get();
  parts.printers = outer_ports_ ? outer_ports_.get() : ports_.get();
  parts.slicer = slicer_.get();
  parts.work_folder = (data / "work").string();
  kernel_ = actors::start_kernel(parts);
}

running_kernel::~running_kernel() {
  kernel_.reset();
}

actors::command_reply running_kernel::ask(any_command body, std::string key, std::string text) {
  command request;
  request.context.who = {"tok-test", "test operator", principal_kind::user, all_roles};
  request.context.via = "test";
  if (key.empty())
    key = std::to_string(ids_->bits()) + std::to_string(++keys_);
  request.context.idempotency_key = key;
  request.context.body_sha256 = sha256_hex(std::string{name_of(body)} + text);
  request.body = std::move(body);
  auto promise = std::make_shared<std::promise<actors::command_reply>>();
  auto answer = promise->get_future();
  kernel_->submit(std::move(request),
                  [promise](actors::command_reply reply) { promise->set_value(std::move(reply)); });
  must(answer.wait_for(30s * time_scale) == std::future_status::ready, "no answer in 30 s");
  auto reply = answer.get();
  if (options_.on_reply)
    options_.on_reply(key, reply);
  return reply;
}

actors::command_reply running_kernel::order_to(any_command body, std::string key) {
  const auto what = std::string{name_of(body)};
  auto reply = ask(std::move(body), std::move(key));
  must(reply.code == reason::ok, what + ": " + render(reply.code, reply.params));
  return reply;
}

void running_kernel::seed() {
  for (const auto* name : {"PLA", "PETG"})
    order_to(commands::add_material{name, 1'240});
  for (const auto& each : slicer::builtin_profiles())
    order_to(commands::add_profile{std::string{each.name},
                                   std::string{each.material},
                                   400,
                                   {220'000, 220'000, 250'000},
                                   slicer::find_builtin_profile(each.name)->canonical_text()});
}

void running_kernel::change_settings(const std::function<void(settings&)>& change) {
  auto content = get<settings>(settings_ref());
  change(content);
  order_to(commands::change_settings{content});
}

artifact_id running_kernel::upload(const std::string& path) {
  const auto full = std::filesystem::path{GANTRY_SOURCE_DIR} / path;
  const auto stored = artifacts_->adopt(full.string());
  must(bool{stored}, "no " + full.string());
  const auto reply =
      order_to(commands::store_artifact{artifact_kind::model, full.filename().string(),
                                        stored->sha256, static_cast<int64_t>(stored->size_bytes)},
               "upload-" + path);
  return {reply.entity.id};
}

printer_id running_kernel::add_printer(const std::string& name, uint16_t port,
                                       const std::string& printer_class,
                                       const std::string& api_key) {
  commands::add_printer body;
  body.setup.name = name;
  body.setup.address.host = "127.0.0.1";
  body.setup.address.port = port;
  body.setup.printer_class = printer_class;
  body.setup.slots.push_back({"PLA", "orange", 400});
  body.api_key = api_key;
  return {order_to(body).entity.id};
}

bool running_kernel::wait_until(const std::function<bool()>& done, std::chrono::seconds patience) {
  const auto end = std::chrono::steady_clock::now() + patience * time_scale;
  while (!done()) {
    if (std::chrono::steady_clock::now() > end)
      return false;
    std::this_thread::sleep_for(20ms);
  }
  return true;
}

void running_kernel::clear_beds() {
  for (const auto& where : open<printer>(entity_kind::printer)) {
    if (where.bed == bed_state::clear || where.ticket || where.foreign)
      continue;
    const auto stored = storage::reader{*store_}.get(ref_of(where.id));
    control_machine(static_cast<uint16_t>(where.setup.address.port), "POST", "/sim/bed");
    ask(commands::confirm_bed_clear{where.id, "seen", {}},
        "bed-" + where.id.value + "-" + std::to_string(stored->version));
  }
}

void running_kernel::inspect_runs() {
  for (const auto& what : open<run>(entity_kind::run)) {
    if (what.state != run_state::inspecting)
      continue;
    const auto pieces = get<plate>(ref_of(what.plate)).items.size();
    ask(
        commands::inspect_run{
            what.id, std::vector<item_outcome>(pieces, item_outcome::good), attribution::plan, {}},
        "inspect-" + what.id.value);
  }
}

bool running_kernel::operate_until(const std::function<bool()>& done,
                                   std::chrono::seconds patience) {
  return wait_until(
      [&] {
        clear_beds();
        inspect_runs();
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

bool running_kernel::waits_for(reason why) const {
  for (const auto& what : open<run>(entity_kind::run))
    if (const auto waiting = kernel_->live().waiting(what.id))
      for (const auto& each : waiting->rejections)
        if (each.why == why)
          return true;
  return false;
}

order_id running_kernel::order_models(const std::string& key,
                                      const std::vector<std::string>& paths) {
  commands::create_order body;
  for (const auto& path : paths) {
    order_line line;
    line.name = std::filesystem::path{path}.filename().string();
    line.model = upload(path);
    line.quantity = 1;
    body.lines.push_back(std::move(line));
  }
  return {order_to(body, key).entity.id};
}

order_id running_kernel::order_examples(const std::string& key) {
  return order_models(key, {"examples/cube.stl", "examples/overhang.stl"});
}

} // namespace gantry::test
