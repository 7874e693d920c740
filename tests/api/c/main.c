// The interface for C, used from C: every function, what it does and how it
// fails. Runs in an empty directory.
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "check.h"

void check_that(bool holds, const char* condition, const char* file, int line) {
  if (holds) return;
  fprintf(stderr, "%s:%d: %s\n", file, line, condition);
  exit(1);
}

void check_code(trimaran_code got, trimaran_code expected,
                trimaran_error* const* error, const char* call,
                const char* file, int line) {
  if (got == expected && trimaran_error_code(*error) == expected) return;
  fprintf(stderr, "%s:%d: %s\nis %s and not %s: %s\n", file, line, call,
          trimaran_code_name(got), trimaran_code_name(expected),
          trimaran_error_message(*error));
  exit(1);
}

void check_bytes(const char* expected, size_t expected_size, const void* got,
                 size_t got_size, const char* what, const char* file,
                 int line) {
  if (got != NULL && expected_size == got_size &&
      memcmp(expected, got, got_size) == 0) {
    return;
  }
  fprintf(stderr, "%s:%d: %s is not \"%s\"\n", file, line, what, expected);
  exit(1);
}

trimaran_db* open_store(const char* directory) {
  trimaran_error* error;
  trimaran_db* db;
  CHECK_OK(trimaran_open(NULL, directory, &db, &error));
  return db;
}

void check_message(trimaran_error* error, const char* text) {
  if (strstr(trimaran_error_message(error), text) == NULL) {
    fprintf(stderr, "\"%s\" does not say \"%s\"\n",
            trimaran_error_message(error), text);
    exit(1);
  }
  trimaran_error_free(error);
}

int main(void) {
  test_version_and_codes();
  test_rows();
  test_batches_and_transactions();
  test_callbacks();
  test_scans();
  test_families();
  test_watching();
  test_maintenance();
  test_options();
  test_groups();
  test_members();
  test_null_is_answered();
  puts("passed");
  return 0;
}
