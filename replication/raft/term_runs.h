#ifndef TRIMARAN_REPLICATION_RAFT_TERM_RUNS_H_
#define TRIMARAN_REPLICATION_RAFT_TERM_RUNS_H_

#include <optional>
#include <vector>

#include "engine/base/ids.h"
#include "engine/base/log_types.h"

namespace trimaran::raft {

// The term of every entry of a log, in as much memory as there were elections
// in it. This is what lets the core answer votes, match appends and find
// conflicts without reading the storage.
//
// Invariants:
//  1. Runs begin at rising indexes after the boundary, up to `last`, and their
//     terms rise.
//  2. If there is an entry after the boundary, a run begins right after it.
//
// Thread: owner.
class TermRuns {
 public:
  // `runs` cover (boundary, last].
  TermRuns(EntryId boundary, std::vector<TermRun> runs, LogIndex last);

  EntryId boundary() const { return boundary_; }
  EntryId last() const {
    return runs_.empty() ? boundary_ : EntryId{last_, runs_.back().term};
  }
  const std::vector<TermRun>& runs() const { return runs_; }

  std::optional<Term> At(LogIndex index) const;
  // See RaftLog::LastNotAfterTerm.
  EntryId LastNotAfterTerm(LogIndex index, Term term) const;

  // An entry of `term`, not before the last one's, follows the last one.
  void Append(Term term);
  // Forgets entries from `first` on; first > boundary.
  void TruncateFrom(LogIndex first);
  // Forgets entries up to `index`, which is in [boundary, last].
  void CompactTo(LogIndex index);
  // Starts anew after `boundary`.
  void Reset(EntryId boundary);

 private:
  EntryId boundary_;
  std::vector<TermRun> runs_;
  LogIndex last_;
};

}  // namespace trimaran::raft

#endif  // TRIMARAN_REPLICATION_RAFT_TERM_RUNS_H_
