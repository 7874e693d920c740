#ifndef TRIMARAN_C_TYPES_H_
#define TRIMARAN_C_TYPES_H_

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "trimaran/export.h"

#ifdef __cplusplus
extern "C" {
#endif

// NOLINTBEGIN(modernize-use-using,readability-identifier-naming): this is C.

// ---- Values ----

// Bytes that belong to somebody else.
typedef struct trimaran_bytes {
  const void* data;
  size_t size;
} trimaran_bytes;

// A place in the order of all writes. The term is 0 where it is not known.
typedef struct trimaran_place {
  uint64_t index;
  uint64_t term;
} trimaran_place;

// A column family. Every call that is about rows takes one.
typedef uint64_t trimaran_family;
#define TRIMARAN_DEFAULT_FAMILY ((trimaran_family)1)

// Times are in milliseconds. With a time-out of 0, what would have to wait is
// refused: each write and all maintenance, also the calls that do not wait
// themselves. Any negative one waits for ever.
#define TRIMARAN_FOREVER ((int64_t)-1)

// ---- Errors ----

// What each means for which call: the table of trimaran/errors.h.
typedef int32_t trimaran_code;
enum {
  TRIMARAN_OK = 0,
  TRIMARAN_CANCELLED = 1,
  TRIMARAN_UNKNOWN = 2,
  TRIMARAN_INVALID_ARGUMENT = 3,
  TRIMARAN_DEADLINE_EXCEEDED = 4,
  TRIMARAN_NOT_FOUND = 5,
  TRIMARAN_ALREADY_EXISTS = 6,
  TRIMARAN_PERMISSION_DENIED = 7,
  // Also: no memory.
  TRIMARAN_RESOURCE_EXHAUSTED = 8,
  TRIMARAN_FAILED_PRECONDITION = 9,
  TRIMARAN_ABORTED = 10,
  TRIMARAN_OUT_OF_RANGE = 11,
  TRIMARAN_UNIMPLEMENTED = 12,
  TRIMARAN_INTERNAL = 13,
  TRIMARAN_UNAVAILABLE = 14,
  TRIMARAN_DATA_LOSS = 15
};
// "NOT_FOUND"; "" for a number that is none of these.
TRIMARAN_EXPORT const char* trimaran_code_name(trimaran_code code);

// What became of a write.
typedef int32_t trimaran_outcome;
enum {
  // It is in the database, once.
  TRIMARAN_APPLIED = 0,
  // It is not, and never will be: trying again is safe.
  TRIMARAN_NOT_APPLIED = 1,
  // It may be, now or later: read before trying again.
  TRIMARAN_OUTCOME_UNKNOWN = 2
};

// Why a call failed. NULL stands for success, also for the functions below. It
// does not change, and may outlive everything.
typedef struct trimaran_error trimaran_error;

TRIMARAN_EXPORT void trimaran_error_free(trimaran_error* error);
TRIMARAN_EXPORT trimaran_code trimaran_error_code(const trimaran_error* error);
// For people: the wording may change.
TRIMARAN_EXPORT const char* trimaran_error_message(const trimaran_error* error);
// What became of the write that failed so. Of no meaning for other calls.
TRIMARAN_EXPORT trimaran_outcome
trimaran_error_outcome(const trimaran_error* error);
// The replica does not lead, and was asked for what only a leader does. Then
// trimaran_error_leader is the leader it last heard of, 0 if it knows none; it
// is 0 for any other error.
TRIMARAN_EXPORT bool trimaran_error_is_not_leader(const trimaran_error* error);
TRIMARAN_EXPORT uint64_t trimaran_error_leader(const trimaran_error* error);
// The log, or the changes for watchers, are not kept that far back any more.
TRIMARAN_EXPORT bool trimaran_error_is_compacted(const trimaran_error* error);
// Stored bytes are not what was written.
TRIMARAN_EXPORT bool trimaran_error_is_corruption(const trimaran_error* error);
// The directory was written by a newer version.
TRIMARAN_EXPORT bool trimaran_error_is_newer_format(
    const trimaran_error* error);

// ---- Memory ----

// Frees a value or a text that was returned as plain memory.
TRIMARAN_EXPORT void trimaran_free(void* memory);

// NOLINTEND(modernize-use-using,readability-identifier-naming)

#ifdef __cplusplus
}  // extern "C"
#endif

#endif  // TRIMARAN_C_TYPES_H_
