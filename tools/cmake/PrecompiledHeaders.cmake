# With TRIMARAN_PCH=ON, the headers that nearly every source includes are parsed
# once per build and not once per source. Only two sets exist, one for libraries
# and one for tests, so that two compilations pay for them.
#
# A source that forgets an include still compiles then. That is why the presets
# dev and clang keep the option off: there every source brings what it needs.
#
# g++ only: clang refuses a set when a definition differs that the set does not
# even mention.

if(TRIMARAN_PCH AND NOT CMAKE_CXX_COMPILER_ID STREQUAL "GNU")
  message(FATAL_ERROR "TRIMARAN_PCH needs g++")
endif()

if(TRIMARAN_PCH)
  # ccache looks at the set only if the compiler says which one it reads.
  add_compile_options(-fpch-preprocess)
endif()

set(_trimaran_common_headers
  <algorithm>
  <array>
  <atomic>
  <cstddef>
  <cstdint>
  <cstring>
  <deque>
  <functional>
  <limits>
  <map>
  <memory>
  <optional>
  <ostream>
  <set>
  <sstream>
  <string>
  <string_view>
  <utility>
  <variant>
  <vector>
  <absl/base/thread_annotations.h>
  <absl/functional/function_ref.h>
  <absl/status/status.h>
  <absl/status/statusor.h>
  <absl/strings/escaping.h>
  <absl/strings/str_cat.h>
  <absl/time/time.h>
  <absl/types/span.h>)

# The target trimaran_<kind>_pch: it compiles the headers, and an empty source
# because a target must have one.
function(_trimaran_header_set kind)
  cmake_parse_arguments(PARSE_ARGV 1 ARG "" "" "DEPS;HEADERS")
  set(target trimaran_${kind}_pch)
  set(unit ${PROJECT_BINARY_DIR}/pch/${target}.cc)
  file(CONFIGURE OUTPUT ${unit} @ONLY CONTENT "")
  add_library(${target} OBJECT EXCLUDE_FROM_ALL ${unit})
  target_link_libraries(${target} PRIVATE ${ARG_DEPS})
  target_compile_features(${target} PRIVATE cxx_std_20)
  target_precompile_headers(${target} PRIVATE ${ARG_HEADERS})
endfunction()

# Called once, when the packages are known.
function(trimaran_header_sets)
  if(NOT TRIMARAN_PCH)
    return()
  endif()
  set(packages
    absl::function_ref absl::span absl::statusor absl::strings absl::time)
  _trimaran_header_set(library
    DEPS ${packages}
    HEADERS ${_trimaran_common_headers})
  if(GTest_FOUND)
    _trimaran_header_set(test
      DEPS ${packages} GTest::gmock
      HEADERS ${_trimaran_common_headers}
        <filesystem> <fstream> <gmock/gmock.h> <gtest/gtest.h>)
    # A test is a program, and g++ wants the set compiled like its user.
    set_target_properties(trimaran_test_pch PROPERTIES
      POSITION_INDEPENDENT_CODE OFF)
    target_compile_options(trimaran_test_pch PRIVATE
      ${CMAKE_CXX_COMPILE_OPTIONS_PIE} ${TRIMARAN_TEST_OPTIONS})
  endif()
endfunction()

# trimaran_precompiled(<target> library|test)
function(trimaran_precompiled target kind)
  if(TRIMARAN_PCH)
    target_precompile_headers(${target} REUSE_FROM trimaran_${kind}_pch)
  endif()
endfunction()
