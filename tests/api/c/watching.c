#include "check.h"

#define DEFAULT TRIMARAN_DEFAULT_FAMILY

static void changes_are_told_in_order(trimaran_db* db) {
  trimaran_error* error;
  trimaran_watcher* watcher;
  trimaran_watch_batch* told;
  trimaran_place place;
  size_t size;
  trimaran_range* range = trimaran_range_prefix(BYTES("w/"));
  trimaran_range* some = trimaran_range_between(BYTES("w/1"), BYTES("w/5"));
  CHECK_OK(trimaran_watch(db, DEFAULT, range, 0, &watcher, &error));
  trimaran_batch* batch = trimaran_batch_create();
  trimaran_batch_put(batch, DEFAULT, BYTES("w/a"), BYTES("1"));
  trimaran_batch_put(batch, DEFAULT, BYTES("elsewhere"), BYTES("1"));
  trimaran_batch_delete(batch, DEFAULT, BYTES("w/b"));
  trimaran_batch_delete_range(batch, DEFAULT, some);
  CHECK_OK(trimaran_write(db, batch, NULL, &place, &error));
  trimaran_batch_free(batch);

  CHECK_OK(trimaran_watcher_next(watcher, 5000, &told, &error));
  CHECK(trimaran_watch_batch_index(told) == place.index);
  CHECK(trimaran_watch_batch_count(told) == 3);
  CHECK(trimaran_watch_batch_change(told, 0) == TRIMARAN_CHANGE_PUT);
  const void* key = trimaran_watch_batch_key(told, 0, &size);
  CHECK_BYTES("w/a", key, size);
  const void* value = trimaran_watch_batch_value(told, 0, &size);
  CHECK_BYTES("1", value, size);
  CHECK(trimaran_watch_batch_change(told, 1) == TRIMARAN_CHANGE_DELETE);
  CHECK(trimaran_watch_batch_change(told, 2) == TRIMARAN_CHANGE_DELETE_RANGE);
  const void* begin = trimaran_watch_batch_key(told, 2, &size);
  CHECK_BYTES("w/1", begin, size);
  const void* end = trimaran_watch_batch_end(told, 2, &size);
  CHECK_BYTES("w/5", end, size);
  CHECK(trimaran_watch_batch_change(told, 3) == TRIMARAN_CHANGE_NONE);
  CHECK(trimaran_watch_batch_key(told, 3, &size) == NULL && size == 0);
  CHECK(trimaran_watch_batch_value(told, 3, NULL) == NULL);
  CHECK(trimaran_watch_batch_end(told, 3, NULL) == NULL);
  trimaran_watch_batch_free(told);
  CHECK(trimaran_watcher_next_index(watcher) == place.index + 1);

  // Nothing more has happened.
  CHECK_OK(trimaran_watcher_next(watcher, 0, &told, &error));
  CHECK(trimaran_watch_batch_count(told) == 0);
  trimaran_watch_batch_free(told);

  // Another one goes on where it is told to.
  trimaran_watcher* again;
  CHECK_OK(trimaran_watch(db, DEFAULT, range, place.index, &again, &error));
  CHECK_OK(trimaran_watcher_next(again, 5000, &told, &error));
  CHECK(trimaran_watch_batch_index(told) == place.index);
  trimaran_watch_batch_free(told);
  trimaran_watcher_free(again);

  trimaran_watcher_cancel(watcher);
  CHECK_FAILS(TRIMARAN_CANCELLED,
              trimaran_watcher_next(watcher, TRIMARAN_FOREVER, &told, &error));
  CHECK(told == NULL);
  trimaran_error_free(error);
  trimaran_watcher_free(watcher);
  trimaran_range_free(range);
  trimaran_range_free(some);
}

static void what_is_forgotten_is_not_watched(void) {
  trimaran_error* error;
  trimaran_watcher* watcher;
  trimaran_range* all = trimaran_range_all();
  trimaran_db* db = open_store("watching.db");
  // It was closed and opened: what was before is not told of.
  CHECK_FAILS(TRIMARAN_OUT_OF_RANGE,
              trimaran_watch(db, DEFAULT, all, 1, &watcher, &error));
  CHECK(watcher == NULL);
  CHECK(trimaran_error_is_compacted(error));
  trimaran_error_free(error);
  trimaran_range_free(all);
  trimaran_db_free(db);
}

void test_watching(void) {
  trimaran_db* db = open_store("watching.db");
  changes_are_told_in_order(db);
  trimaran_db_free(db);
  what_is_forgotten_is_not_watched();
}
