#include "tests/crash/victim.hpp"

#include <csignal>
#include <fstream>

namespace gantry::test {

using namespace std::chrono_literals;

std::vector<std::string> victim_home::variables(std::vector<std::string> orders) const {
  orders.push_back("LD_PRELOAD=" GANTRY_FAULTY_DISK);
  orders.push_back(std::string{disk_order::ledger} + "=" + ledger().string());
  return orders;
}

finished_program victim_home::examine() const {
  return run_program({"doctor", "--data", data().string()}, folder / "doctor.output", variables());
}

void victim_home::fail_disk(const std::string& words) const {
  const auto path = fault_path(ledger());
  if (words.empty()) {
    std::filesystem::remove(path);
    return;
  }
  // Renamed into place, so that the disk never reads half of it.
  std::ofstream{path.string() + ".new"} << words;
  std::filesystem::rename(path.string() + ".new", path);
}

victim::victim(const victim_home& home, std::vector<std::string> orders)
    : home_{home},
      child_{{"serve", "--data", home.data().string(), "--port", "0"},
             home.folder / "serve.output",
             home.variables(std::move(orders))} {
  // nop
}

bool victim::listens() {
  const std::string text{"Gantry listens at http://127.0.0.1:"};
  const auto end = std::chrono::steady_clock::now() + 30s;
  while (std::chrono::steady_clock::now() < end) {
    const bool ended = child_.exit_code_within(0ms).has_value();
    const auto written = child_.output();
    const auto at = written.find(text);
    if (at != std::string::npos && written.find('\n', at) != std::string::npos) {
      port_ = static_cast<uint16_t>(std::stoi(written.substr(at + text.size())));
      return true;
    }
    if (ended)
      return false;
    std::this_thread::sleep_for(5ms);
  }
  return false;
}

farm_client victim::client(promise_journal& journal) const {
  std::ifstream file{home_.data() / "admin-token"};
  std::string secret;
  std::getline(file, secret);
  return {port_, secret, journal};
}

void victim::kill() {
  if (child_.exit_code_within(0ms))
    return;
  child_.signal(SIGKILL);
  static_cast<void>(child_.exit_code_within(10s));
}

std::optional<int> victim::stop() {
  child_.signal(SIGTERM);
  return child_.exit_code_within(10s);
}

} // namespace gantry::test
