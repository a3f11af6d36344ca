// `gantry bench CLAIM`: measures what the project claims about itself.
#pragma once

namespace gantry::bench {

/// Reads `CLAIM [--quick] [--check]` from the words after the first, measures the claim on this
/// machine over loopback, prints a table and, as the last line, one JSON object. Returns 0 when it
/// was measured, 1 when it could not be, or, with `--check`, when a claim that must hold does not;
/// 2 on wrong usage. Called before this process has threads.
[[nodiscard]] int bench_main(int argc, char** argv);

} // namespace gantry::bench
