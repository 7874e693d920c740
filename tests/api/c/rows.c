#include <string.h>

#include "check.h"

#define DEFAULT TRIMARAN_DEFAULT_FAMILY

static void what_is_put_is_there(trimaran_db* db) {
  trimaran_error* error;
  trimaran_place place = {0, 0};
  void* value;
  size_t size;
  CHECK_OK(trimaran_put(db, DEFAULT, BYTES("a\0b"), BYTES("\0\xff"), NULL,
                        &place, &error));
  CHECK(error == NULL);
  CHECK(place.index > 0 && place.term > 0);
  CHECK_OK(
      trimaran_get(db, DEFAULT, BYTES("a\0b"), NULL, &value, &size, &error));
  CHECK_BYTES("\0\xff", value, size);
  CHECK(((const char*)value)[size] == '\0');
  trimaran_free(value);

  // Neither place nor error is wanted.
  CHECK(trimaran_delete(db, DEFAULT, BYTES("a\0b"), NULL, NULL, NULL) ==
        TRIMARAN_OK);
  value = &value;
  size = 1;
  CHECK_OK(
      trimaran_get(db, DEFAULT, BYTES("a\0b"), NULL, &value, &size, &error));
  CHECK(value == NULL && size == 0);
}

static void an_empty_value_is_not_an_absent_row(trimaran_db* db) {
  trimaran_error* error;
  void* value;
  size_t size;
  CHECK_OK(
      trimaran_put(db, DEFAULT, BYTES("empty"), NULL, 0, NULL, NULL, &error));
  CHECK_OK(
      trimaran_get(db, DEFAULT, BYTES("empty"), NULL, &value, &size, &error));
  CHECK_BYTES("", value, size);
  trimaran_free(value);
}

static void errors_tell_code_text_and_outcome(trimaran_db* db) {
  trimaran_error* error;
  // A key has a byte at least.
  CHECK_FAILS(
      TRIMARAN_INVALID_ARGUMENT,
      trimaran_put(db, DEFAULT, NULL, 0, BYTES("v"), NULL, NULL, &error));
  CHECK(trimaran_error_outcome(error) == TRIMARAN_NOT_APPLIED);
  CHECK(!trimaran_error_is_not_leader(error));
  CHECK(!trimaran_error_is_compacted(error));
  CHECK(!trimaran_error_is_corruption(error));
  CHECK(!trimaran_error_is_newer_format(error));
  CHECK(trimaran_error_leader(error) == 0);
  check_message(error, "key");

  CHECK_FAILS(TRIMARAN_NOT_FOUND,
              trimaran_put(db, 77, BYTES("k"), BYTES("v"), NULL, NULL, &error));
  CHECK(trimaran_error_outcome(error) == TRIMARAN_NOT_APPLIED);
  trimaran_error_free(error);

  // Success, as an error.
  CHECK(trimaran_error_code(NULL) == TRIMARAN_OK);
  CHECK(trimaran_error_outcome(NULL) == TRIMARAN_APPLIED);
  CHECK(trimaran_error_message(NULL)[0] == '\0');
}

static void a_range_is_deleted(trimaran_db* db) {
  trimaran_error* error;
  trimaran_place place = {0, 0};
  void* value;
  size_t size;
  trimaran_range* range = trimaran_range_prefix(BYTES("x/"));
  CHECK_OK(
      trimaran_put(db, DEFAULT, BYTES("x/1"), BYTES("1"), NULL, NULL, &error));
  CHECK_OK(trimaran_delete_range(db, DEFAULT, range, NULL, &place, &error));
  CHECK(place.index > 0);
  CHECK_OK(
      trimaran_get(db, DEFAULT, BYTES("x/1"), NULL, &value, &size, &error));
  CHECK(value == NULL);
  trimaran_range_free(range);
}

static void several_keys_are_read_at_one_moment(trimaran_db* db) {
  trimaran_error* error;
  trimaran_values* values;
  size_t size;
  const trimaran_bytes keys[] = {
      {BYTES("m1")}, {BYTES("absent")}, {BYTES("m2")}};
  CHECK_OK(
      trimaran_put(db, DEFAULT, BYTES("m1"), BYTES("one"), NULL, NULL, &error));
  CHECK_OK(
      trimaran_put(db, DEFAULT, BYTES("m2"), BYTES(""), NULL, NULL, &error));
  CHECK_OK(trimaran_multi_get(db, DEFAULT, keys, 3, NULL, &values, &error));
  CHECK(trimaran_values_count(values) == 3);
  const void* first = trimaran_values_at(values, 0, &size);
  CHECK_BYTES("one", first, size);
  CHECK(trimaran_values_at(values, 1, &size) == NULL && size == 0);
  CHECK(trimaran_values_at(values, 2, &size) != NULL && size == 0);
  CHECK(trimaran_values_at(values, 3, NULL) == NULL);
  trimaran_values_free(values);

  CHECK_OK(trimaran_multi_get(db, DEFAULT, NULL, 0, NULL, &values, &error));
  CHECK(trimaran_values_count(values) == 0);
  trimaran_values_free(values);
}

static void reads_are_as_fresh_as_asked(trimaran_db* db) {
  trimaran_error* error;
  trimaran_place place;
  void* value;
  size_t size;
  CHECK_OK(trimaran_put(db, DEFAULT, BYTES("fresh"), BYTES("1"), NULL, &place,
                        &error));
  trimaran_read_options* options = trimaran_read_options_create();
  trimaran_read_options_set_timeout_ms(options, 5000);
  trimaran_read_options_set_index(options, place.index);
  trimaran_read_options_set_staleness_max_ms(options, 1000);
  for (trimaran_read_level level = TRIMARAN_LINEARIZABLE;
       level <= TRIMARAN_LOCAL; ++level) {
    trimaran_read_options_set_level(options, level);
    CHECK_OK(trimaran_get(db, DEFAULT, BYTES("fresh"), options, &value, &size,
                          &error));
    CHECK_BYTES("1", value, size);
    trimaran_free(value);
  }

  // What is not written yet does not come by waiting.
  trimaran_read_options_set_level(options, TRIMARAN_AT_LEAST);
  trimaran_read_options_set_index(options, place.index + 1000000);
  trimaran_read_options_set_timeout_ms(options, 0);
  CHECK_FAILS(TRIMARAN_DEADLINE_EXCEEDED,
              trimaran_get(db, DEFAULT, BYTES("fresh"), options, &value, &size,
                           &error));
  CHECK(value == NULL);
  trimaran_error_free(error);
  trimaran_read_options_free(options);
}

static void a_wrong_level_is_told_by_the_read(trimaran_db* db) {
  trimaran_error* error;
  void* value;
  size_t size;
  trimaran_read_options* options = trimaran_read_options_create();
  trimaran_read_options_set_level(options, 5);
  CHECK_FAILS(
      TRIMARAN_INVALID_ARGUMENT,
      trimaran_get(db, DEFAULT, BYTES("k"), options, &value, &size, &error));
  check_message(error, "no such level: 5");
  trimaran_read_options_free(options);
}

static void what_is_closed_stays_closed_and_what_was_written_stays(void) {
  trimaran_error* error;
  void* value;
  size_t size;
  trimaran_db* db = open_store("closed.db");
  CHECK_OK(
      trimaran_put(db, DEFAULT, BYTES("k"), BYTES("v"), NULL, NULL, &error));
  // Somebody else has it.
  trimaran_db* second = db;
  CHECK_FAILS(TRIMARAN_UNAVAILABLE,
              trimaran_open(NULL, "closed.db", &second, &error));
  CHECK(second == NULL);
  trimaran_error_free(error);

  CHECK_OK(trimaran_close(db, &error));
  CHECK_OK(trimaran_close(db, &error));
  CHECK_FAILS(
      TRIMARAN_FAILED_PRECONDITION,
      trimaran_put(db, DEFAULT, BYTES("k"), BYTES("w"), NULL, NULL, &error));
  CHECK(trimaran_error_outcome(error) == TRIMARAN_NOT_APPLIED);
  trimaran_error_free(error);
  trimaran_db_free(db);

  db = open_store("closed.db");
  CHECK_OK(trimaran_get(db, DEFAULT, BYTES("k"), NULL, &value, &size, &error));
  CHECK_BYTES("v", value, size);
  trimaran_free(value);
  trimaran_db_free(db);
}

void test_rows(void) {
  trimaran_db* db = open_store("rows.db");
  what_is_put_is_there(db);
  an_empty_value_is_not_an_absent_row(db);
  errors_tell_code_text_and_outcome(db);
  a_range_is_deleted(db);
  several_keys_are_read_at_one_moment(db);
  reads_are_as_fresh_as_asked(db);
  a_wrong_level_is_told_by_the_read(db);
  trimaran_db_free(db);
  what_is_closed_stays_closed_and_what_was_written_stays();
}
