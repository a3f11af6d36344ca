// Goal: what is compressed can be read at once, and only who asks for it gets it.
#include "http/gzip_stream.hpp"
#include "tests/http/inflater.hpp"

#include <boost/test/unit_test.hpp>

using gantry::http::accepts_gzip;
using gantry::http::gzip_stream;

BOOST_AUTO_TEST_CASE(every_piece_is_readable_before_the_next_one_comes) {
  gzip_stream out;
  gantry::test::inflater in;
  BOOST_TEST(in.add(out.add("event: hello\n\n")) == "event: hello\n\n");
  const std::string large(100'000, 'x');
  BOOST_TEST((in.add(out.add(large)) == large));
  BOOST_TEST(in.add(out.add("end")) == "end");
}

BOOST_AUTO_TEST_CASE(a_frame_that_resembles_an_earlier_one_takes_few_bytes) {
  gzip_stream out;
  const auto frame = [](int n) {
    return R"(event: live data: {"printers":{"prt-aaaaaaaaaaaaa":{"report":{"link":"online",)"
           R"("firmware":"ready","print":"printing","file":"gantry-bracket-left.gcode",)"
           R"("progress_permille":)"
           + std::to_string(n) + R"(,"temperatures":[{"actual_mc":)" + std::to_string(215'000 + n)
           + R"(,"name":"extruder","target_mc":215000}]}}}})";
  };
  static_cast<void>(out.add(frame(100)));
  BOOST_TEST(out.add(frame(107)).size() < frame(107).size() / 4);
}

BOOST_AUTO_TEST_CASE(gzip_is_used_only_where_it_is_admitted) {
  BOOST_TEST(accepts_gzip("gzip"));
  BOOST_TEST(accepts_gzip("deflate, gzip;q=0.5, br"));
  BOOST_TEST(accepts_gzip("gzip, deflate, br, zstd"));
  BOOST_TEST(!accepts_gzip(""));
  BOOST_TEST(!accepts_gzip("br, deflate"));
  BOOST_TEST(!accepts_gzip("gzip;q=0"));
  BOOST_TEST(!accepts_gzip("x-gzip-like"));
}
