#ifndef TRIMARAN_TESTS_SUPPORT_SIM_LOG_CHECKER_H_
#define TRIMARAN_TESTS_SUPPORT_SIM_LOG_CHECKER_H_

#include <cstdint>
#include <optional>
#include <vector>

#include "absl/container/flat_hash_map.h"
#include "engine/base/ids.h"
#include "engine/base/log_types.h"
#include "tests/support/sim/violations.h"

namespace trimaran::sim {

// What a group has agreed on, as seen from outside: every entry that any
// replica ever had, and the one log that is committed.
//
// Checks S2 (log matching), S3 (leader completeness) and S4 (what is committed
// never changes; only a leader commits first).
//
// Thread: owner.
class LogChecker {
 public:
  // The group starts with everything up to `start` committed.
  LogChecker(EntryId start, Violations& violations);

  // `replica` has, or is sent, `entry` right after one of `prev_term`. Entries
  // of equal index and term must be equal and follow equal entries; by
  // induction that makes whole logs match.
  void OnEntry(ReplicaId replica, Term prev_term, const LogEntry& entry);

  // `replica` now knows the log to be committed from `first` to `last`.
  // `term_at(index)` tells its entries. `leader_term` is the term it leads, or
  // led before the input that caused this; empty if it did not.
  template <typename TermAt>
  void OnCommit(ReplicaId replica, LogIndex first, LogIndex last,
                std::optional<Term> leader_term, const TermAt& term_at) {
    for (LogIndex at = first; at <= last; ++at) {
      // Below its boundary a replica no longer knows; the entry was checked
      // when it became committed there.
      if (const std::optional<Term> term = term_at(at)) {
        Committed(replica, {at, *term}, leader_term);
      }
    }
  }

  // `replica` leads `term`. Its log must hold everything that was committed
  // before that.
  template <typename TermAt>
  void OnLeader(ReplicaId replica, Term term, LogIndex boundary,
                const TermAt& term_at) {
    for (LogIndex at = start_.index + 1; at <= last(); ++at) {
      if (at <= boundary) continue;
      if (commits_[at - (start_.index + 1)].in_term >= term) break;
      if (term_at(at) != CommittedTermAt(at)) {
        return LeaderLacks(replica, term, at);
      }
    }
  }

  // The last index that is committed anywhere.
  LogIndex last() const { return start_.index + commits_.size(); }
  // Empty where nothing is committed, or known.
  std::optional<Term> CommittedTermAt(LogIndex index) const;

 private:
  void Committed(ReplicaId replica, EntryId id,
                 std::optional<Term> leader_term);
  void LeaderLacks(ReplicaId replica, Term term, LogIndex index);

  struct Seen {
    Term prev_term;
    uint64_t content = 0;
  };
  struct Commit {
    Term term;
    // Which leader's decision it was.
    Term in_term;
  };

  EntryId start_;
  Violations& violations_;
  absl::flat_hash_map<uint64_t, Seen> seen_;
  std::vector<Commit> commits_;
};

}  // namespace trimaran::sim

#endif  // TRIMARAN_TESTS_SUPPORT_SIM_LOG_CHECKER_H_
