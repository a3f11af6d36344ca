# Fails if BINARY holds the name of a defect, see schemas/defect.hpp.
file(STRINGS "${BINARY}" found REGEX "defect/(INV|LIV)-|--defect" LIMIT_COUNT 1)
file(STRINGS "${BINARY}" expected REGEX "INV-01" LIMIT_COUNT 1)
if(NOT expected)
  message(FATAL_ERROR "the names of invariants are not found, so nothing was looked at")
endif()
if(found)
  message(FATAL_ERROR "the binary holds a defect: ${found}")
endif()
