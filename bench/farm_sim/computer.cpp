#include "bench/farm_sim/computer.hpp"

#include "cli/replay.hpp"
#include "storage/data_folder.hpp"
#include "storage/doctor.hpp"
#include "storage/initialise.hpp"
#include "storage/rocksdb_store.hpp"

#include <cstdlib>

namespace gantry::farm_sim {

namespace {

using namespace std::chrono_literals;
namespace fs = std::filesystem;

void insist(bool holds, const std::string& what) {
  if (!holds)
    throw std::runtime_error{"the simulation cannot be set up: " + what};
}

} // namespace

scratch::scratch() {
  std::error_code none;
  const auto base = fs::exists("/dev/shm", none) ? fs::path{"/dev/shm"} : fs::temp_directory_path();
  auto name = (base / "gantry-farm-XXXXXX").string();
  insist(::mkdtemp(name.data()) != nullptr, "no folder");
  path_ = name;
}

scratch::~scratch() {
  std::error_code ignored;
  fs::remove_all(path_, ignored);
}

// -- ports that fail ------------------------------------------------------------------------------

/// A printer's port; each call of it may fail the actor that made it (F-11).
class computer::faulty_port final : public hal::printer_port {
public:
  faulty_port(computer& host, std::string printer, std::unique_ptr<hal::printer_port> real)
      : host_{host}, printer_{std::move(printer)}, real_{std::move(real)} {}

  void upload(uint64_t ticket, const std::string& file, const std::string& sha256,
              const std::string& remote_name) override {
    host_.fail_port(printer_);
    real_->upload(ticket, file, sha256, remote_name);
  }
  void start(uint64_t ticket, const std::string& remote_name) override {
    host_.fail_port(printer_);
    real_->start(ticket, remote_name);
    // The command is on its way, and the actor that sent it dies before it hears what came of it.
    host_.fail_port(printer_);
  }
  void pause(uint64_t ticket) override {
    host_.fail_port(printer_);
    real_->pause(ticket);
  }
  void resume(uint64_t ticket) override {
    host_.fail_port(printer_);
    real_->resume(ticket);
  }
  void cancel(uint64_t ticket) override {
    host_.fail_port(printer_);
    real_->cancel(ticket);
  }
  void remove_file(uint64_t ticket, const std::string& remote_name) override {
    host_.fail_port(printer_);
    real_->remove_file(ticket, remote_name);
  }
  void refresh(uint64_t ticket) override {
    host_.fail_port(printer_);
    real_->refresh(ticket);
  }

private:
  computer& host_;
  std::string printer_;
  std::unique_ptr<hal::printer_port> real_;
};

class computer::faulty_ports final : public hal::printer_port_factory {
public:
  faulty_ports(computer& host, hal::printer_port_factory& real) : host_{host}, real_{real} {}

  [[nodiscard]] std::unique_ptr<hal::printer_port>
  open(const hal::port_config& config, std::shared_ptr<hal::port_listener> listener) override {
    host_.fail_port(config.printer.value);
    return std::make_unique<faulty_port>(host_, config.printer.value,
                                         real_.open(config, std::move(listener)));
  }
  void probe(const hal::port_config& config, std::function<void(hal::port_answer)> then) override {
    real_.probe(config, std::move(then));
  }

private:
  computer& host_;
  hal::printer_port_factory& real_;
};

void computer::storm(const std::string& printer, hal::mono_time length) {
  storms_to_come_[printer] = length;
}

void computer::fail_port(const std::string& printer) {
  if (!faulty_ || !up())
    return;
  if (const auto waiting = storms_to_come_.extract(printer))
    storms_[printer] = time_.now() + waiting.mapped();
  const auto stormy = storms_.find(printer);
  const bool storm = stormy != storms_.end() && stormy->second > time_.now();
  if (!storm && !random_.chance(mix_.actor_crash))
    return;
  counts_.fault("F-11");
  counts_.event("F-11", printer);
  if (on_crash)
    on_crash(printer);
  throw std::runtime_error{"injected: the actor of " + printer + " fails"};
}

// -- life -----------------------------------------------------------------------------------------

computer::computer(const sim_options& options, const fault_mix& mix, agenda& time, dice& random,
                   ledger& counts, sim_links& links)
    : options_{options},
      mix_{mix},
      time_{time},
      random_{random},
      counts_{counts},
      links_{links},
      clock_{time},
      ids_{options.seed * 31 + 7},
      slicer_{mix.print_minutes_max} {
  fs::create_directories(folder_.path() / "work");
  open_store(options.on_disk);
  auto artifacts = storage::open_artifact_store((folder_.path() / "artifacts").string(),
                                                [] { return UINT64_MAX; });
  insist(bool{artifacts}, "no artifacts");
  artifacts_ = std::move(*artifacts);
}

computer::~computer() {
  if (kernel_)
    close_life(ending::kill);
}

void computer::open_store(bool on_disk) {
  if (on_disk) {
    auto opened = storage::open_rocksdb_store((folder_.path() / "data").string(),
                                              {.ballast_bytes = 0, .warn = {}});
    insist(bool{opened}, "no RocksDB");
    disk_ = std::move(*opened);
  } else {
    memory_ = std::make_unique<storage::memory_store>();
  }
  storage::store& inner = memory_ ? static_cast<storage::store&>(*memory_) : *disk_;
  insist(bool{storage::initialise(inner, {ids_.bits(), ids_.bits()})}, "not initialised");
  store_ = std::make_unique<watched_store>(inner, counts_);
  store_->on_write = [this] { return fate_of_write(); };
  store_->on_read = [this] {
    const bool fails = faulty_ && stepping_ && random_.chance(mix_.read_failure);
    if (fails)
      counts_.fault("F-03");
    return fails;
  };
}

watched_store::fate computer::fate_of_write() {
  if (!faulty_)
    return watched_store::fate::written;
  if (before_write)
    if (const auto asked = before_write())
      return *asked;
  if (!random_.chance(mix_.write_failure))
    return watched_store::fate::written;
  counts_.fault("F-03");
  return random_.chance(0.5) ? watched_store::fate::failed
                             : watched_store::fate::failed_but_written;
}

void computer::start() {
  doomed_ = false;
  stopping_ = false;
  links_.come_back();
  store_->set_dead(false);
  ports_ = std::make_unique<hal::moonraker_ports>(links_, clock_, ids_, mix_.connector);
  outer_ports_ = std::make_unique<faulty_ports>(*this, *ports_);
  actors::kernel_parts parts;
  parts.store = store_.get();
  parts.artifacts = artifacts_.get();
  parts.clock = &clock_;
  parts.ids = &ids_;
  parts.printers = outer_ports_.get();
  parts.slicer = &slicer_;
  parts.work_folder = (folder_.path() / "work").string();
  if (furnish)
    furnish(parts);
  actors::stepped_options how;
  how.write_time = [this] {
    if (!faulty_ || !random_.chance(0.05))
      return std::chrono::milliseconds{random_.between(1, 8)};
    counts_.fault("F-03");
    return std::chrono::duration_cast<std::chrono::milliseconds>(
        random_.span(1ms, mix_.slow_write_max));
  };
  how.work_time = [this] { return std::chrono::milliseconds{random_.between(50, 90'000)}; };
  how.lost = [this](const std::string& why) { doom(why); };
  kernel_ = actors::make_stepped_kernel(parts, how);
  counts_.event("start", clock_.boot_id());
}

void computer::step(size_t index) {
  stepping_ = true;
  kernel_->step(index);
  stepping_ = false;
}

void computer::doom(const std::string& why) {
  counts_.event("doom", why);
  doomed_ = true;
}

void computer::end(ending how) {
  counts_.event("end", name_of(how));
  if (how == ending::clean_stop) {
    stopping_ = true;
    kernel_->begin_stop();
    return;
  }
  close_life(how);
}

void computer::close_life(ending how) {
  links_.cut_off();
  store_->set_dead(true);
  kernel_->crash();
  kernel_.reset();
  outer_ports_.reset();
  ports_.reset();
  doomed_ = false;
  stopping_ = false;
  if (memory_)
    memory_->crash(how == ending::power_loss ? storage::crash_mode::power_loss
                                             : storage::crash_mode::process_kill,
                   random_.bits());
  if (how == ending::power_loss) {
    counts_.fault("F-02");
    clock_.boot();
  }
  store_->set_dead(false);
}

// -- the doctor -----------------------------------------------------------------------------------

void computer::examine() {
  const auto report = storage::examine(*store_, cli::replay_event);
  for (const auto* id : {"INV-23", "INV-24", "INV-25"})
    counts_.check(id, report.events);
  for (const auto& each : report.findings)
    counts_.violation("INV-23",
                      each.subject + ": " + std::string{name_of(each.what)} + " " + each.detail);
}

void computer::damage_and_examine() {
  if (store_->entities().empty())
    return;
  counts_.fault("F-04");
  storage::store& inner = memory_ ? static_cast<storage::store&>(*memory_) : *disk_;
  const auto skip = random_.between(0, static_cast<int64_t>(store_->entities().size()) - 1);
  const auto& entity = std::next(store_->entities().begin(), skip)->first;
  const auto where = storage::family_of(entity.kind);
  const auto stored = inner.read()->get(where, entity.id);
  insist(stored.has_value() && stored->size() > 40, "no record of " + entity.text());
  auto bad = *stored;
  bad[static_cast<size_t>(random_.between(30, static_cast<int64_t>(bad.size()) - 1))] ^=
      static_cast<char>(1 << random_.between(0, 6));
  inner.write({{where, entity.id, bad}}, true);
  bool noticed = true;
  try {
    noticed = !storage::examine(inner, cli::replay_event).clean();
  } catch (const storage::storage_error&) {
    noticed = true;
  }
  counts_.must(noticed, "INV-23", "nobody notices a damaged record of " + entity.text());
  inner.write({{where, entity.id, *stored}}, true);
}

} // namespace gantry::farm_sim
