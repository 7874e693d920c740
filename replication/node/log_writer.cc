#include "replication/node/log_writer.h"

#include <utility>

#include "absl/time/time.h"
#include "engine/base/absl_compat.h"
#include "engine/base/check.h"

namespace trimaran {
namespace {

constexpr absl::Duration kPause = absl::Milliseconds(500);

// What the system refuses for now, and not what is wrong with a batch.
bool MayPass(const absl::Status& error) {
  return absl::IsResourceExhausted(error) || absl::IsUnavailable(error) ||
         absl::IsInternal(error);
}

}  // namespace

LogWriter::LogWriter(engine::LogStore& log, const Lanes& lanes,
                     const Clock& clock, const Logger& logger, Host host)
    : log_(log),
      lanes_(lanes),
      clock_(clock),
      logger_(logger),
      host_(std::move(host)) {}

void LogWriter::Submit(raft::PersistBatch batch) {
  if (stopped_) return;
  waiting_.push_back(std::move(batch));
  BeginNext();
}

void LogWriter::Stop() {
  stopped_ = true;
  held_up_ = false;
  waiting_.clear();
  if (pause_ == nullptr) return;
  pause_.reset();
  plan_.reset();
}

MonotonicTime LogWriter::busy_since() const {
  return busy() ? begun_ : MonotonicTime::Infinite();
}

void LogWriter::BeginNext() {
  if (stopped_ || plan_.has_value() || waiting_.empty()) return;
  plan_ = PlanWrite(waiting_);
  begun_ = clock_.Now();
  if (plan_->install) {
    host_.install(*plan_->install, plan_->hard_state);
  } else {
    BeginWrite();
  }
}

void LogWriter::Installed(const absl::Status& result) {
  TRIMARAN_CHECK(plan_.has_value() && plan_->install.has_value());
  if (stopped_) {
    // Nobody is to hear of it, and what comes with it is not written.
    plan_.reset();
    return;
  }
  if (result.ok() && !plan_->entries.empty()) {
    BeginWrite();
  } else {
    Written(result);
  }
}

void LogWriter::BeginWrite() {
  // The plan does not change while the log lane looks at it.
  lanes_.log->Post([this] {
    const MonotonicTime begun = clock_.Now();
    absl::Status result = log_.Append({.entries = plan_->entries,
                                       .hard_state = plan_->hard_state,
                                       .must_sync = plan_->must_sync});
    if (plan_->must_sync) write_time_.Record(clock_.Now() - begun);
    lanes_.raft->Post([this, result = std::move(result)] { Appended(result); });
  });
}

void LogWriter::TryAgain(const absl::Status& why) {
  if (!std::exchange(held_up_, true)) {
    logger_.Warning("a write of the log cannot begin, and is tried again: ",
                    ToStd(why.message()));
  }
  pause_ = std::make_shared<LogWriter*>(this);
  lanes_.raft->PostAt(clock_.Now() + kPause,
                      [pause = std::weak_ptr<LogWriter*>(pause_)] {
                        const auto self = pause.lock();
                        if (self == nullptr) return;
                        (*self)->pause_.reset();
                        (*self)->BeginWrite();
                      });
}

void LogWriter::Appended(const absl::Status& result) {
  const bool harmless = MayPass(result) && log_.failure().ok();
  if (!harmless) return Written(result);
  if (!stopped_) return TryAgain(result);
  // Nothing has failed, and nobody waits for it any more.
  plan_.reset();
  host_.given_up();
}

void LogWriter::Written(const absl::Status& result) {
  if (std::exchange(held_up_, false) && result.ok()) {
    logger_.Info("the write of the log that could not begin is done");
  }
  WritePlan plan = *std::exchange(plan_, std::nullopt);
  if (!result.ok()) {
    Stop();
    host_.failed(result);
    return;
  }
  if (plan.must_sync) ++synced_writes_;
  host_.durable(plan.last, std::move(plan.messages_after));
  BeginNext();
}

}  // namespace trimaran
