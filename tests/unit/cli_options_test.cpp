// Goal: a command line means one thing or is refused. Method: words in, arguments or a sentence
// out.
#include "cli/options.hpp"

#include <boost/test/unit_test.hpp>

using namespace gantry::cli;

namespace {

const std::vector<option> known = {
    {"--data", option_kind::text, "DIR", "a folder"},
    {"--port", option_kind::integer, "N", "a port", 0, 65'535},
    {"--speed", option_kind::real, "X", "a factor", 0.1, 1'000},
    {"--once", option_kind::flag, "", "a flag"},
};

arguments accepted(const std::vector<std::string>& words, size_t positional = 0) {
  auto read = read_arguments(words, known, positional, positional);
  if (auto* error = std::get_if<usage_error>(&read))
    BOOST_FAIL(error->text);
  return std::get<arguments>(read);
}

std::string refused(const std::vector<std::string>& words, size_t positional = 0) {
  auto read = read_arguments(words, known, positional, positional);
  BOOST_REQUIRE(std::holds_alternative<usage_error>(read));
  return std::get<usage_error>(read).text;
}

} // namespace

BOOST_AUTO_TEST_CASE(both_spellings_of_a_value_mean_the_same) {
  BOOST_TEST(accepted({"--data", "x"}).text("--data") == "x");
  BOOST_TEST(accepted({"--data=x"}).text("--data") == "x");
  BOOST_TEST(accepted({"--port=80"}).integer("--port", 1) == 80);
  BOOST_TEST(accepted({"--speed", "2.5"}).real("--speed", 1) == 2.5);
  BOOST_TEST(accepted({}).integer("--port", 8080) == 8080);
}

BOOST_AUTO_TEST_CASE(an_option_may_be_repeated) {
  BOOST_TEST(accepted({"--data", "a", "--data=b"}).all("--data").size() == 2u);
}

BOOST_AUTO_TEST_CASE(an_unknown_option_is_refused_with_a_hint) {
  BOOST_TEST(refused({"--prot", "80"}) == "unknown option '--prot', did you mean --port?");
  BOOST_TEST(refused({"--quite-different"}) == "unknown option '--quite-different'");
  BOOST_TEST(refused({"-x"}).starts_with("unknown option '-x'"));
}

BOOST_AUTO_TEST_CASE(numbers_are_whole_numbers_in_their_range_or_refused) {
  for (std::string bad : {"", "-1", "65536", "80x", "8.5", "0x50", " 80"})
    BOOST_TEST(refused({"--port", bad}).find("--port needs a number from 0 to 65535")
               != std::string::npos);
  BOOST_TEST(refused({"--speed", "nan"}).find("--speed needs a number") != std::string::npos);
  BOOST_TEST(refused({"--speed", "0"}).find("from 0.1 to 1000") != std::string::npos);
}

BOOST_AUTO_TEST_CASE(a_missing_value_and_a_surplus_one_are_refused) {
  BOOST_TEST(refused({"--data"}) == "--data needs a value");
  BOOST_TEST(refused({"--once=yes"}) == "--once takes no value");
}

BOOST_AUTO_TEST_CASE(other_words_are_counted) {
  BOOST_TEST(accepted({"a", "--once"}, 1).positional().front() == "a");
  BOOST_TEST(accepted({"--", "--once"}, 1).positional().front() == "--once");
  BOOST_TEST(refused({"a"}) == "'a' is one argument too many");
  BOOST_TEST(refused({}, 1) == "an argument is missing");
}
