#include "rules/folds.hpp"

namespace gantry::rules {

using namespace events;

void fold(artifact& state, const any_event& event, timestamp at) {
  if (const auto* x = std::get_if<artifact_stored>(&event))
    state = artifact{.id = x->id,
                     .kind = x->kind,
                     .name = x->name,
                     .sha256 = x->sha256,
                     .size_bytes = x->size_bytes,
                     .stored_at = at};
}

void fold(profile& state, const any_event& event, timestamp) {
  if (const auto* x = std::get_if<profile_versioned>(&event)) {
    state.id = x->id;
    state.name = x->name;
    state.material = x->material;
    state.nozzle_um = x->nozzle_um;
    state.bed = x->bed;
    state.versions.push_back(x->version);
  }
}

void fold(material& state, const any_event& event, timestamp) {
  if (const auto* x = std::get_if<material_added>(&event))
    state = x->content;
}

void fold(token& state, const any_event& event, timestamp at) {
  if (const auto* x = std::get_if<token_issued>(&event))
    state = token{.id = x->id,
                  .name = x->name,
                  .roles = x->roles,
                  .secret_sha256 = x->secret_sha256,
                  .revoked = false,
                  .issued_at = at};
  if (std::holds_alternative<token_revoked>(event))
    state.revoked = true;
}

} // namespace gantry::rules
