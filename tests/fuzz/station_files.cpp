// The files of a resin station, which people edit and import: recipes, pumps and networks. An input
// is `recipe`, `network` or `pumps`, a line break, and the text.
#include "storage/station_files/network_file.hpp"
#include "storage/station_files/pumps_file.hpp"
#include "storage/station_files/recipe_file.hpp"
#include "tests/fuzz/fuzz.hpp"

namespace gantry::fuzz {

namespace {

void check_recipe(std::string_view text) {
  if (const auto steps = storage::parse_recipe(text)) {
    require(static_cast<bool>(check_recipe(*steps)), "a recipe that was read is sound");
    const auto again = storage::parse_recipe(storage::format_recipe(*steps));
    require(again && *again == *steps, "a recipe stays the same");
  }
  const auto imported = storage::import_recipe(text);
  require(imported.steps.size() <= recipe_steps_max, "an import is bounded");
  require(static_cast<bool>(check_recipe(imported.steps)), "an import is sound");
}

void check_network(const std::string& text) {
  const auto read = storage::read_network_file(text);
  if (!read)
    return;
  const auto saved = storage::write_network_file(text, read->settings, read->revision + 1);
  require(static_cast<bool>(saved), "what was read can be saved");
  const auto again = storage::read_network_file(*saved);
  require(again && again->settings == read->settings, "a network stays the same");
}

void check_pumps(const std::string& text) {
  const auto read = storage::read_pumps_file(text);
  if (!read)
    return;
  require(static_cast<bool>(storage::check(read->settings)), "pumps that were read are sound");
  const auto saved = storage::write_pumps_file(text, read->settings, read->revision + 1);
  require(static_cast<bool>(saved), "what was read can be saved");
  const auto again = storage::read_pumps_file(*saved);
  require(again && again->settings == read->settings, "pumps stay the same");
}

} // namespace

} // namespace gantry::fuzz

extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size) {
  using namespace gantry::fuzz;
  input bytes{data, size};
  const auto what = bytes.line();
  if (what == "recipe")
    check_recipe(bytes.rest());
  else if (what == "network")
    check_network(std::string{bytes.rest()});
  else if (what == "pumps")
    check_pumps(std::string{bytes.rest()});
  return 0;
}
