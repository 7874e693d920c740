#include "tools/serve/write_gatherer.h"

#include <memory>
#include <string>

#include "absl/status/status.h"
#include "tools/serve/carry_out.h"
#include "tools/serve/outcome.h"
#include "tools/serve/workspace.h"

namespace trimaran::serve {
namespace {

constexpr size_t kBytesMax = size_t{1} << 20;
constexpr size_t kWordsMax = 20'000;

// Jobs that have become one write, and what their clients hear if it is done.
struct Gathered {
  std::vector<PendingJob> jobs;
  std::vector<std::string> replies;

  void Answer(const absl::Status& status) {
    const std::string error =
        status.ok() ? std::string() : WriteErrorReply(status);
    for (size_t i = 0; i < jobs.size(); ++i) {
      PendingJob& each = jobs[i];
      each.done(status.ok() ? Answered(each.job, std::move(replies[i]))
                            : Refused(each.job, error));
    }
  }
};

void WriteTogether(DB& db, std::vector<PendingJob> jobs);

void Finish(DB& db, Gathered gathered, const absl::Status& status) {
  const bool too_large =
      absl::IsInvalidArgument(status) || absl::IsResourceExhausted(status);
  if (!too_large || gathered.jobs.size() == 1) return gathered.Answer(status);
  // A limit that one of them breaks is no fault of the others.
  for (PendingJob& each : gathered.jobs) {
    std::vector<PendingJob> one;
    one.push_back(std::move(each));
    WriteTogether(db, std::move(one));
  }
}

void WriteTogether(DB& db, std::vector<PendingJob> jobs) {
  Workspace workspace(nullptr);
  Gathered gathered;
  for (const PendingJob& each : jobs) {
    gathered.replies.push_back(CarryOutJob(each.job, workspace));
  }
  gathered.jobs = std::move(jobs);
  // There may be nothing but errors of the commands themselves.
  if (!workspace.changed()) return gathered.Answer(absl::OkStatus());
  db.WriteAsync(workspace.changes(),
                [&db, gathered = std::move(gathered)](
                    const absl::StatusOr<CommitInfo>& answer) mutable {
                  Finish(db, std::move(gathered), answer.status());
                });
}

}  // namespace

void WriteGatherer::Submit(PendingJob job) {
  const JobSize size = SizeOf(job.job);
  bool first = false;
  bool full = false;
  {
    const MutexLock lock(mutex_);
    first = jobs_.empty();
    bytes_ += size.bytes;
    words_ += size.words;
    full = bytes_ > kBytesMax || words_ > kWordsMax;
    jobs_.push_back(std::move(job));
  }
  if (full) {
    Flush();
  } else if (first) {
    soon_([this] { Flush(); });
  }
}

void WriteGatherer::Flush() {
  std::vector<PendingJob> jobs;
  {
    const MutexLock lock(mutex_);
    jobs.swap(jobs_);
    bytes_ = 0;
    words_ = 0;
  }
  if (!jobs.empty()) WriteTogether(db_, std::move(jobs));
}

}  // namespace trimaran::serve
