#include "cli/guarded.hpp"

#include "cli/exit_code.hpp"
#include "cli/service_manager.hpp"
#include "hal/guard/guard_process.hpp"
#include "logging/log.hpp"

#include <cstdlib>
#include <filesystem>
#include <iostream>

namespace gantry::cli {

namespace {

constexpr int number(exit_code code) {
  return static_cast<int>(code);
}

} // namespace

std::optional<int> guard_if_needed(const std::string& folder,
                                   const std::vector<exit_code>& also_final) {
  std::error_code ignored;
  if (std::getenv(guard::link_variable)
      || !std::filesystem::exists(guard::settings_path(folder), ignored))
    return {};
  std::vector<int> final_codes{number(exit_code::done), number(exit_code::usage),
                               number(exit_code::folder_in_use), number(exit_code::port_in_use),
                               number(exit_code::folder_unfit)};
  for (const auto code : also_final)
    final_codes.push_back(number(code));
  return guard::run_guard({
      .folder = folder,
      .kernel_words = guard::own_words(),
      .final_exit_codes = std::move(final_codes),
      .exit_code_in_use = number(exit_code::folder_in_use),
      .exit_code_unfit = number(exit_code::folder_unfit),
      .exit_code_timeout = number(exit_code::stop_timeout),
      .notify = [](const std::string& state) { notify_service_manager(state); },
      .log = [](const std::string& text) { std::cerr << "gantry guard: " << text << std::endl; },
  });
}

std::unique_ptr<guard::guard_client> connect_to_guard() {
  auto links = guard::take_inherited_links();
  if (!links)
    return nullptr;
  auto connected = guard::guard_client::connect(std::move(*links));
  if (connected)
    return std::move(*connected);
  logging::write(logging::level::error, "guard", connected.why().text());
  return nullptr;
}

void announce(std::string_view state, guard::guard_client* guard) {
  if (guard)
    guard->notify_service_manager(std::string{state});
  else
    notify_service_manager(state);
}

} // namespace gantry::cli
