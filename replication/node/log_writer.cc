#include "replication/node/log_writer.h"

#include <utility>

#include "engine/base/check.h"

namespace trimaran {

LogWriter::LogWriter(engine::LogStore& log, const Lanes& lanes,
                     const Clock& clock, Host host)
    : log_(log), lanes_(lanes), clock_(clock), host_(std::move(host)) {}

void LogWriter::Submit(raft::PersistBatch batch) {
  if (stopped_) return;
  waiting_.push_back(std::move(batch));
  BeginNext();
}

void LogWriter::Stop() {
  stopped_ = true;
  waiting_.clear();
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
    lanes_.raft->Post([this, result = std::move(result)] { Written(result); });
  });
}

void LogWriter::Written(const absl::Status& result) {
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
