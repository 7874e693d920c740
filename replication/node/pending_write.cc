#include "replication/node/pending_write.h"

#include <utility>

#include "absl/strings/str_cat.h"
#include "engine/base/absl_compat.h"
#include "engine/base/check.h"
#include "engine/base/errors.h"
#include "replication/node/mutant.h"

namespace trimaran {

bool PendingWrite::Take() {
  Stage before = Stage::kWaiting;
  if (stage_.compare_exchange_strong(before, Stage::kTaken,
                                     std::memory_order_acq_rel)) {
    return true;
  }
  // A second attempt, after one of which nothing is known.
  return before == Stage::kTaken;
}

void PendingWrite::PutBack() {
  if (may_be_applied()) return;
  Stage before = Stage::kTaken;
  stage_.compare_exchange_strong(before, Stage::kWaiting,
                                 std::memory_order_acq_rel);
}

void PendingWrite::Answer(absl::StatusOr<AppliedWrite> answer) {
  if (stage_.exchange(Stage::kAnswered, std::memory_order_acq_rel) ==
      Stage::kAnswered) {
    return;
  }
  std::exchange(done_, nullptr)(std::move(answer));
}

void PendingWrite::Expire(std::string_view why) {
  const Stage before =
      stage_.exchange(Stage::kAnswered, std::memory_order_acq_rel);
  if (before == Stage::kAnswered) return;
  absl::Status error;
  if (before == Stage::kWaiting ||
      MutantActive(Mutant::kExpiredMeansNotApplied)) {
    error =
        WithOutcome(absl::DeadlineExceededError(absl::StrCat(
                        "the write was not taken up in time: ", ToAbsl(why))),
                    WriteOutcome::kNotApplied);
  } else {
    error = OutcomeUnknownError(ToStd(absl::StrCat(
        "the write was under way when its time was up: ", ToAbsl(why))));
  }
  std::exchange(done_, nullptr)(std::move(error));
}

}  // namespace trimaran
