// What an exception that ends an actor says.
#pragma once

#include <exception>
#include <string>

namespace gantry::actors {

/// The words of what was thrown.
inline std::string failure_text(const std::exception_ptr& thrown) {
  try {
    std::rethrow_exception(thrown);
  } catch (const std::exception& error) {
    return error.what();
  } catch (...) {
    return "an exception without words";
  }
}

} // namespace gantry::actors
