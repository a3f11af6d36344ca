// The house rules that a program can check. Each takes the whole tree and returns its findings.
#pragma once

#include "tests/tidy/source_tree.hpp"

#include <string>
#include <vector>

namespace gantry::tidy {

using tree = std::vector<source_file>;
/// Sentences of the form `path:line: what is wrong`.
using findings = std::vector<std::string>;

/// Includes follow the dependency table of docs/architecture.md.
[[nodiscard]] findings include_directions(const tree& files);
/// Names of third-party libraries stay at their edge.
[[nodiscard]] findings third_party_edges(const tree& files);
/// Time, chance, output and threads are asked for where they belong.
[[nodiscard]] findings banned_calls(const tree& files);
/// Lines have at most 100 columns; headers are included once.
[[nodiscard]] findings line_shape(const tree& files);
/// Functions have at most 70 lines.
[[nodiscard]] findings function_lengths(const tree& files);
/// Nothing is left over for later.
[[nodiscard]] findings left_over_markers(const tree& files);
/// Every reason code is given by some code besides the catalogue.
[[nodiscard]] findings unused_reasons(const tree& files);
/// Every folder of sources says what it is for.
[[nodiscard]] findings missing_readmes(const tree& files);
/// Every source belongs to a target.
[[nodiscard]] findings orphans(const tree& files);
/// What documents name as `path/file.ext:name` exists.
[[nodiscard]] findings dead_references(const tree& files);
/// Every requirement of docs/requirements-resin.tsv is proven by a test that exists.
[[nodiscard]] findings unproven_requirements(const tree& files);

} // namespace gantry::tidy
