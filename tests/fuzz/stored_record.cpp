// Records of the store: projections with their header, and remembered requests.
#include "storage/idempotency_key.hpp"
#include "storage/record.hpp"
#include "tests/fuzz/fuzz.hpp"

extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size) {
  using namespace gantry::fuzz;
  using namespace gantry::storage;
  const auto bytes = input{data, size}.rest();
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
