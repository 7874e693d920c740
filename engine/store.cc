#include "engine/store.h"

#include <algorithm>
#include <utility>

#include "absl/strings/str_cat.h"
#include "engine/base/mutant.h"
#include "engine/base/status_macros.h"

namespace trimaran::engine {

absl::Status Store::failure() const {
  TRIMARAN_RETURN_IF_ERROR(log().failure());
  return machine().failure();
}

absl::StatusOr<StartState> Store::start_state() const {
  const AppliedState state = machine().applied();
  const LogState log_state = log().state();
  StartState start;
  start.hard_state = log_state.hard_state;
  // The commit index is written with the next entries only, and may be behind
  // what had been applied; it is never ahead of the log.
  start.hard_state.commit =
      std::max(start.hard_state.commit, state.applied.id.index);
  start.conf = machine().region().conf;
  start.boundary.index = log().truncated();
  TRIMARAN_ASSIGN_OR_RETURN(start.boundary.term,
                            log().TermAt(start.boundary.index));
  start.terms = log().TermsAfter(start.boundary.index);
  start.last = log_state.last.id.index;
  start.applied = state.applied.id.index;
  start.conf_changes = log().ConfChangesAfter(start.applied);
  return start;
}

absl::StatusOr<std::vector<EntryResult>> Store::Apply(
    absl::Span<const CommittedEntry> entries) {
  TRIMARAN_RETURN_IF_ERROR(failure());
  const LogIndex last = log().state().last.id.index;
  if (!entries.empty() && entries.back().entry.index > last) {
    // Once lost in a crash, it could never be applied again.
    return absl::FailedPreconditionError(
        absl::StrCat("entry ", entries.back().entry.index.value(),
                     " is to be applied, but the log ends at ", last.value()));
  }
  TRIMARAN_ASSIGN_OR_RETURN(std::vector<EntryResult> results,
                            machine().Apply(entries));
  log().Compact(machine().applied().truncated.index);
  return results;
}

absl::StatusOr<AppliedState> Store::Checkpoint() {
  TRIMARAN_RETURN_IF_ERROR(failure());
  TRIMARAN_ASSIGN_OR_RETURN(const AppliedState durable, machine().Checkpoint());
  note_is_due_ = true;
  return durable;
}

absl::Status Store::NoteLog() {
  TRIMARAN_RETURN_IF_ERROR(failure());
  note_is_due_ = false;
  return NoteDurable();
}

absl::StatusOr<bool> Store::RecycleLog(LogIndex retained_from) {
  TRIMARAN_RETURN_IF_ERROR(failure());
  if (note_is_due_) TRIMARAN_RETURN_IF_ERROR(NoteLog());
  // Entries at or below what is durable are not needed to recover.
  const bool hasty = MutantActive(Mutant::kRecycledBeforeCheckpoint);
  LogIndex bound =
      (hasty ? machine().applied() : machine().durable()).applied.id.index;
  if (retained_from <= bound) {
    bound = retained_from == LogIndex() ? LogIndex() : retained_from - 1;
  }
  return log().RecycleStep(bound);
}

}  // namespace trimaran::engine
