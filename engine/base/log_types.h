#ifndef TRIMARAN_ENGINE_BASE_LOG_TYPES_H_
#define TRIMARAN_ENGINE_BASE_LOG_TYPES_H_

#include <cstdint>
#include <ostream>
#include <vector>

#include "absl/status/status.h"
#include "absl/types/span.h"
#include "engine/base/conf_state.h"
#include "engine/base/ids.h"
#include "engine/base/payload.h"

// The vocabulary that the consensus core and the storage share. Nothing here
// knows how entries are agreed on or where they are kept.

namespace trimaran {

// Names one entry for all time: two logs that hold an entry of the same index
// and term hold the same entry there, and the same entries before it (the Log
// Matching Property, thesis §3.5).
struct EntryId {
  LogIndex index;
  Term term;

  friend constexpr bool operator==(EntryId, EntryId) = default;
  // Prints "index/term".
  friend std::ostream& operator<<(std::ostream& out, EntryId id) {
    return out << id.index << '/' << id.term;
  }
};

// The vote's comparison of logs (thesis §3.6.1): by last term, then by length.
constexpr bool IsAtLeastAsUpToDate(EntryId candidate, EntryId voter) {
  return candidate.term > voter.term ||
         (candidate.term == voter.term && candidate.index >= voter.index);
}

// What an entry's payload is. On disk and on the wire: never change a value.
enum class EntryType : uint8_t {
  // A command of the state machine; empty for a new leader's first entry.
  kNormal = 0,
  // A change of membership (replication/raft/conf_change.h).
  kConfChange = 1,
};

struct LogEntry {
  LogIndex index;
  Term term;
  EntryType type = EntryType::kNormal;
  Payload payload;

  EntryId id() const { return {index, term}; }
  // What every limit in bytes counts. Empty entries are free, so that limits
  // never stop the protocol's own entries; counts bound those.
  uint64_t size_bytes() const { return payload.size(); }

  friend bool operator==(const LogEntry&, const LogEntry&) = default;
};

uint64_t SizeBytes(const std::vector<LogEntry>& entries);

// What a replica must never forget (thesis §3.8): its term and its vote. The
// commit index may be lost, but only together with the entries written after
// it: a replica whose log holds a second change of membership must know that
// the first is committed, or it would campaign in a configuration that is gone
// (replication/PROTOCOL.md, section 7).
struct HardState {
  Term term;
  ReplicaId vote;
  LogIndex commit;

  bool empty() const { return *this == HardState{}; }
  friend constexpr bool operator==(const HardState&,
                                   const HardState&) = default;
};

// Where a stretch of entries of one term begins. A list of runs tells the term
// of every entry of a log without holding the entries.
struct TermRun {
  LogIndex first;
  Term term;

  friend constexpr bool operator==(TermRun, TermRun) = default;
};

// What a snapshot stands for: the state after `id`, in a group of `conf`.
struct SnapshotMeta {
  EntryId id;
  ConfState conf;

  friend bool operator==(const SnapshotMeta&, const SnapshotMeta&) = default;
};

// A stretch of a leader's log. What comes from a peer is checked once, at the
// gateway, and trusted afterwards. A valid slice has these properties:
//  1. The entries' indexes are prev.index + 1, prev.index + 2, ...
//  2. Terms never fall, starting at prev.term.
//  3. No entry is of a later term than the leader that sent it; none is of
//     term 0.
//  4. No index is beyond the largest that the log can hold.
//  5. Only what stands before the first entry has index 0, and term 0.
struct LogSlice {
  Term leader_term;
  EntryId prev;
  std::vector<LogEntry> entries;

  EntryId last() const { return entries.empty() ? prev : entries.back().id(); }
  absl::Status Validate() const;
};

// The same for the parts of a slice. InvalidArgument names the property that
// does not hold.
absl::Status ValidateSlice(Term leader_term, EntryId prev,
                           absl::Span<const LogEntry> entries);

// Far beyond any log, and far enough from 2^64 that no sum of two overflows.
inline constexpr LogIndex kMaxLogIndex{uint64_t{1} << 62};

}  // namespace trimaran

#endif  // TRIMARAN_ENGINE_BASE_LOG_TYPES_H_
