#include "schemas/recipe.hpp"

#include <string>

namespace gantry {

namespace {

/// Longest piece of a text that a refusal repeats.
constexpr size_t given_bytes_max = 40;

std::string shown(std::string_view text) {
  std::string out{text.substr(0, given_bytes_max)};
  for (auto& x : out)
    if (static_cast<unsigned char>(x) < 0x20 || static_cast<unsigned char>(x) >= 0x7F)
      x = '?';
  return out;
}

} // namespace

bool is_recipe_material(std::string_view text) {
  return text.size() == 1 && text[0] >= 'A' && text[0] <= 'D';
}

refusal refuse_step(reason code, size_t index, std::string_view given) {
  return {code,
          {{"place", std::to_string(index + 1)},
           {"given", shown(given)},
           {"limit", std::to_string(recipe_layer_max)}}};
}

outcome check_recipe(const std::vector<recipe_step>& steps) {
  if (steps.size() > recipe_steps_max)
    return refusal{reason::recipe_too_long,
                   {{"limit", std::to_string(recipe_steps_max)}, {"unit", "steps"}}};
  for (size_t i = 0; i < steps.size(); ++i) {
    const auto& [layer, material] = steps[i];
    if (!is_recipe_material(material))
      return refuse_step(reason::recipe_material_unknown, i, material);
    if (layer < 1 || layer > recipe_layer_max)
      return refuse_step(reason::recipe_layer_invalid, i, std::to_string(layer));
    for (size_t k = 0; k < i; ++k)
      if (steps[k].layer == layer)
        return refuse_step(reason::recipe_layer_duplicate, i, std::to_string(layer));
    if (i > 0 && steps[i - 1].layer > layer) {
      auto why = refuse_step(reason::recipe_order_wrong, i, std::to_string(layer));
      why.params["previous"] = std::to_string(steps[i - 1].layer);
      return why;
    }
  }
  return success();
}

} // namespace gantry
