#include "geometry/stl_reader.hpp"

#include "geometry/file_chunks.hpp"
#include "geometry/numbers.hpp"

#include <algorithm>
#include <cctype>
#include <cmath>
#include <cstring>
#include <optional>
#include <string_view>

namespace gantry::geometry {

namespace {

constexpr std::size_t header_bytes = 84;
constexpr std::size_t facet_bytes = 50;
constexpr std::size_t facets_per_chunk = 8192;
constexpr std::size_t text_chunk_bytes = 256 * 1024;
/// Longer words appear in no STL; the name behind "solid" is skipped, not kept.
constexpr std::size_t word_bytes_max = 64;
/// Smallest ASCII facet, to guess how much room a text file needs.
constexpr std::uint64_t text_facet_bytes = 160;

refusal refuse(reason code, std::string detail = {}) {
  return {code, {{"detail", std::move(detail)}}};
}

refusal too_many() {
  return {reason::mesh_too_large, {{"limit", std::to_string(stl_triangles_max)}}};
}

refusal truncated(std::uint64_t facet) {
  return refuse(reason::mesh_truncated, "in triangle " + std::to_string(facet + 1));
}

refusal not_stl() {
  return refuse(reason::mesh_not_stl, "neither binary nor text");
}

refusal bad_coordinate(std::uint64_t facet) {
  return refuse(reason::mesh_not_finite, "triangle " + std::to_string(facet + 1));
}

bool usable(const vertex& corner) {
  // Written so that NaN fails.
  return std::fabs(corner.x) <= stl_coordinate_max_mm
         && std::fabs(corner.y) <= stl_coordinate_max_mm
         && std::fabs(corner.z) <= stl_coordinate_max_mm;
}

bool usable(const std::array<vertex, 3>& corners) {
  return usable(corners[0]) && usable(corners[1]) && usable(corners[2]);
}

/// Reads the facets behind the header, which the caller has read already.
result<mesh> read_binary(file_chunks& file, std::uint64_t facets) {
  mesh_builder builder(facets);
  std::vector<char> chunk(facets_per_chunk * facet_bytes);
  for (std::uint64_t done = 0; done < facets;) {
    const auto count = std::min<std::uint64_t>(facets_per_chunk, facets - done);
    if (file.read({chunk.data(), count * facet_bytes}) != count * facet_bytes)
      return truncated(done);
    for (std::uint64_t i = 0; i < count; ++i, ++done) {
      // 12 bytes of normal, then 9 little-endian floats, then 2 bytes nobody agrees on.
      std::array<vertex, 3> corners;
      static_assert(sizeof(corners) == 36);
      std::memcpy(corners.data(), chunk.data() + i * facet_bytes + 12, sizeof(corners));
      if (!usable(corners))
        return bad_coordinate(done);
      builder.add(corners);
    }
  }
  return builder.take();
}

/// Hands out the words of a text file, in lower case, one at a time.
class word_source {
public:
  word_source(file_chunks& file, std::string_view head) : file_(file), chunk_(text_chunk_bytes) {
    std::copy(head.begin(), head.end(), chunk_.begin());
    end_ = head.size();
  }

  /// The next word, valid until the next call; empty at the end and for words that are too long.
  std::string_view next() {
    auto letter = get();
    while (letter >= 0 && std::isspace(letter) != 0)
      letter = get();
    std::size_t length = 0;
    for (; letter >= 0 && std::isspace(letter) == 0; letter = get()) {
      if (length == word_.size())
        return {};
      word_[length++] = static_cast<char>(std::tolower(letter));
    }
    last_ = letter;
    return {word_.data(), length};
  }

  /// Whether the last word was the end of the file, and so perhaps cut short.
  bool ended() const { return last_ < 0; }

  /// Skips what is left of the line that holds the last word.
  void skip_line() {
    while (last_ >= 0 && last_ != '\n' && last_ != '\r')
      last_ = get();
  }

private:
  int get() {
    if (at_ == end_) {
      end_ = file_.read(chunk_);
      at_ = 0;
      if (end_ == 0)
        return -1;
    }
    return static_cast<unsigned char>(chunk_[at_++]);
  }

  file_chunks& file_;
  std::vector<char> chunk_;
  std::size_t at_ = 0;
  std::size_t end_ = 0;
  int last_ = 0;
  std::array<char, word_bytes_max> word_{};
};

/// What went wrong inside a facet: the end of the file, or something that does not belong there.
refusal misplaced(const word_source& words, std::uint64_t facet) {
  if (words.ended())
    return truncated(facet);
  return refuse(reason::mesh_not_stl, "triangle " + std::to_string(facet + 1) + " is malformed");
}

std::optional<refusal> expect(word_source& words, std::string_view wanted, std::uint64_t facet) {
  const auto word = words.next();
  if (word == wanted)
    return std::nullopt;
  return misplaced(words, facet);
}

std::optional<refusal> read_corner(word_source& words, vertex& corner, std::uint64_t facet) {
  if (auto fault = expect(words, "vertex", facet))
    return fault;
  for (auto* coordinate : {&corner.x, &corner.y, &corner.z}) {
    const auto word = words.next();
    if (word.empty())
      return truncated(facet);
    const auto value = read_number(word, true);
    if (!value)
      return bad_coordinate(facet);
    *coordinate = static_cast<float>(*value);
  }
  if (!usable(corner))
    return bad_coordinate(facet);
  return std::nullopt;
}

/// Reads one facet whose first word has been read.
std::optional<refusal> read_facet(word_source& words, mesh_builder& builder) {
  const auto facet = builder.size();
  if (auto fault = expect(words, "normal", facet))
    return fault;
  // Normals are recomputed where needed; exporters write NaN for thin triangles.
  for (int i = 0; i < 3; ++i)
    if (words.next().empty())
      return truncated(facet);
  for (const auto* word : {"outer", "loop"})
    if (auto fault = expect(words, word, facet))
      return fault;
  std::array<vertex, 3> corners;
  for (auto& corner : corners)
    if (auto fault = read_corner(words, corner, facet))
      return fault;
  for (const auto* word : {"endloop", "endfacet"})
    if (auto fault = expect(words, word, facet))
      return fault;
  builder.add(corners);
  return std::nullopt;
}

/// Reads a text file of one or more solids.
result<mesh> read_text(file_chunks& file, std::string_view head) {
  word_source words(file, head);
  const auto guess = std::min(file.size_bytes() / text_facet_bytes, stl_triangles_max);
  mesh_builder builder(guess);
  bool inside = false;
  for (;;) {
    const auto word = words.next();
    if (!inside && word.empty() && words.ended())
      break;
    if (!inside && word == "solid") {
      words.skip_line();
      inside = true;
    } else if (inside && word == "facet") {
      if (builder.size() == stl_triangles_max)
        return too_many();
      if (auto fault = read_facet(words, builder))
        return *fault;
    } else if (inside && word == "endsolid") {
      words.skip_line();
      inside = false;
    } else {
      return misplaced(words, builder.size());
    }
  }
  if (builder.size() == 0)
    return refuse(reason::mesh_no_triangles);
  return builder.take();
}

/// Text files start with "solid" and hold no zero bytes.
bool looks_like_text(std::string_view head) {
  const auto start = trimmed(head);
  return start.size() >= 5 && head.find('\0') == std::string_view::npos
         && std::equal(start.begin(), start.begin() + 5, "solid", [](char a, char b) {
              return std::tolower(static_cast<unsigned char>(a)) == b;
            });
}

refusal refuse_binary(std::uint64_t facets, std::uint64_t size_bytes) {
  // A count that is far off means that those four bytes never were a count.
  if (facets <= stl_triangles_max && size_bytes < header_bytes + facets * facet_bytes)
    return truncated((size_bytes - header_bytes) / facet_bytes);
  return not_stl();
}

} // namespace

result<mesh> read_stl(const std::filesystem::path& path) {
  file_chunks file(path);
  if (!file.ok())
    return refuse(reason::storage_failed, "the model cannot be opened");
  if (file.size_bytes() == 0)
    return refuse(reason::mesh_empty);
  if (file.size_bytes() > stl_bytes_max)
    return too_many();
  std::array<char, header_bytes> header{};
  const auto got = file.read(header);
  const std::string_view head(header.data(), got);
  std::uint32_t facets = 0;
  if (got == header_bytes) {
    std::memcpy(&facets, header.data() + 80, sizeof(facets));
    if (file.size_bytes() == header_bytes + std::uint64_t{facets} * facet_bytes) {
      if (facets == 0)
        return refuse(reason::mesh_no_triangles);
      if (facets > stl_triangles_max)
        return too_many();
      return read_binary(file, facets);
    }
  }
  if (looks_like_text(head))
    return read_text(file, head);
  return got == header_bytes ? refuse_binary(facets, file.size_bytes()) : not_stl();
}

} // namespace gantry::geometry
