// Replies of Anycubic machines, which come as a stream without frames. The first line of an input
// is the command that was sent; what follows are the bytes that came.
#include "hal/anycubic/act_reply.hpp"
#include "hal/anycubic/act_text.hpp"
#include "tests/fuzz/fuzz.hpp"

namespace gantry::fuzz {

namespace {

using namespace hal;

/// What a reader makes of `bytes` that come in pieces of `piece`.
reply_reader read_in_pieces(std::string_view command, std::string_view bytes, size_t piece) {
  reply_reader reader;
  reader.expect(std::string{command});
  for (size_t at = 0; at < bytes.size(); at += piece)
    reader.feed(bytes.substr(at, piece));
  return reader;
}

void check_names(std::string_view bytes) {
  const auto escaped = escaped_bytes(bytes);
  require(is_utf8(escaped), "an escaped name is text");
  require(unescaped_bytes(escaped) == bytes, "an escaped name leads back to its bytes");
  const auto shown = text_for_people(bytes);
  require(is_utf8(shown) && shown.size() <= 300, "a name for people is bounded text");
  static_cast<void>(unescaped_bytes(bytes));
}

void check_status(std::string_view body) {
  const auto whole = is_whole_status(body);
  const auto status = parse_status(body);
  require(!whole || status, "a whole status can be read");
  if (!status)
    return;
  require(is_utf8(status->word) && is_utf8(status->file) && is_utf8(status->internal_file),
          "a status holds text");
  for (const auto number : {status->layers, status->percent, status->layer, status->elapsed,
                            status->remaining_s, status->resin_ml, status->layer_height_um})
    require(number >= 0, "a status counts nothing below 0");
  static_cast<void>(unit_of_elapsed(*status, elapsed_unit::unknown));
}

void check_body(std::string_view body) {
  check_status(body);
  static_cast<void>(hal::verdict_of(body));
  const auto system = parse_system(body);
  require(is_utf8(system.model) && is_utf8(system.firmware) && is_utf8(system.serial),
          "a machine's data are text");
  const auto files = parse_files(body);
  require(files.size() <= 1'000, "a list of files is bounded");
  for (const auto& file : files)
    require(is_utf8(file.name) && is_utf8(file.internal_name) && !file.internal_name.empty(),
            "a file has a name that can be sent back");
  check_names(body);
}

} // namespace

} // namespace gantry::fuzz

extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size) {
  using namespace gantry::fuzz;
  input bytes{data, size};
  const auto command = bytes.line();
  const auto stream = bytes.rest();
  const auto whole = read_in_pieces(command, stream, stream.size() + 1);
  for (const size_t piece : {1, 7}) {
    const auto pieces = read_in_pieces(command, stream, piece);
    for (const bool quiet : {false, true})
      require(pieces.body(quiet) == whole.body(quiet), "pieces say what the whole says");
  }
  for (const bool quiet : {false, true})
    if (const auto body = whole.body(quiet))
      check_body(*body);
  check_body(stream);
  return 0;
}
