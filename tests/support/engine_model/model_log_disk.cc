#include "tests/support/engine_model/model_log_disk.h"

#include <algorithm>
#include <utility>

#include "engine/base/check.h"

namespace trimaran::engine {
namespace {

void DropFrom(LogIndex first, ModelLogImage& image) {
  while (!image.items.empty() && image.items.back().entry.index >= first) {
    image.items.pop_back();
  }
}

}  // namespace

LogPosition ModelLogImage::last() const {
  if (items.empty()) return boundary;
  return {items.back().entry.id(), items.back().chain};
}

std::optional<LogPosition> ModelLogImage::PositionAt(LogIndex index) const {
  if (index == boundary.id.index) return boundary;
  if (index < boundary.id.index || index > last().id.index) return {};
  const Item& item = items[(index - boundary.id.index) - 1];
  return LogPosition{item.entry.id(), item.chain};
}

void ApplyWrite(const LogWrite& write, ModelLogImage& image) {
  if (const auto* reset = std::get_if<LogReset>(&write)) {
    image = {.boundary = reset->position,
             .items = {},
             .hard_state = reset->hard_state,
             .generation = reset->generation};
    return;
  }
  const auto& append = std::get<LogAppend>(write);
  if (!append.entries.empty()) DropFrom(append.entries.front().index, image);
  for (const LogEntry& entry : append.entries) {
    const LogPosition before = image.last();
    TRIMARAN_CHECK_EQ(entry.index, before.id.index + 1);
    image.items.push_back({entry, ExtendChain(before.chain, entry)});
  }
  if (append.hard_state) image.hard_state = *append.hard_state;
}

void ModelLogDisk::Crash(Random& random) {
  CrashKeeping(static_cast<size_t>(random.Uniform(unsynced_.size() + 1)));
}

void ModelLogDisk::CrashKeeping(size_t kept) {
  TRIMARAN_CHECK_LE(kept, unsynced_.size());
  unsynced_.resize(kept);
  Sync();
  fail_next_ = absl::OkStatus();
  failing_reads_ = 0;
}

ModelLogImage ModelLogDisk::AfterCrash(size_t kept) const {
  TRIMARAN_CHECK_LE(kept, unsynced_.size());
  ModelLogImage image = durable_;
  for (size_t i = 0; i < kept; ++i) ApplyWrite(unsynced_[i], image);
  return image;
}

void ModelLogDisk::Lose(LogIndex first) {
  TRIMARAN_CHECK(unsynced_.empty());
  TRIMARAN_CHECK_GT(first, durable_.boundary.id.index);
  const EntryId last = durable_.last().id;
  TRIMARAN_CHECK_LE(first, last.index);
  Owe({last.index, durable_.hard_state.term + 1});
  DropFrom(first, durable_);
  // It was written with the entries, the last of which say it now.
  HardState& state = durable_.hard_state;
  state.commit = std::min(state.commit, durable_.last().id.index);
}

void ModelLogDisk::Replace(ModelLogImage image) {
  unsynced_.clear();
  durable_ = std::move(image);
  owed_.reset();
}

void ModelLogDisk::Owe(EntryId owed) {
  if (!owed_ || owed_->term < owed.term) owed_ = owed;
}

absl::Status ModelLogDisk::TakeFailure() {
  return std::exchange(fail_next_, absl::OkStatus());
}

absl::Status ModelLogDisk::TakeReadFailure() {
  if (failing_reads_ == 0) return absl::OkStatus();
  --failing_reads_;
  return read_error_;
}

void ModelLogDisk::Sync() {
  for (const LogWrite& write : unsynced_) ApplyWrite(write, durable_);
  unsynced_.clear();
  if (owed_ && IsPaid(*owed_, durable_.last().id.term)) owed_.reset();
}

LogPosition ModelLogDisk::Recycle(LogIndex bound) {
  for (const LogWrite& write : unsynced_) {
    // A store syncs a reset before it returns, so that only a failed one can
    // be here, and then nothing is recycled any more.
    const auto* append = std::get_if<LogAppend>(&write);
    if (append == nullptr) return durable_.boundary;
    if (append->entries.empty()) continue;
    bound = std::min(bound, append->entries.front().index - 1);
  }
  while (!durable_.items.empty() &&
         durable_.items.front().entry.index <= bound) {
    const ModelLogImage::Item& front = durable_.items.front();
    durable_.boundary = {front.entry.id(), front.chain};
    durable_.items.pop_front();
  }
  return durable_.boundary;
}

}  // namespace trimaran::engine
