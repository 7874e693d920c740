# Installs what is built into a scratch folder, looks at the headers, and builds
# and runs a program against it.
#
# usage: cmake -D BUILD=... -D SCRATCH=... -D GENERATOR=... -D CXX=...
#          -P check_installed.cmake
cmake_minimum_required(VERSION 3.22)

file(REMOVE_RECURSE ${SCRATCH})
set(prefix ${SCRATCH}/prefix)

function(run)
  execute_process(COMMAND ${ARGN}
    WORKING_DIRECTORY ${SCRATCH}
    OUTPUT_VARIABLE output ERROR_VARIABLE output
    RESULT_VARIABLE result)
  if(NOT result EQUAL 0)
    list(JOIN ARGN " " command)
    message(FATAL_ERROR "${command}:\n${output}")
  endif()
endfunction()

file(MAKE_DIRECTORY ${SCRATCH})
run(${CMAKE_COMMAND} --install ${BUILD} --prefix ${prefix})

# ---- The headers are ours that users see, and need no other of ours ----

file(GLOB_RECURSE headers RELATIVE ${prefix}/include ${prefix}/include/*)
if(NOT "trimaran/db.h" IN_LIST headers)
  message(FATAL_ERROR "trimaran/db.h is not installed")
endif()
foreach(header IN LISTS headers)
  if(NOT header MATCHES "^trimaran/[a-z_]+\\.h$")
    message(FATAL_ERROR "${header} is not for users")
  endif()
  file(STRINGS ${prefix}/include/${header} includes REGEX "^#include")
  foreach(include IN LISTS includes)
    if(include MATCHES "\"(trimaran/[a-z_]+\\.h)\"")
      if(NOT EXISTS ${prefix}/include/${CMAKE_MATCH_1})
        message(FATAL_ERROR "${header} includes ${CMAKE_MATCH_1}, "
          "which is not installed")
      endif()
    elseif(NOT include MATCHES "^#include (<[a-z_]+>|\"absl/[a-z_/]+\\.h\")$")
      message(FATAL_ERROR "${header}: ${include}")
    endif()
  endforeach()
endforeach()

# ---- A program finds it, and runs ----

run(${CMAKE_COMMAND} -S ${CMAKE_CURRENT_LIST_DIR}/installed -B build
  -G ${GENERATOR} -DCMAKE_CXX_COMPILER=${CXX} -DCMAKE_PREFIX_PATH=${prefix})
run(${CMAKE_COMMAND} --build build)
run(${SCRATCH}/build/consumer)
file(REMOVE_RECURSE ${SCRATCH})
