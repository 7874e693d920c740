#include "tools/serve/job_lane.h"

#include <algorithm>
#include <iterator>
#include <utility>

#include "tools/serve/carry_out.h"

namespace trimaran::serve {

JobLane::JobLane(const Limits& limits, AnswerPort& port, Round round)
    : limits_(limits), port_(port), round_(std::move(round)) {
  try {
    for (size_t i = 0; i < limits.threads; ++i) {
      threads_.emplace_back([this] { Work(); });
    }
  } catch (...) {
    // Those that there are must not outlive this.
    Stop();
    throw;
  }
}

JobLane::~JobLane() { Stop(); }

void JobLane::Submit(std::vector<PendingJob> jobs) {
  {
    const MutexLock lock(mutex_);
    if (!stopping_) {
      std::move(jobs.begin(), jobs.end(), std::back_inserter(jobs_));
      changed_.NotifyOne();
      return;
    }
  }
  Answers answers(port_);
  for (PendingJob& each : jobs) {
    answers.Add(each, Refused(each.job,
                              "TRYAGAIN not applied: this replica is "
                              "shutting down"));
  }
}

void JobLane::Stop() {
  {
    const MutexLock lock(mutex_);
    stopping_ = true;
    changed_.NotifyAll();
  }
  for (std::thread& thread : threads_) {
    if (thread.joinable()) thread.join();
  }
}

void JobLane::Work() {
  while (true) {
    std::vector<PendingJob> jobs = Take();
    if (jobs.empty()) return;
    round_(std::move(jobs));
  }
}

std::vector<PendingJob> JobLane::Take() {
  const MutexLock lock(mutex_);
  while (jobs_.empty() && !stopping_) changed_.Wait(mutex_);
  std::vector<PendingJob> taken;
  JobSize sum;
  while (!jobs_.empty() && taken.size() < limits_.jobs) {
    const JobSize size = SizeOf(jobs_.front().job);
    sum.bytes += size.bytes;
    sum.words += size.words;
    if (!taken.empty() &&
        (sum.bytes > limits_.bytes || sum.words > limits_.words)) {
      break;
    }
    taken.push_back(std::move(jobs_.front()));
    jobs_.pop_front();
  }
  // Those that were submitted together need not be done together.
  if (!jobs_.empty()) changed_.NotifyOne();
  return taken;
}

}  // namespace trimaran::serve
