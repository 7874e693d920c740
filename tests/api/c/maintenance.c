#include <string.h>

#include "check.h"

#define DEFAULT TRIMARAN_DEFAULT_FAMILY

static void a_status_is_read_field_by_field_and_as_json(trimaran_db* db,
                                                        uint64_t written) {
  trimaran_error* error;
  trimaran_status* status;
  CHECK_OK(trimaran_get_status(db, &status, &error));
  // It may be a heartbeat old.
  while (trimaran_status_applied(status) < written) {
    trimaran_status_free(status);
    CHECK_OK(trimaran_get_status(db, &status, &error));
  }
  CHECK(trimaran_status_replica_id(status) == 1);
  CHECK(trimaran_status_role(status) == TRIMARAN_LEADER);
  CHECK(trimaran_status_leader(status) == 1);
  CHECK(trimaran_status_term(status) > 0);
  CHECK(trimaran_status_commit(status) >= written);
  CHECK_OK(trimaran_status_failure(status, &error));
  const char* json = trimaran_status_json(status);
  CHECK(json[0] == '{' && json[strlen(json) - 1] == '}');
  CHECK(strstr(json, "\"role\":\"leader\"") != NULL);
  CHECK(strstr(json, "\"members\":[{\"id\":1,") != NULL);
  CHECK(strstr(json, "\"failure\":null") != NULL);
  trimaran_status_free(status);

  char* metrics;
  CHECK_OK(trimaran_get_metrics(db, &metrics, &error));
  CHECK(strstr(metrics, "# TYPE trimaran_") != NULL);
  trimaran_free(metrics);
}

static void the_log_is_kept_up(trimaran_db* db, uint64_t written) {
  trimaran_error* error;
  trimaran_place place = {0, 0};
  CHECK_OK(trimaran_checkpoint(db, TRIMARAN_FOREVER, &place, &error));
  CHECK(place.index >= written);
  CHECK_OK(trimaran_compact_log(db, written, NULL, NULL, &error));
  CHECK_FAILS(TRIMARAN_OUT_OF_RANGE,
              trimaran_compact_log(db, written - 1, NULL, NULL, &error));
  trimaran_error_free(error);
}

static void a_backup_becomes_a_database(trimaran_db* db, uint64_t written) {
  trimaran_error* error;
  trimaran_place place = {0, 0};
  void* value;
  size_t size;
  CHECK_OK(trimaran_create_backup(db, "maintained.backup", TRIMARAN_FOREVER,
                                  &place, &error));
  CHECK(place.index >= written);
  CHECK_FAILS(
      TRIMARAN_ALREADY_EXISTS,
      trimaran_create_backup(db, "maintained.backup", 1000, NULL, &error));
  trimaran_error_free(error);
  CHECK_OK(trimaran_restore_from_backup(NULL, "maintained.backup",
                                        "restored.db", &error));
  CHECK_FAILS(TRIMARAN_ALREADY_EXISTS,
              trimaran_restore_from_backup(NULL, "maintained.backup",
                                           "restored.db", &error));
  trimaran_error_free(error);
  trimaran_db* restored = open_store("restored.db");
  CHECK_OK(
      trimaran_get(restored, DEFAULT, BYTES("k"), NULL, &value, &size, &error));
  CHECK_BYTES("v", value, size);
  trimaran_free(value);
  trimaran_db_free(restored);
}

static void check_sound(trimaran_verify_result* result) {
  bool damage = true;
  CHECK(!trimaran_verify_result_damaged(result));
  CHECK(trimaran_verify_result_examined(result) > 0);
  const size_t count = trimaran_verify_result_count(result);
  for (size_t i = 0; i < count; ++i) {
    CHECK(trimaran_verify_result_finding(result, i, &damage)[0] != '\0');
    CHECK(!damage);
  }
  damage = true;
  CHECK(trimaran_verify_result_finding(result, count, &damage)[0] == '\0');
  CHECK(!damage);
  trimaran_verify_result_free(result);
}

static void a_database_is_verified_open_and_closed(trimaran_db* db) {
  trimaran_error* error;
  trimaran_verify_result* result;
  CHECK_OK(trimaran_verify(db, TRIMARAN_VERIFY_FULL, TRIMARAN_FOREVER, &result,
                           &error));
  check_sound(result);
  CHECK_FAILS(TRIMARAN_INVALID_ARGUMENT,
              trimaran_verify(db, 2, TRIMARAN_FOREVER, &result, &error));
  CHECK(result == NULL);
  check_message(error, "no such depth");
  CHECK_FAILS(TRIMARAN_UNAVAILABLE,
              trimaran_verify_directory("maintained.db", TRIMARAN_VERIFY_QUICK,
                                        &result, &error));
  trimaran_error_free(error);
  CHECK_OK(trimaran_verify_directory("restored.db", TRIMARAN_VERIFY_QUICK,
                                     &result, &error));
  check_sound(result);
  CHECK_FAILS(TRIMARAN_NOT_FOUND,
              trimaran_verify_directory("nowhere.db", TRIMARAN_VERIFY_QUICK,
                                        &result, &error));
  trimaran_error_free(error);
}

static void one_replica_agrees_with_itself(trimaran_db* db) {
  trimaran_error* error;
  trimaran_consistency* result;
  CHECK_OK(trimaran_check_consistency(db, 60000, &result, &error));
  CHECK(trimaran_consistency_consistent(result));
  CHECK(!trimaran_consistency_diverged(result));
  CHECK(trimaran_consistency_count(result) == 1);
  CHECK(trimaran_consistency_replica(result, 0) == 1);
  CHECK(strlen(trimaran_consistency_hash(result, 0)) == 32);
  CHECK(trimaran_consistency_error(result, 0)[0] == '\0');
  CHECK(trimaran_consistency_replica(result, 1) == 0);
  CHECK(trimaran_consistency_hash(result, 1)[0] == '\0');
  CHECK(trimaran_consistency_error(result, 1)[0] == '\0');
  trimaran_consistency_free(result);
}

void test_maintenance(void) {
  trimaran_error* error;
  trimaran_place put;
  trimaran_db* db = open_store("maintained.db");
  CHECK_OK(
      trimaran_put(db, DEFAULT, BYTES("k"), BYTES("v"), NULL, &put, &error));
  a_status_is_read_field_by_field_and_as_json(db, put.index);
  the_log_is_kept_up(db, put.index);
  a_backup_becomes_a_database(db, put.index);
  a_database_is_verified_open_and_closed(db);
  one_replica_agrees_with_itself(db);
  trimaran_db_free(db);
}
