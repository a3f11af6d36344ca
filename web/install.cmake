# cmake -DWEB=<folder> -DNPM=<npm> -DSTAMP=<file> -P install.cmake
# Runs `npm ci`, but only if package-lock.json changed since the last time: every build tree shares
# web/node_modules, and a lock keeps two of them from installing at once.

file(LOCK "${WEB}" DIRECTORY GUARD PROCESS TIMEOUT 600)
file(SHA256 "${WEB}/package-lock.json" wanted)
set(record "${WEB}/node_modules/.gantry-lock-digest")
set(installed "")
if(EXISTS "${record}")
  file(READ "${record}" installed)
endif()
if(NOT installed STREQUAL wanted)
  execute_process(COMMAND "${NPM}" ci --no-audit --no-fund WORKING_DIRECTORY "${WEB}"
                  RESULT_VARIABLE failed)
  if(failed)
    message(FATAL_ERROR "npm ci failed. -DGANTRY_WEB=OFF builds without the dashboard.")
  endif()
  file(WRITE "${record}" "${wanted}")
endif()
file(TOUCH "${STAMP}")
