# The few shapes of target that this project has. Every file is named by the
# caller, relative to the calling folder; nothing is globbed.
#
#   trimaran_library(<name> [SOURCES ...] [SEPARATE ...] [HEADERS ...]
#                    [PUBLIC deps...] [PRIVATE deps...])
#   trimaran_executable(<name> SOURCES ... [DEPS ...])
#   trimaran_test(<name> SOURCES ... [SEPARATE ...] [DEPS ...] LABELS ...
#                 [TIMEOUT seconds] [ARGS ...] [ENVIRONMENT VAR=value ...])
#   trimaran_fuzzer(<name> SOURCES ... [DEPS ...])

define_property(GLOBAL PROPERTY TRIMARAN_SHIPPED_HEADER_CHECKS
  BRIEF_DOCS "Targets that compile the headers of one library alone"
  FULL_DOCS "Filled by trimaran_library(), read by trimaran_finish()")

define_property(GLOBAL PROPERTY TRIMARAN_TEST_HEADER_CHECKS
  BRIEF_DOCS "The same of libraries that only tests have"
  FULL_DOCS "Filled by trimaran_library(), read by trimaran_finish()")

define_property(GLOBAL PROPERTY TRIMARAN_QUICK_TESTS
  BRIEF_DOCS "Test programs with the label unit or scripts"
  FULL_DOCS "Filled by trimaran_test(), read by trimaran_finish()")

# Fails on a misspelt keyword and on a file that is listed but absent.
macro(_trimaran_check_arguments)
  if(ARG_UNPARSED_ARGUMENTS)
    message(FATAL_ERROR "${name}: unexpected ${ARG_UNPARSED_ARGUMENTS}")
  endif()
  if(ARG_KEYWORDS_MISSING_VALUES)
    message(FATAL_ERROR "${name}: empty ${ARG_KEYWORDS_MISSING_VALUES}")
  endif()
endmacro()

# One generated source per header, which includes that header twice and nothing
# else: it must bring what it needs and must be guarded. Each library has its
# own check, linked to that library only, so a header cannot live from what
# another library happens to make visible. A header of what users run with a
# source of its name needs none: that source includes it before anything else
# (own_header.py), and clang_tidy.py reads each source by itself. Of the others,
# what is compiled may be compiled behind precompiled headers.
function(_trimaran_header_check name target)
  if(NOT TRIMARAN_HEADER_CHECK OR NOT ARGN)
    return()
  endif()
  set(units)
  foreach(header IN LISTS ARGN)
    file(RELATIVE_PATH path ${PROJECT_SOURCE_DIR}
      ${CMAKE_CURRENT_SOURCE_DIR}/${header})
    string(REGEX REPLACE "h$" "cc" source ${header})
    if(path MATCHES "^(engine|replication|api|tools)/" AND
        EXISTS ${CMAKE_CURRENT_SOURCE_DIR}/${source})
      continue()
    endif()
    set(unit ${PROJECT_BINARY_DIR}/header_check/${path}.cc)
    file(CONFIGURE OUTPUT ${unit} @ONLY
      CONTENT "#include \"@path@\"\n#include \"@path@\"\n")
    list(APPEND units ${unit})
  endforeach()
  if(NOT units)
    return()
  endif()
  add_library(${target}_header_check OBJECT ${units})
  target_link_libraries(${target}_header_check PRIVATE ${target})
  trimaran_warnings(${target}_header_check)
  # Only the diagnostics matter here, so do not pay for code.
  target_compile_options(${target}_header_check PRIVATE
    -O0 -g0 -U_FORTIFY_SOURCE)
  set(whose SHIPPED)
  if(path MATCHES "^tests/")
    set(whose TEST)
  endif()
  set_property(GLOBAL APPEND PROPERTY TRIMARAN_${whose}_HEADER_CHECKS
    ${target}_header_check)
endfunction()

# A target that compiles what the checks named by `property` consist of: the
# objects and not their targets, which would build, before they compile a
# header, every library that it belongs to.
function(_trimaran_header_target name property)
  get_property(checks GLOBAL PROPERTY ${property})
  set(objects)
  foreach(check IN LISTS checks)
    list(APPEND objects $<TARGET_OBJECTS:${check}>)
  endforeach()
  if(objects)
    add_custom_target(${name} DEPENDS ${objects})
  endif()
endfunction()

# With TRIMARAN_UNITY=ON, eight sources of one test, or of one library that only
# tests have, are one compilation: what all of them include and instantiate
# takes longer than what is their own. Sources that give one name to two things,
# each in its namespace without a name, do not go together; one of them is
# SEPARATE. As with TRIMARAN_PCH, the presets dev and clang see each source by
# itself.
function(_trimaran_unity target)
  if(TRIMARAN_UNITY)
    set_target_properties(${target} PROPERTIES
      UNITY_BUILD ON UNITY_BUILD_BATCH_SIZE 8)
    set_source_files_properties(${ARGN} PROPERTIES
      SKIP_UNITY_BUILD_INCLUSION ON)
  endif()
endfunction()

# A static library trimaran_<name>, alias trimaran::<name>. Includes are written
# from the root of the repository ("engine/base/ids.h"). A library without
# sources becomes an interface target.
function(trimaran_library name)
  cmake_parse_arguments(PARSE_ARGV 1 ARG "" ""
    "SOURCES;SEPARATE;HEADERS;PUBLIC;PRIVATE")
  _trimaran_check_arguments()
  set(target trimaran_${name})
  if(ARG_SOURCES)
    add_library(${target} STATIC
      ${ARG_SOURCES} ${ARG_SEPARATE} ${ARG_HEADERS})
    target_include_directories(${target} PUBLIC
      $<BUILD_INTERFACE:${PROJECT_SOURCE_DIR}>)
    target_link_libraries(${target}
      PUBLIC ${ARG_PUBLIC} PRIVATE ${ARG_PRIVATE})
    target_compile_features(${target} PUBLIC cxx_std_20)
    trimaran_warnings(${target})
    trimaran_precompiled(${target} library)
    if(CMAKE_CURRENT_SOURCE_DIR MATCHES "^${PROJECT_SOURCE_DIR}/tests/")
      _trimaran_unity(${target} ${ARG_SEPARATE})
    endif()
  else()
    if(ARG_PRIVATE)
      message(FATAL_ERROR "${name}: PRIVATE needs SOURCES")
    endif()
    add_library(${target} INTERFACE ${ARG_HEADERS})
    target_include_directories(${target} INTERFACE
      $<BUILD_INTERFACE:${PROJECT_SOURCE_DIR}>)
    target_link_libraries(${target} INTERFACE ${ARG_PUBLIC})
    target_compile_features(${target} INTERFACE cxx_std_20)
  endif()
  add_library(trimaran::${name} ALIAS ${target})
  _trimaran_header_check(${name} ${target} ${ARG_HEADERS})
endfunction()

# A program in <build>/bin.
function(trimaran_executable name)
  cmake_parse_arguments(PARSE_ARGV 1 ARG "" "" "SOURCES;DEPS")
  _trimaran_check_arguments()
  add_executable(${name} ${ARG_SOURCES})
  target_include_directories(${name} PRIVATE ${PROJECT_SOURCE_DIR})
  target_link_libraries(${name} PRIVATE ${ARG_DEPS})
  trimaran_warnings(${name})
endfunction()

# What a test checks is in libraries, which are optimized as ever. To optimize
# the test itself, macros for the most part, takes longer than to compile it.
set(TRIMARAN_TEST_OPTIONS -O0 -U_FORTIFY_SOURCE)

# A GoogleTest program that is one ctest entry of the same name. It runs in the
# root of the source tree, so that it finds "tests/scripts/...". TIMEOUT is in
# seconds of an unsanitized build (default 120).
function(trimaran_test name)
  cmake_parse_arguments(PARSE_ARGV 1 ARG "" "TIMEOUT"
    "SOURCES;SEPARATE;DEPS;LABELS;ARGS;ENVIRONMENT")
  _trimaran_check_arguments()
  if(NOT ARG_LABELS)
    message(FATAL_ERROR "${name}: a test needs LABELS")
  endif()
  set(known unit scripts sim cluster net crash mutant lint bench fuzz serve)
  foreach(label IN LISTS ARG_LABELS)
    if(NOT label IN_LIST known)
      message(FATAL_ERROR "${name}: label ${label} is none of: ${known}")
    endif()
  endforeach()
  if(NOT ARG_TIMEOUT)
    set(ARG_TIMEOUT 120)
  endif()
  math(EXPR timeout "${ARG_TIMEOUT} * ${TRIMARAN_TEST_TIMEOUT_FACTOR}")

  trimaran_executable(${name}
    SOURCES ${ARG_SOURCES} ${ARG_SEPARATE}
    DEPS ${ARG_DEPS} GTest::gmock_main)
  trimaran_precompiled(${name} test)
  _trimaran_unity(${name} ${ARG_SEPARATE})
  target_compile_options(${name} PRIVATE ${TRIMARAN_TEST_OPTIONS})
  add_test(NAME ${name}
    COMMAND ${name} ${ARG_ARGS}
    WORKING_DIRECTORY ${PROJECT_SOURCE_DIR})
  set_tests_properties(${name} PROPERTIES
    LABELS "${ARG_LABELS}"
    TIMEOUT ${timeout}
    ENVIRONMENT "${TRIMARAN_TEST_ENVIRONMENT};${ARG_ENVIRONMENT}")
  if(ARG_LABELS MATCHES "unit|scripts")
    set_property(GLOBAL APPEND PROPERTY TRIMARAN_QUICK_TESTS ${name})
  endif()
endfunction()

# A libFuzzer program, built by the target "fuzzers" and run by `make fuzz`.
# Does nothing unless TRIMARAN_BUILD_FUZZ is on. The name ends in _fuzz.
function(trimaran_fuzzer name)
  cmake_parse_arguments(PARSE_ARGV 1 ARG "" "" "SOURCES;DEPS")
  _trimaran_check_arguments()
  if(NOT TRIMARAN_BUILD_FUZZ)
    return()
  endif()
  if(NOT name MATCHES "_fuzz$")
    message(FATAL_ERROR "${name}: the name of a fuzzer ends in _fuzz")
  endif()
  trimaran_executable(${name} SOURCES ${ARG_SOURCES} DEPS ${ARG_DEPS})
  target_compile_options(${name} PRIVATE -fsanitize=fuzzer)
  target_link_options(${name} PRIVATE -fsanitize=fuzzer)
  if(NOT TARGET fuzzers)
    add_custom_target(fuzzers)
  endif()
  add_dependencies(fuzzers ${name})
endfunction()

# Called once, after the last folder.
function(trimaran_finish)
  _trimaran_header_target(header_check TRIMARAN_SHIPPED_HEADER_CHECKS)
  _trimaran_header_target(test_header_check TRIMARAN_TEST_HEADER_CHECKS)
  get_property(tests GLOBAL PROPERTY TRIMARAN_QUICK_TESTS)
  if(tests)
    # What `ctest -L 'unit|scripts'` runs, and no more.
    add_custom_target(quick_tests DEPENDS ${tests})
  endif()
endfunction()
