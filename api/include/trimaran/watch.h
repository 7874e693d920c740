#ifndef TRIMARAN_WATCH_H_
#define TRIMARAN_WATCH_H_

#include <cstdint>
#include <string>
#include <vector>

#include "absl/status/statusor.h"
#include "absl/time/time.h"
#include "trimaran/export.h"
#include "trimaran/write_batch.h"

namespace trimaran {

// One thing that was done to the rows that are watched.
struct Change {
  enum class Kind : uint8_t { kPut, kDelete, kDeleteRange };
  Kind kind = Kind::kPut;
  // The key; of a range, where it begins (empty: at the first key).
  std::string key = {};
  // Of a put.
  std::string value = {};
  // Of a range: where it ends, not included (empty: behind the last key).
  std::string end = {};

  friend bool operator==(const Change&, const Change&) = default;
};

// Changes that took place together. There is one batch for an index: writes
// that shared a place in the order of all writes come together as well, those
// of one WriteBatch or Transaction always do.
struct WatchBatch {
  // CommitInfo::index of the writes that did this.
  uint64_t index = 0;
  // In the order in which they were done; those that are watched only. Empty if
  // nothing that is watched has changed up to and including `index`.
  std::vector<Change> changes = {};
};

struct WatchOptions {
  ColumnFamily family = {};
  // The first write that is of interest: a WatchBatch::index or an
  // Iterator::index, plus 1. It may be one that is not done yet. 0: those that
  // have not been applied here when Watch is called, which are all that are
  // begun after it. A read before the call may have missed more; only an index
  // says where it ended.
  uint64_t from_index = 0;
};

// Tells of every change of the rows in a range, once, in the order of the
// writes, as this replica applies them; on whichever replica, leader or not,
// the batches are the same. What is told of is committed and stays so. Get one
// from DB::Watch.
//
//   while (true) {
//     auto batch = watcher->Next(absl::Seconds(1));
//     if (!batch.ok()) break;  // see Next
//     for (const Change& change : batch->changes) Use(change);
//     Remember(batch->index + 1);  // where another watcher would go on
//   }
//
// Of a write that was done, all is told: also the deletion of a row that was
// not there, and a put of the value that the row has had. A range deletion is
// told as such, cut to what is watched. Of a transaction, what its conditions
// decided for is told; writes that were refused, and attempts that were
// recognised as repeated, are not.
//
// How far back a watcher can begin, or fall: nothing is held for it. Kept are
// the last Options::watch_bytes_max of writes in memory and, beyond them, what
// the log of this replica still has (compaction takes it; ReplicaStatus::
// truncated), but never what was applied before this database was opened, or
// skipped because the replica was sent the data as a whole. (The log holds what
// was asked for. Only who has applied it knows what was done.) Before that
// there is only OutOfRange (IsCompacted), and one way for everybody: scan the
// rows, and watch from Iterator::index() + 1, with nothing missed and nothing
// twice:
//
//   auto rows = db->Scan(range);         // the rows as of rows->index()
//   ...                                  // take them over
//   watcher = db->Watch(range, {.from_index = (*rows)->index() + 1});
//
// That goes as long as the writes behind the scan have not been forgotten when
// the watcher comes to them; if they have, Watch says so, and it starts over.
//
// A watcher costs nothing while nobody is in Next, so that there may be many,
// and holds at most one batch and some 256 KiB. A slow one slows nobody down.
// May outlive its database, whose Close ends it.
//
// Thread: Next by one at a time; Cancel and next_index by any. Destroyed when
// nobody is in a call of it.
class TRIMARAN_EXPORT Watcher {
 public:
  virtual ~Watcher() = default;
  Watcher(const Watcher&) = delete;
  Watcher& operator=(const Watcher&) = delete;

  // The next batch that is not empty, or an empty one when `timeout` is over:
  // what it says of its index is worth remembering as well. A time-out of 0
  // looks at what is there, and does not wait; a callback may do no more.
  //   OutOfRange           changes from next_index() on are not kept any more
  //                        (IsCompacted); scan, and watch from there
  //   NotFound             the family was dropped; everything before is told
  //   Cancelled            by Cancel
  //   FailedPrecondition   the database is closed; a callback wants to wait
  //   DataLoss             the log cannot be read (IsCorruption)
  //   the error for which the replica has failed for good
  // After an error next_index() is the first write that was not told of. Where
  // std::bad_alloc leaves it, nothing is lost: the next call tells of it.
  virtual absl::StatusOr<WatchBatch> Next(absl::Duration timeout) = 0;

  // Ends Next, now and for ever, with Cancelled.
  virtual void Cancel() = 0;

  // The WatchOptions::from_index of a watcher that goes on where this one is.
  virtual uint64_t next_index() const = 0;

 protected:
  Watcher() = default;
};

}  // namespace trimaran

#endif  // TRIMARAN_WATCH_H_
