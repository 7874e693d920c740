#ifndef TRIMARAN_REPLICATION_NODE_ERRANDS_H_
#define TRIMARAN_REPLICATION_NODE_ERRANDS_H_

#include <cstddef>
#include <utility>

#include "absl/functional/any_invocable.h"
#include "replication/node/lane.h"

namespace trimaran {

// Work that is done on another lane and reported back to the raft lane; counts
// what is under way, so that whoever stops knows when nothing is.
//
// Invariant: what the work holds is gone before its report runs, so that
// whatever has to end on its own lane has ended there.
//
// Thread: the raft lane, on which the reports come as well.
class Errands {
 public:
  // `reported` is called behind each report. `raft` outlives this.
  Errands(Lane& raft, absl::AnyInvocable<void()> reported)
      : raft_(raft), reported_(std::move(reported)) {}
  Errands(const Errands&) = delete;
  Errands& operator=(const Errands&) = delete;

  // Calls `work` on `lane`, and then `report` with what it returned.
  template <typename Work, typename Report>
  void Run(Lane& lane, Work work, Report report) {
    ++running_;
    lane.Post(
        [this, work = std::move(work), report = std::move(report)]() mutable {
          auto result = CallOnce(std::move(work));
          raft_.Post([this, result = std::move(result),
                      report = std::move(report)]() mutable {
            --running_;
            report(std::move(result));
            reported_();
          });
        });
  }

  size_t running() const { return running_; }

 private:
  template <typename Work>
  static auto CallOnce(Work work) {
    return work();
  }

  Lane& raft_;
  absl::AnyInvocable<void()> reported_;
  size_t running_ = 0;
};

}  // namespace trimaran

#endif  // TRIMARAN_REPLICATION_NODE_ERRANDS_H_
