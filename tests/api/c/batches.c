#include <string.h>

#include "check.h"

#define DEFAULT TRIMARAN_DEFAULT_FAMILY

static void a_batch_is_done_as_a_whole(trimaran_db* db) {
  trimaran_error* error;
  trimaran_place place = {0, 0};
  void* value;
  size_t size;
  trimaran_range* range = trimaran_range_between(BYTES("b"), BYTES("c"));
  trimaran_batch* batch = trimaran_batch_create();
  trimaran_batch_put(batch, DEFAULT, BYTES("a"), BYTES("1"));
  trimaran_batch_put(batch, DEFAULT, BYTES("b"), BYTES("2"));
  trimaran_batch_delete(batch, DEFAULT, BYTES("absent"));
  trimaran_batch_delete_range(batch, DEFAULT, range);
  CHECK(trimaran_batch_size(batch) == 4);
  CHECK(trimaran_batch_bytes(batch) == 12);
  CHECK_OK(trimaran_write(db, batch, NULL, &place, &error));
  CHECK(place.index > 0);
  CHECK_OK(trimaran_get(db, DEFAULT, BYTES("a"), NULL, &value, &size, &error));
  CHECK_BYTES("1", value, size);
  trimaran_free(value);
  CHECK_OK(trimaran_get(db, DEFAULT, BYTES("b"), NULL, &value, &size, &error));
  CHECK(value == NULL);

  trimaran_batch_clear(batch);
  CHECK(trimaran_batch_size(batch) == 0);
  CHECK_OK(trimaran_write(db, batch, NULL, NULL, &error));
  trimaran_batch_free(batch);
  trimaran_range_free(range);
}

static void what_is_wrong_with_a_batch_is_told_when_it_is_written(
    trimaran_db* db) {
  trimaran_error* error;
  void* value;
  size_t size;
  trimaran_batch* batch = trimaran_batch_create();
  trimaran_batch_put(batch, DEFAULT, BYTES("whole"), BYTES("1"));
  trimaran_batch_put(batch, DEFAULT, BYTES("k"), NULL, 3);
  trimaran_batch_delete_range(batch, DEFAULT, NULL);
  CHECK_FAILS(TRIMARAN_INVALID_ARGUMENT,
              trimaran_write(db, batch, NULL, NULL, &error));
  CHECK(trimaran_error_outcome(error) == TRIMARAN_NOT_APPLIED);
  check_message(error, "batch: value is NULL");
  CHECK_OK(
      trimaran_get(db, DEFAULT, BYTES("whole"), NULL, &value, &size, &error));
  CHECK(value == NULL);

  // Cleared, it is as new.
  trimaran_batch_clear(batch);
  CHECK_OK(trimaran_write(db, batch, NULL, NULL, &error));
  trimaran_batch_free(batch);
}

// Where C++ throws, C gets an error. Nobody reads so much: it is refused
// before.
static void what_no_memory_can_hold_is_an_error(trimaran_db* db) {
  const size_t huge = SIZE_MAX - 100;
  trimaran_error* error;
  trimaran_batch* batch = trimaran_batch_create();
  trimaran_batch_put(batch, DEFAULT, BYTES("k"), "v", huge);
  CHECK_FAILS(TRIMARAN_RESOURCE_EXHAUSTED,
              trimaran_write(db, batch, NULL, NULL, &error));
  CHECK(trimaran_error_outcome(error) == TRIMARAN_NOT_APPLIED);
  check_message(error, "batch: out of memory");
  trimaran_batch_free(batch);

  CHECK(trimaran_range_prefix("p", huge) == NULL);
  CHECK_FAILS(
      TRIMARAN_INVALID_ARGUMENT,
      trimaran_put(db, DEFAULT, "k", huge, BYTES("v"), NULL, NULL, &error));
  trimaran_error_free(error);
  CHECK_FAILS(
      TRIMARAN_INVALID_ARGUMENT,
      trimaran_put(db, DEFAULT, BYTES("k"), "v", huge, NULL, NULL, &error));
  trimaran_error_free(error);
}

static void a_transaction_decides_and_reads(trimaran_db* db) {
  trimaran_error* error;
  trimaran_commit_result* result;
  trimaran_place put;
  trimaran_place place = {0, 0};
  size_t size;
  CHECK_OK(trimaran_put(db, DEFAULT, BYTES("stock"), BYTES("7"), NULL, &put,
                        &error));
  trimaran_transaction* take = trimaran_transaction_create();
  trimaran_transaction_if_exists(take, DEFAULT, BYTES("stock"));
  trimaran_transaction_if_absent(take, DEFAULT, BYTES("sold"));
  trimaran_transaction_if_value_is(take, DEFAULT, BYTES("stock"), BYTES("7"));
  trimaran_transaction_if_version_is(take, DEFAULT, BYTES("stock"), put.index);
  trimaran_batch* then = trimaran_transaction_then(take);
  trimaran_batch_put(then, DEFAULT, BYTES("stock"), BYTES("6"));
  trimaran_batch_get(then, DEFAULT, BYTES("stock"));
  trimaran_batch_get(then, DEFAULT, BYTES("sold"));
  trimaran_batch_delete(then, DEFAULT, BYTES("stock"));
  trimaran_batch_put(then, DEFAULT, BYTES("stock"), BYTES("6"));
  trimaran_batch_get(trimaran_transaction_otherwise(take), DEFAULT,
                     BYTES("stock"));
  // It is a part, and stays.
  trimaran_batch_free(then);

  CHECK_OK(trimaran_commit(db, take, NULL, &result, &error));
  CHECK(trimaran_commit_result_succeeded(result));
  trimaran_commit_result_place(result, &place);
  CHECK(place.index > put.index);
  CHECK(trimaran_commit_result_read_count(result) == 2);
  const void* read = trimaran_commit_result_read(result, 0, &size);
  CHECK_BYTES("6", read, size);
  CHECK(trimaran_commit_result_read(result, 1, &size) == NULL && size == 0);
  CHECK(trimaran_commit_result_read(result, 2, NULL) == NULL);
  CHECK(!trimaran_commit_result_reads_dropped(result));
  CHECK(trimaran_commit_result_rows_deleted(result) == 1);
  trimaran_commit_result_free(result);

  // The row has another version now.
  CHECK_OK(trimaran_commit(db, take, NULL, &result, &error));
  CHECK(!trimaran_commit_result_succeeded(result));
  CHECK(trimaran_commit_result_read_count(result) == 1);
  trimaran_commit_result_free(result);
  trimaran_transaction_free(take);
}

static void what_is_wrong_with_a_transaction_is_told_by_the_commit(
    trimaran_db* db) {
  trimaran_error* error;
  trimaran_commit_result* result;
  trimaran_transaction* wrong = trimaran_transaction_create();
  trimaran_transaction_if_absent(wrong, DEFAULT, NULL, 1);
  CHECK_FAILS(TRIMARAN_INVALID_ARGUMENT,
              trimaran_commit(db, wrong, NULL, &result, &error));
  CHECK(result == NULL);
  check_message(error, "transaction: key is NULL");
  trimaran_transaction_free(wrong);

  wrong = trimaran_transaction_create();
  trimaran_batch_get(trimaran_transaction_otherwise(wrong), DEFAULT, NULL, 1);
  CHECK_FAILS(TRIMARAN_INVALID_ARGUMENT,
              trimaran_commit(db, wrong, NULL, &result, &error));
  check_message(error, "transaction, otherwise: key is NULL");
  trimaran_transaction_free(wrong);
}

void test_batches_and_transactions(void) {
  trimaran_db* db = open_store("batches.db");
  a_batch_is_done_as_a_whole(db);
  what_is_wrong_with_a_batch_is_told_when_it_is_written(db);
  what_no_memory_can_hold_is_an_error(db);
  a_transaction_decides_and_reads(db);
  what_is_wrong_with_a_transaction_is_told_by_the_commit(db);
  trimaran_db_free(db);
}
