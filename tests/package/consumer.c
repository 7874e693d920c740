/* A program of somebody else's, in C. */
#include <stdio.h>
#include <string.h>
#include <trimaran/c.h>

static int fail(trimaran_error* error) {
  puts(trimaran_error_message(error));
  trimaran_error_free(error);
  return 1;
}

int main(void) {
  trimaran_error* error;
  trimaran_db* db;
  void* value;
  size_t size;
  if (trimaran_version_number() != TRIMARAN_VERSION_NUMBER) return 1;
  if (trimaran_open(NULL, "consumer.db", &db, &error)) return fail(error);
  if (trimaran_put(db, TRIMARAN_DEFAULT_FAMILY, "key", 3, "value", 5, NULL,
                   NULL, &error)) {
    return fail(error);
  }
  trimaran_db_free(db);

  if (trimaran_open(NULL, "consumer.db", &db, &error)) return fail(error);
  if (trimaran_get(db, TRIMARAN_DEFAULT_FAMILY, "key", 3, NULL, &value, &size,
                   &error)) {
    return fail(error);
  }
  if (value == NULL || size != 5 || memcmp(value, "value", 5) != 0) return 1;
  trimaran_free(value);
  trimaran_db_free(db);
  printf("trimaran %s\n", trimaran_version());
  return 0;
}
