// The kernel that is killed, with the script of its operator. The modes:
//   seed <story> <data> <port>            set up an empty farm with the story's printers
//   queue <story> <data> <port>           the same, and an order that waits for its first run
//   work <story> <data> <point> <journal> go on until the order is fulfilled, and print the numbers
//                                         of writes, calls and answers
// Each acknowledged reply is in the journal, synced, before the next request is made.
#include "tests/crash/crash_script.hpp"
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

void set_up(crash_story story, const std::string& data, uint16_t port, bool with_order) {
  running_kernel kernel{data};
  set_up_story(story, kernel, port);
  if (!with_order)
    return;
  static_cast<void>(place_order(story, kernel));
  wait_for_queue(story, kernel);
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

int work(crash_story story, const std::string& data, kill_point point,
         const std::string& journal_path) {
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
  const auto id = place_order(story, kernel);
  const bool done = play_to_end(story, kernel, id);
  if (!done)
    std::fputs(kernel.story().c_str(), stderr);
  std::printf("%lu %lu %lu\n", killer.count(kill_step::write), killer.count(kill_step::call),
              killer.count(kill_step::answer));
  return done ? 0 : 1;
}

int perform(const std::vector<std::string>& args) {
  must(args.size() >= 4, "bad arguments");
  const auto story = story_called(args[1]);
  if (args[0] == "seed" || args[0] == "queue") {
    set_up(story, args[2], static_cast<uint16_t>(std::stoul(args[3])), args[0] == "queue");
    return 0;
  }
  const auto point = args.size() == 5 ? kill_point::parse(args[3]) : std::nullopt;
  must(point && args[0] == "work", "bad arguments");
  return work(story, args[2], *point, args[4]);
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
