// The records that orders and printers refer to: ARTIFACT, PROFILE, MATERIAL, TOKEN, CUSTOMER.
#pragma once

#include "schemas/values.hpp"

namespace gantry {

/// What a principal may do. Roles do not contain one another; `admin` is allowed everything.
enum class role : uint8_t { viewer, operator_, planner, admin, integration };
constexpr auto names_of(role) {
  return std::to_array<std::string_view>({"viewer", "operator", "planner", "admin", "integration"});
}

/// What an artifact holds.
enum class artifact_kind : uint8_t { model, gcode, photo };
constexpr auto names_of(artifact_kind) {
  return std::to_array<std::string_view>({"model", "gcode", "photo"});
}

/// The ARTIFACT's state: a stored file, addressed by its content.
struct artifact {
  artifact_id id;
  artifact_kind kind = artifact_kind::model;
  std::string name;
  std::string sha256;
  int64_t size_bytes = 0;
  std::optional<timestamp> stored_at;

  template <class V>
  static void describe(V&& v) {
    v("id", &artifact::id, "Artifact.");
    v("kind", &artifact::kind, "What it holds.");
    v("name", &artifact::name, "File name as uploaded.");
    v("sha256", &artifact::sha256, "Digest of its bytes.");
    v("size_bytes", &artifact::size_bytes, "Size.");
    v("stored_at", &artifact::stored_at, "When it was stored.");
  }
  bool operator==(const artifact&) const = default;
};

/// One immutable version of a slicing profile.
struct profile_version {
  int64_t number = 1;
  std::string sha256;
  std::string text;

  template <class V>
  static void describe(V&& v) {
    v("number", &profile_version::number, "1, 2, 3, ...");
    v("sha256", &profile_version::sha256, "Digest of the canonical text.");
    v("text", &profile_version::text, "Flat key = value text: printer, filament and process.",
      at_most(262'144));
  }
  bool operator==(const profile_version&) const = default;
};

/// The PROFILE's state: how to slice for a kind of printer, a nozzle and a material.
struct profile {
  profile_id id;
  std::string name;
  std::string material;
  int64_t nozzle_um = 400;
  box_um bed;
  std::vector<profile_version> versions;

  template <class V>
  static void describe(V&& v) {
    v("id", &profile::id, "Profile.");
    v("name", &profile::name, "Unique name.");
    v("material", &profile::material, "Material it is for.");
    v("nozzle_um", &profile::nozzle_um, "Nozzle diameter it is for.");
    v("bed", &profile::bed, "Build volume it is for.");
    v("versions", &profile::versions, "Texts; the last one is current.");
  }
  bool operator==(const profile&) const = default;
};

/// The MATERIAL's state.
struct material {
  material_id id;
  std::string name;
  int64_t density_mg_per_cm3 = 1'240;

  template <class V>
  static void describe(V&& v) {
    v("id", &material::id, "Material.");
    v("name", &material::name, "Unique name, e.g. PLA.");
    v("density_mg_per_cm3", &material::density_mg_per_cm3, "Density.");
  }
  bool operator==(const material&) const = default;
};

/// The TOKEN's state. The secret itself is shown once and never stored.
struct token {
  token_id id;
  std::string name;
  std::vector<role> roles;
  std::string secret_sha256;
  bool revoked = false;
  std::optional<timestamp> issued_at;

  template <class V>
  static void describe(V&& v) {
    v("id", &token::id, "Token.");
    v("name", &token::name, "Who or what uses it.");
    v("roles", &token::roles, "What it may do.");
    v("secret_sha256", &token::secret_sha256, "Digest of the secret; never returned by the API.");
    v("revoked", &token::revoked, "True if it no longer works.");
    v("issued_at", &token::issued_at, "When it was issued.");
  }
  bool operator==(const token&) const = default;
};

/// The erasable CUSTOMER record. Events hold its id only.
struct customer {
  std::string name;
  std::string email;
  std::string note;

  template <class V>
  static void describe(V&& v) {
    v("name", &customer::name, "Name.", at_most(200));
    v("email", &customer::email, "Address for messages.", defaulted(at_most(254)));
    v("note", &customer::note, "Free text.", defaulted(at_most(2'000)));
  }
  bool operator==(const customer&) const = default;
};

namespace events {

struct artifact_stored {
  static constexpr std::string_view type = "artifact.stored";
  artifact_id id;
  artifact_kind kind = artifact_kind::model;
  std::string name;
  std::string sha256;
  int64_t size_bytes = 0;

  template <class V>
  static void describe(V&& v) {
    v("id", &artifact_stored::id, "Artifact.");
    v("kind", &artifact_stored::kind, "What it holds.");
    v("name", &artifact_stored::name, "File name as uploaded.");
    v("sha256", &artifact_stored::sha256, "Digest of its bytes.");
    v("size_bytes", &artifact_stored::size_bytes, "Size.");
  }
};

struct profile_versioned {
  static constexpr std::string_view type = "profile.versioned";
  profile_id id;
  std::string name;
  std::string material;
  int64_t nozzle_um = 400;
  box_um bed;
  profile_version version;

  template <class V>
  static void describe(V&& v) {
    v("id", &profile_versioned::id, "Profile.");
    v("name", &profile_versioned::name, "Unique name.");
    v("material", &profile_versioned::material, "Material it is for.");
    v("nozzle_um", &profile_versioned::nozzle_um, "Nozzle diameter.");
    v("bed", &profile_versioned::bed, "Build volume.");
    v("version", &profile_versioned::version, "The new version.");
  }
};

struct material_added {
  static constexpr std::string_view type = "material.added";
  material content;

  template <class V>
  static void describe(V&& v) {
    v("content", &material_added::content, "The material.");
  }
};

struct token_issued {
  static constexpr std::string_view type = "token.issued";
  token_id id;
  std::string name;
  std::vector<role> roles;
  std::string secret_sha256;

  template <class V>
  static void describe(V&& v) {
    v("id", &token_issued::id, "Token.");
    v("name", &token_issued::name, "Who or what uses it.");
    v("roles", &token_issued::roles, "What it may do.");
    v("secret_sha256", &token_issued::secret_sha256, "Digest of the secret.");
  }
};

struct token_revoked {
  static constexpr std::string_view type = "token.revoked";
  template <class V>
  static void describe(V&&) {}
};

} // namespace events

} // namespace gantry
