#ifndef TRIMARAN_REPLICATION_NODE_WRITE_QUEUE_H_
#define TRIMARAN_REPLICATION_NODE_WRITE_QUEUE_H_

#include <cstddef>
#include <cstdint>
#include <vector>

#include "engine/base/clock.h"
#include "engine/base/mutex.h"
#include "replication/node/pending_write.h"

namespace trimaran {

// Where callers leave their writes: the only door from their threads to the
// raft lane. Bounded in bytes, in which those count that have been taken out
// and still wait for a place in a log; a write that is larger than the bound by
// itself fits an empty queue.
//
// Thread: any.
class WriteQueue {
 public:
  explicit WriteQueue(size_t bytes_max) : bytes_max_(bytes_max) {}

  // What became of a push.
  enum class Pushed : uint8_t {
    // The queue was empty: whoever takes has to be told.
    kFirst,
    kBehindOthers,
    kFull,
    kClosed,
  };
  Pushed Push(PendingWritePtr write);

  // Blocks until a write of `bytes` may be pushed, or `clock` has reached
  // `deadline`, or the queue is closed. False if the deadline has passed.
  bool WaitForRoom(size_t bytes, const Clock& clock, MonotonicTime deadline);

  // All that is there, in order. Their room is taken until MakeRoom.
  std::vector<PendingWritePtr> TakeAll();
  void MakeRoom(size_t bytes);

  // Nothing can be pushed any more.
  void Close();

 private:
  bool HasRoom(size_t bytes) const ABSL_EXCLUSIVE_LOCKS_REQUIRED(mutex_) {
    return bytes_ == 0 || bytes_ + bytes <= bytes_max_;
  }

  const size_t bytes_max_;

  Mutex mutex_;
  CondVar room_;
  std::vector<PendingWritePtr> writes_ ABSL_GUARDED_BY(mutex_);
  size_t bytes_ ABSL_GUARDED_BY(mutex_) = 0;
  size_t waiters_ ABSL_GUARDED_BY(mutex_) = 0;
  bool closed_ ABSL_GUARDED_BY(mutex_) = false;
};

}  // namespace trimaran

#endif  // TRIMARAN_REPLICATION_NODE_WRITE_QUEUE_H_
