#ifndef TRIMARAN_ENGINE_BASE_MUTANT_H_
#define TRIMARAN_ENGINE_BASE_MUTANT_H_

#include <cstddef>
#include <cstdint>
#include <string_view>

#include "absl/types/span.h"

// Bugs that such programs have had, each behind a switch, so that the tests can
// prove that they would have found it. A normal build contains none of this:
// the switches are the constant `false`. The mutant build
// (-DTRIMARAN_MUTANTS=ON) turns on the one that the environment variable
// TRIMARAN_MUTANT names; see tests/mutants/README.md. Here are the storage's;
// replication has lists of its own (raft/mutant.h, node/mutant.h,
// tcp/mutant.h).

namespace trimaran {

#ifdef TRIMARAN_MUTANTS
// For lists of mutants: the place of the active one in `names`; 0, which is
// that of "none", if it is not among them.
size_t ActiveMutant(absl::Span<const std::string_view> names);
#endif

namespace engine {

enum class Mutant : uint8_t {
  kNone,
  // The log.
  kLogAckBeforeSync,
  kFailedSyncForgotten,
  kTailKeptByReset,
  kBoundaryTermForgotten,
  kRecycledBeforeCheckpoint,
  kFloorNotWritten,
  kLossNotNoticed,
  // The state machine.
  kAppliedIndexApart,
  kRepeatedCommandDoneAgain,
  kSessionsLostAtRestart,
  kSessionTimeLocal,
  kSessionsNotExported,
  kExportOfTheLiveState,
};

#ifdef TRIMARAN_MUTANTS
bool MutantActive(Mutant mutant);
#else
constexpr bool MutantActive(Mutant) { return false; }
#endif

}  // namespace engine
}  // namespace trimaran

#endif  // TRIMARAN_ENGINE_BASE_MUTANT_H_
