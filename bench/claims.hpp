// The claims that can be measured. Each prints its table and returns its value in the unit of
// limits.json; each throws `std::runtime_error` with a sentence if it cannot be measured.
#pragma once

namespace gantry::bench {

/// How thorough a measurement is.
struct effort {
  bool quick = false; ///< Seconds instead of a minute; for tests.
};

/// Milliseconds from exec to the first healthy answer.
[[nodiscard]] double measure_start(const effort& how);
/// Megabytes of resident memory.
[[nodiscard]] double measure_memory(const effort& how);
/// Percent of a core.
[[nodiscard]] double measure_idle(const effort& how);
/// Megabytes per day.
[[nodiscard]] double measure_writes(const effort& how);
/// Requests per second as a share of the bare handler's, at the worst number of connections.
[[nodiscard]] double measure_list(const effort& how);
/// The 99th percentile as a multiple of the bare handler's, at the worst number of connections.
[[nodiscard]] double measure_list_p99(const effort& how);
/// Commands per second as a share of the store's, at the worst number of clients.
[[nodiscard]] double measure_commit(const effort& how);

/// The handler that lists are compared with: serves the bytes of a file at every path until this
/// process is killed. `argv` is PORT FILE.
[[nodiscard]] int bare_server_main(int argc, char** argv);

} // namespace gantry::bench
