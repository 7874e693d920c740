#ifndef TRIMARAN_REPLICATION_NODE_BYTE_METER_H_
#define TRIMARAN_REPLICATION_NODE_BYTE_METER_H_

#include <cstdint>
#include <deque>

#include "engine/base/ids.h"

namespace trimaran {

// How many bytes of applied entries lie behind an index, roughly: it keeps a
// total per `grain` of bytes and not one per entry. What was applied before it
// began does not count.
//
// Invariants:
//  1. After(index) is never too small, and too large by less than one grain and
//     what came with one call of Add.
//  2. It keeps kMarksMax marks at most; where that is not enough, the grain
//     doubles.
//
// Thread: owner.
class ByteMeter {
 public:
  static constexpr size_t kMarksMax = 1024;

  // `grain` is at least 1. Entries up to `begin` do not count.
  ByteMeter(uint64_t grain, LogIndex begin);

  // Entries up to `last`, of so many bytes, have been applied.
  void Add(LogIndex last, uint64_t bytes);
  // Of the entries behind `index` that have been applied.
  uint64_t After(LogIndex index) const;
  // Of all that was ever added.
  uint64_t total() const { return total_; }

  // Nobody will ask for an index below this one.
  void ForgetBefore(LogIndex index);
  // The state has jumped to `index`; nothing before it counts any more.
  void Restart(LogIndex index);

  uint64_t grain() const { return grain_; }

 private:
  // `total` bytes had been added when everything up to `index` was applied.
  struct Mark {
    LogIndex index;
    uint64_t total = 0;
  };
  void Coarsen();

  uint64_t grain_;
  uint64_t total_ = 0;
  // Never empty; rising.
  std::deque<Mark> marks_;
};

}  // namespace trimaran

#endif  // TRIMARAN_REPLICATION_NODE_BYTE_METER_H_
