#ifndef TRIMARAN_ENGINE_LOG_RECORD_INDEX_H_
#define TRIMARAN_ENGINE_LOG_RECORD_INDEX_H_

#include <cstdint>
#include <deque>
#include <optional>
#include <vector>

#include "engine/base/log_types.h"
#include "engine/format/chain.h"

namespace trimaran::engine {

// A record that holds entries of the log.
struct RecordRef {
  LogIndex first;
  // Entries that a later record has replaced do not count.
  uint64_t count = 0;
  // Of the entry before the first one.
  ChainValue chain_before;
  uint64_t segment = 0;
  uint64_t offset = 0;
  uint64_t bytes = 0;

  LogIndex end() const { return first + count; }
};

// What a record adds to the log.
struct RecordEntries {
  RecordRef ref;
  // What the first entry follows, and the last entry.
  LogPosition before;
  LogPosition after;
  // The first run begins at the first entry.
  std::vector<TermRun> runs;
  std::vector<LogIndex> conf_changes;
};

// Where each entry of the log is, in memory. Pure.
//
// Invariants:
//  1. The records cover (boundary, last] without hole or overlap.
//  2. Their segments do not fall.
//  3. The term runs begin where the records begin, and rise in term.
//
// Thread: owner.
class RecordIndex {
 public:
  const LogPosition& boundary() const { return boundary_; }
  const LogPosition& last() const { return last_; }
  const std::deque<RecordRef>& records() const { return records_; }

  // An empty log after `position`.
  void Restart(const LogPosition& position);

  // Replaces all entries after `added.before`. If that lies before the
  // boundary, it becomes the boundary: what came between is gone.
  void Replace(const RecordEntries& added);

  // Forgets the records in segments older than `oldest`.
  void DropSegments(uint64_t oldest);

  // Up to which segment everything could be dropped if entries up to `bound`
  // may go. The first segment that must stay; at most `newest`.
  uint64_t FirstSegmentNeeded(LogIndex bound, uint64_t newest) const;

  // Empty outside of [boundary, last].
  std::optional<Term> TermAt(LogIndex index) const;
  // The record that holds the entry, which is in (boundary, last]. Valid until
  // the next change.
  const RecordRef& Find(LogIndex index) const;
  // Its place in records().
  size_t FindPlace(LogIndex index) const;
  // Empty where it can only be worked out from the entries of a record.
  std::optional<ChainValue> KnownChainAt(LogIndex index) const;

  std::vector<TermRun> TermsAfter(LogIndex after) const;
  std::vector<LogIndex> ConfChangesAfter(LogIndex after) const;

 private:
  void TruncateAfter(LogIndex index);
  // The run that holds the index, which is in (boundary, last].
  size_t RunOf(LogIndex index) const;

  LogPosition boundary_;
  LogPosition last_;
  std::deque<RecordRef> records_;
  std::deque<TermRun> runs_;
  std::deque<LogIndex> conf_changes_;
};

}  // namespace trimaran::engine

#endif  // TRIMARAN_ENGINE_LOG_RECORD_INDEX_H_
