#include <string.h>

#include "check.h"

#define DEFAULT TRIMARAN_DEFAULT_FAMILY

// The keys that a scan gives, one behind the other.
static void check_keys(trimaran_db* db, const trimaran_range* range,
                       const trimaran_scan_options* options,
                       const char* expected) {
  trimaran_error* error;
  trimaran_iterator* rows;
  char keys[64] = "";
  size_t length = 0;
  size_t size;
  CHECK_OK(trimaran_scan(db, range, options, &rows, &error));
  for (; trimaran_iterator_valid(rows); trimaran_iterator_next(rows)) {
    const void* key = trimaran_iterator_key(rows, &size);
    CHECK(length + size < sizeof(keys));
    memcpy(keys + length, key, size);
    length += size;
  }
  CHECK_OK(trimaran_iterator_status(rows, &error));
  trimaran_iterator_free(rows);
  if (strcmp(keys, expected) != 0) check_that(false, keys, expected, 0);
}

static void ranges_are_half_open(trimaran_db* db) {
  trimaran_range* all = trimaran_range_all();
  trimaran_range* prefix = trimaran_range_prefix(BYTES("b"));
  trimaran_range* between = trimaran_range_between(BYTES("b1"), BYTES("c"));
  trimaran_range* from = trimaran_range_between(BYTES("b2"), NULL, 0);
  check_keys(db, all, NULL, "ab1b2c");
  check_keys(db, prefix, NULL, "b1b2");
  check_keys(db, between, NULL, "b1b2");
  check_keys(db, from, NULL, "b2c");

  trimaran_scan_options* options = trimaran_scan_options_create();
  trimaran_scan_options_set_reverse(options, true);
  check_keys(db, all, options, "cb2b1a");
  trimaran_scan_options_set_limit(options, 2);
  check_keys(db, all, options, "cb2");
  trimaran_read_options* read = trimaran_read_options_create();
  trimaran_read_options_set_level(read, TRIMARAN_LOCAL);
  trimaran_scan_options_set_read(options, read);
  trimaran_read_options_free(read);
  check_keys(db, all, options, "cb2");
  trimaran_scan_options_set_read(options, NULL);
  check_keys(db, prefix, options, "b2b1");
  trimaran_scan_options_free(options);
  trimaran_range_free(all);
  trimaran_range_free(prefix);
  trimaran_range_free(between);
  trimaran_range_free(from);
}

static void an_iterator_sees_one_moment(trimaran_db* db) {
  trimaran_error* error;
  trimaran_iterator* rows;
  trimaran_place put;
  size_t size;
  trimaran_range* all = trimaran_range_all();
  CHECK_OK(
      trimaran_put(db, DEFAULT, BYTES("c"), BYTES("now"), NULL, &put, &error));
  CHECK_OK(trimaran_scan(db, all, NULL, &rows, &error));
  CHECK_OK(trimaran_put(db, DEFAULT, BYTES("c"), BYTES("later"), NULL, NULL,
                        &error));
  CHECK(trimaran_iterator_index(rows) >= put.index);
  trimaran_iterator_seek(rows, BYTES("bz"));
  CHECK(trimaran_iterator_valid(rows));
  const void* value = trimaran_iterator_value(rows, &size);
  CHECK_BYTES("now", value, size);
  CHECK(trimaran_iterator_version(rows) == put.index);

  // Behind the last row there is nothing, and it can go back from there.
  trimaran_iterator_next(rows);
  CHECK(!trimaran_iterator_valid(rows));
  trimaran_iterator_next(rows);
  CHECK(trimaran_iterator_key(rows, &size) == NULL && size == 0);
  CHECK(trimaran_iterator_value(rows, NULL) == NULL);
  CHECK(trimaran_iterator_version(rows) == 0);
  CHECK_OK(trimaran_iterator_status(rows, &error));
  trimaran_iterator_seek(rows, NULL, 0);
  const void* key = trimaran_iterator_key(rows, &size);
  CHECK_BYTES("a", key, size);

  trimaran_iterator_seek(rows, NULL, 1);
  CHECK(!trimaran_iterator_valid(rows));
  CHECK_FAILS(TRIMARAN_INVALID_ARGUMENT,
              trimaran_iterator_status(rows, &error));
  check_message(error, "key is NULL");
  trimaran_iterator_free(rows);
  trimaran_range_free(all);
}

static void what_is_wrong_is_told_by_the_scan(trimaran_db* db) {
  trimaran_error* error;
  trimaran_iterator* rows;
  CHECK(trimaran_range_prefix(NULL, 1) == NULL);
  CHECK(trimaran_range_between(NULL, 1, NULL, 0) == NULL);
  trimaran_range* backwards = trimaran_range_between(BYTES("b"), BYTES("a"));
  CHECK_FAILS(TRIMARAN_INVALID_ARGUMENT,
              trimaran_scan(db, backwards, NULL, &rows, &error));
  CHECK(rows == NULL);
  trimaran_error_free(error);

  trimaran_read_options* read = trimaran_read_options_create();
  trimaran_read_options_set_level(read, -1);
  trimaran_scan_options* options = trimaran_scan_options_create();
  trimaran_scan_options_set_read(options, read);
  CHECK_FAILS(TRIMARAN_INVALID_ARGUMENT,
              trimaran_scan(db, backwards, options, &rows, &error));
  check_message(error, "no such level");
  trimaran_read_options_free(read);
  trimaran_scan_options_free(options);
  trimaran_range_free(backwards);
}

static void closing_ends_an_iterator_which_is_freed_later(trimaran_db* db) {
  trimaran_error* error;
  trimaran_iterator* rows;
  trimaran_range* all = trimaran_range_all();
  CHECK_OK(trimaran_scan(db, all, NULL, &rows, &error));
  trimaran_db_free(db);
  CHECK(!trimaran_iterator_valid(rows));
  CHECK_FAILS(TRIMARAN_FAILED_PRECONDITION,
              trimaran_iterator_status(rows, &error));
  trimaran_error_free(error);
  trimaran_iterator_free(rows);
  trimaran_range_free(all);
}

void test_scans(void) {
  trimaran_error* error;
  trimaran_db* db = open_store("scans.db");
  const trimaran_bytes keys[] = {
      {BYTES("a")}, {BYTES("b1")}, {BYTES("b2")}, {BYTES("c")}};
  for (size_t i = 0; i < 4; ++i) {
    CHECK_OK(trimaran_put(db, DEFAULT, keys[i].data, keys[i].size, BYTES("v"),
                          NULL, NULL, &error));
  }
  ranges_are_half_open(db);
  an_iterator_sees_one_moment(db);
  what_is_wrong_is_told_by_the_scan(db);
  closing_ends_an_iterator_which_is_freed_later(db);
}

void test_families(void) {
  trimaran_error* error;
  trimaran_family fruit = 0;
  trimaran_family found = 0;
  trimaran_families* families;
  trimaran_place place = {0, 0};
  void* value;
  size_t size;
  trimaran_db* db = open_store("families.db");
  CHECK_OK(trimaran_create_family(db, "fruit", NULL, &fruit, &error));
  CHECK(fruit != TRIMARAN_DEFAULT_FAMILY);
  CHECK_FAILS(TRIMARAN_ALREADY_EXISTS,
              trimaran_create_family(db, "fruit", NULL, &found, &error));
  trimaran_error_free(error);
  CHECK_OK(trimaran_find_family(db, "fruit", NULL, &found, &error));
  CHECK(found == fruit);
  CHECK_FAILS(TRIMARAN_NOT_FOUND,
              trimaran_find_family(db, "meat", NULL, &found, &error));
  trimaran_error_free(error);

  CHECK_OK(trimaran_put(db, fruit, BYTES("k"), BYTES("v"), NULL, NULL, &error));
  CHECK_OK(trimaran_get(db, DEFAULT, BYTES("k"), NULL, &value, &size, &error));
  CHECK(value == NULL);
  trimaran_scan_options* options = trimaran_scan_options_create();
  trimaran_scan_options_set_family(options, fruit);
  trimaran_range* all = trimaran_range_all();
  check_keys(db, all, options, "k");
  trimaran_scan_options_free(options);
  trimaran_range_free(all);

  CHECK_OK(trimaran_list_families(db, NULL, &families, &error));
  CHECK(trimaran_families_count(families) == 2);
  CHECK(strcmp(trimaran_families_name(families, 0), "default") == 0);
  CHECK(trimaran_families_id(families, 0) == TRIMARAN_DEFAULT_FAMILY);
  CHECK(strcmp(trimaran_families_name(families, 1), "fruit") == 0);
  CHECK(trimaran_families_id(families, 1) == fruit);
  CHECK(trimaran_families_name(families, 2)[0] == '\0');
  CHECK(trimaran_families_id(families, 2) == 0);
  trimaran_families_free(families);

  CHECK_OK(trimaran_drop_family(db, "fruit", NULL, &place, &error));
  CHECK(place.index > 0);
  CHECK_FAILS(TRIMARAN_NOT_FOUND,
              trimaran_drop_family(db, "fruit", NULL, NULL, &error));
  trimaran_error_free(error);
  trimaran_db_free(db);
}
