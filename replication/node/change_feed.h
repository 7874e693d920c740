#ifndef TRIMARAN_REPLICATION_NODE_CHANGE_FEED_H_
#define TRIMARAN_REPLICATION_NODE_CHANGE_FEED_H_

#include <cstddef>
#include <cstdint>
#include <deque>
#include <memory>
#include <string>
#include <vector>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "engine/base/clock.h"
#include "engine/base/log_types.h"
#include "engine/base/mutex.h"
#include "engine/base/payload.h"
#include "engine/format/command.h"
#include "engine/kv/state_machine.h"

namespace trimaran {

// One thing that was done to the rows.
struct Change {
  enum class Kind : uint8_t { kPut, kDelete, kDeleteRange };
  Kind kind = Kind::kPut;
  engine::FamilyId family;
  // Of a range: its first key.
  std::string key;
  // Of a put: the value; of a range: where it ends.
  std::string value;

  friend bool operator==(const Change&, const Change&) = default;
};

// What one entry of the log did, in order.
struct ChangeBatch {
  LogIndex index;
  std::vector<Change> changes;
};

// Which rows somebody wants to hear of: keys in [begin, end) of a family, of
// which both may be empty for no bound.
struct ChangeFilter {
  engine::FamilyId family = engine::kDefaultFamily;
  std::string begin;
  std::string end;
};

// The changes of late, as they were applied here, for whoever wants to follow
// them. They are kept as the log has them, together with what became of each
// command, and are taken apart only for those who ask.
//
// Invariants:
//  1. What is kept is one run of entries, the last of which is the last one
//     applied; so a follower hears of every change or is told that it cannot.
//  2. At most `bytes_max` of payload is kept, and one entry at least.
//
// Thread: Append and Skip: the raft lane. Next: any.
class ChangeFeed {
 public:
  // Everything up to `applied` is past.
  ChangeFeed(size_t bytes_max, LogIndex applied);

  void Append(const LogEntry& entry, const engine::EntryResult& result);
  // The state has jumped to `index`; what changed on the way is not known.
  void Skip(LogIndex index);
  // Nothing more will come: `error`, for everybody who waits or asks.
  void Close(const absl::Status& error);

  // The first entry at or after `from` that changed something that `filter`
  // names. Waits for one until `deadline`: then an empty batch, whose index is
  // the last one looked at; go on behind it. OutOfRange, naming the first index
  // that is kept, if changes from `from` on are not kept any more. The error
  // of Close.
  absl::StatusOr<ChangeBatch> Next(const ChangeFilter& filter, LogIndex from,
                                   const Clock& clock, MonotonicTime deadline);

  // From here on everything is kept.
  LogIndex first() const;

 private:
  struct Kept {
    LogIndex index;
    Payload payload;
    // Of each command: whether it was done, and which of its two lists.
    std::vector<uint8_t> outcomes;
  };

  static ChangeBatch Read(const Kept& kept, const ChangeFilter& filter);
  // The kept entry at or after `from`; null if there is none yet.
  std::shared_ptr<const Kept> Find(LogIndex from) const
      ABSL_EXCLUSIVE_LOCKS_REQUIRED(mutex_);

  const size_t bytes_max_;

  mutable Mutex mutex_;
  CondVar news_;
  // Without those that changed no rows.
  std::deque<std::shared_ptr<const Kept>> kept_ ABSL_GUARDED_BY(mutex_);
  size_t bytes_ ABSL_GUARDED_BY(mutex_) = 0;
  LogIndex first_ ABSL_GUARDED_BY(mutex_);
  LogIndex last_ ABSL_GUARDED_BY(mutex_);
  size_t waiters_ ABSL_GUARDED_BY(mutex_) = 0;
  absl::Status closed_ ABSL_GUARDED_BY(mutex_);
};

}  // namespace trimaran

#endif  // TRIMARAN_REPLICATION_NODE_CHANGE_FEED_H_
