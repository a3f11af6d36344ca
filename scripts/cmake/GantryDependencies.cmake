# Third-party libraries, all from Debian 12. CAF ships neither a CMake config nor a .pc file, and
# RocksDB's config breaks under a sysroot, so both are found by hand.

find_package(Threads REQUIRED)
find_package(nlohmann_json 3.11 REQUIRED)
find_package(PkgConfig REQUIRED)
find_package(OpenSSL REQUIRED)
find_package(ZLIB REQUIRED)
find_package(Boost 1.74 REQUIRED COMPONENTS unit_test_framework)

# gantry_import(<target> <header> <library>...)
function(gantry_import target header)
  string(REPLACE "::" "_" variable "${target}")
  find_path(${variable}_INCLUDE ${header} REQUIRED)
  add_library(${target} INTERFACE IMPORTED GLOBAL)
  target_include_directories(${target} SYSTEM INTERFACE ${${variable}_INCLUDE})
  foreach(name IN LISTS ARGN)
    find_library(${variable}_${name} ${name} REQUIRED)
    target_link_libraries(${target} INTERFACE ${${variable}_${name}})
  endforeach()
endfunction()

gantry_import(caf::core caf/all.hpp caf_core)
target_link_libraries(caf::core INTERFACE Threads::Threads)
gantry_import(rocksdb::rocksdb rocksdb/db.h rocksdb)
gantry_import(date::tz date/tz.h date-tz)

# httplib changes class layouts by macros, so its own flags are mandatory.
pkg_check_modules(HTTPLIB REQUIRED IMPORTED_TARGET GLOBAL cpp-httplib)

# Output and input lines of pumps.
pkg_check_modules(GPIOD REQUIRED IMPORTED_TARGET GLOBAL libgpiod)
