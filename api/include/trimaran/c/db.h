#ifndef TRIMARAN_C_DB_H_
#define TRIMARAN_C_DB_H_

#include "trimaran/c/batch.h"
#include "trimaran/c/options.h"
#include "trimaran/c/types.h"

#ifdef __cplusplus
extern "C" {
#endif

// NOLINTBEGIN(modernize-use-using,readability-identifier-naming): this is C.

// ---- A database: DB in trimaran/db.h ----

typedef struct trimaran_db trimaran_db;

// Opens the database in `directory`, or makes one. `options` may be NULL: a
// store of one replica.
TRIMARAN_EXPORT trimaran_code trimaran_open(const trimaran_options* options,
                                            const char* directory,
                                            trimaran_db** db,
                                            trimaran_error** error);
// Lets writes that are under way come to their end, and closes the directory.
// Other calls are refused then; the handle still has to be freed.
TRIMARAN_EXPORT trimaran_code trimaran_close(trimaran_db* db,
                                             trimaran_error** error);
// Closes as well, where that was not done. Nobody may be in a call; not in a
// callback. Iterators and watchers may be freed later.
TRIMARAN_EXPORT void trimaran_db_free(trimaran_db* db);

// ---- Writing: done and durable when the call returns TRIMARAN_OK ----
// `place`, if not NULL, gets the place in the order of writes. What became of a
// write that failed: trimaran_error_outcome.

TRIMARAN_EXPORT trimaran_code trimaran_put(
    trimaran_db* db, trimaran_family family, const void* key, size_t key_size,
    const void* value, size_t value_size, const trimaran_write_options* options,
    trimaran_place* place, trimaran_error** error);
// The row need not be there.
TRIMARAN_EXPORT trimaran_code
trimaran_delete(trimaran_db* db, trimaran_family family, const void* key,
                size_t key_size, const trimaran_write_options* options,
                trimaran_place* place, trimaran_error** error);
// A million rows at most.
TRIMARAN_EXPORT trimaran_code trimaran_delete_range(
    trimaran_db* db, trimaran_family family, const trimaran_range* range,
    const trimaran_write_options* options, trimaran_place* place,
    trimaran_error** error);
TRIMARAN_EXPORT trimaran_code
trimaran_write(trimaran_db* db, const trimaran_batch* batch,
               const trimaran_write_options* options, trimaran_place* place,
               trimaran_error** error);
// TRIMARAN_OK also where the conditions did not hold:
// trimaran_commit_result_succeeded.
TRIMARAN_EXPORT trimaran_code
trimaran_commit(trimaran_db* db, const trimaran_transaction* transaction,
                const trimaran_write_options* options,
                trimaran_commit_result** result, trimaran_error** error);

// ---- Writing and reading without waiting ----

// Called once, on a thread of the library, of another caller, or within the
// call itself; but, while the database is open, not within another callback of
// it. So each may ask for the next thing, without end, which may be told on
// another thread before the first has returned. It may call the library, but
// not wait in it (TRIMARAN_FAILED_PRECONDITION), and needs no lock that is held
// while the library is called. One of `place`, `result` or `index`, and
// `error`, is NULL; they are valid during the call, and the library frees them.
typedef void (*trimaran_write_callback)(void* context,
                                        const trimaran_place* place,
                                        const trimaran_error* error);
typedef void (*trimaran_commit_callback)(void* context,
                                         const trimaran_commit_result* result,
                                         const trimaran_error* error);
typedef void (*trimaran_read_index_callback)(void* context,
                                             const uint64_t* index,
                                             const trimaran_error* error);
// The batch may be changed and freed as soon as the call returns; `context` is
// needed until `done` is called, which has happened when trimaran_close
// returns. `done` may be NULL for somebody who does not want to know.
TRIMARAN_EXPORT void trimaran_write_async(trimaran_db* db,
                                          const trimaran_batch* batch,
                                          const trimaran_write_options* options,
                                          trimaran_write_callback done,
                                          void* context);
TRIMARAN_EXPORT void trimaran_commit_async(
    trimaran_db* db, const trimaran_transaction* transaction,
    const trimaran_write_options* options, trimaran_commit_callback done,
    void* context);
// Tells an index, such that reads of level TRIMARAN_AT_LEAST with it are served
// by this replica at once, and see what `options` ask for. One index serves any
// number of reads. TRIMARAN_RESOURCE_EXHAUSTED where 65536 wait already.
TRIMARAN_EXPORT void trimaran_read_index_async(
    trimaran_db* db, const trimaran_read_options* options,
    trimaran_read_index_callback done, void* context);

// ---- Reading ----

// `*value` is NULL if there is no such row, and otherwise to be freed with
// trimaran_free; it is not NULL for an empty value. Behind its `*value_size`
// bytes is a zero byte more, for those who know that it is a text.
TRIMARAN_EXPORT trimaran_code trimaran_get(trimaran_db* db,
                                           trimaran_family family,
                                           const void* key, size_t key_size,
                                           const trimaran_read_options* options,
                                           void** value, size_t* value_size,
                                           trimaran_error** error);

// One answer per key, all as of one moment.
typedef struct trimaran_values trimaran_values;

TRIMARAN_EXPORT trimaran_code trimaran_multi_get(
    trimaran_db* db, trimaran_family family, const trimaran_bytes* keys,
    size_t key_count, const trimaran_read_options* options,
    trimaran_values** values, trimaran_error** error);
TRIMARAN_EXPORT void trimaran_values_free(trimaran_values* values);
TRIMARAN_EXPORT size_t trimaran_values_count(const trimaran_values* values);
// NULL if there is no such row, or no such answer.
TRIMARAN_EXPORT const void* trimaran_values_at(const trimaran_values* values,
                                               size_t at, size_t* size);

// ---- Column families ----

TRIMARAN_EXPORT trimaran_code trimaran_create_family(
    trimaran_db* db, const char* name, const trimaran_write_options* options,
    trimaran_family* family, trimaran_error** error);
// Removes the family, and all its rows.
TRIMARAN_EXPORT trimaran_code trimaran_drop_family(
    trimaran_db* db, const char* name, const trimaran_write_options* options,
    trimaran_place* place, trimaran_error** error);
TRIMARAN_EXPORT trimaran_code trimaran_find_family(
    trimaran_db* db, const char* name, const trimaran_read_options* options,
    trimaran_family* family, trimaran_error** error);

// By name.
typedef struct trimaran_families trimaran_families;

TRIMARAN_EXPORT trimaran_code
trimaran_list_families(trimaran_db* db, const trimaran_read_options* options,
                       trimaran_families** families, trimaran_error** error);
TRIMARAN_EXPORT void trimaran_families_free(trimaran_families* families);
TRIMARAN_EXPORT size_t
trimaran_families_count(const trimaran_families* families);
TRIMARAN_EXPORT const char* trimaran_families_name(
    const trimaran_families* families, size_t at);
TRIMARAN_EXPORT trimaran_family
trimaran_families_id(const trimaran_families* families, size_t at);

// NOLINTEND(modernize-use-using,readability-identifier-naming)

#ifdef __cplusplus
}  // extern "C"
#endif

#endif  // TRIMARAN_C_DB_H_
