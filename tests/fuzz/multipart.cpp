// Uploads to the simulated printer. The first line of an input is the boundary; the body is read
// whole and piece by piece, which must make no difference.
#include "hal/sim/multipart_reader.hpp"
#include "tests/fuzz/fuzz.hpp"

#include <algorithm>
#include <vector>

namespace gantry::fuzz {

namespace {

struct part {
  std::string name;
  std::string file_name;
  std::string data;

  bool operator==(const part&) const = default;
};

struct reading {
  bool accepted = true;
  bool complete = false;
  std::vector<part> parts;
};

reading read_in_pieces(std::string_view boundary, std::string_view body, size_t piece) {
  reading seen;
  sim::multipart_reader reader{
      std::string{boundary},
      {.on_part =
           [&](std::string_view name, std::string_view file_name) {
             seen.parts.push_back({std::string{name}, std::string{file_name}, {}});
           },
       .on_data =
           [&](std::string_view bytes) {
             require(!seen.parts.empty(), "bytes belong to a part");
             seen.parts.back().data += bytes;
           }}};
  for (size_t at = 0; at < body.size() && seen.accepted; at += piece)
    seen.accepted = reader.feed(body.substr(at, piece));
  seen.complete = reader.complete();
  return seen;
}

} // namespace

} // namespace gantry::fuzz

extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size) {
  using namespace gantry;
  fuzz::input bytes{data, size};
  const auto boundary = sim::multipart_boundary(bytes.line());
  if (boundary.empty())
    return 0;
  const auto body = bytes.rest();
  const auto whole = fuzz::read_in_pieces(boundary, body, std::max<size_t>(body.size(), 1));
  for (const size_t piece : {1, 3, 64}) {
    const auto pieces = fuzz::read_in_pieces(boundary, body, piece);
    fuzz::require(pieces.complete == whole.complete, "pieces end where the whole ends");
    if (whole.complete && whole.accepted)
      fuzz::require(pieces.parts == whole.parts, "pieces hold what the whole holds");
  }
  return 0;
}
