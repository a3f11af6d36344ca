#include "actors/station_settings.hpp"

#include "logging/log.hpp"
#include "schemas/codec.hpp"
#include "storage/reader.hpp"
#include "storage/station_files/setup_mapping.hpp"

#include <algorithm>
#include <future>

namespace gantry::actors {

namespace {

using storage::file_standing;
using storage::file_version;

/// How long an own commit may take; the files stay as they are if it takes longer.
constexpr std::chrono::seconds commit_patience{3};

constexpr std::string_view name_of_file(const network_settings&) {
  return storage::network_file_name;
}
constexpr std::string_view name_of_file(const pump_settings&) {
  return storage::pumps_file_name;
}
constexpr std::string_view name_of_file(const std::vector<recipe_step>&) {
  return storage::recipe_file_name;
}

file_version recorded(const station& where, std::string_view name) {
  const auto position = std::ranges::find(where.settings_files, name, &settings_file::name);
  if (position == where.settings_files.end())
    return {};
  return {position->revision, position->sha256};
}

settings_file record_of(std::string_view name, const file_version& version) {
  return {std::string{name}, version.revision, version.sha256};
}

/// Says in the log what became of a file.
void tell(reason what, const station_id& id, const settings_file& file) {
  logging::write(logging::level::info, "stations",
                 render(what, {{"file", file.name}, {"revision", std::to_string(file.revision)}}),
                 {{"station", id.value}, {"sha256", file.sha256}});
}

/// Puts what is saved into the command that takes it over.
void put(const network_settings& wanted, const station& where, commands::take_station_files& into) {
  if (!into.setup)
    into.setup = where.setup;
  storage::apply(wanted, *into.setup);
}
void put(const pump_settings& wanted, const station& where, commands::take_station_files& into) {
  if (!into.setup)
    into.setup = where.setup;
  storage::apply(wanted, *into.setup);
}
void put(const std::vector<recipe_step>& wanted, const station&,
         commands::take_station_files& into) {
  into.recipe = wanted;
}

/// What the station knows, in the words of the file.
network_settings merged(const network_settings& file, const station& where) {
  return storage::merged(file, where.setup);
}
pump_settings merged(const pump_settings& file, const station& where) {
  return storage::merged(file, where.setup);
}
std::vector<recipe_step> merged(const std::vector<recipe_step>&, const station& where) {
  return where.recipe;
}

const network_settings& settings_in(const storage::network_file& file) {
  return file.settings;
}
const pump_settings& settings_in(const storage::pumps_file& file) {
  return file.settings;
}
const std::vector<recipe_step>& settings_in(const storage::recipe_file& file) {
  return file.steps;
}

network_settings& settings_in(storage::network_file& file) {
  return file.settings;
}
pump_settings& settings_in(storage::pumps_file& file) {
  return file.settings;
}
std::vector<recipe_step>& settings_in(storage::recipe_file& file) {
  return file.steps;
}

/// How a file stands to what the store has recorded.
template <class Content>
file_standing standing(const storage::loaded_file<Content>& file, const station& where) {
  return storage::standing_of(file.version,
                              recorded(where, name_of_file(settings_in(file.content))));
}

template <class Content>
result<settings_view<Content>> view_of(result<storage::loaded_file<Content>> loaded,
                                       const station& where) {
  if (!loaded)
    return loaded.why();
  settings_view<Content> made{std::move(loaded->content), loaded->version,
                              standing(*loaded, where)};
  if (made.standing == file_standing::missing)
    settings_in(made.content) = merged(settings_in(made.content), where);
  return made;
}

/// Takes a file over if its standing is one of `which`.
template <class Content>
outcome take(const result<storage::loaded_file<Content>>& loaded, const station& where,
             std::initializer_list<file_standing> which, commands::take_station_files& into) {
  if (!loaded)
    return loaded.why();
  if (std::ranges::find(which, standing(*loaded, where)) == which.end())
    return success();
  const auto& content = settings_in(loaded->content);
  put(content, where, into);
  into.files.push_back(record_of(name_of_file(content), *loaded->version));
  tell(reason::station_file_loaded, where.id, into.files.back());
  return success();
}

/// Writes what the station knows, unless the file says it or belongs to somebody else.
template <class Content>
outcome write(storage::station_files& files, const result<storage::loaded_file<Content>>& loaded,
              const station& where, commands::take_station_files& into) {
  if (!loaded)
    return loaded.why();
  const auto now = standing(*loaded, where);
  if (now != file_standing::missing && now != file_standing::recorded)
    return success();
  const auto& present = settings_in(loaded->content);
  const auto wanted = merged(present, where);
  // An empty recipe needs no file; settings always have one.
  constexpr bool optional = std::is_same_v<Content, storage::recipe_file>;
  if (wanted == present && (now == file_standing::recorded || optional))
    return success();
  storage::save_terms terms;
  terms.expected_sha256 = loaded->version ? loaded->version->sha256 : std::string{};
  terms.recorded_revision = recorded(where, name_of_file(present)).revision;
  const auto saved = files.save(where.id.value, wanted, terms);
  if (!saved)
    return saved.why();
  into.files.push_back(record_of(name_of_file(present), *saved));
  tell(reason::station_file_saved, where.id, into.files.back());
  return success();
}

} // namespace

station_settings::station_settings(kernel& served, std::string folder)
    : kernel_{served}, files_{std::move(folder)} {
  // nop
}

result<station> station_settings::find(const station_id& id) const {
  const storage::reader view{*kernel_.parts().store};
  const auto stored = view.get(ref_of(id));
  auto decoded = stored ? from_json_text<station>(stored->json, strictness::stored)
                        : result<station>{refusal{reason::not_found, {}}};
  if (!decoded)
    return refusal{reason::not_found, {{"kind", "station"}, {"id", id.value}}};
  return decoded;
}

result<settings_view<storage::network_file>> station_settings::network(const station& where) const {
  return view_of(files_.network(where.id.value), where);
}
result<settings_view<storage::pumps_file>> station_settings::pumps(const station& where) const {
  return view_of(files_.pumps(where.id.value), where);
}
result<settings_view<storage::recipe_file>> station_settings::recipe(const station& where) const {
  return view_of(files_.recipe(where.id.value), where);
}

template <class File>
result<command_reply> station_settings::save_file(const station_id& id, const File& wanted,
                                                  const std::optional<std::string>& expected_sha256,
                                                  const settings_commit& commit) {
  const std::lock_guard lock{turn_};
  const auto where = find(id);
  if (!where)
    return where.why();
  commands::take_station_files taken;
  taken.id = id;
  put(wanted, *where, taken);
  if (auto fits = kernel_.check_files(taken); !fits)
    return fits.why();
  const auto before = recorded(*where, name_of_file(wanted));
  // Who does not say what was looked at may not undo an edit by hand that nobody has seen.
  const auto version =
      files_.save(id.value, wanted, {expected_sha256.value_or(before.sha256), before.revision});
  if (!version)
    return version.why();
  taken.files.push_back(record_of(name_of_file(wanted), *version));
  tell(reason::station_file_saved, id, taken.files.back());
  return commit(std::move(taken));
}

result<command_reply> station_settings::save(const station_id& id, const network_settings& wanted,
                                             const std::optional<std::string>& expected_sha256,
                                             const settings_commit& commit) {
  return save_file(id, wanted, expected_sha256, commit);
}
result<command_reply> station_settings::save(const station_id& id, const pump_settings& wanted,
                                             const std::optional<std::string>& expected_sha256,
                                             const settings_commit& commit) {
  return save_file(id, wanted, expected_sha256, commit);
}
result<command_reply> station_settings::reload(const station_id& id,
                                               const settings_commit& commit) {
  const std::lock_guard lock{turn_};
  const auto where = find(id);
  if (!where)
    return where.why();
  commands::take_station_files taken;
  taken.id = id;
  const auto which = {file_standing::edited, file_standing::saved};
  if (auto done = take(files_.network(id.value), *where, which, taken); !done)
    return done.why();
  if (auto done = take(files_.pumps(id.value), *where, which, taken); !done)
    return done.why();
  if (auto done = take(files_.recipe(id.value), *where, which, taken); !done)
    return done.why();
  return commit(std::move(taken));
}

outcome station_settings::follow(const station_id& id, const settings_commit& commit) {
  const std::lock_guard lock{turn_};
  const auto where = find(id);
  if (!where)
    return where.why();
  if (where->retired)
    return success();
  commands::take_station_files taken;
  taken.id = id;
  const auto network = files_.network(id.value);
  const auto pumps = files_.pumps(id.value);
  const auto recipe = files_.recipe(id.value);
  outcome first = success();
  const auto keep = [&first](const outcome& done) {
    if (first && !done)
      first = done;
  };
  keep(take(network, *where, {file_standing::saved}, taken));
  keep(take(pumps, *where, {file_standing::saved}, taken));
  keep(take(recipe, *where, {file_standing::saved}, taken));
  keep(write(files_, network, *where, taken));
  keep(write(files_, pumps, *where, taken));
  keep(write(files_, recipe, *where, taken));
  if (!taken.files.empty())
    if (const auto done = commit(std::move(taken)); !done)
      keep(done.why());
  return first;
}

settings_commit station_settings::own_commit() {
  return [this](commands::take_station_files wanted) -> result<command_reply> {
    command request;
    request.context.who = kernel_principal("settings");
    request.context.via = "settings";
    request.context.at = kernel_.parts().clock->wall();
    request.body = std::move(wanted);
    // Shared, because the answer may come after the patience has ended.
    const auto answer = std::make_shared<std::promise<command_reply>>();
    auto arrives = answer->get_future();
    kernel_.submit(std::move(request),
                   [answer](command_reply reply) { answer->set_value(std::move(reply)); });
    if (arrives.wait_for(commit_patience) != std::future_status::ready)
      return refusal{reason::outcome_unknown, {}};
    auto reply = arrives.get();
    if (reply.code != reason::ok)
      return refusal{reply.code, std::move(reply.params)};
    return reply;
  };
}

} // namespace gantry::actors
