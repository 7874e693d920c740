#ifndef TRIMARAN_C_WATCH_H_
#define TRIMARAN_C_WATCH_H_

#include "trimaran/c/batch.h"
#include "trimaran/c/db.h"
#include "trimaran/c/types.h"

#ifdef __cplusplus
extern "C" {
#endif

// NOLINTBEGIN(modernize-use-using,readability-identifier-naming): this is C.

// ---- Every change of the rows in a range, once, in order: trimaran/watch.h

// May outlive its database, whose closing ends it.
typedef struct trimaran_watcher trimaran_watcher;

// `from_index` is the first write that is of interest: trimaran_iterator_index,
// or trimaran_watch_batch_index, plus 1; 0 for what is begun after the call.
// TRIMARAN_OUT_OF_RANGE (trimaran_error_is_compacted): the changes from there
// on are not kept; scan, and watch from behind that.
TRIMARAN_EXPORT trimaran_code trimaran_watch(
    trimaran_db* db, trimaran_family family, const trimaran_range* range,
    uint64_t from_index, trimaran_watcher** watcher, trimaran_error** error);
TRIMARAN_EXPORT void trimaran_watcher_free(trimaran_watcher* watcher);

// Changes that took place together.
typedef struct trimaran_watch_batch trimaran_watch_batch;

// The next batch, or one without changes when the time is over. After an error,
// trimaran_watcher_next_index is the first write that was not told of.
TRIMARAN_EXPORT trimaran_code
trimaran_watcher_next(trimaran_watcher* watcher, int64_t timeout_ms,
                      trimaran_watch_batch** batch, trimaran_error** error);
// Ends trimaran_watcher_next, now and for ever, with TRIMARAN_CANCELLED. Any
// thread.
TRIMARAN_EXPORT void trimaran_watcher_cancel(trimaran_watcher* watcher);
// Where another watcher would go on. Any thread.
TRIMARAN_EXPORT uint64_t
trimaran_watcher_next_index(const trimaran_watcher* watcher);

TRIMARAN_EXPORT void trimaran_watch_batch_free(trimaran_watch_batch* batch);
// The index of the writes that did this; of an empty batch, up to where there
// is nothing to tell of.
TRIMARAN_EXPORT uint64_t
trimaran_watch_batch_index(const trimaran_watch_batch* batch);
TRIMARAN_EXPORT size_t
trimaran_watch_batch_count(const trimaran_watch_batch* batch);

typedef int32_t trimaran_change;
enum {
  TRIMARAN_CHANGE_NONE = 0,
  TRIMARAN_CHANGE_PUT = 1,
  TRIMARAN_CHANGE_DELETE = 2,
  TRIMARAN_CHANGE_DELETE_RANGE = 3
};
// In the order in which they were done, from 0 on. TRIMARAN_CHANGE_NONE, and
// NULL: there is no change at that place.
TRIMARAN_EXPORT trimaran_change
trimaran_watch_batch_change(const trimaran_watch_batch* batch, size_t at);
// The key; of a range, where it begins (empty: at the first key).
TRIMARAN_EXPORT const void* trimaran_watch_batch_key(
    const trimaran_watch_batch* batch, size_t at, size_t* size);
// Of a put; empty for others.
TRIMARAN_EXPORT const void* trimaran_watch_batch_value(
    const trimaran_watch_batch* batch, size_t at, size_t* size);
// Of a range: where it ends, not included (empty: behind the last key).
TRIMARAN_EXPORT const void* trimaran_watch_batch_end(
    const trimaran_watch_batch* batch, size_t at, size_t* size);

// NOLINTEND(modernize-use-using,readability-identifier-naming)

#ifdef __cplusplus
}  // extern "C"
#endif

#endif  // TRIMARAN_C_WATCH_H_
