// The claims that can be measured. Each prints its table and returns its figures, named and in the
// units of limits.json; each throws `std::runtime_error` with a sentence if it cannot be measured.
#pragma once

#include "bench/measurement.hpp"

#include <string_view>
#include <vector>

namespace gantry::bench {

/// How thorough a measurement is.
struct effort {
  bool quick = false; ///< Seconds instead of a minute; for tests.
};

[[nodiscard]] std::vector<figure> measure_start(const effort& how);
[[nodiscard]] std::vector<figure> measure_memory(const effort& how);
[[nodiscard]] std::vector<figure> measure_idle(const effort& how);
[[nodiscard]] std::vector<figure> measure_writes(const effort& how);
[[nodiscard]] std::vector<figure> measure_list(const effort& how);
[[nodiscard]] std::vector<figure> measure_commit(const effort& how);
[[nodiscard]] std::vector<figure> measure_log(const effort& how);
[[nodiscard]] std::vector<figure> measure_telemetry(const effort& how);
[[nodiscard]] std::vector<figure> measure_bytes(const effort& how);
[[nodiscard]] std::vector<figure> measure_farm50(const effort& how);
[[nodiscard]] std::vector<figure> measure_ui(const effort& how);
[[nodiscard]] std::vector<figure> measure_desync(const effort& how);
[[nodiscard]] std::vector<figure> measure_upload(const effort& how);
[[nodiscard]] std::vector<figure> measure_growth(const effort& how);
[[nodiscard]] std::vector<figure> measure_pump(const effort& how);
[[nodiscard]] std::vector<figure> measure_estop(const effort& how);
[[nodiscard]] std::vector<figure> measure_station_page(const effort& how);

/// The scripts that drive the browser, compiled in, and the module that they share.
[[nodiscard]] std::string_view browser_module();
[[nodiscard]] std::string_view ui_script();
[[nodiscard]] std::string_view station_page_script();

/// The handler that lists are compared with: serves the bytes of a file at every path until this
/// process is killed. `argv` is PORT FILE.
[[nodiscard]] int bare_server_main(int argc, char** argv);

} // namespace gantry::bench
