// Lets Boost.Test print the enumerations of the schemas by their names.
#pragma once

#include "schemas/entity.hpp"

#include <ostream>
#include <type_traits>

namespace gantry {

/// Found through the namespace of what is printed.
template <class Enum>
requires(std::is_enum_v<Enum>) std::ostream& operator<<(std::ostream& out, Enum value) {
  if constexpr (std::is_same_v<Enum, reason>)
    return out << to_string(value);
  else
    return out << name_of(value);
}

} // namespace gantry
