#include "api/src/long_works.h"

#include <cstdint>
#include <utility>

#include "api/src/answer.h"
#include "api/src/replica.h"
#include "engine/base/errors.h"

namespace trimaran {
namespace {

absl::Status Unwanted() { return absl::CancelledError("nobody waits for it"); }

}  // namespace

struct LongWorks::Work {
  // False if nobody waits for it any more.
  bool Begin() {
    Stage was = Stage::kWaiting;
    return stage.compare_exchange_strong(was, Stage::kBegun) ||
           was == Stage::kBegun;
  }
  // True if it has not begun, and never will.
  bool Abandon() {
    return stage.exchange(Stage::kAbandoned) == Stage::kWaiting;
  }

  enum class Stage : uint8_t { kWaiting, kBegun, kAbandoned };
  std::atomic<Stage> stage = Stage::kWaiting;
  Step step;
  Answer<absl::Status> answer;
};

LongWorks::LongWorks(Lane& lane, const Clock& clock,
                     const std::atomic<bool>& closing)
    : lane_(lane), clock_(clock), closing_(closing) {}

absl::Status LongWorks::Run(absl::Duration timeout, Step step) {
  const auto work = std::make_shared<Work>();
  work->step = std::move(step);
  lane_.Post([this, work] { Begin(work); });
  if (!work->answer.WaitUntil(clock_, clock_.Now() + timeout)) {
    if (work->Abandon()) {
      return WithOutcome(
          absl::DeadlineExceededError("its turn had not come in time"),
          WriteOutcome::kNotApplied);
    }
    return absl::DeadlineExceededError("the work had not ended in time");
  }
  return work->answer.Wait();
}

absl::Status LongWorks::Wanted(const Work& work) const {
  if (closing_.load(std::memory_order_acquire)) return ClosedError();
  return work.stage.load() == Work::Stage::kAbandoned ? Unwanted()
                                                      : absl::OkStatus();
}

void LongWorks::Begin(WorkPtr work) {
  if (under_way_ == kUnderWayMax) {
    // Who asks again and again does not fill the queue.
    DropUnwanted();
    return waiting_.push_back(std::move(work));
  }
  ++under_way_;
  TakeStep(std::move(work));
}

void LongWorks::PostStep(WorkPtr work) {
  lane_.Post(
      [this, work = std::move(work)]() mutable { TakeStep(std::move(work)); });
}

void LongWorks::TakeStep(WorkPtr work) {
  absl::Status ended = work->Begin() ? Wanted(*work) : Unwanted();
  if (ended.ok()) {
    const absl::StatusOr<bool> more =
        work->step([this, &work] { return Wanted(*work).ok(); });
    if (more.ok() && *more) return PostStep(std::move(work));
    ended = more.status();
    // It knows only that it is not wanted; the caller is told why.
    if (absl::IsCancelled(ended) && !Wanted(*work).ok()) ended = Wanted(*work);
  }
  End(*work, std::move(ended));
  BeginNext();
}

// In the place of one that has ended.
void LongWorks::BeginNext() {
  DropUnwanted();
  if (waiting_.empty()) {
    --under_way_;
    return;
  }
  PostStep(std::move(waiting_.front()));
  waiting_.pop_front();
}

void LongWorks::DropUnwanted() {
  std::erase_if(waiting_, [this](const WorkPtr& work) {
    absl::Status wanted = Wanted(*work);
    if (wanted.ok()) return false;
    End(*work, std::move(wanted));
    return true;
  });
}

void LongWorks::End(Work& work, absl::Status ended) {
  // What it holds is let go of before anybody hears of the end.
  work.step = nullptr;
  work.answer.Set(std::move(ended));
}

}  // namespace trimaran
