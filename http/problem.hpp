// Refusals as RFC 9457 problem documents.
#pragma once

#include "http/request.hpp"
#include "schemas/result.hpp"

namespace gantry::http {

/// The problem document for `why`. `instance` is the request's id.
[[nodiscard]] response problem(const refusal& why, std::string_view instance);

/// The catalogue entry of a reason as JSON, with its unfilled text.
[[nodiscard]] std::string reason_json(const reason_entry& entry);

/// The parameters of a reason as a JSON object.
[[nodiscard]] std::string params_json(const reason_params& params);

} // namespace gantry::http
