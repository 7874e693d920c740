// What is compiled into programs that exist: none of these ever changes.
#include <stdlib.h>
#include <string.h>

#include "check.h"

#define IS(constant, value) \
  _Static_assert((constant) == (value), #constant " has changed")

IS(TRIMARAN_DEFAULT_FAMILY, 1);
IS(TRIMARAN_FOREVER, -1);
IS(sizeof(trimaran_bytes), 2 * sizeof(void*));
IS(offsetof(trimaran_bytes, data), 0);
IS(offsetof(trimaran_bytes, size), sizeof(void*));
IS(sizeof(trimaran_place), 16);
IS(offsetof(trimaran_place, index), 0);
IS(offsetof(trimaran_place, term), 8);
IS(sizeof(trimaran_family), 8);
IS(sizeof(trimaran_code), 4);
IS(sizeof(trimaran_outcome), 4);
IS(sizeof(trimaran_severity), 4);
IS(sizeof(trimaran_read_level), 4);
IS(sizeof(trimaran_change), 4);
IS(sizeof(trimaran_role), 4);
IS(sizeof(trimaran_verify_depth), 4);

IS(TRIMARAN_OK, 0);
IS(TRIMARAN_CANCELLED, 1);
IS(TRIMARAN_UNKNOWN, 2);
IS(TRIMARAN_INVALID_ARGUMENT, 3);
IS(TRIMARAN_DEADLINE_EXCEEDED, 4);
IS(TRIMARAN_NOT_FOUND, 5);
IS(TRIMARAN_ALREADY_EXISTS, 6);
IS(TRIMARAN_PERMISSION_DENIED, 7);
IS(TRIMARAN_RESOURCE_EXHAUSTED, 8);
IS(TRIMARAN_FAILED_PRECONDITION, 9);
IS(TRIMARAN_ABORTED, 10);
IS(TRIMARAN_OUT_OF_RANGE, 11);
IS(TRIMARAN_UNIMPLEMENTED, 12);
IS(TRIMARAN_INTERNAL, 13);
IS(TRIMARAN_UNAVAILABLE, 14);
IS(TRIMARAN_DATA_LOSS, 15);

IS(TRIMARAN_APPLIED, 0);
IS(TRIMARAN_NOT_APPLIED, 1);
IS(TRIMARAN_OUTCOME_UNKNOWN, 2);

IS(TRIMARAN_DEBUG, 0);
IS(TRIMARAN_INFO, 1);
IS(TRIMARAN_WARNING, 2);
IS(TRIMARAN_ERROR, 3);

IS(TRIMARAN_LINEARIZABLE, 0);
IS(TRIMARAN_LEASE, 1);
IS(TRIMARAN_AT_LEAST, 2);
IS(TRIMARAN_BOUNDED, 3);
IS(TRIMARAN_LOCAL, 4);

IS(TRIMARAN_CHANGE_NONE, 0);
IS(TRIMARAN_CHANGE_PUT, 1);
IS(TRIMARAN_CHANGE_DELETE, 2);
IS(TRIMARAN_CHANGE_DELETE_RANGE, 3);

IS(TRIMARAN_FOLLOWER, 0);
IS(TRIMARAN_CANDIDATE, 1);
IS(TRIMARAN_LEADER, 2);

IS(TRIMARAN_VERIFY_QUICK, 0);
IS(TRIMARAN_VERIFY_FULL, 1);

void test_version_and_codes(void) {
  CHECK(trimaran_version_number() == TRIMARAN_VERSION_NUMBER);
  CHECK(strtol(trimaran_version(), NULL, 10) == TRIMARAN_VERSION_MAJOR);

  CHECK(strcmp(trimaran_code_name(TRIMARAN_OK), "OK") == 0);
  CHECK(strcmp(trimaran_code_name(TRIMARAN_DATA_LOSS), "DATA_LOSS") == 0);
  CHECK(strcmp(trimaran_code_name(16), "") == 0);
  for (trimaran_code code = TRIMARAN_OK; code <= TRIMARAN_DATA_LOSS; ++code) {
    CHECK(trimaran_code_name(code)[0] != '\0');
  }
}
