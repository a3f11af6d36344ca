// Documents that are made from the route table.
#pragma once

#include <string>

namespace gantry::http {

/// The API as an OpenAPI 3.1 document.
[[nodiscard]] std::string openapi_document(const std::string& version);

/// The table of routes in docs/api.md.
[[nodiscard]] std::string api_reference_markdown();

} // namespace gantry::http
