// The recorded conversations with devices that speak the resin printers' protocol.
#pragma once

#include <boost/test/unit_test.hpp>
#include <fstream>
#include <string>
#include <vector>

namespace gantry::tests {

/// One line of a recording.
struct transcript_line {
  enum class kind : uint8_t { sent, heard, closed, reset, note };
  kind what = kind::note;
  double at_s = 0;
  std::string bytes;
};

/// The bytes of a literal as the recordings write them: printable, or `\r`, `\n`, `\\`, `\xNN`.
inline std::string literal_bytes(const std::string& text) {
  std::string bytes;
  for (std::size_t i = 0; i < text.size(); ++i) {
    if (text[i] != '\\') {
      bytes += text[i];
      continue;
    }
    switch (text.at(++i)) {
    case 'r':
      bytes += '\r';
      break;
    case 'n':
      bytes += '\n';
      break;
    case 'x':
      bytes += static_cast<char>(std::stoi(text.substr(i + 1, 2), nullptr, 16));
      i += 2;
      break;
    default:
      bytes += text[i];
    }
  }
  return bytes;
}

/// A recording below tests/data/anycubic, without its heading.
inline std::vector<transcript_line> read_transcript(const std::string& name) {
  using kind = transcript_line::kind;
  std::ifstream file{std::string{GANTRY_SOURCE_DIR} + "/tests/data/anycubic/" + name + ".txt"};
  BOOST_REQUIRE_MESSAGE(file, name);
  std::vector<transcript_line> lines;
  for (std::string text; std::getline(file, text);) {
    if (text.starts_with("#"))
      continue;
    transcript_line line;
    line.at_s = std::strtod(text.c_str(), nullptr);
    const auto literal = text.find("b'");
    if (literal != std::string::npos)
      line.bytes = literal_bytes(text.substr(literal + 2, text.rfind('\'') - literal - 2));
    if (text.find("C>S") != std::string::npos)
      line.what = kind::sent;
    else if (text.find("S>C") != std::string::npos)
      line.what = kind::heard;
    else if (text.find("FIN from peer") != std::string::npos)
      line.what = kind::closed;
    else if (text.find("RST") != std::string::npos)
      line.what = kind::reset;
    lines.push_back(line);
  }
  return lines;
}

} // namespace gantry::tests
