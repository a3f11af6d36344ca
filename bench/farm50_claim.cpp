// A farm at work: what its clients were told against what the machines' own logs say.
#include "bench/busy_farm.hpp"
#include "bench/claims.hpp"

#include <chrono>
#include <cstdio>
#include <fstream>
#include <map>
#include <set>
#include <stdexcept>
#include <thread>

namespace gantry::bench {

using nlohmann::json;

namespace {

using clock = std::chrono::steady_clock;

constexpr size_t clients = 8;
constexpr size_t runs_wanted = 170;
constexpr size_t runs_least = 150;
/// A person who is quick.
constexpr std::chrono::milliseconds thinking{40};
/// Each client submits an order this often; its plan is checked and sliced meanwhile.
constexpr std::chrono::seconds order_pace{20};
/// A pause or resume that was acknowledged has been carried out by then.
constexpr std::chrono::seconds settling_max{30};
/// The printers' clocks run faster, so that they are warm soon; the box takes them an hour and
/// more.
constexpr double speed = 10;

/// Counts per file of a print.
using counts = std::map<std::string, size_t>;

/// What one client was told.
struct journal_of_client {
  std::vector<double> times_ms;
  counts paused;
  counts resumed;
  std::vector<std::string> orders;
  std::vector<std::string> materials;
  std::string trouble;
};

/// One person at the farm.
class client {
public:
  client(const served_farm& farm, size_t number, std::string model)
      : number_{number},
        api_{farm.port(), farm.token(), "client" + std::to_string(number)},
        model_{std::move(model)} {
    for (size_t i = number; i < farm.printer_ids().size(); i += clients)
      own_.push_back(farm.printer_ids()[i]);
  }

  journal_of_client run(clock::time_point until) {
    try {
      for (size_t turn = 0; clock::now() < until; ++turn) {
        act(turn);
        std::this_thread::sleep_for(thinking);
      }
    } catch (const std::exception& error) {
      told_.trouble = error.what();
    }
    return std::move(told_);
  }

private:
  void act(size_t turn) {
    if (clock::now() >= order_due_) {
      order_due_ = clock::now() + order_pace;
      const auto reference = "C" + std::to_string(number_) + "-" + std::to_string(turn);
      told_.orders.push_back(
          command("/orders", order_of(reference, model_, 1))["id"].get<std::string>());
    } else if (turn % 3 == 0) {
      const auto name = "M" + std::to_string(number_) + "-" + std::to_string(turn);
      told_.materials.push_back(
          command("/materials", {{"name", name}, {"density_mg_per_cm3", 1'240}})["id"]
              .get<std::string>());
    } else {
      steer(own_[turn % own_.size()]);
    }
  }

  /// Pauses a print of an own printer, or resumes it, once what it wanted before has come about.
  void steer(const std::string& printer) {
    const auto ticket = api_.get("/printers/" + printer)["ticket"];
    if (!ticket.is_object())
      return;
    const auto file = ticket["file"].get<std::string>(), phase = ticket["phase"].get<std::string>(),
               run = ticket["run"].get<std::string>();
    if (const auto known = expected_.find(file); known != expected_.end() && known->second != phase)
      return;
    if (phase == "printing") {
      command("/runs/" + run + "/pause", json::object());
      ++told_.paused[file];
      expected_[file] = "paused";
    } else if (phase == "paused") {
      command("/runs/" + run + "/resume", json::object());
      ++told_.resumed[file];
      expected_[file] = "printing";
    }
  }

  json command(const std::string& path, const json& body) {
    auto answer = api_.require(path, body);
    told_.times_ms.push_back(api_.took_ms);
    return answer;
  }

  const size_t number_;
  farm_api api_;
  const std::string model_;
  std::vector<std::string> own_; ///< Printers that no other client touches.
  journal_of_client told_;
  std::map<std::string, std::string> expected_; ///< Phase that follows from what was acknowledged.
  clock::time_point order_due_{};
};

/// What the machines' logs say, per file.
struct machine_truth {
  counts started;
  counts paused;
  counts resumed;
};

machine_truth read_logs(const served_farm& farm) {
  machine_truth truth;
  for (size_t i = 0; i < farm.printer_ids().size(); ++i) {
    std::ifstream log{farm.park().log_path(i)};
    std::string printing;
    for (std::string line; std::getline(log, line);) {
      const auto entry = json::parse(line, nullptr, false);
      if (!entry.is_object())
        continue;
      const auto event = entry.value("event", "");
      if (event == "print_started")
        ++truth.started[printing = entry.value("file", "")];
      else if (event == "print_paused")
        ++truth.paused[printing];
      else if (event == "print_resumed")
        ++truth.resumed[printing];
    }
  }
  return truth;
}

/// Adds what is missing in `done` to `lost`, and what is too much to `doubled`.
void compare(const counts& told, const counts& done, size_t& lost, size_t& doubled) {
  for (const auto& [file, count] : told) {
    const auto found = done.find(file);
    lost += count - std::min(count, found == done.end() ? 0 : found->second);
  }
  for (const auto& [file, count] : done) {
    const auto found = told.find(file);
    doubled += count - std::min(count, found == told.end() ? 0 : found->second);
  }
}

struct verdict_of_farm {
  std::vector<double> times_ms;
  size_t lost = 0;
  size_t doubled = 0;
};

std::set<std::string> ids_in(farm_api& api, const std::string& list) {
  std::set<std::string> ids;
  std::string cursor;
  do {
    const auto page = api.get(list + "?limit=500" + (cursor.empty() ? "" : "&cursor=" + cursor));
    for (const auto& each : page["items"])
      ids.insert(each["id"].get<std::string>());
    cursor = page["next"].is_string() ? page["next"].get<std::string>() : "";
  } while (!cursor.empty());
  return ids;
}

verdict_of_farm audit(served_farm& farm, const std::vector<journal_of_client>& told) {
  verdict_of_farm found;
  counts paused, resumed;
  farm_api api{farm.port(), farm.token(), "audit"};
  const auto orders = ids_in(api, "/orders"), materials = ids_in(api, "/materials");
  for (const auto& each : told) {
    if (!each.trouble.empty())
      throw std::runtime_error{each.trouble};
    found.times_ms.insert(found.times_ms.end(), each.times_ms.begin(), each.times_ms.end());
    for (const auto& [file, count] : each.paused)
      paused[file] += count;
    for (const auto& [file, count] : each.resumed)
      resumed[file] += count;
    for (const auto& id : each.orders)
      found.lost += orders.contains(id) ? 0 : 1;
    for (const auto& id : each.materials)
      found.lost += materials.contains(id) ? 0 : 1;
  }
  const auto truth = read_logs(farm);
  compare(paused, truth.paused, found.lost, found.doubled);
  compare(resumed, truth.resumed, found.lost, found.doubled);
  for (const auto& [file, count] : truth.started)
    found.doubled += count - 1;
  return found;
}

} // namespace

std::vector<figure> measure_farm50(const effort& how) {
  farm_options options;
  if (how.quick)
    options.past = no_past;
  options.park.printers = how.quick ? 16 : 50;
  options.park.speed = speed;
  served_farm farm{options};
  farm.start();
  farm.await_printers();
  farm_api api{farm.port(), farm.token(), "manager"};
  const auto model = put_to_work(farm, api, runs_wanted);
  size_t open = 0;
  std::printf("state         runs\n");
  for (const auto& [state, count] : open_runs(api)) {
    std::printf("%-12s  %4zu\n", state.c_str(), count);
    open += count;
  }
  if (open < runs_least)
    throw std::runtime_error{"the farm has too little to do"};
  const auto until = clock::now() + std::chrono::seconds{how.quick ? 10 : 60};
  std::vector<journal_of_client> told(clients);
  {
    std::vector<std::jthread> threads;
    for (size_t i = 0; i < clients; ++i)
      threads.emplace_back([&farm, &told, &model, until, i] {
        told[i] = client{farm, i, model}.run(until);
      });
  }
  auto found = audit(farm, told);
  for (const auto due = clock::now() + settling_max; found.lost > 0 && clock::now() < due;
       found = audit(farm, told))
    std::this_thread::sleep_for(std::chrono::seconds{1});
  if (found.times_ms.empty())
    throw std::runtime_error{"no client sent a command"};
  const auto p99_ms = quantile(found.times_ms, 0.99);
  std::printf("\ncommands  lost  doubled  p50 [ms]  p99 [ms]  slowest [ms]\n"
              "%8zu  %4zu  %7zu  %8.1f  %8.1f  %12.1f\n",
              found.times_ms.size(), found.lost, found.doubled, quantile(found.times_ms, 0.5),
              p99_ms, quantile(found.times_ms, 1));
  return {plain_figure("lost", static_cast<double>(found.lost)),
          plain_figure("doubled", static_cast<double>(found.doubled)),
          plain_figure("command", p99_ms)};
}

} // namespace gantry::bench
