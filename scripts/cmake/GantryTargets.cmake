# Helpers that keep every folder's CMakeLists.txt short and alike.

add_library(gantry_warnings INTERFACE)
target_compile_options(gantry_warnings INTERFACE
  -Wall -Wextra -Wpedantic -Wconversion -Wshadow -Wnon-virtual-dtor -Wswitch-enum
  -Wno-sign-conversion
  # GCC 12 reports strings inside optionals and variants that are never read.
  $<$<CXX_COMPILER_ID:GNU>:-Wno-maybe-uninitialized>)

if(GANTRY_WERROR)
  target_compile_options(gantry_warnings INTERFACE -Werror)
endif()

if(GANTRY_SANITIZE)
  # CAF's headers bind null references on purpose, hence no -fsanitize=null.
  add_compile_options(-fsanitize=${GANTRY_SANITIZE} -fno-sanitize=null -fno-sanitize-recover=all
    -fno-omit-frame-pointer)
  add_link_options(-fsanitize=${GANTRY_SANITIZE})
endif()
if(GANTRY_FUZZ)
  # Coverage for libFuzzer in every object; the fuzz programs alone link its main function.
  add_compile_options(-fsanitize=fuzzer-no-link)
  add_link_options(-fsanitize=fuzzer-no-link)
endif()

# -O2: -O3 costs compile time and brings nothing measurable here.
set(CMAKE_CXX_FLAGS_RELEASE "-O2 -DNDEBUG")

find_program(GANTRY_CCACHE ccache)
if(GANTRY_CCACHE)
  set(CMAKE_CXX_COMPILER_LAUNCHER
      ${CMAKE_COMMAND} -E env CCACHE_SLOPPINESS=pch_defines,time_macros
      ${GANTRY_CCACHE})
endif()
find_program(GANTRY_MOLD mold)
if(GANTRY_MOLD)
  add_link_options(-fuse-ld=mold)
endif()

# gantry_library(<folder> SOURCES ... [DEPENDS ...] [PRIVATE ...])
# Makes the static library gantry_<folder>. DEPENDS are visible to users of the library, PRIVATE are
# third-party libraries that stay behind its interface.
function(gantry_library folder)
  cmake_parse_arguments(arg "" "" "SOURCES;DEPENDS;PRIVATE" ${ARGN})
  add_library(gantry_${folder} STATIC ${arg_SOURCES})
  target_include_directories(gantry_${folder} PUBLIC "${PROJECT_SOURCE_DIR}")
  target_link_libraries(gantry_${folder} PUBLIC ${arg_DEPENDS} PRIVATE gantry_warnings ${arg_PRIVATE})
endfunction()

# gantry_test(<name> SOURCES ... DEPENDS ... [LABELS ...] [TIMEOUT s])
# A Boost.Test program registered with CTest.
function(gantry_test name)
  cmake_parse_arguments(arg "" "TIMEOUT" "SOURCES;DEPENDS;LABELS" ${ARGN})
  add_executable(${name} ${arg_SOURCES})
  target_compile_definitions(${name} PRIVATE BOOST_TEST_DYN_LINK BOOST_TEST_MODULE=${name}
    GANTRY_SOURCE_DIR="${PROJECT_SOURCE_DIR}")
  target_link_libraries(${name} PRIVATE ${arg_DEPENDS} gantry_warnings Boost::unit_test_framework)
  # A test's few files may use the same names.
  set_target_properties(${name} PROPERTIES UNITY_BUILD OFF)
  add_test(NAME ${name} COMMAND ${name})
  if(NOT arg_TIMEOUT)
    set(arg_TIMEOUT 300)
  endif()
  math(EXPR arg_TIMEOUT "${arg_TIMEOUT} * ${GANTRY_TIME_SCALE}")
  if(NOT arg_LABELS)
    set(arg_LABELS fast)
  endif()
  set_tests_properties(${name} PROPERTIES LABELS "${arg_LABELS}" TIMEOUT ${arg_TIMEOUT})
  # Simulated machines with deadlines in real time take two cores for themselves. Where processes,
  # sockets and disks are mostly waited for, one is enough.
  if("sim" IN_LIST arg_LABELS)
    set_tests_properties(${name} PROPERTIES PROCESSORS 2)
  endif()
endfunction()

# gantry_thread_tests(<names...>)
# Marks tests that scripts/test-threads runs with ThreadSanitizer: those in which real threads meet.
function(gantry_thread_tests)
  foreach(name IN LISTS ARGN)
    set_property(TEST ${name} APPEND PROPERTY LABELS threads)
    add_dependencies(thread_tests ${name})
  endforeach()
endfunction()

# gantry_defect_objects(<name> FOLDERS ... DEPENDS ...)
# Compiles the sources in FOLDERS that hold a defect (schemas/defect.hpp) with all of them. A program
# that links these objects has them in place of those in the libraries, so its defects can be chosen
# while everything that is given to people holds none.
function(gantry_defect_objects name)
  cmake_parse_arguments(arg "" "" "FOLDERS;DEPENDS" ${ARGN})
  if(GANTRY_DEFECTS)
    # The libraries hold the same already.
    add_library(${name} INTERFACE)
    target_link_libraries(${name} INTERFACE ${arg_DEPENDS})
    return()
  endif()
  set(sources "")
  foreach(folder ${arg_FOLDERS})
    file(GLOB candidates "${PROJECT_SOURCE_DIR}/${folder}/*.cpp")
    foreach(candidate ${candidates})
      file(STRINGS "${candidate}" held REGEX "GANTRY_DEFECT\\(" LIMIT_COUNT 1)
      if(held)
        list(APPEND sources "${candidate}")
      endif()
    endforeach()
  endforeach()
  add_library(${name} OBJECT ${sources})
  target_compile_definitions(${name} PUBLIC GANTRY_DEFECTS)
  target_link_libraries(${name} PUBLIC ${arg_DEPENDS} PRIVATE gantry_warnings)
endfunction()
