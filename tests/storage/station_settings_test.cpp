// Goal: the settings files of the controllers that Gantry replaces are understood with all their
// quirks, and a save changes what was asked for and nothing else. Method: the values that were
// shipped, what earlier programs made of them, and random mutations of both.
#include "storage/station_files/decimal.hpp"
#include "storage/station_files/ini_document.hpp"
#include "storage/station_files/json_document.hpp"
#include "storage/station_files/network_file.hpp"
#include "storage/station_files/pumps_file.hpp"

#include <algorithm>
#include <boost/test/unit_test.hpp>
#include <fstream>
#include <random>

using namespace gantry;
using namespace gantry::storage;

namespace {

std::string sample(const std::string& name) {
  std::ifstream file{std::string{GANTRY_SOURCE_DIR} + "/tests/data/station/" + name,
                     std::ios::binary};
  BOOST_REQUIRE(file.good());
  return {std::istreambuf_iterator<char>{file}, {}};
}

bool has_note(const std::vector<file_note>& notes, reason code, const std::string& place) {
  return std::ranges::any_of(notes, [&](const file_note& x) {
    const auto at = x.params.find("place");
    return x.code == code && at != x.params.end() && at->second == place;
  });
}

std::string replaced(std::string text, const std::string& what, const std::string& with) {
  const auto at = text.find(what);
  BOOST_REQUIRE(at != std::string::npos);
  return text.replace(at, what.size(), with);
}

network_file network_of(const std::string& text) {
  auto read = read_network_file(text);
  BOOST_REQUIRE_MESSAGE(!!read, (read ? "" : read.why().text()));
  return *read;
}

pumps_file pumps_of(const std::string& text) {
  auto read = read_pumps_file(text);
  BOOST_REQUIRE_MESSAGE(!!read, (read ? "" : read.why().text()));
  return *read;
}

std::vector<std::string> lines_of(const std::string& text) {
  std::vector<std::string> lines(1);
  for (const char x : text)
    if (x == '\n')
      lines.emplace_back();
    else
      lines.back() += x;
  return lines;
}

/// Lines of `after` that are not in `before`.
std::vector<std::string> new_lines(const std::string& before, const std::string& after) {
  auto old = lines_of(before);
  std::vector<std::string> fresh;
  for (const auto& line : lines_of(after))
    if (std::ranges::find(old, line) == old.end())
      fresh.push_back(line);
  return fresh;
}

} // namespace

BOOST_AUTO_TEST_CASE(decimals_become_thousandths_without_binary_fractions) {
  for (const auto& [text, value] : std::map<std::string, int64_t>{{"5", 5000},
                                                                  {"5.0", 5000},
                                                                  {"5.125", 5125},
                                                                  {"0.5", 500},
                                                                  {".5", 500},
                                                                  {"-0.5", -500},
                                                                  {"1e2", 100'000},
                                                                  {"25E-1", 2500},
                                                                  {"0.0004", 0},
                                                                  {"0.0005", 1},
                                                                  {"0.00049999", 0},
                                                                  {"4.9999999999999999999", 5000}})
    BOOST_TEST_CONTEXT(text) {
      BOOST_TEST(parse_thousandths(text).value_or(-1) == value);
    }
  for (const std::string text : {"", ".", "-", "five", "1e", "1e99", "5,0", "0x10", "1 000", "nan"})
    BOOST_TEST(!parse_thousandths(text), text);
  std::mt19937_64 random{7};
  for (int i = 0; i < 2000; ++i) {
    const auto value = static_cast<int64_t>(random() % 2'000'000'000) - 1'000'000'000;
    BOOST_REQUIRE(parse_thousandths(format_thousandths(value)) == value);
  }
}

BOOST_AUTO_TEST_CASE(the_shipped_network_file_is_read_without_its_quotation_marks) {
  const auto read = network_of(sample("network_settings.ini"));
  BOOST_TEST(read.settings.host == "192.168.4.2");
  BOOST_TEST(read.settings.port == 6000);
  BOOST_TEST(read.settings.reply_timeout_ms == 10'000);
  BOOST_TEST(read.settings.wifi_ssid == "PumpedMMP");
  BOOST_TEST(read.settings.scan_interval_s == 30);
  BOOST_TEST(read.revision == 0);
  BOOST_TEST(has_note(read.notes, reason::import_value_quoted, "[printer] ip_address"));
}

BOOST_AUTO_TEST_CASE(defect_passwords_leave_the_file_only_as_the_fact_that_there_is_one) {
  const auto read = network_of(sample("network_settings.ini"));
  BOOST_TEST(read.has_wifi_password);
  BOOST_TEST(!read.settings.wifi_password);
  BOOST_TEST(!read.settings.access_point_password);
  for (const auto& note : read.notes)
    for (const std::string secret : {"00000000", "scionmmu123"})
      BOOST_TEST(note.text().find(secret) == std::string::npos);
}

BOOST_AUTO_TEST_CASE(defect_a_save_keeps_sections_keys_comments_and_passwords_byte_for_byte) {
  auto before = "; our lab\n" + sample("network_settings.ini") + "\n# spare\n[lab]\nroom=B 12\n";
  auto settings = network_of(before).settings;
  settings.host = "printer.lan";
  const auto after = write_network_file(before, settings, 1);
  BOOST_REQUIRE(!!after);
  const std::vector<std::string> expected{"# revision: 1", "ip_address = printer.lan"};
  BOOST_TEST(new_lines(before, *after) == expected, boost::test_tools::per_element());
  BOOST_TEST(lines_of(*after).size() == lines_of(before).size() + 1);
  const auto again = write_network_file(*after, settings, 2);
  BOOST_REQUIRE(!!again);
  BOOST_TEST(*again == replaced(*after, "revision: 1", "revision: 2"));
  BOOST_TEST(network_of(*again).has_wifi_password);
}

BOOST_AUTO_TEST_CASE(a_new_password_replaces_the_old_one_whatever_it_is_made_of) {
  for (const std::string secret :
       {"00 ; 11", "\"quoted\"", " spaced ", "50%", "%%", "'", "#1", "="})
    BOOST_TEST_CONTEXT(secret) {
      const auto before = sample("network_settings.ini");
      auto settings = network_of(before).settings;
      settings.wifi_password = secret;
      const auto after = write_network_file(before, settings, 1);
      BOOST_REQUIRE(!!after);
      // The same characters as a name, which is read back.
      settings.wifi_password = std::nullopt;
      settings.wifi_ssid = secret;
      const auto named = write_network_file(*after, settings, 2);
      BOOST_REQUIRE(!!named);
      BOOST_TEST(network_of(*named).settings.wifi_ssid == secret);
    }
}

BOOST_AUTO_TEST_CASE(a_file_that_the_earlier_web_page_saved_is_read_with_its_losses_named) {
  const auto read = network_of(sample("network_settings_web_saved.ini"));
  BOOST_TEST(read.settings.host == "192.168.4.2");
  BOOST_TEST(read.settings.port == 8080);
  BOOST_TEST(read.settings.wifi_ssid == "PumpedMMP");
  BOOST_TEST(has_note(read.notes, reason::import_section_missing, "[wifi]"));
  BOOST_TEST(has_note(read.notes, reason::import_key_old, "[network] ssid"));
  auto settings = read.settings;
  settings.wifi_ssid = "Lab";
  const auto after = write_network_file(sample("network_settings_web_saved.ini"), settings, 1);
  BOOST_REQUIRE(!!after);
  BOOST_TEST(after->find("ssid = Lab") != std::string::npos);
}

BOOST_AUTO_TEST_CASE(names_that_only_the_documentation_used_are_understood) {
  const auto read = network_of("[printer]\nip_address: 10.0.0.7\ntimeout_seconds=2.5 ; short\n"
                               "polling_interval_seconds = 4\n");
  BOOST_TEST(read.settings.reply_timeout_ms == 2'500);
  BOOST_TEST(read.settings.poll_interval_ms == 4'000);
  BOOST_TEST(has_note(read.notes, reason::import_key_old, "[printer] timeout_seconds"));
  BOOST_TEST(std::ranges::any_of(
      read.notes, [](const auto& x) { return x.code == reason::import_text_trimmed; }));
}

BOOST_AUTO_TEST_CASE(what_is_wrong_in_a_network_file_is_named_with_its_place) {
  struct wrong {
    std::string text;
    reason code;
    std::string place;
  };
  for (const auto& [text, code, place] : std::vector<wrong>{
           {"[printer]\nip_address = 10.0.0.1\nport = 0\n", reason::setting_invalid,
            "[printer] port (line 3)"},
           {"[printer]\nport = http\n", reason::setting_invalid, "[printer] port"},
           {"[printer]\nip_address =\n", reason::setting_invalid, "[printer] ip_address (line 2)"},
           {"[printer]\nip_address = two words\n", reason::setting_invalid,
            "[printer] ip_address (line 2)"},
           {"[printer]\ntimeout = 0\n", reason::setting_invalid, "[printer] timeout (line 2)"},
           {"port = 6000\n", reason::station_file_malformed, "line 1"},
           {"[printer]\n\nnonsense\n", reason::station_file_malformed, "line 3"},
           {"[printer]\nport = 1\nport = 2\n", reason::station_file_malformed, "line 3"},
           {"[printer]\nport = 1\n[printer]\n", reason::station_file_malformed, "line 3"},
           {"[printer]\nip_address = \xFF\n", reason::station_file_malformed, "the whole file"}}) {
    const auto read = read_network_file(text);
    BOOST_TEST_CONTEXT(text) {
      BOOST_REQUIRE(!read);
      BOOST_TEST((read.why().code == code), to_string(read.why().code));
      BOOST_TEST(read.why().params.at("place") == place);
    }
  }
}

BOOST_AUTO_TEST_CASE(line_ends_of_another_system_and_byte_order_marks_survive) {
  std::string before = "\xEF\xBB\xBF[printer]\r\nip_address = 10.0.0.7\r\nport = 6000";
  auto settings = network_of(before).settings;
  settings.port = 6001;
  settings.offline_grace_ms = 60'000;
  const auto after = write_network_file(before, settings, 3);
  BOOST_REQUIRE(!!after);
  BOOST_TEST(*after
             == "\xEF\xBB\xBF# revision: 3\r\n[printer]\r\nip_address = 10.0.0.7\r\nport = 6001\r\n"
                "offline_grace_seconds = 60\r\n");
}

BOOST_AUTO_TEST_CASE(values_go_on_over_indented_lines_and_defaults_hold_for_all_sections) {
  auto file = ini_document::parse(
      "[DEFAULT]\nport = 6000\n[lab]\n  note = one\n    two\n  key = v\n", "x.ini");
  BOOST_REQUIRE(!!file);
  BOOST_TEST(file->value("lab", "note").value_or("") == "one\n    two");
  BOOST_TEST(file->value("lab", "key").value_or("") == "v");
  BOOST_TEST(file->value("lab", "port").value_or("") == "6000");
  file->set("lab", "note", "three");
  file->set("lab", "new", "four");
  file->set("other", "k", "v");
  BOOST_TEST(file->text()
             == "[DEFAULT]\nport = 6000\n[lab]\n  note = three\n  key = v\nnew = four\n\n"
                "[other]\nk = v\n");
}

BOOST_AUTO_TEST_CASE(the_shipped_pump_file_is_read_in_microlitres_and_milliseconds) {
  const auto read = pumps_of(sample("pump_profiles.json"));
  BOOST_REQUIRE(read.settings.pumps.size() == 4u);
  const auto* drain = read.settings.pump("drain_pump");
  BOOST_REQUIRE(drain);
  BOOST_TEST(drain->flow_ul_per_s == 5'000);
  BOOST_TEST(drain->max_volume_ul == 200'000);
  BOOST_TEST(read.settings.drain_volume_ul == 50'000);
  BOOST_TEST(read.settings.fill_volume_ul == 45'000);
  BOOST_TEST(read.settings.quiescence_ms == 10'000);
  BOOST_TEST(read.settings.bed_raise_time_ms == 1'000);
  BOOST_TEST(read.settings.valve_during_drain);
  BOOST_TEST(has_note(read.notes, reason::import_comment_key, "material_change._comment_bed"));
  BOOST_TEST(has_note(read.notes, reason::import_value_unused, "safety"));
  BOOST_TEST(has_note(read.notes, reason::import_value_unused, "solenoid.gpio_pin"));
}

BOOST_AUTO_TEST_CASE(defect_the_direction_of_the_drain_is_asked_and_not_assumed) {
  const auto read = pumps_of(sample("pump_profiles.json"));
  for (const auto& pump : read.settings.pumps)
    BOOST_TEST(!pump.direction_confirmed);
  BOOST_TEST(has_note(read.notes, reason::import_section_missing, "pumps.drain_pump.direction"));
}

BOOST_AUTO_TEST_CASE(defect_nothing_is_rounded_to_whole_seconds_or_millilitres) {
  auto settings = pumps_of(sample("pump_profiles.json")).settings;
  settings.pumps[0].flow_ul_per_s = 5'103;
  settings.fill_volume_ul = 45'250;
  const auto after = write_pumps_file(sample("pump_profiles.json"), settings, 1);
  BOOST_REQUIRE(!!after);
  BOOST_TEST(after->find("\"flow_rate_ml_per_second\": 5.103") != std::string::npos);
  BOOST_TEST(after->find("\"fill_volume_ml\": 45.25") != std::string::npos);
}

BOOST_AUTO_TEST_CASE(defect_a_save_of_pumps_keeps_everything_else_byte_for_byte) {
  const auto before = replaced(sample("pump_profiles.json"), "\"solenoid\": {",
                               "\"lab_notes\": [1,  {\"x\": \"ü\"}],\n    \"solenoid\": {");
  auto settings = pumps_of(before).settings;
  settings.pumps[3].flow_ul_per_s = 6'000;
  const auto after = write_pumps_file(before, settings, 4);
  BOOST_REQUIRE(!!after);
  const std::vector<std::string> expected{"    \"_revision\": 4,",
                                          "            \"flow_rate_ml_per_second\": 6,"};
  BOOST_TEST(new_lines(before, *after) == expected, boost::test_tools::per_element());
  BOOST_TEST(lines_of(*after).size() == lines_of(before).size() + 1);
  const auto again = write_pumps_file(*after, settings, 5);
  BOOST_REQUIRE(!!again);
  BOOST_TEST(*again == replaced(*after, "\"_revision\": 4", "\"_revision\": 5"));
}

BOOST_AUTO_TEST_CASE(defect_a_flow_of_zero_or_less_is_refused_with_its_place) {
  for (const std::string flow : {"0", "-5", "0.0", "1000", "1e400"}) {
    const auto read =
        read_pumps_file(replaced(sample("pump_profiles.json"), "\"flow_rate_ml_per_second\": 5.0",
                                 "\"flow_rate_ml_per_second\": " + flow));
    BOOST_TEST_CONTEXT(flow) {
      BOOST_REQUIRE(!read);
      if (flow == "1e400")
        BOOST_TEST((read.why().code == reason::station_file_malformed));
      else
        BOOST_TEST(read.why().params.at("place") == "pumps.pump_a.flow_rate_ml_per_second");
    }
  }
}

BOOST_AUTO_TEST_CASE(a_flow_is_never_guessed) {
  const auto text =
      replaced(sample("pump_profiles.json"), "            \"flow_rate_ml_per_second\": 5.0,\n", "");
  const auto read = read_pumps_file(text);
  BOOST_REQUIRE(!read);
  BOOST_TEST((read.why().code == reason::setting_missing));
  BOOST_TEST(read.why().params.at("place") == "pumps.pump_a.flow_rate_ml_per_second");
}

BOOST_AUTO_TEST_CASE(older_pump_files_are_understood) {
  const auto read = pumps_of(
      R"({"pumps": {"pump_a": {"flow_rate_ml_per_second": 2.5, "max_volume_ml": 500,
          "gpio_pin": 17},
          "pump_x": {"flow_rate_ml_per_second": 1}},
          "material_change": {"plate_clear_delay_s": 20, "settle_delay_s": 6,
          "mixing_time_seconds": 10}})");
  BOOST_TEST(read.settings.pumps.size() == 1u);
  BOOST_TEST(read.settings.pumps[0].reservoir_ul == 500'000);
  BOOST_TEST(read.settings.bed_raise_time_ms == 20'000);
  BOOST_TEST(read.settings.bed_raise_delay_ms == 0);
  BOOST_TEST(read.settings.settle_ms == 6'000);
  BOOST_TEST(has_note(read.notes, reason::import_value_unused, "pumps.pump_a.gpio_pin"));
  BOOST_TEST(
      has_note(read.notes, reason::import_value_unused, "material_change.mixing_time_seconds"));
  BOOST_TEST(has_note(read.notes, reason::import_key_unknown, "pumps.pump_x"));
  BOOST_TEST(has_note(read.notes, reason::import_section_missing, "pumps.drain_pump"));
}

BOOST_AUTO_TEST_CASE(what_is_wrong_in_a_pump_file_is_named_with_its_place) {
  struct wrong {
    std::string text;
    std::string place;
  };
  for (const auto& [text, place] : std::vector<wrong>{
           {"", "line 1, column 1"},
           {"{\"pumps\": {},}", "line 1, column 14"},
           {"{\n  \"pumps\": {}\n  \"x\": 1}", "line 3, column 5"},
           {"[]", "line 1, column 1"},
           {"{\"pumps\": {}, \"pumps\": {}}", "line 1, column 15"},
           {"{}", "pumps"},
           {"{\"pumps\": []}", "pumps"},
           {"{\"pumps\": {\"pump_a\": 5}}", "pumps.pump_a"},
           {"{\"pumps\": {}, \"solenoid\": {\"enabled\": \"yes\"}}", "solenoid.enabled"},
           {"{\"pumps\": {}, \"material_change\": {\"fill_volume_ml\": -1}}",
            "material_change.fill_volume_ml"}}) {
    const auto read = read_pumps_file(text);
    BOOST_TEST_CONTEXT(text) {
      BOOST_REQUIRE(!read);
      BOOST_TEST(read.why().params.at("place") == place);
    }
  }
  BOOST_TEST(!read_pumps_file(std::string(100'000, '[')));
}

BOOST_AUTO_TEST_CASE(pumps_can_be_added_and_removed) {
  pump_settings settings;
  settings.pumps = {
      {.key = "drain_pump", .name = "Drain", .description = "", .last_calibrated = ""},
      {.key = "pump_a", .name = "A \"one\"", .description = "", .last_calibrated = ""}};
  const auto made = write_pumps_file("", settings, 1);
  BOOST_REQUIRE(!!made);
  BOOST_TEST(pumps_of(*made).settings.pump("pump_a")->name == "A \"one\"");
  settings.pumps.pop_back();
  const auto fewer = write_pumps_file(*made, settings, 2);
  BOOST_REQUIRE(!!fewer);
  BOOST_TEST(pumps_of(*fewer).settings.pumps.size() == 1u);
  settings.pumps.push_back(settings.pumps[0]);
  BOOST_TEST(!write_pumps_file(*fewer, settings, 3));
}

BOOST_AUTO_TEST_CASE(random_settings_come_back_from_the_files_that_say_them) {
  std::mt19937_64 random{20251125};
  auto number = [&random](int64_t low, int64_t high) {
    return low + static_cast<int64_t>(random() % static_cast<uint64_t>(high - low + 1));
  };
  auto text = [&](size_t length_max) {
    const std::string letters = "abc 019%\"';#=:[]\\{}\xC3\xA9";
    std::string out;
    for (auto i = number(1, static_cast<int64_t>(length_max)); i > 0; --i)
      out += letters[static_cast<size_t>(number(0, static_cast<int64_t>(letters.size()) - 3))];
    return out;
  };
  auto network = sample("network_settings.ini");
  auto pumps = sample("pump_profiles.json");
  for (int64_t revision = 1; revision <= 300; ++revision) {
    auto net = network_of(network).settings;
    net.host = "h" + std::to_string(number(0, 9'999)) + ".lan";
    net.port = number(1, 65'535);
    net.reply_timeout_ms = number(1'000, 60'000);
    net.offline_grace_ms = number(5'000, 3'600'000);
    net.wifi_ssid = text(32);
    net.access_point_ssid = number(0, 1) ? text(32) : "";
    net.wifi_enabled = number(0, 1) == 1;
    const auto saved = write_network_file(network, net, revision);
    BOOST_REQUIRE_MESSAGE(!!saved, (saved ? "" : saved.why().text()));
    network = *saved;
    BOOST_REQUIRE((network_of(network).settings == net));
    auto change = pumps_of(pumps).settings;
    for (auto& pump : change.pumps) {
      pump.flow_ul_per_s = number(10, 100'000);
      pump.max_volume_ul = number(100, 5'000'000);
      pump.name = text(60);
      pump.direction_confirmed = number(0, 1) == 1;
    }
    change.settle_ms = number(0, 3'600'000);
    change.valve_during_drain = number(0, 1) == 1;
    const auto stored = write_pumps_file(pumps, change, revision);
    BOOST_REQUIRE_MESSAGE(!!stored, (stored ? "" : stored.why().text()));
    pumps = *stored;
    BOOST_REQUIRE((pumps_of(pumps).settings == change));
  }
  BOOST_TEST(network.find("password = \"00000000\"") != std::string::npos);
  BOOST_TEST(pumps.find("\"_comment_quiescence\": \"Silence after the pause\"")
             != std::string::npos);
}

BOOST_AUTO_TEST_CASE(mutated_files_are_read_or_refused_and_a_save_of_what_was_read_is_read_again) {
  std::mt19937_64 random{4711};
  const std::vector<std::string> originals{sample("network_settings.ini"),
                                           sample("pump_profiles.json")};
  size_t read = 0, refused = 0, saved_again = 0;
  for (int i = 0; i < 4000; ++i) {
    auto text = originals[static_cast<size_t>(i % 2)];
    for (auto k = random() % 4 + 1; k > 0; --k) {
      const auto at = random() % text.size();
      if (const auto kind = random() % 3; kind == 0)
        text[at] = static_cast<char>(random() % 256);
      else if (kind == 1)
        text.erase(at, random() % 20);
      else
        text.insert(at, text.substr(random() % text.size(), random() % 20));
    }
    if (i % 2 == 0) {
      const auto content = read_network_file(text);
      (content ? read : refused) += 1;
      if (content)
        if (const auto saved = write_network_file(text, content->settings, 9)) {
          BOOST_REQUIRE((network_of(*saved).settings == content->settings));
          ++saved_again;
        }
    } else {
      const auto content = read_pumps_file(text);
      (content ? read : refused) += 1;
      if (content)
        if (const auto saved = write_pumps_file(text, content->settings, 9)) {
          BOOST_REQUIRE((pumps_of(*saved).settings == content->settings));
          ++saved_again;
        }
    }
  }
  BOOST_TEST(read > 200u);
  BOOST_TEST(refused > 200u);
  BOOST_TEST(saved_again == read);
}
