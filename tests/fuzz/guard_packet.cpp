// What kernel and guard read from each other, and the guard's files. An input is `order`, `notice`,
// `file`, `ledger` (whose checksum is added here) or `damaged`, a line break, and the text.
#include "hal/guard/guard_messages.hpp"
#include "hal/guard/guard_settings.hpp"
#include "hal/guard/ledger.hpp"
#include "schemas/digest.hpp"
#include "tests/fuzz/fuzz.hpp"

namespace gantry::fuzz {

namespace {

void check_order(std::string_view packet) {
  const auto order = guard::read_order(packet);
  if (!order)
    return require(order.why().code == reason::pump_request_invalid, "a refusal has one reason");
  require(order->duration_ms >= 0 && order->duration_ms <= guard::duration_ms_max,
          "a run that was accepted is bounded");
  require(order->lease_ms >= 0 && order->lease_ms <= guard::duration_ms_max,
          "a lease that was accepted is bounded");
  const auto again = guard::read_order(guard::to_packet(*order));
  require(again && *again == *order, "an order stays the same");
}

void check_notice(std::string_view packet) {
  const auto notice = guard::read_notice(packet);
  if (!notice)
    return require(notice.why().code == reason::pump_request_invalid, "a refusal has one reason");
  const auto again = guard::read_notice(guard::to_packet(*notice));
  require(again && *again == *notice, "a notice stays the same");
}

void check_file(std::string_view text) {
  const auto settings = guard::read_settings(text, "guard.json");
  if (!settings)
    return require(settings.why().code == reason::guard_file_invalid, "a refusal has one reason");
  for (const auto& [station, line] : guard::lines_of(*settings)) {
    require(station < settings->stations.size() && line, "a line has a station");
    require(line->single_limit_ms > 0 && line->window_limit_ms > 0, "a line has limits");
  }
}

void check_ledger(const std::string& text) {
  const auto kept = guard::read_ledger(text);
  if (!kept)
    return require(kept.why().code == reason::guard_ledger_damaged, "a refusal has one reason");
  const auto again = guard::read_ledger(guard::to_text(*kept));
  require(again && *again == *kept, "a ledger stays the same");
  for (const auto* boot : {"this", "", kept->boot.c_str()})
    for (const auto& line : guard::carried_over(*kept, boot, std::chrono::hours{1}).lines)
      for (const auto& run : line.runs)
        require(!run.open && run.from_us <= run.to_us, "what is carried over is measured");
}

} // namespace

} // namespace gantry::fuzz

extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size) {
  using namespace gantry::fuzz;
  input bytes{data, size};
  const auto what = bytes.line();
  if (what == "order")
    check_order(bytes.rest());
  else if (what == "notice")
    check_notice(bytes.rest());
  else if (what == "file")
    check_file(bytes.rest());
  else if (what == "ledger")
    check_ledger(std::string{bytes.rest()} + "\n" + gantry::sha256_hex(bytes.rest()) + "\n");
  else if (what == "damaged")
    check_ledger(std::string{bytes.rest()});
  return 0;
}
