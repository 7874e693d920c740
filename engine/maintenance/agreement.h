#ifndef TRIMARAN_ENGINE_MAINTENANCE_AGREEMENT_H_
#define TRIMARAN_ENGINE_MAINTENANCE_AGREEMENT_H_

#include <cstdint>
#include <optional>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "engine/base/ids.h"
#include "engine/format/applied_state.h"
#include "engine/log/log_store.h"

namespace trimaran::engine {

// What a log says about the place up to which a state machine has applied.
struct LogEvidence {
  LogState log;
  // The chain and the term at the applied index, and the term at the truncated
  // index; empty where the log does not reach.
  std::optional<ChainValue> chain_at_applied;
  std::optional<Term> term_at_applied;
  std::optional<Term> term_at_truncated;
};
// Corruption if the log is damaged where it is asked.
//
// Thread: any.
absl::StatusOr<LogEvidence> GatherEvidence(const LogStore& log,
                                           const AppliedState& state);

// Whether a log and a state machine belong together and can go on together:
//  1. They are of one generation.
//  2. The log goes on where the state ends, or before: nothing is missing
//     between the two.
//  3. The log reaches as far as the state. A state that is ahead of its log
//     has applied what the log has lost since.
//  4. Both hold the same entries up to the applied index (the chain).
//  5. The truncated index is at or below the applied one, and names an entry
//     that the log knows under the same term.
// Corruption names the rule that is broken, and the two numbers.
//
// Thread: any.
absl::Status CheckAgreement(const LogEvidence& evidence,
                            const AppliedState& state, uint64_t generation);

}  // namespace trimaran::engine

#endif  // TRIMARAN_ENGINE_MAINTENANCE_AGREEMENT_H_
