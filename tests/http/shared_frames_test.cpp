// Goal: readers at the same position share one rendering, and nobody is given an old one.
// Method: rendering counts how often it was asked.
#include "http/shared_frames.hpp"

#include <atomic>
#include <boost/test/unit_test.hpp>
#include <stdexcept>
#include <thread>
#include <vector>

using namespace gantry;
using http::frame_kind;
using http::stream_frame;
using namespace std::chrono_literals;

namespace {

struct counted_frames {
  std::shared_ptr<const stream_frame> get(frame_kind kind, uint64_t from, hal::mono_time now) {
    return frames.get(kind, from, seq, now, [&] {
      ++rendered;
      return stream_frame{
          .text = "frame " + std::to_string(rendered), .until = from + 1, .seq = seq};
    });
  }

  http::shared_frames frames;
  uint64_t seq = 0; ///< What the log has.
  int rendered = 0; ///< Changed by one renderer at a time.
};

} // namespace

BOOST_FIXTURE_TEST_CASE(many_readers_at_one_position_share_a_frame, counted_frames) {
  std::vector<std::jthread> readers;
  std::atomic<int> alike{0};
  for (int i = 0; i < 16; ++i)
    readers.emplace_back([&] { alike += get(frame_kind::live, 7, 1s)->text == "frame 1" ? 1 : 0; });
  readers.clear();
  BOOST_TEST(alike == 16);
  BOOST_TEST(rendered == 1);
}

BOOST_FIXTURE_TEST_CASE(positions_and_kinds_have_frames_of_their_own, counted_frames) {
  BOOST_TEST(get(frame_kind::live, 7, 1s)->until == 8u);
  BOOST_TEST(get(frame_kind::live, 8, 1s)->until == 9u);
  BOOST_TEST(get(frame_kind::log, 7, 1s)->text == "frame 3");
  BOOST_TEST(get(frame_kind::log_for_admin, 7, 1s)->text == "frame 4");
}

BOOST_FIXTURE_TEST_CASE(a_frame_that_has_grown_old_is_rendered_anew, counted_frames) {
  static_cast<void>(get(frame_kind::live, 7, 1s));
  BOOST_TEST(get(frame_kind::live, 7, 1s + http::shared_frames::age_max)->text == "frame 1");
  BOOST_TEST(get(frame_kind::live, 7, 1s + http::shared_frames::age_max + 1ns)->text == "frame 2");
}

BOOST_FIXTURE_TEST_CASE(a_frame_from_before_the_readers_last_event_is_rendered_anew,
                        counted_frames) {
  static_cast<void>(get(frame_kind::live, 7, 1s));
  seq = 5;
  BOOST_TEST(get(frame_kind::live, 7, 1s)->text == "frame 2");
  seq = 3;
  BOOST_TEST(get(frame_kind::live, 7, 1s)->text == "frame 2");
}

BOOST_FIXTURE_TEST_CASE(the_oldest_frame_gives_way, counted_frames) {
  for (uint64_t i = 0; i <= http::shared_frames::kept_max; ++i)
    static_cast<void>(get(frame_kind::live, i, 1s));
  const auto before = rendered;
  static_cast<void>(get(frame_kind::live, 1, 1s));
  BOOST_TEST(rendered == before);
  static_cast<void>(get(frame_kind::live, 0, 1s));
  BOOST_TEST(rendered == before + 1);
}

BOOST_FIXTURE_TEST_CASE(what_could_not_be_rendered_is_tried_again, counted_frames) {
  const auto broken = [&] {
    return frames.get(frame_kind::log, 1, 0, 1s,
                      []() -> stream_frame { throw std::runtime_error{"unreadable"}; });
  };
  BOOST_CHECK_THROW(static_cast<void>(broken()), std::runtime_error);
  BOOST_TEST(get(frame_kind::log, 1, 1s)->text == "frame 1");
}
