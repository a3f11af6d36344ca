#include "cli/first_start.hpp"

#include "cli/data_folder.hpp"
#include "hal/slicer/builtin_profiles.hpp"
#include "http/access.hpp"
#include "schemas/digest.hpp"
#include "storage/reader.hpp"

#include <future>
#include <set>

namespace gantry::cli {

namespace {

/// How long the kernel may take for a command of ours.
constexpr std::chrono::seconds patience{30};

/// A nozzle of 0.4 mm is what the built-in profiles are for.
constexpr int64_t nozzle_um = 400;

/// Common filaments; densities as their makers state them, in the middle of the range.
struct common_material {
  const char* name;
  int64_t density_mg_per_cm3;
};
constexpr common_material common_materials[] = {
    {"PLA", 1'240}, {"PETG", 1'270}, {"ABS", 1'040}, {"ASA", 1'070}, {"TPU", 1'210}};

/// Submits a command of the program itself and waits for its outcome.
outcome submit(actors::kernel& running, any_command body, std::string key) {
  auto answer = std::make_shared<std::promise<actors::command_reply>>();
  auto future = answer->get_future();
  command request{{.who = kernel_principal("setup"),
                   .via = "cli",
                   .idempotency_key = std::move(key),
                   .body_sha256 = {},
                   .expected = {},
                   .note = {},
                   .correlation = {},
                   .at = running.parts().clock->wall()},
                  std::move(body)};
  running.submit(std::move(request),
                 [answer](actors::command_reply reply) { answer->set_value(std::move(reply)); });
  if (future.wait_for(patience) != std::future_status::ready)
    return refusal{reason::busy, {}};
  auto reply = future.get();
  if (reply.code != reason::ok)
    return refusal{reply.code, reply.params};
  return success();
}

template <class Entity>
std::set<std::string> names_in(const storage::reader& view, entity_kind kind) {
  std::set<std::string> names;
  storage::list_query query{.kind = kind, .limit = 500, .filter = {}};
  for (const auto& each : view.list(query).items)
    if (auto state = decode_state(kind, each.json))
      names.insert(std::get<Entity>(*state).name);
  return names;
}

outcome add_profiles(actors::kernel& running, const std::set<std::string>& existing) {
  for (const auto& each : slicer::builtin_profiles()) {
    if (existing.contains(std::string{each.title}))
      continue;
    auto settings = slicer::find_builtin_profile(each.name);
    auto volume = settings ? settings->volume() : refusal{reason::slicer_bad_profile, {}};
    if (!volume)
      return volume.why();
    box_um bed{volume->bed_max_um[0] - volume->bed_min_um[0],
               volume->bed_max_um[1] - volume->bed_min_um[1], volume->height_um};
    auto added = submit(running,
                        commands::add_profile{std::string{each.title}, std::string{each.material},
                                              nozzle_um, bed, settings->canonical_text()},
                        "profile-" + std::string{each.name});
    if (!added)
      return added;
  }
  return success();
}

} // namespace

outcome add_catalogue(actors::kernel& running) {
  storage::reader view{*running.parts().store};
  auto materials = names_in<material>(view, entity_kind::material);
  for (const auto& [name, density] : common_materials)
    if (!materials.contains(name)) {
      auto added =
          submit(running, commands::add_material{name, density}, "material-" + std::string{name});
      if (!added)
        return added;
    }
  return add_profiles(running, names_in<profile>(view, entity_kind::profile));
}

result<admin_access> make_admin_access(actors::kernel& running, const std::string& folder) {
  admin_access access{first_line(admin_token_path(folder)), false};
  if (!http::well_formed_secret(access.secret)) {
    access = {http::make_secret(*running.parts().ids), true};
    if (auto written = write_private_file(admin_token_path(folder), access.secret); !written)
      return written.why();
  }
  // The key depends on the secret alone: repeating the command finds the token that exists.
  auto digest = sha256_hex(access.secret);
  auto issued = submit(running, commands::issue_token{"administrator", {role::admin}, digest},
                       "admin-" + digest.substr(0, 32));
  if (!issued && issued.why().code != reason::already_exists)
    return issued.why();
  return access;
}

} // namespace gantry::cli
