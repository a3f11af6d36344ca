#include "storage/station_files/pumps_file.hpp"

#include "schemas/codec.hpp"
#include "storage/station_files/decimal.hpp"
#include "storage/station_files/json_document.hpp"

#include <algorithm>
#include <array>
#include <nlohmann/json.hpp>
#include <set>

namespace gantry::storage {

namespace {

/// Keys of the pumps, in the order in which they are shown.
constexpr auto pump_keys =
    std::to_array<std::string_view>({"pump_a", "pump_b", "pump_c", "pump_d", "drain_pump"});
constexpr std::string_view drain_key = "drain_pump";
/// The original's fourth pump is the drain; a file without a fourth material lacks nothing.
constexpr std::string_view optional_key = "pump_d";

/// A number of the file in units that is held in thousandths.
template <class Owner>
struct number_field {
  std::string_view field; ///< Its name in the settings.
  json_path path;
  int64_t Owner::*member;
  std::string_view older = {}; ///< Name of the member in other versions.
};

const std::vector<number_field<pump_settings>>& change_fields() {
  using s = pump_settings;
  static const std::vector<number_field<pump_settings>> table = {
      {"quiescence_ms", {"material_change", "quiescence_seconds"}, &s::quiescence_ms},
      {"bed_raise_delay_ms",
       {"material_change", "bed_raise_delay_seconds"},
       &s::bed_raise_delay_ms},
      {"bed_raise_time_ms",
       {"material_change", "bed_raise_time_seconds"},
       &s::bed_raise_time_ms,
       "plate_clear_delay_s"},
      {"bed_raise_buffer_ms",
       {"material_change", "bed_raise_safety_buffer_seconds"},
       &s::bed_raise_buffer_ms},
      {"drain_volume_ul", {"material_change", "drain_volume_ml"}, &s::drain_volume_ul},
      {"fill_volume_ul", {"material_change", "fill_volume_ml"}, &s::fill_volume_ul},
      {"settle_ms", {"material_change", "settle_time_seconds"}, &s::settle_ms, "settle_delay_s"},
  };
  return table;
}

const std::vector<number_field<pump_profile>>& profile_fields() {
  using p = pump_profile;
  static const std::vector<number_field<pump_profile>> table = {
      {"flow_ul_per_s", {"flow_rate_ml_per_second"}, &p::flow_ul_per_s},
      {"max_volume_ul", {"max_volume_ml"}, &p::max_volume_ul},
      {"reservoir_ul", {"reservoir_ml"}, &p::reservoir_ul},
  };
  return table;
}

/// Members that other programs know and that decide nothing here.
const std::vector<std::pair<std::string_view, std::string_view>>& unused_members() {
  static const std::vector<std::pair<std::string_view, std::string_view>> table = {
      {"material_change.mixing_time_seconds", "the time after filling is settle_time_seconds"},
      {"solenoid.gpio_pin", "lines are named in the guard's file"},
      {"solenoid.description", "it is for people"},
      {"solenoid.activate_before_drain_delay_seconds", "the guard's file says it"},
      {"solenoid.deactivate_after_drain_delay_seconds", "the guard's file says it"},
      {"safety", "the guard keeps the limits of its own file"},
      {"maintenance", "nothing counts the cycles of pumps"},
      {"pumps.*.gpio_pin", "lines are named in the guard's file"},
      {"pumps.*.calibration.steps_per_ml", "the flow per second counts"},
  };
  return table;
}

const std::set<std::string>& known_members() {
  static const std::set<std::string> names = [] {
    std::set<std::string> all{"_revision",
                              "pumps",
                              "material_change",
                              "material_change.initial_material",
                              "solenoid",
                              "solenoid.enabled",
                              "solenoid.active_during_drain",
                              "pumps.*.name",
                              "pumps.*.description",
                              "pumps.*.direction",
                              "pumps.*.direction_confirmed",
                              "pumps.*.calibration",
                              "pumps.*.calibration.last_calibrated"};
    for (const auto key : pump_keys)
      all.insert("pumps." + std::string{key});
    for (const auto& x : change_fields()) {
      all.insert(text_of(x.path));
      if (!x.older.empty())
        all.insert("material_change." + std::string{x.older});
    }
    for (const auto& x : profile_fields())
      all.insert("pumps.*." + text_of(x.path));
    return all;
  }();
  return names;
}

refusal at(reason code, std::string place, std::string detail = {}) {
  return {code,
          {{"file", std::string{pumps_file_name}},
           {"place", std::move(place)},
           {"detail", std::move(detail)}}};
}

/// Size of a reservoir that the file does not tell: the original's hold what `max_volume_ml` says;
/// of the waste container it knows nothing.
int64_t implied_reservoir_ul(const pump_profile& pump) {
  return pump.key == drain_key ? 1'000'000 : pump.max_volume_ul;
}

/// Reads one file.
class file_reader {
public:
  explicit file_reader(const json_document& from) : file_{from} {}

  result<pumps_file> run() {
    if (const auto revision = file_.kind({"_revision"}))
      out_.revision = parse_integer(file_.raw({"_revision"})).value_or(0);
    if (auto done = pumps(); !done)
      return done.why();
    if (auto done = change(); !done)
      return done.why();
    if (auto done = valve(); !done)
      return done.why();
    for (const std::string part : {"material_change", "solenoid", "safety", "maintenance"})
      if (!file_.kind({part}))
        missing(part, "what is built in");
    note_members({}, "");
    if (auto sound = check(out_.settings); !sound)
      return at_its_place(sound.why());
    return std::move(out_);
  }

private:
  void missing(std::string place, std::string instead) {
    out_.notes.push_back(
        note_at(reason::import_section_missing, std::move(place), std::move(instead)));
  }

  outcome expect(const json_path& path, json_kind kind, std::string_view words) {
    const auto found = file_.kind(path);
    if (found && *found != kind)
      return at(reason::setting_invalid, text_of(path), std::string{words} + " is expected");
    return success();
  }

  /// Reads a number if it is there; `found` tells.
  outcome number(const json_path& path, int64_t& into, bool& found) {
    found = file_.kind(path).has_value();
    if (auto right = expect(path, json_kind::number, "a number"); !right || !found)
      return right;
    const auto value = parse_thousandths(file_.raw(path));
    if (!value)
      return at(reason::setting_invalid, text_of(path), "the number is out of all bounds");
    into = *value;
    return success();
  }

  outcome text(const json_path& path, std::string& into) {
    if (file_.kind(path) == json_kind::null)
      return success();
    if (auto right = expect(path, json_kind::text, "text"); !right)
      return right;
    if (file_.kind(path))
      into = file_.string(path);
    return success();
  }

  outcome flag(const json_path& path, bool& into) {
    if (auto right = expect(path, json_kind::boolean, "true or false"); !right)
      return right;
    if (file_.kind(path))
      into = file_.raw(path) == "true";
    return success();
  }

  outcome pumps() {
    if (!file_.kind({"pumps"}))
      return at(reason::setting_missing, "pumps");
    if (auto right = expect({"pumps"}, json_kind::object, "an object"); !right)
      return right;
    for (const auto key : pump_keys) {
      if (!file_.kind({"pumps", std::string{key}})) {
        if (key != optional_key)
          missing("pumps." + std::string{key}, "no pump");
        continue;
      }
      if (auto done = profile(std::string{key}); !done)
        return done;
    }
    return success();
  }

  outcome profile(const std::string& key) {
    const json_path home{"pumps", key};
    auto below = [&home](std::string name) {
      auto path = home;
      path.push_back(std::move(name));
      return path;
    };
    if (auto right = expect(home, json_kind::object, "an object"); !right)
      return right;
    pump_profile made{.key = key, .name = key, .description = {}, .last_calibrated = {}};
    for (const auto& field : profile_fields()) {
      bool found = false;
      if (auto done = number(below(field.path.back()), made.*field.member, found); !done)
        return done;
      if (!found && field.field == "reservoir_ul") {
        made.reservoir_ul = implied_reservoir_ul(made);
        missing(text_of(below("reservoir_ml")), format_thousandths(made.reservoir_ul) + " ml");
      } else if (!found) {
        return at(reason::setting_missing, text_of(below(field.path.back())));
      }
    }
    for (auto [name, member] : {std::pair{"name", &pump_profile::name},
                                std::pair{"description", &pump_profile::description}})
      if (auto done = text(below(name), made.*member); !done)
        return done;
    if (auto done = text({"pumps", key, "calibration", "last_calibrated"}, made.last_calibrated);
        !done)
      return done;
    if (auto done = direction(below("direction"), made); !done)
      return done;
    if (auto done = flag(below("direction_confirmed"), made.direction_confirmed); !done)
      return done;
    out_.settings.pumps.push_back(std::move(made));
    return success();
  }

  outcome direction(const json_path& path, pump_profile& into) {
    std::string word;
    if (auto done = text(path, word); !done)
      return done;
    if (!file_.kind(path))
      missing(text_of(path), "forward, until somebody has seen that it is right");
    else if (!parse_name(word, into.direction))
      return at(reason::setting_invalid, text_of(path), "forward or reverse is expected");
    return success();
  }

  outcome change() {
    if (auto right = expect({"material_change"}, json_kind::object, "an object"); !right)
      return right;
    auto& settings = out_.settings;
    // One name for the whole time until the plate is clear stands for the sum of three.
    if (file_.kind({"material_change", "plate_clear_delay_s"}))
      settings.bed_raise_delay_ms = settings.bed_raise_buffer_ms = 0;
    for (const auto& field : change_fields()) {
      bool found = false;
      if (auto done = number(field.path, settings.*field.member, found); !done)
        return done;
      if (!found && !field.older.empty()) {
        const json_path older{"material_change", std::string{field.older}};
        if (auto done = number(older, settings.*field.member, found); !done)
          return done;
        if (found)
          out_.notes.push_back(
              note_at(reason::import_key_old, text_of(older), text_of(field.path)));
      }
      if (!found && file_.kind({"material_change"}))
        missing(text_of(field.path), format_thousandths(settings.*field.member));
    }
    return text({"material_change", "initial_material"}, settings.initial_material);
  }

  outcome valve() {
    if (auto right = expect({"solenoid"}, json_kind::object, "an object"); !right)
      return right;
    bool enabled = false, during_drain = true;
    if (auto done = flag({"solenoid", "enabled"}, enabled); !done)
      return done;
    if (auto done = flag({"solenoid", "active_during_drain"}, during_drain); !done)
      return done;
    out_.settings.valve_during_drain = enabled && during_drain;
    return success();
  }

  /// Notes what is not read. `pattern` is the path with `*` for the name of a pump.
  void note_members(const json_path& path, const std::string& pattern) {
    for (const auto& name : file_.members(path)) {
      auto here = path;
      here.push_back(name);
      const auto known_as =
          pattern.empty() ? name : pattern + "." + (pattern == "pumps" ? "*" : name);
      const auto place = text_of(here);
      const auto unused =
          std::ranges::find(unused_members(), known_as, [](const auto& x) { return x.first; });
      if (name.starts_with("_comment"))
        out_.notes.push_back(note_at(reason::import_comment_key, place));
      else if (unused != unused_members().end())
        out_.notes.push_back(
            note_at(reason::import_value_unused, place, std::string{unused->second}));
      else if (!known_members().contains(known_as == "pumps.*" ? place : known_as))
        out_.notes.push_back(note_at(reason::import_key_unknown, place));
      else
        note_members(here, known_as);
    }
  }

  /// A refusal about a field as one about its place in the file.
  refusal at_its_place(const refusal& why) const {
    auto field = why.params.at("field");
    std::string home;
    if (field.starts_with("pumps[")) {
      const auto index = static_cast<size_t>(parse_integer(field.substr(6, 1)).value_or(0));
      if (index < out_.settings.pumps.size())
        home = "pumps." + out_.settings.pumps[index].key + ".";
      field = field.substr(std::min(field.find('.'), field.size() - 1) + 1);
    }
    for (const auto& x : change_fields())
      if (x.field == field)
        field = text_of(x.path);
    for (const auto& x : profile_fields())
      if (x.field == field)
        return at(reason::setting_invalid, home + text_of(x.path), in_units(why));
    return at(reason::setting_invalid, home + field, in_units(why));
  }

  /// The bounds of a refusal in the units of the file.
  static std::string in_units(const refusal& why) {
    const auto& detail = why.params.at("detail");
    constexpr std::string_view head = "it must be from ";
    const auto middle = detail.find(" to ");
    if (!detail.starts_with(head) || middle == std::string::npos)
      return detail;
    const auto low = parse_integer(detail.substr(head.size(), middle - head.size()));
    const auto high = parse_integer(detail.substr(middle + 4));
    return std::string{head} + format_thousandths(low.value_or(0)) + " to "
           + format_thousandths(high.value_or(0));
  }

  const json_document& file_;
  pumps_file out_;
};

constexpr std::string_view new_pumps_file = R"({
  "pumps": {},
  "material_change": {
    "quiescence_seconds": 10,
    "bed_raise_delay_seconds": 2,
    "bed_raise_time_seconds": 15,
    "bed_raise_safety_buffer_seconds": 3,
    "drain_volume_ml": 50,
    "fill_volume_ml": 45,
    "settle_time_seconds": 5
  },
  "solenoid": {
    "enabled": false,
    "active_during_drain": true
  },
  "safety": {},
  "maintenance": {}
}
)";

/// Sets what differs from `before`; a null `before` sets everything.
void write_profile(json_document& file, const pump_profile& now, const pump_profile* before) {
  auto set = [&](std::initializer_list<std::string> below, std::string_view literal) {
    json_path path{"pumps", now.key};
    path.insert(path.end(), below);
    file.set(path, literal);
  };
  if (!before)
    set({}, "{\n      \"name\": " + json_literal(now.name) + "\n    }");
  if (before && now.name != before->name)
    set({"name"}, json_literal(now.name));
  if (!before || now.description != before->description)
    set({"description"}, json_literal(now.description));
  const bool reservoir_told = file.kind({"pumps", now.key, "reservoir_ml"}).has_value();
  for (const auto& field : profile_fields()) {
    const bool implied = before && !reservoir_told && field.field == "reservoir_ul";
    if (!before
        || now.*field.member != (implied ? implied_reservoir_ul(now) : before->*field.member))
      set({field.path.back()}, format_thousandths(now.*field.member));
  }
  if (!before)
    set({"calibration"}, "{\n        \"last_calibrated\": null\n      }");
  if (now.last_calibrated != (before ? before->last_calibrated : ""))
    set({"calibration", "last_calibrated"},
        now.last_calibrated.empty() ? "null" : json_literal(now.last_calibrated));
  if (!before || now.direction != before->direction)
    set({"direction"}, json_literal(name_of(now.direction)));
  if (!before || now.direction_confirmed != before->direction_confirmed)
    set({"direction_confirmed"}, now.direction_confirmed ? "true" : "false");
}

void write_change(json_document& file, const pump_settings& now, const pump_settings& before) {
  for (const auto& field : change_fields())
    if (now.*field.member != before.*field.member) {
      const json_path older{"material_change", std::string{field.older}};
      const bool older_only = !field.older.empty() && !file.kind(field.path) && file.kind(older);
      file.set(older_only ? older : field.path, format_thousandths(now.*field.member));
    }
  if (now.initial_material != before.initial_material)
    file.set({"material_change", "initial_material"}, json_literal(now.initial_material));
  if (now.valve_during_drain != before.valve_during_drain) {
    file.set({"solenoid", "enabled"}, now.valve_during_drain ? "true" : "false");
    if (now.valve_during_drain)
      file.set({"solenoid", "active_during_drain"}, "true");
  }
}

} // namespace

outcome check(const pump_settings& settings) {
  auto decoded = from_json_value<pump_settings>(to_json_value(settings), strictness::request);
  if (!decoded)
    return decoded.why();
  std::set<std::string> seen;
  for (size_t i = 0; i < settings.pumps.size(); ++i) {
    const auto& key = settings.pumps[i].key;
    if (std::ranges::find(pump_keys, key) == pump_keys.end() || !seen.insert(key).second)
      return refusal{reason::field_invalid,
                     {{"field", "pumps[" + std::to_string(i) + "].key"},
                      {"detail", "pump_a to pump_d and drain_pump are possible, each once"}}};
  }
  return success();
}

result<pumps_file> read_pumps_file(const std::string& text) {
  auto file = json_document::parse(text, pumps_file_name);
  if (!file)
    return file.why();
  auto out = file_reader{*file}.run();
  if (out && text.starts_with("\xEF\xBB\xBF"))
    out->notes.push_back(
        note_at(reason::import_text_trimmed, "the file", "a byte order mark at its beginning"));
  return out;
}

result<std::string> write_pumps_file(const std::string& before, const pump_settings& settings,
                                     int64_t revision) {
  if (auto sound = check(settings); !sound)
    return sound.why();
  auto file =
      json_document::parse(before.empty() ? std::string{new_pumps_file} : before, pumps_file_name);
  if (!file)
    return file.why();
  const auto present = file_reader{*file}.run();
  if (!present)
    return present.why();
  for (const auto& pump : present->settings.pumps)
    if (!settings.pump(pump.key))
      file->remove({"pumps", pump.key});
  for (const auto& pump : settings.pumps)
    write_profile(*file, pump, present->settings.pump(pump.key));
  write_change(*file, settings, present->settings);
  file->set({"_revision"}, std::to_string(revision));
  // What was written must say what was meant; otherwise the file stays as it is.
  auto meant = settings;
  std::ranges::sort(meant.pumps, {}, [](const auto& x) {
    return std::ranges::find(pump_keys, x.key) - pump_keys.begin();
  });
  const auto again = file_reader{*file}.run();
  if (!again || again->settings != meant || again->revision != revision)
    return refusal{reason::internal_error, {{"detail", "the pump settings cannot be written"}}};
  return file->text();
}

} // namespace gantry::storage
