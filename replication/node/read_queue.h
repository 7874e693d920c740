#ifndef TRIMARAN_REPLICATION_NODE_READ_QUEUE_H_
#define TRIMARAN_REPLICATION_NODE_READ_QUEUE_H_

#include <utility>
#include <vector>

#include "engine/base/mutex.h"
#include "replication/node/pending_read.h"

namespace trimaran {

// Reads that the raft lane has not looked at yet. All that are here when it
// does share what it does for the first of them.
//
// Thread: any.
class ReadQueue {
 public:
  void Push(PendingReadPtr read) {
    const MutexLock lock(mutex_);
    reads_.push_back(std::move(read));
  }
  std::vector<PendingReadPtr> TakeAll() {
    const MutexLock lock(mutex_);
    return std::exchange(reads_, {});
  }

 private:
  Mutex mutex_;
  std::vector<PendingReadPtr> reads_ ABSL_GUARDED_BY(mutex_);
};

}  // namespace trimaran

#endif  // TRIMARAN_REPLICATION_NODE_READ_QUEUE_H_
