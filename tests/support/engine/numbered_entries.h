#ifndef TRIMARAN_TESTS_SUPPORT_ENGINE_NUMBERED_ENTRIES_H_
#define TRIMARAN_TESTS_SUPPORT_ENGINE_NUMBERED_ENTRIES_H_

#include <cstdint>

#include "engine/base/log_types.h"

namespace trimaran::engine {

// How many entries before its own place an entry that compacts the log leaves.
inline constexpr uint64_t kNumberedKept = 20;

// Up to where the numbered entry at `place` compacts the log; 0 for most, which
// do not.
LogIndex CompactedBy(uint64_t seed, LogIndex place);

// The entry at `id` of a history in which every kind of command occurs, many
// of them refused: a function of the arguments, so that whoever finds the entry
// on a disk can tell whether it is what was written. `compacted_term` is the
// term of the entry at CompactedBy, if that is not 0.
LogEntry NumberedEntry(uint64_t seed, EntryId id, Term compacted_term);

}  // namespace trimaran::engine

#endif  // TRIMARAN_TESTS_SUPPORT_ENGINE_NUMBERED_ENTRIES_H_
