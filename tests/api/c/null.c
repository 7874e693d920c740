#include "check.h"

#define DEFAULT TRIMARAN_DEFAULT_FAMILY

// A call with a NULL where there must be something.
#define REFUSED(call)                                             \
  do {                                                            \
    CHECK_FAILS(TRIMARAN_INVALID_ARGUMENT, call);                 \
    CHECK(trimaran_error_outcome(error) == TRIMARAN_NOT_APPLIED); \
    check_message(error, "is NULL");                              \
  } while (0)

static void calls_refuse_to_do_without_a_handle(void) {
  trimaran_error* error;
  trimaran_place place;
  trimaran_family family;
  trimaran_db* db;
  void* value;
  size_t size;
  char* text;
  trimaran_commit_result* committed;
  trimaran_values* values;
  trimaran_families* families;
  trimaran_iterator* rows;
  trimaran_watcher* watcher;
  trimaran_watch_batch* told;
  trimaran_status* status;
  trimaran_verify_result* verified;
  trimaran_consistency* compared;
  REFUSED(trimaran_options_validate(NULL, &error));
  REFUSED(trimaran_open(NULL, NULL, &db, &error));
  REFUSED(trimaran_open(NULL, "null.db", NULL, &error));
  REFUSED(trimaran_close(NULL, &error));
  REFUSED(trimaran_put(NULL, DEFAULT, BYTES("k"), BYTES("v"), NULL, &place,
                       &error));
  REFUSED(trimaran_delete(NULL, DEFAULT, BYTES("k"), NULL, &place, &error));
  REFUSED(trimaran_delete_range(NULL, DEFAULT, NULL, NULL, &place, &error));
  REFUSED(trimaran_write(NULL, NULL, NULL, &place, &error));
  REFUSED(trimaran_commit(NULL, NULL, NULL, &committed, &error));
  REFUSED(trimaran_get(NULL, DEFAULT, BYTES("k"), NULL, &value, &size, &error));
  REFUSED(trimaran_multi_get(NULL, DEFAULT, NULL, 0, NULL, &values, &error));
  REFUSED(trimaran_create_family(NULL, "f", NULL, &family, &error));
  REFUSED(trimaran_drop_family(NULL, "f", NULL, &place, &error));
  REFUSED(trimaran_find_family(NULL, "f", NULL, &family, &error));
  REFUSED(trimaran_list_families(NULL, NULL, &families, &error));
  REFUSED(trimaran_scan(NULL, NULL, NULL, &rows, &error));
  REFUSED(trimaran_iterator_status(NULL, &error));
  REFUSED(trimaran_watch(NULL, DEFAULT, NULL, 0, &watcher, &error));
  REFUSED(trimaran_watcher_next(NULL, 0, &told, &error));
  REFUSED(trimaran_get_status(NULL, &status, &error));
  REFUSED(trimaran_status_failure(NULL, &error));
  REFUSED(trimaran_get_metrics(NULL, &text, &error));
  REFUSED(trimaran_transfer_leadership(NULL, 1, NULL, &error));
  REFUSED(trimaran_add_learner(NULL, 1, NULL, NULL, NULL, &error));
  REFUSED(trimaran_promote(NULL, 1, NULL, &error));
  REFUSED(trimaran_add_voter(NULL, 1, NULL, NULL, NULL, &error));
  REFUSED(trimaran_replace_member(NULL, 1, 2, NULL, NULL, NULL, &error));
  REFUSED(trimaran_remove_member(NULL, 1, NULL, &error));
  REFUSED(trimaran_update_member(NULL, 1, NULL, NULL, NULL, &error));
  REFUSED(trimaran_checkpoint(NULL, 0, &place, &error));
  REFUSED(trimaran_compact_log(NULL, 1, NULL, &place, &error));
  REFUSED(trimaran_create_backup(NULL, "b", 0, &place, &error));
  REFUSED(trimaran_restore_from_backup(NULL, NULL, "d", &error));
  REFUSED(trimaran_restore_from_backup(NULL, "b", NULL, &error));
  REFUSED(trimaran_verify(NULL, TRIMARAN_VERIFY_QUICK, 0, &verified, &error));
  REFUSED(trimaran_verify_directory(NULL, TRIMARAN_VERIFY_QUICK, &verified,
                                    &error));
  REFUSED(trimaran_check_consistency(NULL, 0, &compared, &error));
  // Also where nobody wants to know more than the code.
  CHECK(trimaran_close(NULL, NULL) == TRIMARAN_INVALID_ARGUMENT);
}

static void calls_refuse_to_do_without_an_argument(void) {
  trimaran_error* error;
  void* value;
  size_t size;
  trimaran_values* values;
  trimaran_iterator* rows;
  trimaran_watcher* watcher;
  trimaran_range* all = trimaran_range_all();
  trimaran_batch* batch = trimaran_batch_create();
  trimaran_transaction* transaction = trimaran_transaction_create();
  const trimaran_bytes wrong = {NULL, 1};
  trimaran_db* db = open_store("null.db");
  REFUSED(trimaran_put(db, DEFAULT, NULL, 1, BYTES("v"), NULL, NULL, &error));
  REFUSED(trimaran_put(db, DEFAULT, BYTES("k"), NULL, 1, NULL, NULL, &error));
  REFUSED(trimaran_delete(db, DEFAULT, NULL, 1, NULL, NULL, &error));
  REFUSED(trimaran_delete_range(db, DEFAULT, NULL, NULL, NULL, &error));
  REFUSED(trimaran_write(db, NULL, NULL, NULL, &error));
  REFUSED(trimaran_commit(db, transaction, NULL, NULL, &error));
  REFUSED(trimaran_get(db, DEFAULT, BYTES("k"), NULL, NULL, &size, &error));
  REFUSED(trimaran_get(db, DEFAULT, BYTES("k"), NULL, &value, NULL, &error));
  REFUSED(trimaran_multi_get(db, DEFAULT, NULL, 1, NULL, &values, &error));
  REFUSED(trimaran_multi_get(db, DEFAULT, &wrong, 1, NULL, &values, &error));
  REFUSED(trimaran_create_family(db, "f", NULL, NULL, &error));
  REFUSED(trimaran_drop_family(db, NULL, NULL, NULL, &error));
  REFUSED(trimaran_find_family(db, NULL, NULL, NULL, &error));
  REFUSED(trimaran_list_families(db, NULL, NULL, &error));
  REFUSED(trimaran_scan(db, NULL, NULL, &rows, &error));
  REFUSED(trimaran_scan(db, all, NULL, NULL, &error));
  REFUSED(trimaran_watch(db, DEFAULT, NULL, 0, &watcher, &error));
  REFUSED(trimaran_watch(db, DEFAULT, all, 0, NULL, &error));
  REFUSED(trimaran_get_status(db, NULL, &error));
  REFUSED(trimaran_get_metrics(db, NULL, &error));
  REFUSED(trimaran_create_backup(db, NULL, 0, NULL, &error));
  REFUSED(trimaran_verify(db, TRIMARAN_VERIFY_QUICK, 0, NULL, &error));
  REFUSED(trimaran_check_consistency(db, 0, NULL, &error));
  trimaran_db_free(db);
  trimaran_transaction_free(transaction);
  trimaran_batch_free(batch);
  trimaran_range_free(all);
}

static void setters_ignore_nothing(void) {
  trimaran_network_isolate(NULL, 1);
  trimaran_network_rejoin(NULL, 1);
  trimaran_options_set_cluster(NULL, "c");
  trimaran_options_set_network(NULL, NULL);
  trimaran_options_set_log(NULL, NULL, NULL, TRIMARAN_INFO);
  trimaran_write_options_set_timeout_ms(NULL, 1);
  trimaran_read_options_set_level(NULL, TRIMARAN_LOCAL);
  trimaran_read_options_set_index(NULL, 1);
  trimaran_read_options_set_staleness_max_ms(NULL, 1);
  trimaran_read_options_set_timeout_ms(NULL, 1);
  trimaran_scan_options_set_family(NULL, 1);
  trimaran_scan_options_set_reverse(NULL, true);
  trimaran_scan_options_set_limit(NULL, 1);
  trimaran_scan_options_set_read(NULL, NULL);
  trimaran_batch_put(NULL, DEFAULT, BYTES("k"), BYTES("v"));
  trimaran_batch_delete(NULL, DEFAULT, BYTES("k"));
  trimaran_batch_delete_range(NULL, DEFAULT, NULL);
  trimaran_batch_get(NULL, DEFAULT, BYTES("k"));
  trimaran_batch_clear(NULL);
  trimaran_transaction_if_exists(NULL, DEFAULT, BYTES("k"));
  trimaran_transaction_if_absent(NULL, DEFAULT, BYTES("k"));
  trimaran_transaction_if_value_is(NULL, DEFAULT, BYTES("k"), BYTES("v"));
  trimaran_transaction_if_version_is(NULL, DEFAULT, BYTES("k"), 1);
  trimaran_iterator_next(NULL);
  trimaran_iterator_seek(NULL, BYTES("k"));
  trimaran_watcher_cancel(NULL);
  trimaran_commit_result_place(NULL, NULL);
  trimaran_write_async(NULL, NULL, NULL, NULL, NULL);
  trimaran_commit_async(NULL, NULL, NULL, NULL, NULL);
  trimaran_read_index_async(NULL, NULL, NULL, NULL);
}

static void getters_answer_with_nothing(void) {
  size_t size = 1;
  CHECK(trimaran_batch_size(NULL) == 0 && trimaran_batch_bytes(NULL) == 0);
  CHECK(trimaran_transaction_then(NULL) == NULL);
  CHECK(trimaran_transaction_otherwise(NULL) == NULL);
  CHECK(!trimaran_commit_result_succeeded(NULL));
  CHECK(trimaran_commit_result_read_count(NULL) == 0);
  CHECK(trimaran_commit_result_read(NULL, 0, &size) == NULL && size == 0);
  CHECK(!trimaran_commit_result_reads_dropped(NULL));
  CHECK(trimaran_commit_result_rows_deleted(NULL) == 0);
  CHECK(trimaran_values_count(NULL) == 0);
  CHECK(trimaran_values_at(NULL, 0, NULL) == NULL);
  CHECK(trimaran_families_count(NULL) == 0);
  CHECK(!trimaran_iterator_valid(NULL));
  CHECK(trimaran_iterator_key(NULL, NULL) == NULL);
  CHECK(trimaran_iterator_index(NULL) == 0);
  CHECK(trimaran_watcher_next_index(NULL) == 0);
  CHECK(trimaran_watch_batch_index(NULL) == 0);
  CHECK(trimaran_watch_batch_count(NULL) == 0);
  CHECK(trimaran_status_replica_id(NULL) == 0);
  CHECK(trimaran_status_role(NULL) == TRIMARAN_FOLLOWER);
  CHECK(trimaran_status_leader(NULL) == 0 && trimaran_status_term(NULL) == 0);
  CHECK(trimaran_status_commit(NULL) == 0);
  CHECK(trimaran_status_applied(NULL) == 0);
  CHECK(trimaran_status_json(NULL)[0] == '\0');
  CHECK(!trimaran_verify_result_damaged(NULL));
  CHECK(trimaran_verify_result_examined(NULL) == 0);
  CHECK(trimaran_verify_result_count(NULL) == 0);
  CHECK(!trimaran_consistency_consistent(NULL));
  CHECK(!trimaran_consistency_diverged(NULL));
  CHECK(trimaran_consistency_count(NULL) == 0);
  CHECK(!trimaran_error_is_not_leader(NULL));
  CHECK(!trimaran_error_is_compacted(NULL));
  CHECK(!trimaran_error_is_corruption(NULL));
  CHECK(!trimaran_error_is_newer_format(NULL));
  CHECK(trimaran_error_leader(NULL) == 0);
}

static void nothing_is_freed(void) {
  trimaran_free(NULL);
  trimaran_error_free(NULL);
  trimaran_network_free(NULL);
  trimaran_options_free(NULL);
  trimaran_write_options_free(NULL);
  trimaran_read_options_free(NULL);
  trimaran_scan_options_free(NULL);
  trimaran_range_free(NULL);
  trimaran_batch_free(NULL);
  trimaran_transaction_free(NULL);
  trimaran_commit_result_free(NULL);
  trimaran_db_free(NULL);
  trimaran_values_free(NULL);
  trimaran_families_free(NULL);
  trimaran_iterator_free(NULL);
  trimaran_watcher_free(NULL);
  trimaran_watch_batch_free(NULL);
  trimaran_status_free(NULL);
  trimaran_verify_result_free(NULL);
  trimaran_consistency_free(NULL);
}

void test_null_is_answered(void) {
  calls_refuse_to_do_without_a_handle();
  calls_refuse_to_do_without_an_argument();
  setters_ignore_nothing();
  getters_answer_with_nothing();
  nothing_is_freed();
}
