// The kernel that is killed, with the script of its operator. The modes:
//   seed <data> <port>                   set up an empty farm with one printer
//   queue <data> <port>                  the same, and an order that waits for its first run
//   work <data> <point> <journal>        go on until the order is fulfilled, and print the number
//   of
//                                        writes, calls and answers
// Each acknowledged reply is in the journal, synced, before the next request is made.
#include "tests/crash/killing_ports.hpp"
#include "tests/crash/killing_store.hpp"
#include "tests/scenarios/farm.hpp"

#include <csignal>
#include <cstdio>
#include <cstdlib>
#include <exception>
#include <fcntl.h>
#include <sys/prctl.h>
#include <unistd.h>

using namespace gantry;
using namespace gantry::test;

namespace {

constexpr auto order_key = "the-order";

void set_up(const std::string& data, uint16_t port, bool with_order) {
  running_kernel kernel{data};
  kernel.seed();
  kernel.change_settings([](settings& x) {
    x.start_lag_s = 1;
    x.settle_after_ready_s = 0;
    x.start_deadline_s = 5;
  });
  static_cast<void>(kernel.add_printer("left", port));
  if (!with_order)
    return;
  static_cast<void>(kernel.order_models(order_key, {"examples/cube.stl"}));
  must(kernel.wait_until([&] { return kernel.waits_for(reason::bed_unknown); }),
       "the run does not wait");
}

/// Appends acknowledged replies to a file: key, entity, version.
class reply_journal {
public:
  explicit reply_journal(const std::string& path)
      : file_{::open(path.c_str(), O_WRONLY | O_CREAT | O_APPEND | O_CLOEXEC, 0600)} {
    must(file_ >= 0, "no journal");
  }
  ~reply_journal() { ::close(file_); }
  reply_journal(const reply_journal&) = delete;
  reply_journal& operator=(const reply_journal&) = delete;

  void note(const std::string& key, const actors::command_reply& reply) {
    if (reply.code != reason::ok)
      return;
    const auto line = key + " " + reply.entity.text() + " " + std::to_string(reply.version) + "\n";
    must(::write(file_, line.data(), line.size()) == static_cast<ssize_t>(line.size()),
         "the journal is not written");
    must(::fdatasync(file_) == 0, "the journal is not synced");
  }

private:
  int file_;
};

int work(const std::string& data, kill_point point, const std::string& journal_path) {
  executioner killer{point};
  reply_journal journal{journal_path};
  kernel_options options;
  options.around_store = [&](storage::store& x) { return make_killing_store(x, killer); };
  options.around_ports = [&](hal::printer_port_factory& x) {
    return make_killing_ports(x, killer);
  };
  options.on_reply = [&](const std::string& key, const actors::command_reply& reply) {
    journal.note(key, reply);
  };
  running_kernel kernel{data, options};
  // Asked anew in each life under the same key, so it is accepted once.
  const auto id = kernel.order_models(order_key, {"examples/cube.stl"});
  const bool done = kernel.operate_until(
      [&] { return kernel.get<order>(ref_of(id)).state == order_state::fulfilled; },
      std::chrono::seconds{20});
  if (!done)
    std::fputs(kernel.story().c_str(), stderr);
  std::printf("%lu %lu %lu\n", killer.count(kill_step::write), killer.count(kill_step::call),
              killer.count(kill_step::answer));
  return done ? 0 : 1;
}

int perform(const std::vector<std::string>& args) {
  if (args.size() == 3 && (args[0] == "seed" || args[0] == "queue")) {
    set_up(args[1], static_cast<uint16_t>(std::stoul(args[2])), args[0] == "queue");
    return 0;
  }
  const auto point = args.size() == 4 ? kill_point::parse(args[2]) : std::nullopt;
  must(point && args[0] == "work", "bad arguments");
  return work(args[1], *point, args[3]);
}

} // namespace

int main(int argc, char** argv) {
  // A test that dies must not leave kernels behind.
  ::prctl(PR_SET_PDEATHSIG, SIGKILL);
  try {
    return perform({argv + 1, argv + argc});
  } catch (const std::exception& error) {
    std::fprintf(stderr, "%s\n", error.what());
    return 2;
  }
}
