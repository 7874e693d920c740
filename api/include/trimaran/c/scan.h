#ifndef TRIMARAN_C_SCAN_H_
#define TRIMARAN_C_SCAN_H_

#include "trimaran/c/batch.h"
#include "trimaran/c/db.h"
#include "trimaran/c/options.h"
#include "trimaran/c/types.h"

#ifdef __cplusplus
extern "C" {
#endif

// NOLINTBEGIN(modernize-use-using,readability-identifier-naming): this is C.

// ---- What is walked over ----

typedef struct trimaran_scan_options trimaran_scan_options;

TRIMARAN_EXPORT trimaran_scan_options* trimaran_scan_options_create(void);
TRIMARAN_EXPORT void trimaran_scan_options_free(trimaran_scan_options* options);
TRIMARAN_EXPORT void trimaran_scan_options_set_family(
    trimaran_scan_options* options, trimaran_family family);
// From the last row to the first one.
TRIMARAN_EXPORT void trimaran_scan_options_set_reverse(
    trimaran_scan_options* options, bool reverse);
// Rows at most; 0 for all.
TRIMARAN_EXPORT void trimaran_scan_options_set_limit(
    trimaran_scan_options* options, uint64_t limit);
// Copies them; NULL for the defaults.
TRIMARAN_EXPORT void trimaran_scan_options_set_read(
    trimaran_scan_options* options, const trimaran_read_options* read);

// ---- Rows as they were at one moment: trimaran/iterator.h ----
//
//   for (; trimaran_iterator_valid(rows); trimaran_iterator_next(rows)) ...
//   if (trimaran_iterator_status(rows, &error) != TRIMARAN_OK) ...
//
// Keep one for seconds, not for minutes. May outlive its database, whose
// closing ends it.
typedef struct trimaran_iterator trimaran_iterator;

TRIMARAN_EXPORT trimaran_code
trimaran_scan(trimaran_db* db, const trimaran_range* range,
              const trimaran_scan_options* options,
              trimaran_iterator** iterator, trimaran_error** error);
TRIMARAN_EXPORT void trimaran_iterator_free(trimaran_iterator* iterator);

// Whether it stands at a row. It does at first, unless there is none.
TRIMARAN_EXPORT bool trimaran_iterator_valid(const trimaran_iterator* iterator);
// To the next row. Nothing, unless it is valid.
TRIMARAN_EXPORT void trimaran_iterator_next(trimaran_iterator* iterator);
// To the first row at or behind `key` in the direction of the scan, which stays
// within its range. Also after the end. Without memory, or with bytes at NULL,
// it ends, and its status says so.
TRIMARAN_EXPORT void trimaran_iterator_seek(trimaran_iterator* iterator,
                                            const void* key, size_t key_size);

// NULL unless it is valid; until it is moved or freed, or its database closed.
TRIMARAN_EXPORT const void* trimaran_iterator_key(
    const trimaran_iterator* iterator, size_t* size);
TRIMARAN_EXPORT const void* trimaran_iterator_value(
    const trimaran_iterator* iterator, size_t* size);
// The index of the write that left the row as it is.
TRIMARAN_EXPORT uint64_t
trimaran_iterator_version(const trimaran_iterator* iterator);

// TRIMARAN_OK while it is valid, and after the last row.
TRIMARAN_EXPORT trimaran_code trimaran_iterator_status(
    const trimaran_iterator* iterator, trimaran_error** error);
// The last write that it sees.
TRIMARAN_EXPORT uint64_t
trimaran_iterator_index(const trimaran_iterator* iterator);

// NOLINTEND(modernize-use-using,readability-identifier-naming)

#ifdef __cplusplus
}  // extern "C"
#endif

#endif  // TRIMARAN_C_SCAN_H_
