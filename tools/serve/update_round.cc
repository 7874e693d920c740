#include "tools/serve/update_round.h"

#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <iterator>
#include <string>
#include <utility>

#include "absl/status/status.h"
#include "absl/strings/str_cat.h"
#include "tools/serve/carry_out.h"
#include "tools/serve/key_span.h"
#include "tools/serve/outcome.h"
#include "tools/serve/row_view.h"
#include "tools/serve/workspace.h"

namespace trimaran::serve {
namespace {

// Together; then in halves, lest one row that many write holds up those who
// have nothing to do with it, while those who do still go together.
constexpr int kAttemptsTogether = 4;
constexpr int kAttemptsAlone = 100;

// Looks at what has been done since they were watched, that one EXEC is worth:
// one for each key that can be watched, and some.
constexpr int kLooksMax = 1100;

bool WatchesAbsentRows(const Job& job) {
  return std::any_of(
      job.watched.begin(), job.watched.end(),
      [](const WatchedKey& each) { return each.absent != nullptr; });
}

// Whether what was not there when it was watched never was up to `index`.
bool AbsentRowsAreStill(const Job& job, uint64_t index) {
  int looks_left = kLooksMax;
  const AbsentRows* last = nullptr;
  for (const WatchedKey& each : job.watched) {
    if (each.absent == nullptr || each.absent.get() == last) continue;
    last = each.absent.get();
    if (!each.absent->StillAbsent(index, looks_left)) return false;
  }
  return true;
}

class UpdateRound {
 public:
  UpdateRound(DB& db, std::vector<PendingJob>& jobs, AnswerPort& port)
      : db_(db), jobs_(jobs), port_(port) {}

  enum class Outcome : uint8_t { kAnswered, kConflict, kOneIsRefused };

  // Answers all, or none.
  Outcome Attempt() {
    const KeySpan span = SpanOf(jobs_);
    const auto rows = RowView::Open(db_, span.first, span.last, Freshness());
    if (!rows.ok()) return Refuse(NotAppliedReply(rows.status()));
    Workspace workspace(rows->get());
    std::vector<JobAnswers> replies;
    for (const PendingJob& each : jobs_) {
      replies.push_back(AbsentRowsAreStill(each.job, (*rows)->index())
                            ? CarryOutJob(each.job, workspace)
                            : ChangedReply());
    }
    if (!workspace.status().ok()) {
      if (jobs_.size() > 1) return Outcome::kOneIsRefused;
      return Refuse(NotAppliedReply(workspace.status()));
    }
    const Transaction transaction = workspace.TakeTransaction();
    if (!transaction.then.empty() || !transaction.conditions().empty()) {
      const auto result = db_.Commit(transaction);
      if (!result.ok()) return Failed(result.status());
      if (!result->succeeded) return Outcome::kConflict;
    }
    Answers answers(port_);
    for (size_t i = 0; i < jobs_.size(); ++i) {
      answers.Add(jobs_[i], Answered(jobs_[i].job, std::move(replies[i])));
    }
    return Outcome::kAnswered;
  }

  Outcome Refuse(const std::string& error) {
    Answers answers(port_);
    for (PendingJob& each : jobs_) answers.Add(each, Refused(each.job, error));
    return Outcome::kAnswered;
  }

 private:
  ReadOptions Freshness() const {
    // What is stale is found out by the commit, but not what has come and gone.
    const bool absent = std::any_of(
        jobs_.begin(), jobs_.end(),
        [](const PendingJob& each) { return WatchesAbsentRows(each.job); });
    return absent ? ReadOptions() : ReadOptions::Local();
  }

  // A limit that one of them breaks is no fault of the others.
  Outcome Failed(const absl::Status& status) {
    const bool too_large =
        absl::IsInvalidArgument(status) || absl::IsResourceExhausted(status);
    if (too_large && jobs_.size() > 1) return Outcome::kOneIsRefused;
    return Refuse(WriteErrorReply(status));
  }

  DB& db_;
  std::vector<PendingJob>& jobs_;
  AnswerPort& port_;
};

// False: they are to be tried one by one.
bool RunTogether(DB& db, std::vector<PendingJob>& jobs, AnswerPort& port) {
  UpdateRound round(db, jobs, port);
  for (int attempt = 0; attempt < kAttemptsTogether; ++attempt) {
    switch (round.Attempt()) {
      case UpdateRound::Outcome::kAnswered:
        return true;
      case UpdateRound::Outcome::kConflict:
        continue;
      case UpdateRound::Outcome::kOneIsRefused:
        return false;
    }
  }
  return false;
}

void RunAlone(DB& db, std::vector<PendingJob>& one, AnswerPort& port) {
  UpdateRound round(db, one, port);
  for (int attempt = 0; attempt < kAttemptsAlone; ++attempt) {
    if (round.Attempt() == UpdateRound::Outcome::kAnswered) return;
  }
  round.Refuse(
      absl::StrCat("TRYAGAIN not applied: others have changed what it "
                   "is about ",
                   kAttemptsAlone, " times meanwhile"));
}

}  // namespace

void RunUpdateRound(DB& db, std::vector<PendingJob> jobs, AnswerPort& port) {
  if (jobs.size() == 1) return RunAlone(db, jobs, port);
  if (RunTogether(db, jobs, port)) return;
  const auto middle =
      jobs.begin() + static_cast<std::ptrdiff_t>(jobs.size() / 2);
  std::vector<PendingJob> second(std::make_move_iterator(middle),
                                 std::make_move_iterator(jobs.end()));
  jobs.erase(middle, jobs.end());
  RunUpdateRound(db, std::move(jobs), port);
  RunUpdateRound(db, std::move(second), port);
}

}  // namespace trimaran::serve
