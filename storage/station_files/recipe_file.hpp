// `recipe.txt`: which material from which layer on. Strict for what people enter, tolerant for what
// they import.
#pragma once

#include "schemas/recipe.hpp"
#include "storage/station_files/file_note.hpp"

#include <string>
#include <string_view>
#include <vector>

namespace gantry::storage {

/// The exact form of the original: `A,50:B,120:C,200`, in one line without an end of line.
[[nodiscard]] std::string format_recipe(const std::vector<recipe_step>& steps);

/// Reads the exact form; the last line may end. Refuses as `check_recipe` does, or with
/// `recipe_step_malformed`. An empty text is a recipe without steps.
[[nodiscard]] result<std::vector<recipe_step>> parse_recipe(std::string_view text);

/// What can be made of a text.
struct recipe_import {
  std::vector<recipe_step> steps; ///< Sorted, and sound in the sense of `check_recipe`.
  std::vector<file_note> notes;   ///< What was noticed, in the order of the text.
  bool complete = true;           ///< False if a note loses something: the text is malformed.
};

/// Reads whatever resembles a recipe: small letters, white space, lines, separators at the end,
/// `layer:material` lines and `layer,material;` as older files have them, steps in any order.
/// Pairs that are none and layers that come twice are left out with a note that loses something
/// (of two materials for one layer the last one is kept, as the original did).
[[nodiscard]] recipe_import import_recipe(std::string_view text);

} // namespace gantry::storage
