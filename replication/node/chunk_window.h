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
//                         +--+ lost, overdue    |
//                         +------- Spoiled -----+
//
// Chunks come in the order in which they were asked for, unless they get lost.
// So what comes tells that what was asked for before it, and is not there, is
// lost. Where nothing comes at all, either the link is slow, and whatever is
// asked for again only makes it slower; or all is lost. To find out, one chunk
// is asked for again, and the others if that does not help. How long to wait
// before that is learnt from what comes.
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
    // How long to wait for an answer before anything is known of the link; and
    // at most, however slow it is.
    absl::Duration patience;
    absl::Duration patience_max;
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
  bool Arrived(uint32_t chunk, MonotonicTime now);
  void Stored(uint32_t chunk);
  // What arrived was no good. Asked for again when its patience is over, so
  // that whoever sends nonsense is not asked at full speed.
  void Spoiled(uint32_t chunk, MonotonicTime now);

  bool complete() const { return stored_count_ == chunks_.size(); }

 private:
  struct Open {
    // When it was asked for first, and its place among all that was asked for.
    MonotonicTime asked_at;
    uint64_t order = 0;
    bool asked_again = false;
    bool lost = false;
    bool arrived = false;
  };
  using OpenChunk = std::map<uint32_t, Open>::value_type;
  bool HasRoomFor(uint32_t chunk) const;
  void AskAgainFor(OpenChunk& open, MonotonicTime now,
                   std::vector<ChunkRange>& ranges);

  const std::vector<engine::ChunkInfo>& chunks_;
  const Limits limits_;
  std::vector<bool> stored_;
  size_t stored_count_ = 0;
  // Every chunk before this one is stored or open.
  uint32_t next_ = 0;
  // Asked for or arrived.
  std::map<uint32_t, Open> open_;
  uint64_t open_bytes_ = 0;
  uint64_t last_order_ = 0;
  // When anything was asked for, and when anything came.
  MonotonicTime asked_at_;
  MonotonicTime news_at_;
  absl::Duration patience_;
  // One chunk has been asked for again, and nothing that was asked for once has
  // come since.
  bool probing_ = false;
};

}  // namespace trimaran

#endif  // TRIMARAN_REPLICATION_NODE_CHUNK_WINDOW_H_
