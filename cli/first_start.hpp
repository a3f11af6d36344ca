// What a fresh data folder needs before anybody can use it.
#pragma once

#include "actors/kernel.hpp"
#include "schemas/result.hpp"

#include <string>

namespace gantry::cli {

/// How the administrator gets in.
struct admin_access {
  std::string secret;
  bool is_new = false; ///< True if the secret was made just now.
};

/// Adds the built-in materials and profiles that are missing by name. Can be repeated; what people
/// changed stays.
[[nodiscard]] outcome add_catalogue(actors::kernel& running);

/// Reads the administrator's secret from its file, or makes both: file first, so that a crash in
/// between leaves nothing that nobody knows. Who loses the token removes the file and restarts.
[[nodiscard]] result<admin_access> make_admin_access(actors::kernel& running,
                                                     const std::string& folder);

} // namespace gantry::cli
