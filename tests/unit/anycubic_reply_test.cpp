// Goal: replies are found and read whatever the line does to them, and nothing that is no reply is
// taken for one. Method: the recorded bytes, cut, glued and spoiled in every way.
#include "hal/anycubic/act_reply.hpp"
#include "hal/anycubic/act_text.hpp"
#include "tests/sim/anycubic_transcript.hpp"

#include <random>

using namespace gantry;
using namespace gantry::hal;
using gantry::tests::read_transcript;
using gantry::tests::transcript_line;

BOOST_TEST_DONT_PRINT_LOG_VALUE(gantry::resin_state)
BOOST_TEST_DONT_PRINT_LOG_VALUE(gantry::hal::act_verdict)
BOOST_TEST_DONT_PRINT_LOG_VALUE(gantry::hal::elapsed_unit)

namespace {

const std::string active =
    "getstatus,print,Widget.pwmb/46.pwmb,2338,88,2062,51744,6844,~178mL,UV,39.38,0.05,0,end";

std::optional<std::string> read(const std::string& command, const std::string& bytes,
                                bool quiet = true) {
  reply_reader reader;
  reader.expect(command);
  reader.feed(bytes);
  return reader.body(quiet);
}

act_status status_of(const std::string& bytes) {
  const auto body = read("getstatus", bytes);
  BOOST_REQUIRE_MESSAGE(body, bytes);
  const auto status = parse_status(*body);
  BOOST_REQUIRE_MESSAGE(status, bytes);
  return *status;
}

const std::vector<std::string>& recordings() {
  static const std::vector<std::string> names = {"01-getstatus-idle",
                                                 "02-getstatus-newline",
                                                 "03-sysinfo",
                                                 "04-getfile",
                                                 "05-getmode",
                                                 "06-goprint",
                                                 "07-getstatus-printing",
                                                 "08-goprint-while-printing",
                                                 "10-gostop",
                                                 "11-gostop-when-idle",
                                                 "14-request-split-bytewise",
                                                 "20-photonetlib-emulator-session"};
  return names;
}

/// Every recorded request with the bytes that answered it.
std::vector<std::pair<std::string, std::string>> recorded_exchanges() {
  std::vector<std::pair<std::string, std::string>> all;
  for (const auto& name : recordings()) {
    std::string asked;
    for (const auto& line : read_transcript(name)) {
      if (line.what == transcript_line::kind::sent)
        asked += line.bytes;
      if (line.what != transcript_line::kind::heard)
        continue;
      // The picture has neither a name nor an end.
      if (!line.bytes.empty())
        all.emplace_back(asked.substr(0, asked.find_first_of(",\r")), line.bytes);
      asked.clear();
    }
  }
  return all;
}

} // namespace

BOOST_AUTO_TEST_CASE(every_recorded_reply_is_found_however_it_is_split) {
  auto exchanges = recorded_exchanges();
  BOOST_TEST(exchanges.size() > 25);
  for (auto [command, bytes] : exchanges) {
    command = command.substr(command.rfind('\n') + 1);
    BOOST_TEST_CONTEXT(bytes) {
      const auto whole = read(command, bytes);
      BOOST_REQUIRE(whole);
      BOOST_TEST(command + "," + *whole + (whole->empty() ? "end" : ",end") == bytes);
      for (std::size_t cut = 0; cut <= bytes.size(); ++cut) {
        reply_reader reader;
        reader.expect(command);
        reader.feed(bytes.substr(0, cut));
        if (cut < bytes.size())
          BOOST_TEST(!reader.body(true).has_value());
        reader.feed(bytes.substr(cut));
        BOOST_TEST((reader.body(true) == whole));
      }
    }
  }
}

BOOST_AUTO_TEST_CASE(a_whole_status_is_taken_at_once_and_a_list_after_a_silence) {
  BOOST_TEST(read("getstatus", active, false).has_value());
  BOOST_TEST(read("getstatus", "getstatus,stop\r\n,end", false).has_value());
  BOOST_TEST(read("gopause", "gopause,OK,end", false).has_value());
  BOOST_TEST(read("getmode", "getmode,0,end", false).has_value());
  BOOST_TEST(!read("getfile", "getfile,a.pwmb/0.pwmb,end", false).has_value());
  BOOST_TEST(read("getfile", "getfile,a.pwmb/0.pwmb,end", true).has_value());
  BOOST_TEST(!read("getstatus", "getstatus,print,end", false).has_value());
}

BOOST_AUTO_TEST_CASE(the_own_reply_is_found_among_those_of_others) {
  const std::string others = "getwifi,SkyNet,end";
  const std::string glued =
      "getstatus,stop\r\n,endsysinfo,Photon Mono X 6K,V0.2.2,234234234,SkyNet,endgetmode,0,end";
  BOOST_TEST(*read("sysinfo", glued, false) == "Photon Mono X 6K,V0.2.2,234234234,SkyNet");
  BOOST_TEST(*read("getstatus", glued, false) == "stop\r\n");
  BOOST_TEST(*read("getmode", glued, false) == "0");
  BOOST_TEST(*read("getstatus", others + active, false) == active.substr(10, active.size() - 14));
  BOOST_TEST(*read("getstatus", active + others, false) == active.substr(10, active.size() - 14));
  BOOST_TEST(!read("gopause", others + active).has_value());
  // The end of somebody's reply got lost before ours began.
  BOOST_TEST(*read("gopause", "getmode,0,gopause,OK,end") == "OK");
  // Of two the newer counts.
  BOOST_TEST((status_of("getstatus,stop,end" + active).state == resin_state::printing));
  BOOST_TEST(!read("getmode", "getmode,0,").has_value());
}

BOOST_AUTO_TEST_CASE(a_name_may_contain_the_end_and_commas) {
  const std::string name = "the,end of,end days, v2.pwmb/46.pwmb";
  const auto reply = "getstatus,pause," + name + ",300,10,30,600,5400,~20mL,UV,1.0,0.05,0,end";
  for (std::size_t cut = 0; cut < reply.size(); ++cut)
    BOOST_TEST(!read("getstatus", reply.substr(0, cut), false).has_value(), reply.substr(0, cut));
  const auto status = status_of(reply);
  BOOST_TEST(status.file == "the,end of,end days, v2.pwmb");
  BOOST_TEST(status.internal_file == "46.pwmb");
  BOOST_TEST(status.layer == 30);
  const auto files =
      parse_files(*read("getfile", "getfile,the,end.pwmb/3.pwmb,a, b.pwmb/4.pwmb,end"));
  BOOST_REQUIRE(files.size() == 2);
  BOOST_TEST(files[0].name == "the,end.pwmb");
  BOOST_TEST(files[0].internal_name == "3.pwmb");
  BOOST_TEST(files[1].name == "a, b.pwmb");
}

BOOST_AUTO_TEST_CASE(the_recorded_status_is_read_field_by_field) {
  const auto status = status_of(active);
  BOOST_TEST(status.state == resin_state::printing);
  BOOST_TEST(status.word == "print");
  BOOST_TEST(status.file == "Widget.pwmb");
  BOOST_TEST(status.internal_file == "46.pwmb");
  BOOST_TEST(status.layers == 2338);
  BOOST_TEST(status.percent == 88);
  BOOST_TEST(status.layer == 2062);
  BOOST_TEST(status.elapsed == 51744);
  BOOST_TEST(status.remaining_s == 6844);
  BOOST_TEST(status.resin_ml == 178);
  BOOST_TEST(status.layer_height_um == 50);
}

BOOST_AUTO_TEST_CASE(every_word_for_a_state_is_understood_and_others_are_unknown) {
  const std::vector<std::pair<std::string, resin_state>> words = {
      {"stop\r\n", resin_state::stopped},     {"STOP", resin_state::stopped},
      {"finish", resin_state::finished},      {"stopprn", resin_state::stopping},
      {"STOPPRN\r\n", resin_state::stopping}, {"stopping", resin_state::stopping},
      {"pause", resin_state::paused},         {"print", resin_state::printing},
      {"offline", resin_state::unknown},      {"heating", resin_state::unknown}};
  for (const auto& [word, state] : words)
    BOOST_TEST(status_of("getstatus," + word + ",end").state == state, word);
}

BOOST_AUTO_TEST_CASE(missing_fields_are_zero_and_spoiled_ones_make_no_status) {
  const auto early = status_of("getstatus,print,a.pwmb/0.pwmb,200,0,,0,,end");
  BOOST_TEST(early.layers == 200);
  BOOST_TEST(early.layer == 0);
  BOOST_TEST(status_of("getstatus,print,a.pwmb/0.pwmb,end").internal_file == "0.pwmb");
  for (const std::string body :
       {"", ",", "print,Widg", "print,a/b,200,5,20getwifi", "print,a/b,200,5,-4",
        "print,a/b,2338,88,20", "pr\x01int", "print,a/b,99999999999999999999,1,1",
        "print,Widget.pwmb/46.pwmb,2338,88,2062,517x"})
    BOOST_TEST(!parse_status(body).has_value(), body);
}

BOOST_AUTO_TEST_CASE(the_unit_of_the_elapsed_time_follows_from_the_percentage) {
  const auto seconds = status_of(active);
  BOOST_TEST(unit_of_elapsed(seconds, elapsed_unit::unknown) == elapsed_unit::seconds);
  BOOST_TEST(unit_of_elapsed(seconds, elapsed_unit::minutes) == elapsed_unit::seconds);
  const auto minutes =
      status_of("getstatus,print,a/0.pwmx,2338,88,2062,862,6844,~178mL,UV,39.38,0.05,0,end");
  BOOST_TEST(unit_of_elapsed(minutes, elapsed_unit::unknown) == elapsed_unit::minutes);
  BOOST_TEST(unit_of_elapsed(minutes, elapsed_unit::seconds) == elapsed_unit::minutes);
  // At the beginning both fit, so what is known stays.
  const auto early = status_of("getstatus,print,a/0,2338,0,1,1,58000,~1mL,UV,1,0.05,0,end");
  for (const auto known : {elapsed_unit::unknown, elapsed_unit::seconds, elapsed_unit::minutes})
    BOOST_TEST(unit_of_elapsed(early, known) == known);
  BOOST_TEST(unit_of_model("Photon Mono X 6K") == elapsed_unit::seconds);
  BOOST_TEST(unit_of_model("Photon Mono X") == elapsed_unit::minutes);
  BOOST_TEST(unit_of_model("") == elapsed_unit::unknown);
}

BOOST_AUTO_TEST_CASE(success_is_ok_in_any_case_and_every_error_is_a_failure) {
  for (const std::string word : {"OK", "ok", " Ok\r\n", "OK,more"})
    BOOST_TEST(verdict_of(word) == act_verdict::ok);
  for (const std::string word : {"ERROR1", "ERROR2", "error12", "ERROR"})
    BOOST_TEST(verdict_of(word) == act_verdict::error);
  for (const std::string word : {"", "0.pwmb", "O", "KO"})
    BOOST_TEST(verdict_of(word) == act_verdict::unclear);
}

BOOST_AUTO_TEST_CASE(names_are_read_as_utf8_then_as_gbk_then_as_well_as_possible) {
  BOOST_TEST(text_for_people("M\xC3\xBCller.pwmb") == "M\xC3\xBCller.pwmb");
  // "Test" in Chinese, once in GBK and once in UTF-8.
  BOOST_TEST(text_for_people("\xB2\xE2\xCA\xD4.pwmb") == "\xE6\xB5\x8B\xE8\xAF\x95.pwmb");
  BOOST_TEST(text_for_people("\xE6\xB5\x8B\xE8\xAF\x95.pwmb") == "\xE6\xB5\x8B\xE8\xAF\x95.pwmb");
  BOOST_TEST(text_for_people("a\xFF\xFF") == "a\xEF\xBF\xBD\xEF\xBF\xBD");
  BOOST_TEST(text_for_people(" a\x01z\r\n") == "a z");
  BOOST_TEST(text_for_people(std::string(1'000, 'x')).size() == 300);
}

BOOST_AUTO_TEST_CASE(internal_names_keep_their_bytes) {
  for (const std::string& name :
       {std::string{"0.pwmb"}, std::string{"\xB2\xE2.pwmb"}, std::string{"a\\x41"},
        std::string{"\x01\x7F\xFF"}, std::string{"\xE6\xB5\x8B.pwmb"}}) {
    const auto text = escaped_bytes(name);
    BOOST_TEST(is_utf8(text));
    BOOST_TEST(unescaped_bytes(text) == name);
  }
  BOOST_TEST(escaped_bytes("\xB2\xE2.pwmb") == "\\xB2\\xE2.pwmb");
  BOOST_TEST(unescaped_bytes("\\xZZ\\x4") == "\\xZZ\\x4");
}

BOOST_AUTO_TEST_CASE(utf8_is_judged_strictly) {
  for (const std::string good : {"", "a", "\xC2\x80", "\xED\x9F\xBF", "\xF4\x8F\xBF\xBF"})
    BOOST_TEST(is_utf8(good));
  for (const std::string bad : {"\x80", "\xC1\x81", "\xE0\x80\x80", "\xED\xA0\x80",
                                "\xF4\x90\x80\x80", "\xC2", "\xF0\x9F\x98", "\xF5\x80\x80\x80"})
    BOOST_TEST(!is_utf8(bad));
}

BOOST_AUTO_TEST_CASE(no_bytes_can_break_the_readers) {
  std::mt19937 random{11};
  const std::string words = "getstatus,print,end/OKERROR1,0.05~mL\r\nsysinfogetfile";
  for (int round = 0; round < 20'000; ++round) {
    std::string bytes;
    const auto size = random() % 120;
    while (bytes.size() < size)
      bytes += random() % 4 == 0 ? std::string(1, static_cast<char>(random()))
                                 : words.substr(random() % words.size(), random() % 12);
    reply_reader reader;
    reader.expect("getstatus");
    reader.feed("getstatus," + bytes);
    if (const auto body = reader.body(true)) {
      if (const auto status = parse_status(*body))
        BOOST_TEST((is_utf8(status->file) && is_utf8(status->internal_file) && is_utf8(status->word)
                    && status->layer >= 0));
    }
    for (const auto& file : parse_files(bytes))
      BOOST_TEST((is_utf8(file.name) && is_utf8(file.internal_name)));
    const auto system = parse_system(bytes);
    BOOST_TEST((is_utf8(system.model) && is_utf8(system.firmware) && is_utf8(system.serial)));
  }
}

BOOST_AUTO_TEST_CASE(a_flood_is_bounded_and_the_reply_after_it_is_found) {
  reply_reader reader;
  reader.expect("getmode");
  for (int i = 0; i < 1'000; ++i)
    reader.feed(std::string(4'096, 'x'));
  BOOST_TEST(!reader.body(true).has_value());
  reader.feed("getmode,0,end");
  BOOST_TEST(reader.body(true).has_value());
}
