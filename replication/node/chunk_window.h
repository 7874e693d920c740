#ifndef TRIMARAN_REPLICATION_NODE_CHUNK_WINDOW_H_
#define TRIMARAN_REPLICATION_NODE_CHUNK_WINDOW_H_

#include <cstddef>
#include <cstdint>
#include <map>
#include <vector>

#include "absl/time/time.h"
#include "engine/base/clock.h"
#include "engine/format/manifest.h"

namespace trimaran {

// Consecutive chunks: `count` of them, from `first` on.
struct ChunkRange {
  uint32_t first = 0;
  uint32_t count = 0;

  friend bool operator==(const ChunkRange&, const ChunkRange&) = default;
};

// Which chunks of a snapshot its receiver asks for, and when: decisions only.
//
//   missing --TakeNext--> asked --Arrived--> arrived --Stored--> stored
//                         ^  |                  |
//                         +--+ overdue          |
//                         +------- Spoiled -----+
//
// Invariants:
//  1. Chunks that are asked for or have arrived are within the limits, or there
//     is one of them.
//  2. What is stored is never asked for.
//
// Thread: owner.
class ChunkWindow {
 public:
  struct Limits {
    uint32_t chunks_max = 1;
    uint64_t bytes_max = 0;
    // How long an answer may take.
    absl::Duration patience;
  };
  // `chunks` outlives this; `stored` tells which of them are there already.
  ChunkWindow(const std::vector<engine::ChunkInfo>& chunks,
              std::vector<bool> stored, const Limits& limits);

  // What to ask for now that was never asked for.
  std::vector<ChunkRange> TakeNext(MonotonicTime now);
  // Time passes. What to ask for again.
  std::vector<ChunkRange> Tick(MonotonicTime now);
  // All that is asked for, to be asked for again.
  std::vector<ChunkRange> AskAgain(MonotonicTime now);

  // False if it is not expected: then it is to be dropped.
  bool Arrived(uint32_t chunk);
  void Stored(uint32_t chunk);
  // What arrived was no good. Asked for again when its patience is over, so
  // that whoever sends nonsense is not asked at full speed.
  void Spoiled(uint32_t chunk, MonotonicTime now);

  bool complete() const { return stored_count_ == chunks_.size(); }

 private:
  struct Open {
    MonotonicTime asked_at;
    bool arrived = false;
  };
  bool HasRoomFor(uint32_t chunk) const;

  const std::vector<engine::ChunkInfo>& chunks_;
  const Limits limits_;
  std::vector<bool> stored_;
  size_t stored_count_ = 0;
  // Every chunk before this one is stored or open.
  uint32_t next_ = 0;
  // Asked for or arrived.
  std::map<uint32_t, Open> open_;
  uint64_t open_bytes_ = 0;
};

}  // namespace trimaran

#endif  // TRIMARAN_REPLICATION_NODE_CHUNK_WINDOW_H_
