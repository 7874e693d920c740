#include "tools/serve/write_round.h"

#include <string>
#include <utility>

#include "absl/status/status.h"
#include "tools/serve/carry_out.h"
#include "tools/serve/outcome.h"
#include "tools/serve/workspace.h"

namespace trimaran::serve {
namespace {

// Jobs that have become one write, and what their clients hear if it is done.
struct Gathered {
  std::vector<PendingJob> jobs;
  std::vector<JobAnswers> replies;

  void Answer(const absl::Status& status, AnswerPort& port) {
    const std::string error =
        status.ok() ? std::string() : WriteErrorReply(status);
    Answers answers(port);
    for (size_t i = 0; i < jobs.size(); ++i) {
      answers.Add(jobs[i], status.ok()
                               ? Answered(jobs[i].job, std::move(replies[i]))
                               : Refused(jobs[i].job, error));
    }
  }
};

void Finish(DB& db, Gathered gathered, const absl::Status& status,
            AnswerPort& port) {
  const bool too_large =
      absl::IsInvalidArgument(status) || absl::IsResourceExhausted(status);
  if (!too_large || gathered.jobs.size() == 1) {
    return gathered.Answer(status, port);
  }
  // A limit that one of them breaks is no fault of the others.
  for (PendingJob& each : gathered.jobs) {
    std::vector<PendingJob> one;
    one.push_back(std::move(each));
    BeginWriteRound(db, std::move(one), port);
  }
}

}  // namespace

void BeginWriteRound(DB& db, std::vector<PendingJob> jobs, AnswerPort& port) {
  Workspace workspace(nullptr);
  Gathered gathered;
  gathered.replies.reserve(jobs.size());
  for (const PendingJob& each : jobs) {
    gathered.replies.push_back(CarryOutJob(each.job, workspace));
  }
  gathered.jobs = std::move(jobs);
  // There may be nothing but errors of the commands themselves.
  if (!workspace.changed()) return gathered.Answer(absl::OkStatus(), port);
  db.WriteAsync(workspace.changes(),
                [&db, &port, gathered = std::move(gathered)](
                    const absl::StatusOr<CommitInfo>& answer) mutable {
                  Finish(db, std::move(gathered), answer.status(), port);
                });
}

}  // namespace trimaran::serve
