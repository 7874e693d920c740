#ifndef TRIMARAN_C_BATCH_H_
#define TRIMARAN_C_BATCH_H_

#include "trimaran/c/types.h"

#ifdef __cplusplus
extern "C" {
#endif

// NOLINTBEGIN(modernize-use-using,readability-identifier-naming): this is C.

// ---- Ranges of keys ----

// Does not change once it is made.
typedef struct trimaran_range trimaran_range;

// NULL: no memory, or bytes at NULL.
TRIMARAN_EXPORT trimaran_range* trimaran_range_all(void);
// The keys that begin with `prefix`.
TRIMARAN_EXPORT trimaran_range* trimaran_range_prefix(const void* prefix,
                                                      size_t prefix_size);
// Keys in [begin, end). Empty ends: from the first key, to the last one.
TRIMARAN_EXPORT trimaran_range* trimaran_range_between(const void* begin,
                                                       size_t begin_size,
                                                       const void* end,
                                                       size_t end_size);
TRIMARAN_EXPORT void trimaran_range_free(trimaran_range* range);

// ---- Changes that are done together or not at all ----

// The same one can be written several times.
typedef struct trimaran_batch trimaran_batch;

TRIMARAN_EXPORT trimaran_batch* trimaran_batch_create(void);
// Nothing, for a batch that is part of a transaction.
TRIMARAN_EXPORT void trimaran_batch_free(trimaran_batch* batch);
TRIMARAN_EXPORT void trimaran_batch_clear(trimaran_batch* batch);
// Changes and reads; and the bytes of their keys and values.
TRIMARAN_EXPORT size_t trimaran_batch_size(const trimaran_batch* batch);
TRIMARAN_EXPORT size_t trimaran_batch_bytes(const trimaran_batch* batch);

TRIMARAN_EXPORT void trimaran_batch_put(trimaran_batch* batch,
                                        trimaran_family family, const void* key,
                                        size_t key_size, const void* value,
                                        size_t value_size);
TRIMARAN_EXPORT void trimaran_batch_delete(trimaran_batch* batch,
                                           trimaran_family family,
                                           const void* key, size_t key_size);
TRIMARAN_EXPORT void trimaran_batch_delete_range(trimaran_batch* batch,
                                                 trimaran_family family,
                                                 const trimaran_range* range);
// In a transaction only: reads the row between the changes before and after.
TRIMARAN_EXPORT void trimaran_batch_get(trimaran_batch* batch,
                                        trimaran_family family, const void* key,
                                        size_t key_size);

// ---- Conditions, and what is done if they hold ----

typedef struct trimaran_transaction trimaran_transaction;

TRIMARAN_EXPORT trimaran_transaction* trimaran_transaction_create(void);
TRIMARAN_EXPORT void trimaran_transaction_free(
    trimaran_transaction* transaction);

TRIMARAN_EXPORT void trimaran_transaction_if_exists(
    trimaran_transaction* transaction, trimaran_family family, const void* key,
    size_t key_size);
TRIMARAN_EXPORT void trimaran_transaction_if_absent(
    trimaran_transaction* transaction, trimaran_family family, const void* key,
    size_t key_size);
TRIMARAN_EXPORT void trimaran_transaction_if_value_is(
    trimaran_transaction* transaction, trimaran_family family, const void* key,
    size_t key_size, const void* value, size_t value_size);
// `version` is the index of the last write of the row (trimaran_place,
// trimaran_iterator_version); 0 if there is no such row.
TRIMARAN_EXPORT void trimaran_transaction_if_version_is(
    trimaran_transaction* transaction, trimaran_family family, const void* key,
    size_t key_size, uint64_t version);

// What is done if all conditions hold, and what else. They are parts of the
// transaction, and go with it.
TRIMARAN_EXPORT trimaran_batch* trimaran_transaction_then(
    trimaran_transaction* transaction);
TRIMARAN_EXPORT trimaran_batch* trimaran_transaction_otherwise(
    trimaran_transaction* transaction);

// ---- What a transaction has come to ----

typedef struct trimaran_commit_result trimaran_commit_result;

TRIMARAN_EXPORT void trimaran_commit_result_free(
    trimaran_commit_result* result);
// Whether the conditions held.
TRIMARAN_EXPORT bool trimaran_commit_result_succeeded(
    const trimaran_commit_result* result);
TRIMARAN_EXPORT void trimaran_commit_result_place(
    const trimaran_commit_result* result, trimaran_place* place);
// The answers to the gets of the batch that was done, in order.
TRIMARAN_EXPORT size_t
trimaran_commit_result_read_count(const trimaran_commit_result* result);
// NULL if there was no such row, or no such read.
TRIMARAN_EXPORT const void* trimaran_commit_result_read(
    const trimaran_commit_result* result, size_t at, size_t* size);
// There was more to read than is handed out, and there are no answers.
TRIMARAN_EXPORT bool trimaran_commit_result_reads_dropped(
    const trimaran_commit_result* result);
TRIMARAN_EXPORT uint64_t
trimaran_commit_result_rows_deleted(const trimaran_commit_result* result);

// NOLINTEND(modernize-use-using,readability-identifier-naming)

#ifdef __cplusplus
}  // extern "C"
#endif

#endif  // TRIMARAN_C_BATCH_H_
