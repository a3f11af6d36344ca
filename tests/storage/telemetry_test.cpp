// Telemetry blocks: read by time, gone by age.
#include "storage/telemetry.hpp"
#include "support.hpp"

#include <boost/test/unit_test.hpp>

using namespace gantry::storage;

namespace {

std::string blocks(const store& where, const std::string& printer, int64_t from_ms,
                   int64_t until_ms) {
  std::string found;
  read_telemetry(where, printer, from_ms, until_ms, [&](int64_t at_ms, std::string_view block) {
    found += std::to_string(at_ms) + std::string{block} + " ";
    return true;
  });
  return found;
}

} // namespace

BOOST_AUTO_TEST_CASE(blocks_are_read_by_printer_and_time_and_expire_oldest_first) {
  memory_store memory;
  batch changes;
  for (int64_t at_ms = 100; at_ms <= 500; at_ms += 100)
    append_telemetry(changes, "prn-a", at_ms, "a");
  append_telemetry(changes, "prn-aa", 100, "b");
  memory.write(changes, false);
  BOOST_TEST(blocks(memory, "prn-a", 200, 400) == "200a 300a ");
  BOOST_TEST(blocks(memory, "prn-aa", 0, 1'000) == "100b ");
  batch expired;
  BOOST_TEST(expire_telemetry(expired, memory, "prn-a", 400, 2) == 2u);
  memory.write(expired, false);
  BOOST_TEST(blocks(memory, "prn-a", 0, 1'000) == "300a 400a 500a ");
  BOOST_TEST(blocks(memory, "prn-aa", 0, 1'000) == "100b ");
}
