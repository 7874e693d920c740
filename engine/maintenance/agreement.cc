#include "engine/maintenance/agreement.h"

#include <string_view>

#include "absl/strings/str_cat.h"
#include "engine/base/absl_compat.h"
#include "engine/base/errors.h"
#include "engine/base/status_macros.h"

namespace trimaran::engine {
namespace {

// Whether `index` is one that the log can speak of at all.
bool Knows(const LogState& log, LogIndex index) {
  return index >= log.boundary.id.index && index <= log.last.id.index;
}

absl::Status Disagree(std::string_view what, uint64_t of_log,
                      uint64_t of_state) {
  return CorruptionError(absl::StrCat(
      "the raft log and the state machine do not belong together: ",
      ToAbsl(what), " (log ", of_log, ", state machine ", of_state, ")"));
}

absl::Status CheckReach(const LogState& log, LogIndex applied) {
  if (log.boundary.id.index > applied) {
    return Disagree("entries after the applied index are missing",
                    log.boundary.id.index.value() + 1, applied.value());
  }
  if (log.last.id.index < applied) {
    return Disagree("the log ends before the applied index",
                    log.last.id.index.value(), applied.value());
  }
  return absl::OkStatus();
}

}  // namespace

absl::StatusOr<LogEvidence> GatherEvidence(const LogStore& log,
                                           const AppliedState& state) {
  LogEvidence evidence;
  evidence.log = log.state();
  const LogIndex applied = state.applied.id.index;
  if (Knows(evidence.log, applied)) {
    TRIMARAN_ASSIGN_OR_RETURN(evidence.term_at_applied, log.TermAt(applied));
    TRIMARAN_ASSIGN_OR_RETURN(evidence.chain_at_applied, log.ChainAt(applied));
  }
  const LogIndex truncated = state.truncated.index;
  if (Knows(evidence.log, truncated)) {
    TRIMARAN_ASSIGN_OR_RETURN(evidence.term_at_truncated,
                              log.TermAt(truncated));
  }
  return evidence;
}

absl::Status CheckAgreement(const LogEvidence& evidence,
                            const AppliedState& state, uint64_t generation) {
  const EntryId applied = state.applied.id;
  if (evidence.log.generation != generation) {
    return Disagree("they are of different generations",
                    evidence.log.generation, generation);
  }
  TRIMARAN_RETURN_IF_ERROR(CheckReach(evidence.log, applied.index));
  if (evidence.term_at_applied.has_value() &&
      *evidence.term_at_applied != applied.term) {
    return Disagree("the applied entry is of another term",
                    evidence.term_at_applied->value(), applied.term.value());
  }
  if (evidence.chain_at_applied.has_value() &&
      *evidence.chain_at_applied != state.applied.chain) {
    return Disagree("their chains differ at the applied index",
                    evidence.chain_at_applied->value,
                    state.applied.chain.value);
  }
  if (state.truncated.index > applied.index) {
    return CorruptionError(absl::StrCat(
        "the state machine is truncated at ", state.truncated.index.value(),
        ", beyond its applied index ", applied.index.value()));
  }
  if (evidence.term_at_truncated.has_value() &&
      *evidence.term_at_truncated != state.truncated.term) {
    return Disagree("the truncated entry is of another term",
                    evidence.term_at_truncated->value(),
                    state.truncated.term.value());
  }
  return absl::OkStatus();
}

}  // namespace trimaran::engine
