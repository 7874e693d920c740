#include "replication/node/applier.h"

#include <iterator>
#include <optional>
#include <utility>

#include "engine/base/check.h"

namespace trimaran {
namespace {

// What one transaction takes: more would keep readers of the newest state, and
// the acknowledgement of its first entry, waiting.
constexpr size_t kBatchEntriesMax = 4096;
constexpr uint64_t kBatchBytesMax = uint64_t{4} << 20;

}  // namespace

Applier::Applier(engine::Store& store, const Lanes& lanes, const Clock& clock,
                 Host host)
    : store_(store), lanes_(lanes), clock_(clock), host_(std::move(host)) {}

void Applier::Submit(std::vector<LogEntry> entries) {
  if (stopped_) return;
  waiting_.insert(waiting_.end(), std::make_move_iterator(entries.begin()),
                  std::make_move_iterator(entries.end()));
  BeginNext();
}

void Applier::ForgetQueued() {
  waiting_.clear();
  forget_rest_ = busy_;
}

void Applier::Resume() {
  TRIMARAN_CHECK_GT(pauses_, 0);
  --pauses_;
  BeginNext();
}

void Applier::BeginNext() {
  if (stopped_ || pauses_ > 0 || busy_ || waiting_.empty()) return;
  batch_.clear();
  if (waiting_.front().type == EntryType::kConfChange) {
    if (!TakeConfChange()) return;
  } else {
    TakeNormal();
  }
  busy_ = true;
  lanes_.apply->Post([this] {
    const MonotonicTime begun = clock_.Now();
    auto results = store_.Apply(batch_);
    apply_time_.Record(clock_.Now() - begun);
    lanes_.raft->Post([this, results = std::move(results)]() mutable {
      Applied(std::move(results));
    });
  });
}

void Applier::Stop() {
  stopped_ = true;
  waiting_.clear();
}

void Applier::Fail(absl::Status error) {
  Stop();
  host_.failed(std::move(error));
}

bool Applier::TakeConfChange() {
  LogEntry entry = std::move(waiting_.front());
  waiting_.pop_front();
  const auto change = raft::DecodeConfChange(entry.payload.bytes());
  if (!change.ok()) {
    // Vetted before it came into the log: these are not the bytes.
    Fail(change.status());
    return false;
  }
  absl::StatusOr<ConfState> conf = host_.change_members(entry.index, *change);
  if (!conf.ok()) {
    Fail(conf.status());
    return false;
  }
  batch_.push_back({.entry = std::move(entry), .conf = *std::move(conf)});
  return true;
}

void Applier::TakeNormal() {
  uint64_t bytes = 0;
  while (!waiting_.empty() && batch_.size() < kBatchEntriesMax &&
         waiting_.front().type == EntryType::kNormal) {
    bytes += waiting_.front().size_bytes();
    if (!batch_.empty() && bytes > kBatchBytesMax) break;
    batch_.push_back(
        {.entry = std::move(waiting_.front()), .conf = std::nullopt});
    waiting_.pop_front();
  }
}

void Applier::PutBack(size_t applied) {
  TRIMARAN_CHECK_GE(applied, 1u);
  TRIMARAN_CHECK_LE(applied, batch_.size());
  const bool wanted = !std::exchange(forget_rest_, false) && !stopped_;
  while (batch_.size() > applied) {
    if (wanted) waiting_.push_front(std::move(batch_.back().entry));
    batch_.pop_back();
  }
}

void Applier::Applied(
    absl::StatusOr<std::vector<engine::EntryResult>> results) {
  busy_ = false;
  if (!results.ok()) {
    Fail(results.status());
    return;
  }
  PutBack(results->size());
  host_.applied(std::exchange(batch_, {}), *std::move(results));
  BeginNext();
}

}  // namespace trimaran
