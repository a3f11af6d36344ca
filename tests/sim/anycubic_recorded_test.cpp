// Goal: the simulated resin printer answers as the recorded devices did, byte for byte. Method:
// every recording is played against it; what it cannot know is set up as the device had it.
#include "tests/sim/anycubic_fixture.hpp"
#include "tests/sim/anycubic_transcript.hpp"

#include <set>

using namespace gantry;
using namespace gantry::sim;
using namespace gantry::sim::test;
using gantry::tests::read_transcript;
using gantry::tests::transcript_line;

namespace {

/// The device of recordings 01 to 16: one request per connection, served a second after it came.
anycubic_options one_shot_device() {
  auto options = resin_fixture::quick_options();
  options.serial = "234234234";
  options.one_request_per_connection = true;
  options.accept_delay = 1s;
  options.files.front().display = "Widget.pwmb";
  options.files.front().internal = "0.pwmb";
  auto underway = options.files.front();
  underway.internal = "46.pwmb";
  underway.layers = 2338;
  underway.layer_s = 24.797;
  underway.resin_ml = 178;
  options.files.push_back(underway);
  return options;
}

/// What a recording heard, and how it ended.
struct outcome {
  std::string heard;
  std::optional<stream_output::kind> end;
};

outcome recorded_outcome(const std::string& name) {
  outcome result;
  for (const auto& line : read_transcript(name)) {
    result.heard += line.what == transcript_line::kind::heard ? line.bytes : "";
    if (line.what == transcript_line::kind::closed)
      result.end = stream_output::kind::close;
    if (line.what == transcript_line::kind::reset)
      result.end = stream_output::kind::reset;
  }
  return result;
}

/// Plays what the client sent, at its times. `instead` stands for a request that only the recorded
/// device knows.
outcome played_outcome(resin_fixture& machine, const std::string& name,
                       const std::string& instead) {
  const auto client = machine.device.connect();
  double at_s = 0;
  for (const auto& line : read_transcript(name)) {
    if (line.what != transcript_line::kind::sent)
      continue;
    machine.run(
        std::chrono::duration_cast<model_time>(std::chrono::duration<double>(line.at_s - at_s)));
    at_s = line.at_s;
    machine.device.receive(client, instead.empty() ? line.bytes : instead);
  }
  machine.run(5s);
  outcome result{machine.heard[client], {}};
  if (machine.ends.contains(client))
    result.end = machine.ends[client];
  return result;
}

struct recorded_case {
  std::string name;
  std::vector<json> before{};
  std::string instead{};
};

} // namespace

BOOST_AUTO_TEST_CASE(every_short_recording_is_reproduced_byte_for_byte) {
  const std::vector<recorded_case> cases = {
      {"01-getstatus-idle"},
      {"02-getstatus-newline"},
      {"03-sysinfo"},
      {"04-getfile", {{{"kind", "remove_file"}, {"file", "46.pwmb"}}}},
      {"05-getmode"},
      {"06-goprint"},
      {"07-getstatus-printing",
       {{{"kind", "screen_start"}, {"file", "46.pwmb"}, {"layer", 2062}, {"elapsed_s", 51'744}},
        {{"kind", "speed"}, {"factor", 0.001}}}},
      {"08-goprint-while-printing", {{{"kind", "screen_start"}, {"file", "0.pwmb"}}}},
      {"09-gopause-unsupported-by-sim", {{{"kind", "screen_start"}, {"file", "0.pwmb"}}}},
      {"10-gostop", {{{"kind", "screen_start"}, {"file", "0.pwmb"}}}},
      {"11-gostop-when-idle"},
      // The recorded device has a request for what happens to any of them on a bad line.
      {"12-incomplete-reply", {{{"kind", "truncate_replies"}, {"bytes", 3}}}, "getmode,"},
      {"13-multi-reply",
       {{{"kind", "foreign_replies"},
         {"text", "getstatus,stop\r\n,endsysinfo,Photon Mono X 6K,V0.2.2,234234234,SkyNet,end"}}},
       "getmode,"},
      {"14-request-split-bytewise"},
      {"15-unknown-command"},
      {"16-no-terminator"},
  };
  for (const auto& item : cases) {
    BOOST_TEST_CONTEXT(item.name) {
      auto options = one_shot_device();
      options.commands_missing = {"gopause"};
      resin_fixture machine{options};
      for (const auto& fault : item.before)
        machine.inject(fault);
      const auto wanted = recorded_outcome(item.name);
      const auto played = played_outcome(machine, item.name, item.instead);
      BOOST_TEST(played.heard == wanted.heard);
      BOOST_TEST((played.end == wanted.end));
    }
  }
}

BOOST_AUTO_TEST_CASE(the_long_recording_is_reproduced_on_one_connection) {
  auto options = *anycubic_model("mono-x");
  options.serial = "0000000000000001";
  options.network = "SomeSSID";
  options.machine_name = "SomeName";
  options.elapsed_in_minutes = false;
  options.mechanics = {.prepare_s = 0.01, .lift_s = 0.01, .lower_s = 0.01, .stop_s = 0.01};
  options.files.clear();
  for (const auto* name :
       {"Model1.pwmb/0.pwmb", "Model2.pwmb/1.pwmb", "JustSomeModel.photon/2.photon"}) {
    const std::string both{name};
    resin_job job;
    job.display = both.substr(0, both.find('/'));
    job.internal = both.substr(both.find('/') + 1);
    job.layers = 1269;
    job.resin_ml = 13;
    options.history.push_back({job, 213});
    job.layers = 2338;
    job.layer_s = 0.05;
    job.resin_ml = 178;
    options.files.push_back(job);
  }
  resin_fixture machine{options};
  const auto client = machine.device.connect();
  const auto second = machine.device.connect();
  // The recorded program has no values of its own for these.
  const std::set<std::string> placeholders = {"getwifi,OK,end", "getpara,OK,end"};
  std::string asked;
  int compared = 0;
  for (const auto& line : read_transcript("20-photonetlib-emulator-session")) {
    if (line.what == transcript_line::kind::sent) {
      machine.run(200ms);
      asked = machine.ask(client, line.bytes);
    }
    if (line.what != transcript_line::kind::heard || placeholders.contains(line.bytes))
      continue;
    ++compared;
    if (line.bytes.empty()) {
      // A picture: raw bytes without an echo or an end.
      BOOST_TEST(asked.size() == 75'264);
    } else if (line.bytes.find(",2062,") != std::string::npos) {
      // The recorded program shows the same numbers for ever; here they move.
      const auto fields = [](std::string text) {
        std::vector<std::string> all;
        for (std::size_t end = 0; end != std::string::npos; text.erase(0, end + 1)) {
          end = text.find(',');
          all.push_back(text.substr(0, end));
          if (end == std::string::npos)
            break;
        }
        return all;
      };
      const auto wanted = fields(line.bytes);
      const auto got = fields(asked);
      BOOST_REQUIRE(got.size() == wanted.size());
      for (std::size_t i = 0; i < wanted.size(); ++i)
        if (i < 4 || i > 7)
          BOOST_TEST(got[i] == wanted[i]);
    } else {
      BOOST_TEST(asked == line.bytes);
    }
  }
  BOOST_TEST(compared == 16);
  machine.device.receive(second, "getstatus,");
  machine.run(2s);
  BOOST_TEST(machine.heard[second].empty());
  machine.device.close(client);
  machine.run(1s);
  BOOST_TEST(machine.heard[second] == "getstatus,stop,end");
}
