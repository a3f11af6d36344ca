// What the program itself keeps in a data folder, beside the store.
#pragma once

#include "cli/options.hpp"
#include "schemas/result.hpp"

#include <string>

namespace gantry::cli {

/// The data folder that `given` chooses, or the default one.
[[nodiscard]] std::string data_folder(const arguments& given);

/// The file with the first administrator's secret; it is readable by its owner only.
[[nodiscard]] std::string admin_token_path(const std::string& folder);

/// The file that says where the running kernel listens.
[[nodiscard]] std::string listen_path(const std::string& folder);

/// Replaces `path` by `text`, with mode 0600; durable when this returns.
[[nodiscard]] outcome write_private_file(const std::string& path, const std::string& text);

/// The first line of `path`; empty if there is no such file.
[[nodiscard]] std::string first_line(const std::string& path);

} // namespace gantry::cli
