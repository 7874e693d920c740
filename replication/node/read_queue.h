#ifndef TRIMARAN_REPLICATION_NODE_READ_QUEUE_H_
#define TRIMARAN_REPLICATION_NODE_READ_QUEUE_H_

#include <utility>
#include <vector>

#include "absl/status/status.h"
#include "engine/base/mutex.h"
#include "replication/node/pending_read.h"

namespace trimaran {

// Reads that the raft lane has not looked at yet. All that are here when it
// does share what it does for the first of them.
//
// Thread: any.
class ReadQueue {
 public:
  // False, and the read is the caller's still, once this is closed.
  bool Push(const PendingReadPtr& read) {
    const MutexLock lock(mutex_);
    if (!closed_) reads_.push_back(read);
    return !closed_;
  }
  std::vector<PendingReadPtr> TakeAll() {
    const MutexLock lock(mutex_);
    return std::exchange(reads_, {});
  }
  // Nothing can be pushed any more; all that are here get the answer `error`.
  void Close(const absl::Status& error) {
    {
      const MutexLock lock(mutex_);
      closed_ = true;
    }
    for (const PendingReadPtr& read : TakeAll()) read->Answer(error);
  }

 private:
  Mutex mutex_;
  std::vector<PendingReadPtr> reads_ ABSL_GUARDED_BY(mutex_);
  bool closed_ ABSL_GUARDED_BY(mutex_) = false;
};

}  // namespace trimaran

#endif  // TRIMARAN_REPLICATION_NODE_READ_QUEUE_H_
