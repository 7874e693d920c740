#include "replication/node/commit_news.h"

#include "replication/node/mutant.h"

namespace trimaran {

MonotonicTime CommitNews::DueAt(LogIndex untold, MonotonicTime now) {
  if (untold == LogIndex()) {
    since_ = MonotonicTime::Infinite();
  } else if (since_ == MonotonicTime::Infinite()) {
    since_ = now;
  }
  if (MutantActive(Mutant::kCommitNewsForgotten)) {
    return MonotonicTime::Infinite();
  }
  return since_ + kPatience;
}

}  // namespace trimaran
