#include "storage/station_files/recipe_file.hpp"

#include "storage/station_files/decimal.hpp"
#include "storage/station_files/trimmed.hpp"

#include <algorithm>
#include <optional>

namespace gantry::storage {

namespace {

std::string place_of(size_t index) {
  return std::to_string(index + 1);
}

refusal too_long() {
  return {reason::recipe_too_long,
          {{"limit", std::to_string(recipe_steps_max)}, {"unit", "steps"}}};
}

std::vector<std::string_view> split(std::string_view text, std::string_view separators) {
  std::vector<std::string_view> parts;
  while (parts.size() <= recipe_steps_max) {
    const auto at = text.find_first_of(separators);
    parts.push_back(text.substr(0, at));
    if (at == std::string_view::npos)
      break;
    text.remove_prefix(at + 1);
  }
  return parts;
}

/// Reads one pair of an import.
class pair_reader {
public:
  explicit pair_reader(recipe_import& into) : into_{into} {}

  void read(std::string_view text, char delimiter, size_t index) {
    text = trimmed(text);
    const auto at = text.find(delimiter);
    if (at == std::string_view::npos)
      return lose(refuse_step(reason::recipe_step_malformed, index, text));
    auto first = trimmed(text.substr(0, at));
    auto second = trimmed(text.substr(at + 1));
    // Older files name the layer first.
    if (!first.empty() && first[0] >= '0' && first[0] <= '9')
      std::swap(first, second);
    if (first.size() != 1 || second.empty())
      return lose(refuse_step(reason::recipe_step_malformed, index, text));
    add(first, second, index);
  }

private:
  void add(std::string_view letter, std::string_view number, size_t index) {
    const bool small = letter[0] >= 'a' && letter[0] <= 'z';
    const auto material =
        small ? std::string(1, static_cast<char>(letter[0] - 'a' + 'A')) : std::string{letter};
    if (!is_recipe_material(material))
      return lose(refuse_step(reason::recipe_material_unknown, index, letter));
    const auto layer = parse_integer(number);
    if (!layer || *layer < 1 || *layer > recipe_layer_max)
      return lose(refuse_step(reason::recipe_layer_invalid, index, number));
    if (small)
      into_.notes.push_back({reason::import_letter_lower_case,
                             {{"place", place_of(index)}, {"given", std::string{letter}}},
                             false});
    const auto twin = std::ranges::find(into_.steps, *layer, &recipe_step::layer);
    if (twin == into_.steps.end()) {
      into_.steps.push_back({*layer, material});
      return;
    }
    lose(refuse_step(reason::recipe_layer_duplicate, index, number));
    twin->material = material;
  }

  void lose(const refusal& why) {
    into_.notes.push_back({why.code, why.params, true});
    into_.complete = false;
  }

  recipe_import& into_;
};

/// How the pairs of a text are written.
struct pair_form {
  std::string_view separators;
  char delimiter;
  std::string_view words; ///< Empty for the present form.
};

pair_form form_of(std::string_view text) {
  // With a comma in it a pair is written `A,50`, whichever comes first; `50:A` needs none.
  if (text.find(',') == std::string_view::npos)
    return {";\n", ':', "one layer:material in each line"};
  if (text.find(';') != std::string_view::npos)
    return {":;\n", ',', "layer,material; with semicolons"};
  return {":\n", ',', ""};
}

void note_trimming(std::string_view text, recipe_import& into) {
  std::string seen;
  auto see = [&seen](std::string_view what) {
    seen += (seen.empty() ? "" : ", ") + std::string{what};
  };
  if (text.find_first_of(" \t\f\v") != std::string_view::npos)
    see("white space");
  if (text.find('\r') != std::string_view::npos)
    see("carriage returns");
  if (!seen.empty())
    into.notes.push_back({reason::import_text_trimmed, {{"detail", seen}}, false});
}

} // namespace

std::string format_recipe(const std::vector<recipe_step>& steps) {
  std::string out;
  for (const auto& step : steps)
    out += (out.empty() ? "" : ":") + step.material + "," + std::to_string(step.layer);
  return out;
}

result<std::vector<recipe_step>> parse_recipe(std::string_view text) {
  while (text.ends_with('\n') || text.ends_with('\r'))
    text.remove_suffix(1);
  std::vector<recipe_step> steps;
  if (text.empty())
    return steps;
  const auto pairs = split(text, ":");
  for (size_t i = 0; i < pairs.size(); ++i) {
    const auto pair = pairs[i];
    const auto number = pair.substr(std::min<size_t>(2, pair.size()));
    const bool digits = !number.empty()
                        && number.find_first_not_of("0123456789") == std::string_view::npos
                        && (number.front() != '0' || number.size() == 1);
    if (pair.size() < 3 || pair[1] != ',' || !digits)
      return refuse_step(reason::recipe_step_malformed, i, pair);
    const auto layer = parse_integer(number);
    if (!layer)
      return refuse_step(reason::recipe_layer_invalid, i, number);
    steps.push_back({*layer, std::string(1, pair[0])});
  }
  if (auto sound = check_recipe(steps); !sound)
    return sound.why();
  return steps;
}

recipe_import import_recipe(std::string_view text) {
  recipe_import out;
  if (text.starts_with(byte_order_mark)) {
    text.remove_prefix(byte_order_mark.size());
    out.notes.push_back({reason::import_text_trimmed, {{"detail", "a byte order mark"}}, false});
  }
  text = trimmed(text);
  if (text.empty())
    return out;
  const auto form = form_of(text);
  if (!form.words.empty())
    out.notes.push_back({reason::import_format_older,
                         {{"place", "The recipe"}, {"detail", std::string{form.words}}},
                         false});
  note_trimming(text, out);
  const auto pairs = split(text, form.separators);
  pair_reader reader{out};
  size_t index = 0;
  for (const auto pair : pairs)
    if (!trimmed(pair).empty())
      reader.read(pair, form.delimiter, index++);
  if (pairs.size() > recipe_steps_max) {
    out.notes.push_back({reason::recipe_too_long, too_long().params, true});
    out.complete = false;
  }
  if (!std::ranges::is_sorted(out.steps, {}, &recipe_step::layer)) {
    std::ranges::sort(out.steps, {}, &recipe_step::layer);
    out.notes.push_back({reason::import_order_changed, {}, false});
  }
  return out;
}

} // namespace gantry::storage
