# Applies TRIMARAN_SANITIZE to everything below the folder that includes this
# file. A sanitizer has to see all of the program, hence directory scope.
#
# Sets TRIMARAN_TEST_ENVIRONMENT (sanitizer run-time options for ctest),
# TRIMARAN_TEST_TIMEOUT_FACTOR (sanitized code is several times slower) and
# TRIMARAN_SIM_SEEDS_MIN.

set(TRIMARAN_TEST_ENVIRONMENT "")
set(TRIMARAN_TEST_TIMEOUT_FACTOR 1)
# Simulated worlds that a test has to go through. They have one thread, in which
# TSan can find nothing, and it makes them thirty times as slow.
set(TRIMARAN_SIM_SEEDS_MIN 1000)
if(TRIMARAN_SANITIZE MATCHES "thread")
  set(TRIMARAN_SIM_SEEDS_MIN 100)
endif()

if(TRIMARAN_BUILD_FUZZ)
  if(NOT CMAKE_CXX_COMPILER_ID STREQUAL "Clang")
    message(FATAL_ERROR
      "TRIMARAN_BUILD_FUZZ needs clang (libFuzzer); use --preset fuzz")
  endif()
  # Coverage counters in every file; the driver is linked by trimaran_fuzzer().
  add_compile_options(-fsanitize=fuzzer-no-link)
  add_link_options(-fsanitize=fuzzer-no-link)
endif()

if(TRIMARAN_SANITIZE)
  if(NOT TRIMARAN_SANITIZE STREQUAL "address;undefined"
      AND NOT TRIMARAN_SANITIZE STREQUAL "thread")
    message(FATAL_ERROR
      "TRIMARAN_SANITIZE must be empty, \"address;undefined\" or \"thread\", "
      "not \"${TRIMARAN_SANITIZE}\"")
  endif()
  list(JOIN TRIMARAN_SANITIZE "," _sanitizers)
  add_compile_options(-fsanitize=${_sanitizers} -fno-sanitize-recover=all
    -fno-omit-frame-pointer)
  add_link_options(-fsanitize=${_sanitizers})

  set(TRIMARAN_TEST_TIMEOUT_FACTOR 5)
  # What is left out, and why, is said in the two files.
  set(_lsan_options
    "suppressions=${PROJECT_SOURCE_DIR}/tests/lsan.supp:print_suppressions=0")
  set(_tsan_options "halt_on_error=1:second_deadlock_stack=1")
  # A report whose older stack is lost cannot be told to be of what is left out.
  string(APPEND _tsan_options ":history_size=7")
  string(APPEND _tsan_options
    ":suppressions=${PROJECT_SOURCE_DIR}/tests/tsan.supp")
  set(TRIMARAN_TEST_ENVIRONMENT
    "ASAN_OPTIONS=detect_stack_use_after_return=1:strict_string_checks=1"
    "LSAN_OPTIONS=${_lsan_options}"
    "UBSAN_OPTIONS=halt_on_error=1:print_stacktrace=1"
    "TSAN_OPTIONS=${_tsan_options}")
endif()
