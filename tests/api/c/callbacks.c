#include "check.h"

#define DEFAULT TRIMARAN_DEFAULT_FAMILY

// What callbacks have seen; looked at when the database is closed, for then all
// of them have been called.
struct seen {
  trimaran_db* db;
  int calls;
  trimaran_place place;
  trimaran_code code;
  trimaran_outcome outcome;
  trimaran_code nested;
  bool succeeded;
};

static void on_write(void* context, const trimaran_place* place,
                     const trimaran_error* error) {
  struct seen* seen = context;
  ++seen->calls;
  seen->code = trimaran_error_code(error);
  seen->outcome = trimaran_error_outcome(error);
  if (place != NULL) seen->place = *place;
  // A call that would have to wait is refused here.
  if (seen->db != NULL) {
    seen->nested = trimaran_put(seen->db, DEFAULT, BYTES("nested"), BYTES(""),
                                NULL, NULL, NULL);
  }
}

static void on_commit(void* context, const trimaran_commit_result* result,
                      const trimaran_error* error) {
  struct seen* seen = context;
  ++seen->calls;
  seen->code = trimaran_error_code(error);
  seen->outcome = trimaran_error_outcome(error);
  seen->succeeded = trimaran_commit_result_succeeded(result);
}

static void on_index(void* context, const uint64_t* index,
                     const trimaran_error* error) {
  struct seen* seen = context;
  ++seen->calls;
  seen->code = trimaran_error_code(error);
  if (index != NULL) seen->place.index = *index;
}

void test_callbacks(void) {
  trimaran_error* error;
  trimaran_db* db = open_store("callbacks.db");
  trimaran_batch* batch = trimaran_batch_create();
  trimaran_batch_put(batch, DEFAULT, BYTES("k"), BYTES("v"));
  trimaran_transaction* transaction = trimaran_transaction_create();
  trimaran_batch_put(trimaran_transaction_then(transaction), DEFAULT,
                     BYTES("k"), BYTES("w"));
  struct seen write = {.db = db};
  struct seen commit = {.db = NULL};
  trimaran_write_async(db, batch, NULL, on_write, &write);
  trimaran_commit_async(db, transaction, NULL, on_commit, &commit);
  trimaran_write_async(db, batch, NULL, NULL, NULL);
  trimaran_commit_async(db, transaction, NULL, NULL, NULL);
  struct seen read = {.db = NULL};
  trimaran_read_index_async(db, NULL, on_index, &read);
  trimaran_read_index_async(db, NULL, NULL, NULL);
  CHECK_OK(trimaran_close(db, &error));
  CHECK(read.calls == 1 && read.code == TRIMARAN_OK && read.place.index > 0);
  CHECK(write.calls == 1 && write.code == TRIMARAN_OK);
  CHECK(write.place.index > 0 && write.outcome == TRIMARAN_APPLIED);
  CHECK(write.nested == TRIMARAN_FAILED_PRECONDITION);
  CHECK(commit.calls == 1 && commit.code == TRIMARAN_OK && commit.succeeded);

  // Errors come the same way, also those that are found at once.
  struct seen closed = {.db = NULL};
  trimaran_write_async(db, batch, NULL, on_write, &closed);
  CHECK(closed.calls == 1 && closed.code == TRIMARAN_FAILED_PRECONDITION);
  CHECK(closed.outcome == TRIMARAN_NOT_APPLIED);
  trimaran_commit_async(db, transaction, NULL, on_commit, &closed);
  CHECK(closed.calls == 2 && closed.code == TRIMARAN_FAILED_PRECONDITION);
  trimaran_read_index_async(db, NULL, on_index, &read);
  CHECK(read.calls == 2 && read.code == TRIMARAN_FAILED_PRECONDITION);
  trimaran_read_index_async(NULL, NULL, on_index, &read);
  CHECK(read.calls == 3 && read.code == TRIMARAN_INVALID_ARGUMENT);
  trimaran_write_async(db, NULL, NULL, on_write, &closed);
  CHECK(closed.calls == 3 && closed.code == TRIMARAN_INVALID_ARGUMENT);
  CHECK(closed.outcome == TRIMARAN_NOT_APPLIED);
  trimaran_commit_async(NULL, transaction, NULL, on_commit, &closed);
  CHECK(closed.calls == 4 && closed.code == TRIMARAN_INVALID_ARGUMENT);

  trimaran_db_free(db);
  trimaran_transaction_free(transaction);
  trimaran_batch_free(batch);
}
