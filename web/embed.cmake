# cmake -DSITE=<folder> -DGZIP=<folder> -DOUT=<file.cpp> -P embed.cmake
# Writes a source file that holds every file below SITE, plain and compressed.

file(GLOB_RECURSE files RELATIVE "${SITE}" "${SITE}/*")
list(SORT files)
file(REMOVE_RECURSE "${GZIP}")
file(MAKE_DIRECTORY "${GZIP}")

set(types_html "text/html; charset=utf-8")
set(types_js "text/javascript; charset=utf-8")
set(types_css "text/css; charset=utf-8")
set(types_svg "image/svg+xml")
set(types_json "application/json")

set(declarations "")
set(directives "")
set(rows "")
set(number 0)
foreach(file IN LISTS files)
  string(REGEX MATCH "[^.]+$" extension "${file}")
  if(NOT DEFINED types_${extension})
    message(FATAL_ERROR "web/embed.cmake knows no content type for ${file}")
  endif()
  set(packed "${GZIP}/${number}.gz")
  file(ARCHIVE_CREATE OUTPUT "${packed}" PATHS "${SITE}/${file}" FORMAT raw COMPRESSION GZip
       COMPRESSION_LEVEL 9 MTIME "2000-01-01")
  file(SIZE "${SITE}/${file}" size)
  file(SIZE "${packed}" packed_size)
  file(SHA256 "${SITE}/${file}" digest)
  string(SUBSTRING "${digest}" 0 16 digest)
  string(APPEND declarations
    "[[gnu::visibility(\"hidden\")]] extern const char gantry_web_${number}[];\n"
    "[[gnu::visibility(\"hidden\")]] extern const char gantry_web_${number}_gz[];\n")
  foreach(item "gantry_web_${number}|${SITE}/${file}" "gantry_web_${number}_gz|${packed}")
    string(REPLACE "|" ";" item "${item}")
    list(GET item 0 symbol)
    list(GET item 1 source)
    string(APPEND directives
      ".globl ${symbol}\n.hidden ${symbol}\n${symbol}:\n.incbin \"${source}\"\n")
  endforeach()
  string(APPEND rows
    "    {\"/${file}\", \"${types_${extension}}\", {gantry_web_${number}, ${size}},\n"
    "     {gantry_web_${number}_gz, ${packed_size}}, \"\\\"${digest}\\\"\"},\n")
  math(EXPR number "${number} + 1")
endforeach()

file(WRITE "${OUT}" "// Made by web/embed.cmake.
#include \"web/assets.hpp\"

#include <array>

asm(R\"(
.pushsection .rodata,\"a\"
${directives}.popsection
)\");

extern \"C\" {
${declarations}}

namespace gantry::web {

std::span<const asset> assets() {
  static const std::array<asset, ${number}> all{{
${rows}  }};
  return all;
}

} // namespace gantry::web
")
