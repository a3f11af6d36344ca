#include "storage/station_files/station_files.hpp"

#include "schemas/digest.hpp"
#include "schemas/json_integer.hpp"
#include "storage/station_files/text_file.hpp"

#include <algorithm>
#include <filesystem>
#include <functional>
#include <nlohmann/json.hpp>

namespace gantry::storage {

namespace fs = std::filesystem;

namespace {

/// Backups that are kept of each file.
constexpr size_t backups_max = 10;

/// The network file holds passwords of wireless networks.
constexpr unsigned private_mode = 0600;
constexpr unsigned shared_mode = 0640;

constexpr std::string_view sidecar_ending = ".revision.json";

/// Revision and digest of a recipe, whose form has no room for them; and those of the recipe before
/// it, because a save writes this first.
struct recipe_sidecar {
  file_version now;
  file_version before;
};

recipe_sidecar read_sidecar(const std::string& path) {
  recipe_sidecar out;
  const auto text = read_text_file(path);
  if (!text || !*text)
    return out;
  const auto json = nlohmann::json::parse(**text, nullptr, false);
  auto version = [&json](const char* revision, const char* digest) {
    file_version made;
    if (json.is_object() && json.contains(revision))
      made.revision = integer_in<int64_t>(json[revision]).value_or(made.revision);
    if (json.is_object() && json.contains(digest) && json[digest].is_string())
      made.sha256 = json[digest].get<std::string>();
    return made;
  };
  out.now = version("revision", "sha256");
  out.before = version("previous_revision", "previous_sha256");
  return out;
}

std::string text_of(const recipe_sidecar& sidecar) {
  return nlohmann::ordered_json{{"revision", sidecar.now.revision},
                                {"sha256", sidecar.now.sha256},
                                {"previous_revision", sidecar.before.revision},
                                {"previous_sha256", sidecar.before.sha256}}
             .dump(2)
         + "\n";
}

/// The version of recipe bytes: what the sidecar says if it knows them, otherwise its revision with
/// the digest of an edit.
file_version version_of(std::string_view bytes, const recipe_sidecar& sidecar) {
  auto digest = sha256_hex(bytes);
  const auto revision =
      digest == sidecar.before.sha256 ? sidecar.before.revision : sidecar.now.revision;
  return {revision, std::move(digest)};
}

/// A file that is about to be replaced.
struct replacement {
  std::string path;
  std::string before; ///< Empty if there is no file.
  file_version was;
  int64_t revision = 0; ///< The new one.
};

outcome admit(const replacement& what, const save_terms& terms) {
  if (terms.expected_sha256 && *terms.expected_sha256 != what.was.sha256)
    return refusal{reason::station_file_changed,
                   {{"file", fs::path{what.path}.filename().string()},
                    {"revision", std::to_string(what.was.revision)}}};
  return success();
}

outcome make_folder(const std::string& path) {
  std::error_code error;
  fs::create_directories(path, error);
  if (error)
    return refusal{reason::station_file_not_written, {{"file", path}, {"detail", error.message()}}};
  return success();
}

/// Saves one file whose text carries its own revision.
result<file_version>
replace_file(const std::string& path, unsigned mode, const save_terms& terms,
             const std::function<result<int64_t>(const std::string&)>& revision_of,
             const std::function<result<std::string>(const std::string&, int64_t)>& write) {
  const auto present = read_text_file(path);
  if (!present)
    return present.why();
  replacement what{path, present->value_or(""), {}, 0};
  if (*present) {
    const auto revision = revision_of(what.before);
    if (!revision)
      return revision.why();
    what.was = {*revision, sha256_hex(what.before)};
  }
  if (auto admitted = admit(what, terms); !admitted)
    return admitted.why();
  what.revision = std::max(what.was.revision, terms.recorded_revision) + 1;
  const auto text = write(what.before, what.revision);
  if (!text)
    return text.why();
  if (auto made = make_folder(fs::path{path}.parent_path().string()); !made)
    return made.why();
  if (auto kept = keep_backup(path, what.was.revision, backups_max, mode); !kept)
    return kept.why();
  if (auto replaced = replace_text_file(path, *text, mode); !replaced)
    return replaced.why();
  return file_version{what.revision, sha256_hex(*text)};
}

file_note missing_note(std::string_view file) {
  return {reason::station_file_missing, {{"file", std::string{file}}}, false};
}

} // namespace

file_standing standing_of(const std::optional<file_version>& present,
                          const file_version& recorded) {
  if (!present)
    return file_standing::missing;
  if (*present == recorded)
    return file_standing::recorded;
  return present->revision > recorded.revision ? file_standing::saved : file_standing::edited;
}

std::string station_files::folder_of(const std::string& station) const {
  return folder_ + "/" + station;
}

result<loaded_file<network_file>> station_files::network(const std::string& station) const {
  const auto text = read_text_file(folder_of(station) + "/" + std::string{network_file_name});
  if (!text)
    return text.why();
  if (!*text) {
    loaded_file<network_file> none;
    none.content.notes.push_back(missing_note(network_file_name));
    return none;
  }
  auto content = read_network_file(**text);
  if (!content)
    return content.why();
  const auto revision = content->revision;
  return loaded_file<network_file>{std::move(*content), file_version{revision, sha256_hex(**text)}};
}

result<loaded_file<pumps_file>> station_files::pumps(const std::string& station) const {
  const auto text = read_text_file(folder_of(station) + "/" + std::string{pumps_file_name});
  if (!text)
    return text.why();
  if (!*text) {
    loaded_file<pumps_file> none;
    none.content.notes.push_back(missing_note(pumps_file_name));
    return none;
  }
  auto content = read_pumps_file(**text);
  if (!content)
    return content.why();
  const auto revision = content->revision;
  return loaded_file<pumps_file>{std::move(*content), file_version{revision, sha256_hex(**text)}};
}

result<loaded_file<recipe_file>> station_files::recipe(const std::string& station) const {
  const auto path = folder_of(station) + "/" + std::string{recipe_file_name};
  const auto text = read_text_file(path);
  if (!text)
    return text.why();
  if (!*text) {
    loaded_file<recipe_file> none;
    none.content.notes.push_back(missing_note(recipe_file_name));
    return none;
  }
  auto read = import_recipe(**text);
  for (const auto& note : read.notes)
    if (note.loses)
      return refusal{note.code, note.params};
  return loaded_file<recipe_file>{
      {std::move(read.steps), std::move(read.notes)},
      version_of(**text, read_sidecar(path + std::string{sidecar_ending}))};
}

result<file_version> station_files::save(const std::string& station,
                                         const network_settings& settings,
                                         const save_terms& terms) {
  const std::lock_guard lock{writing_};
  return replace_file(
      folder_of(station) + "/" + std::string{network_file_name}, private_mode, terms,
      [](const std::string& text) -> result<int64_t> {
        auto content = read_network_file(text);
        if (!content)
          return content.why();
        return content->revision;
      },
      [&settings](const std::string& before, int64_t revision) {
        return write_network_file(before, settings, revision);
      });
}

result<file_version> station_files::save(const std::string& station, const pump_settings& settings,
                                         const save_terms& terms) {
  const std::lock_guard lock{writing_};
  return replace_file(
      folder_of(station) + "/" + std::string{pumps_file_name}, shared_mode, terms,
      [](const std::string& text) -> result<int64_t> {
        auto content = read_pumps_file(text);
        if (!content)
          return content.why();
        return content->revision;
      },
      [&settings](const std::string& before, int64_t revision) {
        return write_pumps_file(before, settings, revision);
      });
}

result<file_version> station_files::save(const std::string& station,
                                         const std::vector<recipe_step>& steps,
                                         const save_terms& terms) {
  const std::lock_guard lock{writing_};
  if (auto sound = check_recipe(steps); !sound)
    return sound.why();
  const auto path = folder_of(station) + "/" + std::string{recipe_file_name};
  const auto side_path = path + std::string{sidecar_ending};
  auto sidecar = read_sidecar(side_path);
  auto written = replace_file(
      path, shared_mode, terms,
      [&sidecar](const std::string& text) -> result<int64_t> {
        return version_of(text, sidecar).revision;
      },
      [&](const std::string& before, int64_t revision) -> result<std::string> {
        auto text = format_recipe(steps);
        // The sidecar goes first and knows both: whichever of the two is cut short, the recipe in
        // place is one that it names.
        const recipe_sidecar next{{revision, sha256_hex(text)}, version_of(before, sidecar)};
        if (auto made = make_folder(folder_of(station)); !made)
          return made.why();
        if (auto done = replace_text_file(side_path, text_of(next), shared_mode); !done)
          return done.why();
        return text;
      });
  return written;
}

} // namespace gantry::storage
