#include "cli/start_log.hpp"

#include "schemas/ids.hpp"

#include <filesystem>
#include <fstream>
#include <nlohmann/json.hpp>

namespace gantry::cli {

std::map<std::string, int64_t> starts_per_run(const std::string& log_folder) {
  constexpr std::string_view folder = "gantry/";
  constexpr size_t id_length = run_id::prefix.size() + 1 + id_digits;
  std::map<std::string, int64_t> starts;
  std::error_code problem;
  for (const auto& entry : std::filesystem::directory_iterator{log_folder, problem}) {
    std::ifstream in{entry.path()};
    for (std::string line; std::getline(in, line);) {
      auto event = nlohmann::json::parse(line, nullptr, false);
      if (!event.is_object() || event.value("event", "") != "print_started")
        continue;
      std::string_view name = event["file"].get_ref<const std::string&>();
      auto at = name.find(folder);
      auto id = at == std::string_view::npos ? "" : name.substr(at + folder.size(), id_length);
      if (well_formed_id(run_id::prefix, id))
        ++starts[std::string{id}];
    }
  }
  return starts;
}

} // namespace gantry::cli
