#ifndef TRIMARAN_TESTS_API_C_CHECK_H_
#define TRIMARAN_TESTS_API_C_CHECK_H_

#include <stdbool.h>
#include <stddef.h>
#include <trimaran/c.h>

// What the tests in C have in common. A check that fails says where, and ends
// the program.

#define CHECK(condition) check_that((condition), #condition, __FILE__, __LINE__)
// A call that succeeds; its last argument must be `&error`, which is printed.
#define CHECK_OK(call) \
  check_code((call), TRIMARAN_OK, &error, #call, __FILE__, __LINE__)
// One that fails with this code; the error is there for looking, and has to be
// freed.
#define CHECK_FAILS(code, call) \
  check_code((call), (code), &error, #call, __FILE__, __LINE__)
// Whether `size` bytes at `bytes` are this literal.
#define CHECK_BYTES(literal, bytes, size)                              \
  check_bytes((literal), sizeof(literal) - 1, (bytes), (size), #bytes, \
              __FILE__, __LINE__)
// A literal as the pair of arguments that the library takes.
#define BYTES(literal) (literal), sizeof(literal) - 1

void check_that(bool holds, const char* condition, const char* file, int line);
void check_code(trimaran_code got, trimaran_code expected,
                trimaran_error* const* error, const char* call,
                const char* file, int line);
void check_bytes(const char* expected, size_t expected_size, const void* got,
                 size_t got_size, const char* what, const char* file, int line);

// Opens a single store in `directory` with default options.
trimaran_db* open_store(const char* directory);
// The message of an error contains `text`, and the error is freed.
void check_message(trimaran_error* error, const char* text);

// The parts of the test, in the order in which they run.
void test_version_and_codes(void);
void test_rows(void);
void test_batches_and_transactions(void);
void test_callbacks(void);
void test_scans(void);
void test_families(void);
void test_watching(void);
void test_maintenance(void);
void test_options(void);
void test_groups(void);
void test_members(void);
void test_null_is_answered(void);

#endif  // TRIMARAN_TESTS_API_C_CHECK_H_
