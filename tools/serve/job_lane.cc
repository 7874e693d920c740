#include "tools/serve/job_lane.h"

#include <utility>

#include "tools/serve/carry_out.h"

namespace trimaran::serve {

JobSize SizeOf(const Job& job) {
  JobSize size;
  for (const KnownCommand& each : job.commands) {
    size.bytes += each.command.bytes();
    size.words += each.command.size();
  }
  size.words += job.watched.size();
  return size;
}

JobLane::JobLane(const Limits& limits, Round round)
    : limits_(limits), round_(std::move(round)) {
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

void JobLane::Submit(PendingJob job) {
  {
    const MutexLock lock(mutex_);
    if (!stopping_) {
      jobs_.push_back(std::move(job));
      changed_.NotifyOne();
      return;
    }
  }
  job.done(
      Refused(job.job, "TRYAGAIN not applied: this replica is shutting down"));
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
  return taken;
}

}  // namespace trimaran::serve
