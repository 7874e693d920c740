#ifndef TRIMARAN_TOOLS_SERVE_JOB_LANE_H_
#define TRIMARAN_TOOLS_SERVE_JOB_LANE_H_

#include <cstddef>
#include <deque>
#include <thread>
#include <vector>

#include "absl/base/thread_annotations.h"
#include "absl/functional/any_invocable.h"
#include "engine/base/mutex.h"
#include "tools/serve/answers.h"

namespace trimaran::serve {

// Threads that carry jobs out, several in one round: whatever comes while a
// round is under way waits for the next one, so that the busier it is the more
// of them share a question to the majority, or a write. Its queue is as long
// as there are connections, which have one job each.
//
// Thread: any.
class JobLane {
 public:
  using Round = absl::AnyInvocable<void(std::vector<PendingJob>)>;

  struct Limits {
    size_t threads = 1;
    size_t jobs = 1;
    // Of the words of all commands. One job may have more.
    size_t bytes = size_t{4} << 20;
    size_t words = 30'000;
  };

  // `round` answers all that it is given; it is called on several threads at a
  // time if there are several. What is refused is answered at `port`, which
  // outlives this. Throws std::system_error where there is no room for a
  // thread.
  JobLane(const Limits& limits, AnswerPort& port, Round round);
  // As Stop does.
  ~JobLane();
  JobLane(const JobLane&) = delete;
  JobLane& operator=(const JobLane&) = delete;

  void Submit(std::vector<PendingJob> jobs);

  // Carries out what has been submitted, and joins. Whatever is submitted later
  // is refused.
  void Stop();

 private:
  void Work();
  // Waits; empty at the end.
  std::vector<PendingJob> Take();

  const Limits limits_;
  AnswerPort& port_;
  Round round_;
  Mutex mutex_;
  CondVar changed_;
  std::deque<PendingJob> jobs_ ABSL_GUARDED_BY(mutex_);
  bool stopping_ ABSL_GUARDED_BY(mutex_) = false;
  std::vector<std::thread> threads_;
};

}  // namespace trimaran::serve

#endif  // TRIMARAN_TOOLS_SERVE_JOB_LANE_H_
