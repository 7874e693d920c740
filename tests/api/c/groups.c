#include <stdio.h>
#include <string.h>

#include "check.h"

#define DEFAULT TRIMARAN_DEFAULT_FAMILY

static trimaran_options* group_options(trimaran_network* network,
                                       const char* cluster, uint64_t id) {
  trimaran_options* options = trimaran_options_create();
  trimaran_options_set_cluster(options, cluster);
  trimaran_options_set_replica_id(options, id);
  trimaran_options_set_network(options, network);
  trimaran_options_set_default_timeout_ms(options, 60000);
  return options;
}

static trimaran_db* open_member(trimaran_options* options, const char* cluster,
                                uint64_t id) {
  trimaran_error* error;
  trimaran_db* db;
  char directory[64];
  sprintf(directory, "%s-%u.db", cluster, (unsigned)id);
  CHECK_OK(trimaran_open(options, directory, &db, &error));
  trimaran_options_free(options);
  return db;
}

static uint64_t leader_of(trimaran_db* db) {
  trimaran_error* error;
  trimaran_status* status;
  CHECK_OK(trimaran_get_status(db, &status, &error));
  const uint64_t leader = trimaran_status_leader(status);
  trimaran_status_free(status);
  return leader;
}

static void who_does_not_lead_names_the_leader(trimaran_db* follower,
                                               uint64_t leader) {
  trimaran_error* error;
  CHECK_FAILS(TRIMARAN_UNAVAILABLE,
              trimaran_put(follower, DEFAULT, BYTES("k"), BYTES("v"), NULL,
                           NULL, &error));
  CHECK(trimaran_error_is_not_leader(error));
  CHECK(trimaran_error_leader(error) == leader);
  CHECK(trimaran_error_outcome(error) == TRIMARAN_NOT_APPLIED);
  trimaran_error_free(error);
}

// What it is told depends on whether it still thought that it leads.
static void who_is_alone_cannot_write(trimaran_network* network,
                                      trimaran_db* leader_db, uint64_t leader) {
  trimaran_error* error;
  trimaran_write_options* options = trimaran_write_options_create();
  trimaran_write_options_set_timeout_ms(options, 200);
  CHECK_OK(trimaran_put(leader_db, DEFAULT, BYTES("k"), BYTES("v"), NULL, NULL,
                        &error));
  trimaran_network_isolate(network, leader);
  const trimaran_code code = trimaran_put(leader_db, DEFAULT, BYTES("alone"),
                                          BYTES("v"), options, NULL, &error);
  CHECK(code != TRIMARAN_OK && trimaran_error_code(error) == code);
  CHECK((code == TRIMARAN_UNKNOWN) ==
        (trimaran_error_outcome(error) == TRIMARAN_OUTCOME_UNKNOWN));
  trimaran_error_free(error);
  trimaran_network_rejoin(network, leader);
  trimaran_write_options_free(options);
}

void test_groups(void) {
  trimaran_error* error;
  trimaran_place place;
  void* value;
  size_t size;
  trimaran_db* dbs[3];
  trimaran_network* network = trimaran_network_create();
  for (uint64_t id = 1; id <= 3; ++id) {
    trimaran_options* options = group_options(network, "group", id);
    trimaran_options_set_forward_writes(options, false);
    for (uint64_t founder = 1; founder <= 3; ++founder) {
      trimaran_options_add_founder(options, founder, NULL, NULL);
    }
    dbs[id - 1] = open_member(options, "group", id);
  }
  // A linearizable read waits for a leader.
  CHECK_OK(
      trimaran_get(dbs[0], DEFAULT, BYTES("k"), NULL, &value, &size, &error));
  const uint64_t leader = leader_of(dbs[0]);
  const uint64_t other = leader % 3 + 1;
  CHECK_OK(trimaran_put(dbs[leader - 1], DEFAULT, BYTES("k"), BYTES("v"), NULL,
                        &place, &error));
  trimaran_read_options* after = trimaran_read_options_create();
  trimaran_read_options_set_level(after, TRIMARAN_AT_LEAST);
  trimaran_read_options_set_index(after, place.index);
  CHECK_OK(trimaran_get(dbs[other - 1], DEFAULT, BYTES("k"), after, &value,
                        &size, &error));
  CHECK_BYTES("v", value, size);
  trimaran_free(value);
  trimaran_read_options_free(after);
  who_does_not_lead_names_the_leader(dbs[other - 1], leader);

  CHECK_OK(trimaran_transfer_leadership(dbs[leader - 1], other, NULL, &error));
  CHECK(leader_of(dbs[other - 1]) == other);
  who_is_alone_cannot_write(network, dbs[other - 1], other);
  // Databases keep what they need of it.
  trimaran_network_free(network);
  for (int i = 0; i < 3; ++i) trimaran_db_free(dbs[i]);
}

void test_members(void) {
  trimaran_error* error;
  trimaran_status* status;
  trimaran_db* dbs[4];
  trimaran_network* network = trimaran_network_create();
  for (uint64_t id = 1; id <= 4; ++id) {
    trimaran_options* options = group_options(network, "members", id);
    trimaran_options_set_join(options, id > 1);
    dbs[id - 1] = open_member(options, "members", id);
  }
  trimaran_write_options* patient = trimaran_write_options_create();
  trimaran_write_options_set_timeout_ms(patient, TRIMARAN_FOREVER);

  CHECK_OK(trimaran_add_learner(dbs[0], 2, "two", "a", patient, &error));
  trimaran_code code = TRIMARAN_FAILED_PRECONDITION;
  while (code == TRIMARAN_FAILED_PRECONDITION) {  // Not caught up yet.
    code = trimaran_promote(dbs[0], 2, patient, NULL);
  }
  CHECK(code == TRIMARAN_OK);
  CHECK_FAILS(TRIMARAN_ALREADY_EXISTS,
              trimaran_add_voter(dbs[0], 2, NULL, NULL, patient, &error));
  trimaran_error_free(error);
  CHECK_OK(trimaran_add_voter(dbs[0], 3, "three", NULL, patient, &error));
  CHECK_OK(trimaran_update_member(dbs[0], 3, "drei", "b", patient, &error));
  CHECK_OK(
      trimaran_replace_member(dbs[0], 2, 4, "four", NULL, patient, &error));
  CHECK_OK(trimaran_get_status(dbs[0], &status, &error));
  const char* json = trimaran_status_json(status);
  CHECK(strstr(json, "\"id\":2,\"name\"") == NULL);
  CHECK(strstr(json,
               "{\"id\":3,\"name\":\"drei\",\"address\":\"b\","
               "\"voter\":true") != NULL);
  CHECK(strstr(json, "{\"id\":4,\"name\":\"four\"") != NULL);
  trimaran_status_free(status);
  CHECK_OK(trimaran_remove_member(dbs[0], 4, patient, &error));
  CHECK_FAILS(TRIMARAN_NOT_FOUND,
              trimaran_remove_member(dbs[0], 4, patient, &error));
  trimaran_error_free(error);

  trimaran_write_options_free(patient);
  trimaran_network_free(network);
  for (int i = 0; i < 4; ++i) trimaran_db_free(dbs[i]);
}
