#ifndef TRIMARAN_REPLICATION_NODE_CHANGE_CURSOR_H_
#define TRIMARAN_REPLICATION_NODE_CHANGE_CURSOR_H_

#include <atomic>
#include <cstddef>
#include <cstdint>
#include <string>
#include <vector>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "engine/base/clock.h"
#include "engine/base/ids.h"
#include "engine/format/command.h"
#include "replication/node/change_feed.h"

namespace trimaran {

// One thing that was done to the rows.
struct RowChange {
  enum class Kind : uint8_t { kPut, kDelete, kDeleteRange };
  Kind kind = Kind::kPut;
  // Of a range: where it begins; empty for no bound.
  std::string key;
  // Of a put: the value. Of a range: where it ends; empty for no bound.
  std::string value;

  friend bool operator==(const RowChange&, const RowChange&) = default;
};

// What one entry of the log did, in order.
struct ChangeBatch {
  LogIndex index;
  std::vector<RowChange> changes;
};

// Which rows somebody wants to hear of: keys in [begin, end) of a family, of
// which both may be empty for no bound.
struct ChangeFilter {
  engine::FamilyId family = engine::kDefaultFamily;
  std::string begin = {};
  std::string end = {};
  // What the family is called, and an entry behind which it still was there:
  // a command that drops a family names it, and an earlier one may have had
  // the same name.
  std::string family_name = "default";
  LogIndex family_seen = {};
};

// Follows a feed. What it holds of it is bounded.
//
// Invariant: every entry is looked at once, in order, from the first one on.
//
// Thread: one at a time.
class ChangeCursor {
 public:
  ChangeCursor(ChangeFilter filter, LogIndex from)
      : filter_(std::move(filter)), next_(from) {}

  // What the next entry did that changed something the filter lets through;
  // range deletions are cut to its range. Until `deadline`: then an empty
  // batch, whose index is the last one looked at. At least as much as is at
  // hand is looked at, also if there is no time. NotFound, and for ever, where
  // the family was dropped. Else the errors of ChangeFeed::Read.
  absl::StatusOr<ChangeBatch> Next(const ChangeFeed& feed, const Clock& clock,
                                   MonotonicTime deadline,
                                   const std::atomic<bool>& cancelled);

  // The entry to be looked at next.
  LogIndex next() const { return next_; }

 private:
  // The next batch of what is at hand; empty if there is none.
  absl::StatusOr<ChangeBatch> TakeAhead();
  // `dropped` says so where there is nothing to watch behind the entry.
  absl::Status TakeDown(const DoneEntry& done, std::vector<RowChange>& changes,
                        absl::Status& dropped) const;
  void NoteDrop(const engine::Command& command, LogIndex index,
                absl::Status& dropped) const;

  const ChangeFilter filter_;
  LogIndex next_;
  DoneStretch ahead_;
  size_t ahead_taken_ = 0;
  // Why there is nothing behind next_ any more.
  absl::Status ended_;
};

}  // namespace trimaran

#endif  // TRIMARAN_REPLICATION_NODE_CHANGE_CURSOR_H_
