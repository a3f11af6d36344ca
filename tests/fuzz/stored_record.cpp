// Records of the store: projections with their header, remembered requests, and measurements.
#include "schemas/telemetry_block.hpp"
#include "storage/idempotency_key.hpp"
#include "storage/record.hpp"
#include "tests/fuzz/fuzz.hpp"

namespace gantry::fuzz {

namespace {

/// What was read can be written, and is then read as the same.
void check_measurements(std::string_view bytes) {
  const auto samples = read_telemetry_block(bytes);
  telemetry_writer writer;
  for (const auto& each : samples)
    require(writer.add(each), "a block has the same heaters in each sample");
  require(read_telemetry_block(writer.block()) == samples, "measurements stay the same");
}

} // namespace

} // namespace gantry::fuzz

extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size) {
  using namespace gantry::fuzz;
  using namespace gantry::storage;
  const auto bytes = input{data, size}.rest();
  check_measurements(bytes);
  if (const auto record = decode_record(bytes)) {
    const auto written = encode_record(record->header, record->json);
    const auto again = decode_record(written);
    require(again && again->header == record->header && again->json == record->json,
            "a record stays the same");
    require(written.size() == bytes.size(), "a record has one length");
  }
  if (const auto key = decode_key_record(bytes)) {
    require(encode_key_record(*key) == bytes, "a remembered request has one form");
    require(key->body_sha256.size() <= 255, "a digest has a bounded length");
  }
  return 0;
}
