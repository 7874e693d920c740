#ifndef TRIMARAN_TOOLS_SERVE_WRITE_GATHERER_H_
#define TRIMARAN_TOOLS_SERVE_WRITE_GATHERER_H_

#include <cstddef>
#include <utility>
#include <vector>

#include "absl/base/thread_annotations.h"
#include "absl/functional/any_invocable.h"
#include "engine/base/mutex.h"
#include "tools/serve/job_lane.h"
#include "trimaran/db.h"

namespace trimaran::serve {

// Makes one write of what several clients write at about the same time: to
// propose, send and apply it is much less work. Any number of such writes may
// be under way, for each connection waits for its own.
//
// Thread: any.
class WriteGatherer {
 public:
  // Runs a task soon: when other clients have had their turn.
  using Soon = absl::AnyInvocable<void(absl::AnyInvocable<void()>)>;

  // `db` outlives this, and what `soon` is given runs before this is gone, or
  // never.
  WriteGatherer(DB& db, Soon soon) : db_(db), soon_(std::move(soon)) {}
  WriteGatherer(const WriteGatherer&) = delete;
  WriteGatherer& operator=(const WriteGatherer&) = delete;

  // A job of kWrite. Does not wait.
  void Submit(PendingJob job);
  // Writes what has been gathered. Does not wait.
  void Flush();

 private:
  DB& db_;
  Soon soon_;
  Mutex mutex_;
  std::vector<PendingJob> jobs_ ABSL_GUARDED_BY(mutex_);
  size_t bytes_ ABSL_GUARDED_BY(mutex_) = 0;
  size_t words_ ABSL_GUARDED_BY(mutex_) = 0;
};

}  // namespace trimaran::serve

#endif  // TRIMARAN_TOOLS_SERVE_WRITE_GATHERER_H_
