// How deep a JSON document is nested.
#pragma once

#include <string_view>

namespace gantry {

/// Nesting depth of `text`, counted without parsing it, so that neither recursion nor memory meets
/// a hostile document. Of text that is no JSON it is some number.
[[nodiscard]] int json_depth(std::string_view text);

} // namespace gantry
