#include <stdio.h>
#include <string.h>
#include <trimaran/c.h>

static int fail(trimaran_error* error) {
  fprintf(stderr, "%s: %s\n", trimaran_code_name(trimaran_error_code(error)),
          trimaran_error_message(error));
  trimaran_error_free(error);
  return 1;
}

// Takes one from the stock, if there is one, and nobody else does meanwhile.
static trimaran_code take(trimaran_db* db, bool* taken,
                          trimaran_error** error) {
  trimaran_commit_result* result;
  trimaran_transaction* step = trimaran_transaction_create();
  trimaran_transaction_if_value_is(step, TRIMARAN_DEFAULT_FAMILY, "stock", 5,
                                   "1", 1);
  trimaran_batch_delete(trimaran_transaction_then(step),
                        TRIMARAN_DEFAULT_FAMILY, "stock", 5);
  trimaran_code code = trimaran_commit(db, step, NULL, &result, error);
  *taken = trimaran_commit_result_succeeded(result);
  trimaran_commit_result_free(result);
  trimaran_transaction_free(step);
  return code;
}

static trimaran_code print_rows(trimaran_db* db, const char* prefix,
                                trimaran_error** error) {
  trimaran_iterator* rows;
  trimaran_range* range = trimaran_range_prefix(prefix, strlen(prefix));
  trimaran_code code = trimaran_scan(db, range, NULL, &rows, error);
  if (code == TRIMARAN_OK) {
    for (; trimaran_iterator_valid(rows); trimaran_iterator_next(rows)) {
      size_t key_size, value_size;
      const char* key = trimaran_iterator_key(rows, &key_size);
      const char* value = trimaran_iterator_value(rows, &value_size);
      printf("%.*s: %.*s\n", (int)key_size, key, (int)value_size, value);
    }
    code = trimaran_iterator_status(rows, error);
  }
  trimaran_iterator_free(rows);
  trimaran_range_free(range);
  return code;
}

int main(void) {
  trimaran_error* error;
  trimaran_db* db;
  bool taken;
  if (trimaran_open(NULL, "store.db", &db, &error)) return fail(error);
  if (trimaran_put(db, TRIMARAN_DEFAULT_FAMILY, "stock", 5, "1", 1, NULL, NULL,
                   &error) ||
      print_rows(db, "s", &error) || take(db, &taken, &error)) {
    return fail(error);
  }
  printf("%s\n", taken ? "taken" : "sold out");
  if (trimaran_close(db, &error)) return fail(error);
  trimaran_db_free(db);
  return taken ? 0 : 1;
}
