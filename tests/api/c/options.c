#include <string.h>

#include "check.h"

#define DEFAULT TRIMARAN_DEFAULT_FAMILY

// Every option, at a value that ValidateOptions accepts.
static trimaran_options* all_options(void) {
  trimaran_options* options = trimaran_options_create();
  trimaran_options_set_create_if_missing(options, true);
  trimaran_options_set_join(options, false);
  trimaran_options_set_cluster(options, "all options");
  trimaran_options_set_replica_id(options, 2);
  trimaran_options_add_founder(options, 2, "two", "127.0.0.1:2");
  trimaran_options_add_founder(options, 2, NULL, NULL);
  trimaran_options_set_insecure(options, false);
  trimaran_options_set_default_timeout_ms(options, TRIMARAN_FOREVER);
  trimaran_options_set_heartbeat_interval_ms(options, 40);
  trimaran_options_set_election_timeout_ms(options, 400);
  trimaran_options_set_forward_writes(options, false);
  trimaran_options_set_lease_reads(options, true);
  trimaran_options_set_cache_bytes(options, 16 << 20);
  trimaran_options_set_log_segment_bytes(options, 1 << 20);
  trimaran_options_set_log_bytes_max(options, 8 << 20);
  trimaran_options_set_log_writes_max(options, 1000);
  trimaran_options_set_checkpoint_bytes(options, 8 << 20);
  trimaran_options_set_free_bytes_min(options, 1 << 20);
  trimaran_options_set_snapshot_rate(options, 1 << 20);
  trimaran_options_set_write_queue_bytes_max(options, 1 << 20);
  trimaran_options_set_watch_bytes_max(options, 1 << 20);
  trimaran_options_set_views_max(options, 1);
  trimaran_options_set_view_age_max_ms(options, 60000);
  return options;
}

static void all_options_are_passed_on(void) {
  trimaran_error* error;
  trimaran_db* db;
  trimaran_status* status;
  trimaran_iterator* rows;
  trimaran_iterator* refused;
  trimaran_options* options = all_options();
  CHECK_OK(trimaran_options_validate(options, &error));
  CHECK_OK(trimaran_open(options, "options.db", &db, &error));
  CHECK_OK(trimaran_get_status(db, &status, &error));
  CHECK(trimaran_status_replica_id(status) == 2);
  trimaran_status_free(status);

  // views_max, as an example that shows.
  trimaran_range* all = trimaran_range_all();
  CHECK_OK(trimaran_scan(db, all, NULL, &rows, &error));
  CHECK_FAILS(TRIMARAN_RESOURCE_EXHAUSTED,
              trimaran_scan(db, all, NULL, &refused, &error));
  trimaran_error_free(error);
  trimaran_iterator_free(rows);
  trimaran_range_free(all);
  trimaran_db_free(db);

  trimaran_options_set_cluster(options, "another one");
  CHECK_FAILS(TRIMARAN_FAILED_PRECONDITION,
              trimaran_open(options, "options.db", &db, &error));
  CHECK(db == NULL);
  trimaran_error_free(error);
  trimaran_options_free(options);
}

// Each setter with a value that is refused under the name of its field, which
// shows that it sets that one.
static void a_value_out_of_bounds_is_named(void) {
  static const struct {
    void (*set_bytes)(trimaran_options*, uint64_t);
    void (*set_ms)(trimaran_options*, int64_t);
    const char* name;
  } fields[] = {
      {trimaran_options_set_replica_id, NULL, "replica_id"},
      {trimaran_options_set_cache_bytes, NULL, "cache_bytes"},
      {trimaran_options_set_log_segment_bytes, NULL, "log_segment_bytes"},
      {trimaran_options_set_log_bytes_max, NULL, "log_bytes_max"},
      {trimaran_options_set_log_writes_max, NULL, "log_writes_max"},
      {trimaran_options_set_checkpoint_bytes, NULL, "checkpoint_bytes"},
      {trimaran_options_set_write_queue_bytes_max, NULL,
       "write_queue_bytes_max"},
      {trimaran_options_set_watch_bytes_max, NULL, "watch_bytes_max"},
      {trimaran_options_set_views_max, NULL, "views_max"},
      {NULL, trimaran_options_set_default_timeout_ms, "default_timeout"},
      {NULL, trimaran_options_set_heartbeat_interval_ms, "heartbeat_interval"},
      {NULL, trimaran_options_set_election_timeout_ms, "election_timeout"},
      {NULL, trimaran_options_set_view_age_max_ms, "view_age_max"},
  };
  for (size_t i = 0; i < sizeof(fields) / sizeof(fields[0]); ++i) {
    trimaran_error* error;
    trimaran_options* options = trimaran_options_create();
    if (fields[i].set_bytes != NULL) fields[i].set_bytes(options, 0);
    if (fields[i].set_ms != NULL) fields[i].set_ms(options, 0);
    CHECK_FAILS(TRIMARAN_INVALID_ARGUMENT,
                trimaran_options_validate(options, &error));
    check_message(error, fields[i].name);
    trimaran_options_free(options);
  }
}

static void addresses_and_certificates_are_checked_at_open(void) {
  trimaran_error* error;
  trimaran_db* db;
  trimaran_options* options = trimaran_options_create();
  trimaran_options_set_cluster(options, "secure");
  trimaran_options_set_listen(options, "127.0.0.1:0");
  trimaran_options_set_advertise(options, "localhost:7");
  trimaran_options_set_tls(options, "absent-ca", "absent-certificate",
                           "absent-key");
  CHECK(trimaran_open(options, "secure.db", &db, &error) != TRIMARAN_OK);
  check_message(error, "absent-ca");

  trimaran_options_set_listen(options, "nonsense");
  CHECK_FAILS(TRIMARAN_INVALID_ARGUMENT,
              trimaran_open(options, "secure.db", &db, &error));
  check_message(error, "nonsense");
  trimaran_options_free(options);
}

static void what_was_set_wrongly_is_told_by_open(void) {
  trimaran_error* error;
  trimaran_db* db;
  trimaran_options* options = trimaran_options_create();
  trimaran_options_set_network(options, NULL);
  CHECK_FAILS(TRIMARAN_INVALID_ARGUMENT,
              trimaran_open(options, "wrong.db", &db, &error));
  check_message(error, "options: network is NULL");
  trimaran_options_free(options);

  options = trimaran_options_create();
  trimaran_options_set_log(options, NULL, NULL, 4);
  CHECK_FAILS(TRIMARAN_INVALID_ARGUMENT,
              trimaran_options_validate(options, &error));
  check_message(error, "no such severity: 4");
  trimaran_options_free(options);

  options = trimaran_options_create();
  trimaran_options_set_create_if_missing(options, false);
  CHECK_FAILS(TRIMARAN_NOT_FOUND,
              trimaran_open(options, "absent.db", &db, &error));
  trimaran_error_free(error);
  trimaran_options_free(options);
}

static void on_message(void* context, trimaran_severity severity,
                       const char* component, size_t component_size,
                       const char* message, size_t message_size) {
  CHECK(severity >= TRIMARAN_DEBUG && severity <= TRIMARAN_ERROR);
  CHECK(component != NULL && component_size > 0);
  CHECK(message != NULL && message_size > 0);
  *(bool*)context = true;
}

static void messages_are_told(void) {
  trimaran_error* error;
  trimaran_db* db;
  bool told = false;
  trimaran_options* options = trimaran_options_create();
  trimaran_options_set_log(options, on_message, &told, TRIMARAN_DEBUG);
  CHECK_OK(trimaran_open(options, "messages.db", &db, &error));
  trimaran_options_free(options);
  trimaran_db_free(db);
  CHECK(told);
}

void test_options(void) {
  all_options_are_passed_on();
  a_value_out_of_bounds_is_named();
  addresses_and_certificates_are_checked_at_open();
  what_was_set_wrongly_is_told_by_open();
  messages_are_told();
}
