#ifndef TRIMARAN_REPLICATION_RAFT_RAFT_LOG_H_
#define TRIMARAN_REPLICATION_RAFT_RAFT_LOG_H_

#include <cstdint>
#include <optional>
#include <vector>

#include "absl/status/status.h"
#include "engine/base/ids.h"
#include "engine/base/log_types.h"
#include "replication/raft/apply_tracker.h"
#include "replication/raft/config.h"
#include "replication/raft/log_window.h"
#include "replication/raft/persist_tracker.h"
#include "replication/raft/term_runs.h"

namespace trimaran::raft {

// One replica's log as the core sees it: the terms of all of it, the recent
// part of its entries, and how far each part has got.
//
//   boundary      window.first          durable          last
//      |   terms known   |   entries in memory |            |
//      +-----------------+---------------------+------------+
//          applied <= applying <= commit
//
// Invariants:
//  1. boundary.index <= applied <= applying <= min(commit, durable);
//     commit <= last (R6, R7). While a snapshot is being installed, `applied`
//     and `durable` may lag behind the boundary.
//  2. The window ends at last and holds every entry that is not durable.
//  3. Committed entries are never removed or changed (R5).
//
// Thread: owner.
class RaftLog {
 public:
  RaftLog(const Config& config, const InitialState& state);

  // ---- What is there ----
  EntryId boundary() const { return terms_.boundary(); }
  LogIndex first() const { return boundary().index + 1; }
  EntryId last() const { return terms_.last(); }
  // Nothing below the boundary or after the last entry.
  std::optional<Term> TermAt(LogIndex index) const { return terms_.At(index); }
  bool Matches(EntryId id) const { return TermAt(id.index) == id.term; }
  // The last entry at or before `index` whose term is at most `term`; its term
  // is 0 if it lies below the boundary, where terms are not known.
  EntryId LastNotAfterTerm(LogIndex index, Term term) const {
    return terms_.LastNotAfterTerm(index, term);
  }
  const LogWindow& window() const { return window_; }
  // Whether somebody else's entry is another than the committed one there.
  bool ContradictsCommitted(EntryId id) const {
    return id.index <= commit_ && TermAt(id.index).value_or(id.term) != id.term;
  }
  // Whether what the storage returned is what this log says is there; DataLoss
  // if not.
  absl::Status CheckStored(const std::vector<LogEntry>& entries) const;

  LogIndex durable() const { return persist_.durable(); }
  LogIndex commit() const { return commit_; }
  LogIndex applying() const { return apply_.applying(); }
  LogIndex applied() const { return apply_.applied(); }

  // Whether a change of membership stands in (applied, commit].
  bool HasUnappliedCommittedConfChange() const;

  // ---- Changes of the content ----
  // Adds one entry at the end.
  void Append(LogEntry entry);
  // Brings the log in line with a slice whose `prev` matches. Entries that are
  // there already stay, those that conflict are replaced together with all
  // that follow. Returns false, and changes nothing, if that would replace a
  // committed entry.
  [[nodiscard]] bool Merge(LogSlice slice);
  // Replaces everything by a snapshot, which is after `commit`.
  void Restore(const SnapshotMeta& snapshot);
  // Forgets entries up to `index`, which is applied.
  void CompactTo(LogIndex index);

  // ---- Progress ----
  // Never lowers it; `index` <= last.
  void CommitTo(LogIndex index);

  // What is to be persisted next; `hard_state` is what it should say.
  bool HasUnpersisted() const { return persist_.HasNew(last().index); }
  bool persisting() const { return persist_.in_flight(); }
  bool installing_snapshot() const { return persist_.installing_snapshot(); }
  LogIndex pending_snapshot() const { return persist_.pending_snapshot(); }
  // Fills in `batch`'s number, snapshot and entries.
  void TakeUnpersisted(PersistBatch& batch, Term self_vote);
  // Returns the term in which this replica's vote for itself has become
  // durable, if it has.
  Term Persisted(PersistSeq seq);

  // The next committed and durable entries, as far as the limits allow. Empty
  // if there are none, or if they are not in memory (see
  // ApplicableNotInMemory).
  std::vector<LogEntry> TakeApplicable();
  bool HasApplicable() const;
  // The entries to fetch before more can be applied.
  struct Range {
    LogIndex first;
    LogIndex end;
    uint64_t bytes_max = 0;
  };
  std::optional<Range> ApplicableNotInMemory() const;
  // Hands out entries that were fetched; those that came too late are dropped.
  std::vector<LogEntry> TakeFetched(std::vector<LogEntry> entries);
  void Applied(LogIndex index);

 private:
  LogIndex applicable_end() const;
  void TruncateFrom(LogIndex first);
  void ShrinkWindow();

  uint64_t window_bytes_max_;
  uint64_t window_entries_max_;
  TermRuns terms_;
  LogWindow window_;
  LogIndex commit_;
  PersistTracker persist_;
  ApplyTracker apply_;
  // Where changes of membership stand after `applied`, in order.
  std::vector<LogIndex> conf_changes_;
};

}  // namespace trimaran::raft

#endif  // TRIMARAN_REPLICATION_RAFT_RAFT_LOG_H_
