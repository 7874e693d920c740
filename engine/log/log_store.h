#ifndef TRIMARAN_ENGINE_LOG_LOG_STORE_H_
#define TRIMARAN_ENGINE_LOG_LOG_STORE_H_

#include <cstdint>
#include <optional>
#include <vector>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "absl/types/span.h"
#include "engine/base/log_types.h"
#include "engine/format/chain.h"

namespace trimaran::engine {

// Everything that one batch of the consensus core changes in the log.
struct LogBatch {
  // Consecutive. Replace whatever the log holds at and after the first one's
  // index.
  absl::Span<const LogEntry> entries;
  std::optional<HardState> hard_state;
  // Whether the batch is promised to somebody.
  bool must_sync = false;
};

// The switch to an installed snapshot: the log begins anew after `position`,
// and the state machine is that of `generation`.
struct LogReset {
  LogPosition position;
  // Its commit is at least the position's index.
  HardState hard_state;
  uint64_t generation = 0;
};

struct LogState {
  // What the oldest entry still held follows. The log may hold more than the
  // replica admits to (LogStore::Compact).
  LogPosition boundary;
  LogPosition last;
  HardState hard_state;
  // The generation of the state machine that this log belongs to.
  uint64_t generation = 0;
  // The log has lost entries that it had acknowledged, as far as is known up to
  // this index. Leaders of terms before this one may still count on them: they
  // must be acknowledged nothing. Leaders of this term or a later one hold all
  // that was committed: as soon as the last entry is one of theirs, nothing is
  // missing any more. Until then the replica must not vote or campaign.
  std::optional<EntryId> owed;
  // How often entries have been replaced or dropped since the log was opened.
  // What is read in several steps, between which it has grown, may be of more
  // than one history.
  uint64_t replacements = 0;
};

// How much one read returns; always one entry at least.
struct ReadLimits {
  uint64_t bytes_max = uint64_t{1} << 20;
  size_t count_max = 1024;
};

// Whether a log that ends with an entry of `last` no longer owes `owed`.
constexpr bool IsPaid(EntryId owed, Term last) { return last >= owed.term; }

// The three ways in which an entry may not be there. The fourth, that the log
// should hold it and does not, is a CorruptionError (errors.h).
//
// At or below the truncated index. OutOfRange.
absl::Status CompactedError(LogIndex asked, LogIndex truncated);
bool IsCompacted(const absl::Status& status);
// Beyond the last entry. NotFound.
absl::Status NotInLogError(LogIndex asked, LogIndex last);
bool IsNotInLog(const absl::Status& status);

// The raft log: entries and hard state, durable batch by batch.
//
// Invariants:
//  1. A batch is durable as a whole or not at all, and only after all batches
//     before it.
//  2. When Append(must_sync) or Reset has returned OK, the batch and every one
//     before it survives any crash.
//  3. A batch without must_sync may be lost in a crash, but never while a later
//     one survives.
//  4. A writing call that fails has done nothing, and can be repeated, as long
//     as failure() is OK. Otherwise the store has failed for good: what that
//     call wrote is unknown, nothing is written any more, and every later
//     writing call returns the first error. Reads go on.
//
// Thread: writing calls from one thread at a time; Compact and reading calls
// from any thread at any time.
class LogStore {
 public:
  virtual ~LogStore() = default;

  // ---- Writing ----

  // InvalidArgument, and nothing happens, if the entries leave a hole after
  // the last one, begin at or below truncated(), are not consecutive, fall in
  // term (seen from the entry before the first one), or are larger than a
  // record can be; or if the hard state is of an older term than the present
  // one, or takes a vote back or changes it within a term. ResourceExhausted,
  // and nothing happens, if there is no space left for them; other errors of
  // making space are as harmless (invariant 4).
  virtual absl::Status Append(const LogBatch& batch) = 0;

  // Drops all entries, atomically with the switch. `reset.generation` is
  // larger than the present one, and the hard state may follow the present one
  // as in Append; InvalidArgument if not.
  virtual absl::Status Reset(const LogReset& reset) = 0;

  // Makes durable what batches without must_sync left behind.
  virtual absl::Status Flush() = 0;

  // Notes, durably, what somebody else has found out: that entries are missing
  // (LogState::owed). What is owed already stays so if it is of a later term.
  virtual absl::Status Owe(EntryId owed) = 0;

  // Entries up to `truncated` are no longer admitted to: reading them is
  // CompactedError from now on. In memory only, since the state machine keeps
  // it; never goes back.
  virtual void Compact(LogIndex truncated) = 0;

  // Gives back the space of entries up to `bound` at most, and of no entry
  // above the index of Compact(); a bounded piece of work, which also prepares
  // space for what comes. Returns true if there is more to do.
  virtual absl::StatusOr<bool> RecycleStep(LogIndex bound) = 0;

  // ---- Reading ----

  virtual LogState state() const = 0;
  // The first error of a writing call that left something unknown; OK until
  // then.
  virtual absl::Status failure() const = 0;
  // The index of Compact(), or the boundary where that is larger.
  virtual LogIndex truncated() const = 0;
  // Of the files that hold the log, with what is not used of them yet.
  virtual uint64_t file_bytes() const = 0;

  // Entries [first, end), cut short by `limits`. NotInLogError if `end` is more
  // than one beyond the last entry, whatever the limits.
  virtual absl::StatusOr<std::vector<LogEntry>> Entries(
      LogIndex first, LogIndex end, const ReadLimits& limits) const = 0;
  // Of an entry, or of the truncated index itself.
  virtual absl::StatusOr<Term> TermAt(LogIndex index) const = 0;
  virtual absl::StatusOr<ChainValue> ChainAt(LogIndex index) const = 0;

  // The terms of the entries after `after`, and where changes of membership
  // stand among them. `after` is not below truncated().
  virtual std::vector<TermRun> TermsAfter(LogIndex after) const = 0;
  virtual std::vector<LogIndex> ConfChangesAfter(LogIndex after) const = 0;
};

}  // namespace trimaran::engine

#endif  // TRIMARAN_ENGINE_LOG_LOG_STORE_H_
