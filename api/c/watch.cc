#include <memory>
#include <utility>

#include "api/c/boundary.h"

using trimaran::Change;
using trimaran::c::Arguments;
using trimaran::c::Call;
using trimaran::c::Clear;
using trimaran::c::Show;
using trimaran::c::ShowNothing;
using trimaran::c::Timeout;

// ---- Watchers ----

trimaran_code trimaran_watch(trimaran_db* db, trimaran_family family,
                             const trimaran_range* range, uint64_t from_index,
                             trimaran_watcher** watcher,
                             trimaran_error** error) {
  Clear(watcher);
  return Call(error, [&] {
    Arguments arguments;
    arguments.Need(db, "db");
    arguments.Need(range, "range");
    arguments.Need(watcher, "watcher");
    if (!arguments.ok()) return arguments.refusal();
    auto made = db->db->Watch(
        range->range,
        {.family = trimaran::ColumnFamily(family), .from_index = from_index});
    if (!made.ok()) return made.status();
    *watcher = new trimaran_watcher{*std::move(made)};
    return absl::OkStatus();
  });
}

void trimaran_watcher_free(trimaran_watcher* watcher) { delete watcher; }

trimaran_code trimaran_watcher_next(trimaran_watcher* watcher,
                                    int64_t timeout_ms,
                                    trimaran_watch_batch** batch,
                                    trimaran_error** error) {
  Clear(batch);
  return Call(error, [&] {
    Arguments arguments;
    arguments.Need(watcher, "watcher");
    arguments.Need(batch, "batch");
    if (!arguments.ok()) return arguments.refusal();
    // Made first: a batch that was taken must not be lost for want of memory.
    auto made = std::make_unique<trimaran_watch_batch>();
    auto next = watcher->watcher->Next(Timeout(timeout_ms));
    if (!next.ok()) return next.status();
    made->batch = *std::move(next);
    *batch = made.release();
    return absl::OkStatus();
  });
}

void trimaran_watcher_cancel(trimaran_watcher* watcher) {
  if (watcher == nullptr) return;
  Call(nullptr, [&] {
    watcher->watcher->Cancel();
    return absl::OkStatus();
  });
}

uint64_t trimaran_watcher_next_index(const trimaran_watcher* watcher) {
  return watcher == nullptr ? 0 : watcher->watcher->next_index();
}

// ---- What they tell ----

void trimaran_watch_batch_free(trimaran_watch_batch* batch) { delete batch; }

uint64_t trimaran_watch_batch_index(const trimaran_watch_batch* batch) {
  return batch == nullptr ? 0 : batch->batch.index;
}

size_t trimaran_watch_batch_count(const trimaran_watch_batch* batch) {
  return batch == nullptr ? 0 : batch->batch.changes.size();
}

trimaran_change trimaran_watch_batch_change(const trimaran_watch_batch* batch,
                                            size_t at) {
  if (at >= trimaran_watch_batch_count(batch)) return TRIMARAN_CHANGE_NONE;
  switch (batch->batch.changes[at].kind) {
    case Change::Kind::kPut:
      return TRIMARAN_CHANGE_PUT;
    case Change::Kind::kDelete:
      return TRIMARAN_CHANGE_DELETE;
    case Change::Kind::kDeleteRange:
      return TRIMARAN_CHANGE_DELETE_RANGE;
  }
  return TRIMARAN_CHANGE_NONE;
}

const void* trimaran_watch_batch_key(const trimaran_watch_batch* batch,
                                     size_t at, size_t* size) {
  if (at >= trimaran_watch_batch_count(batch)) return ShowNothing(size);
  return Show(batch->batch.changes[at].key, size);
}

const void* trimaran_watch_batch_value(const trimaran_watch_batch* batch,
                                       size_t at, size_t* size) {
  if (at >= trimaran_watch_batch_count(batch)) return ShowNothing(size);
  return Show(batch->batch.changes[at].value, size);
}

const void* trimaran_watch_batch_end(const trimaran_watch_batch* batch,
                                     size_t at, size_t* size) {
  if (at >= trimaran_watch_batch_count(batch)) return ShowNothing(size);
  return Show(batch->batch.changes[at].end, size);
}
