#include "rules/deciders.hpp"
#include "schemas/digest.hpp"

#include <algorithm>

namespace gantry::rules {

using namespace commands;

namespace {

/// Refuses a profile text that is not a list of `key = value` lines; sections mean that it was not
/// flattened.
std::optional<ruling> refuse_text(const std::string& text) {
  size_t number = 0;
  for (size_t begin = 0; begin < text.size();) {
    const auto end = std::min(text.find('\n', begin), text.size());
    const auto line = std::string_view{text}.substr(begin, end - begin);
    begin = end + 1;
    ++number;
    const auto first = line.find_first_not_of(" \t\r");
    if (first == std::string_view::npos || line[first] == '#' || line[first] == ';')
      continue;
    if (line[first] == '[' || line.find('=') == std::string_view::npos)
      return refuse(reason::profile_text_invalid,
                    {{"detail", "line " + std::to_string(number) + " is not key = value"}});
  }
  return std::nullopt;
}

} // namespace

ruling decide_catalogue(const case_file& file, const store_artifact& x) {
  ruling answer;
  const artifact_id id{file.initiator.id};
  if (file.known.find<artifact>(ref_of(id)))
    return answer; // the same bytes: the artifact that exists is the answer
  answer.add(ref_of(id), events::artifact_stored{id, x.kind, x.name, x.sha256, x.size_bytes});
  return answer;
}

ruling decide_catalogue(const case_file& file, const add_profile& x) {
  if (auto no = refuse_text(x.text))
    return *no;
  const auto materials = file.known.all<material>();
  if (std::ranges::none_of(materials, [&](const auto* each) { return each->name == x.material; }))
    return refuse(reason::material_unknown, {{"material", x.material}, {"known", "see materials"}});
  ruling answer;
  const profile_id id{file.initiator.id};
  const auto* existing = file.known.find<profile>(ref_of(id));
  profile_version version{1, sha256_hex(x.text), x.text};
  if (existing) {
    if (existing->versions.back().sha256 == version.sha256 && existing->bed == x.bed
        && existing->nozzle_um == x.nozzle_um && existing->material == x.material)
      return answer;
    version.number = existing->versions.back().number + 1;
  }
  answer.add(ref_of(id), events::profile_versioned{id, x.name, x.material, x.nozzle_um, x.bed,
                                                   std::move(version)});
  return answer;
}

ruling decide_catalogue(const case_file& file, const add_material& x) {
  ruling answer;
  const material wanted{material_id{file.initiator.id}, x.name, x.density_mg_per_cm3};
  const auto* existing = file.known.find<material>(file.initiator);
  if (!existing || *existing != wanted)
    answer.add(file.initiator, events::material_added{wanted});
  return answer;
}

ruling decide_catalogue(const case_file& file, const issue_token& x) {
  const token_id id{file.initiator.id};
  if (file.known.find<token>(ref_of(id)))
    return refuse(reason::already_exists, {{"entity", file.initiator.text()}});
  if (x.roles.empty())
    return refuse(reason::field_invalid, {{"field", "roles"}, {"detail", "it is empty"}});
  ruling answer;
  answer.add(ref_of(id), events::token_issued{id, x.name, x.roles, x.secret_sha256});
  return answer;
}

ruling decide_catalogue(const case_file& file, const revoke_token& x) {
  const auto* existing = file.known.find<token>(ref_of(x.id));
  if (!existing)
    return refuse(reason::not_found, {{"kind", "token"}, {"id", x.id.value}});
  ruling answer;
  if (existing->revoked)
    return answer;
  const auto tokens = file.known.all<token>();
  const bool other_admin = std::ranges::any_of(tokens, [&](const token* each) {
    return each->id != x.id && !each->revoked
           && std::ranges::find(each->roles, role::admin) != each->roles.end();
  });
  if (!other_admin)
    return refuse(reason::own_token_needed);
  answer.add(ref_of(x.id), events::token_revoked{});
  return answer;
}

} // namespace gantry::rules
