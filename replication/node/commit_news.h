#ifndef TRIMARAN_REPLICATION_NODE_COMMIT_NEWS_H_
#define TRIMARAN_REPLICATION_NODE_COMMIT_NEWS_H_

#include "absl/time/time.h"
#include "engine/base/clock.h"
#include "engine/base/ids.h"

namespace trimaran {

// When a leader tells its followers of a commit that no append has carried to
// them. At once would be two messages, their answers and four wake-ups for each
// of the writes that come one by one, just before the next write says the same.
//
// Thread: owner.
class CommitNews {
 public:
  // How long news waits for an append that goes there anyhow.
  static constexpr absl::Duration kPatience = absl::Milliseconds(2);

  // When to tell them of `untold`, which is committed and which one of them at
  // least does not know to be; 0: there is no such.
  MonotonicTime DueAt(LogIndex untold, MonotonicTime now);

 private:
  // Since when something has been waiting.
  MonotonicTime since_ = MonotonicTime::Infinite();
};

}  // namespace trimaran

#endif  // TRIMARAN_REPLICATION_NODE_COMMIT_NEWS_H_
