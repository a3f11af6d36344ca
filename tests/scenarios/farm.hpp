// A whole farm for scenarios: the real kernel on real RocksDB, PrusaSlicer and sockets, with
// simulated printers in threads of the test. The printers' own logs are the oracle.
#pragma once

#include "actors/kernel.hpp"
#include "hal/moonraker/moonraker_ports.hpp"
#include "hal/sim/moonraker_server.hpp"
#include "hal/slicer/prusa_slicer.hpp"
#include "storage/reader.hpp"
#include "storage/rocksdb_store.hpp"

#include <filesystem>
#include <functional>
#include <map>
#include <memory>
#include <nlohmann/json_fwd.hpp>
#include <string>
#include <thread>
#include <vector>

namespace gantry::test {

/// Throws with `text` unless `condition` holds. Works in programs without a test framework too.
void must(bool condition, const std::string& text);

/// A folder that is removed at the end.
class scratch_folder {
public:
  scratch_folder();
  ~scratch_folder();
  scratch_folder(const scratch_folder&) = delete;
  scratch_folder& operator=(const scratch_folder&) = delete;
  [[nodiscard]] const std::filesystem::path& path() const { return path_; }

private:
  std::filesystem::path path_;
};

/// Simulated printers in a thread.
class simulated_printers {
public:
  explicit simulated_printers(const sim::simulator_options& options);
  ~simulated_printers();
  [[nodiscard]] uint16_t port(size_t index) const { return ports_[index].second; }
  [[nodiscard]] size_t count() const { return ports_.size(); }

private:
  sim::moonraker_simulator simulator_;
  std::vector<std::pair<std::string, uint16_t>> ports_;
  std::thread thread_;
};

/// Asks the control interface of a simulated printer; returns the body of the answer, empty if
/// there is none.
std::string control_machine(uint16_t port, const std::string& method, const std::string& path,
                            const std::string& body = {});

/// Does something at the machine: a fault or an action of hal/sim/README.md.
void act_at_machine(uint16_t port, const nlohmann::json& what);

/// What the machine really does.
[[nodiscard]] nlohmann::json truth_of_machine(uint16_t port);

/// What the machines below `log_dir` logged as `event`, machine by machine in order.
[[nodiscard]] std::vector<nlohmann::json> events_in(const std::filesystem::path& log_dir,
                                                    const std::string& event);

/// One print start, as the machine logged it.
struct print_start {
  std::string file;
  std::string origin;    ///< api, screen or master.
  int64_t bed_items = 0; ///< What lay on the bed when it began.
};

/// Every print start in the logs below `log_dir`, machine by machine in order.
[[nodiscard]] std::vector<print_start> print_starts_in(const std::filesystem::path& log_dir);

/// Every print start in the logs below `log_dir`: file name -> how often it was started.
[[nodiscard]] std::map<std::string, int> starts_in(const std::filesystem::path& log_dir);

/// How a test's kernel differs from the real one.
struct kernel_options {
  slicer::prusa_slicer_config slicer;
  /// Puts a part of the test's own in front of the store.
  std::function<std::unique_ptr<storage::store>(storage::store&)> around_store;
  /// Puts a part of the test's own in front of the printers' ports.
  std::function<std::unique_ptr<hal::printer_port_factory>(hal::printer_port_factory&)>
      around_ports;
  /// Hears every reply, with its key, before the next request is made.
  std::function<void(const std::string& key, const actors::command_reply&)> on_reply;
};

/// The kernel with everything real below it. Destroying it stops it cleanly; the data stays.
class running_kernel {
public:
  explicit running_kernel(const std::filesystem::path& data, kernel_options options = {});
  ~running_kernel();

  /// Submits as a person with every role and waits for the outcome. `text` stands for the bytes of
  /// the request, to tell repetitions from other requests under the same key.
  actors::command_reply ask(any_command body, std::string key = {}, std::string text = {});
  /// Asks and insists that it is done.
  actors::command_reply order_to(any_command body, std::string key = {});
  /// Profiles, materials and the model of the test are there.
  void seed();
  /// Changes the farm's settings.
  void change_settings(const std::function<void(settings&)>& change);
  /// Uploads a file of the project's; returns its artifact.
  [[nodiscard]] artifact_id upload(const std::string& path);
  /// Adds a printer at 127.0.0.1 with PLA in it.
  [[nodiscard]] printer_id add_printer(const std::string& name, uint16_t port,
                                       const std::string& printer_class = "open",
                                       const std::string& api_key = {});
  /// The stored state, or a blank one.
  template <class State>
  [[nodiscard]] State get(const entity_ref& entity) const {
    const auto stored = storage::reader{*store_}.get(entity);
    if (!stored)
      return {};
    auto state = decode_state(entity.kind, stored->json);
    return std::get<State>(*state);
  }
  /// Every open state of a kind.
  template <class State>
  [[nodiscard]] std::vector<State> open(entity_kind kind) const {
    std::vector<State> result;
    for (const auto& stored : storage::reader{*store_}.open(kind))
      result.push_back(std::get<State>(*decode_state(kind, stored.json)));
    return result;
  }
  /// Waits until `done`, at most `patience`; returns whether it came true.
  [[nodiscard]] bool wait_until(const std::function<bool()>& done,
                                std::chrono::seconds patience = std::chrono::seconds{60});
  /// Does what an operator does until `done`: takes parts off beds, confirms that, and passes
  /// inspections.
  [[nodiscard]] bool operate_until(const std::function<bool()>& done,
                                   std::chrono::seconds patience = std::chrono::seconds{120});
  /// The log so far, one line per event: what a failed test shows.
  [[nodiscard]] std::string story() const;
  [[nodiscard]] actors::kernel& kernel() { return *kernel_; }
  /// True if a queued run waits for this reason.
  [[nodiscard]] bool waits_for(reason why) const;
  /// An order with one line for each model, which is a path in the project.
  [[nodiscard]] order_id order_models(const std::string& key,
                                      const std::vector<std::string>& paths);
  /// An order for the example models, one line each.
  [[nodiscard]] order_id order_examples(const std::string& key);
  [[nodiscard]] const storage::store& store() const { return *store_; }

private:
  void clear_beds();
  void inspect_runs();

  kernel_options options_;
  std::unique_ptr<storage::rocksdb_store> store_;
  std::unique_ptr<storage::store> outer_store_;
  std::unique_ptr<storage::artifact_store> artifacts_;
  std::unique_ptr<hal::clock> clock_;
  std::unique_ptr<hal::id_source> ids_;
  std::unique_ptr<hal::link_runtime> links_;
  std::unique_ptr<hal::moonraker_ports> ports_;
  std::unique_ptr<hal::printer_port_factory> outer_ports_;
  std::unique_ptr<slicer::slicer> slicer_;
  std::unique_ptr<actors::kernel> kernel_;
  uint64_t keys_ = 0;
};

} // namespace gantry::test
