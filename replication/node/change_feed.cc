#include "replication/node/change_feed.h"

#include <algorithm>
#include <string_view>
#include <utility>
#include <variant>

#include "absl/strings/str_cat.h"
#include "absl/time/time.h"
#include "engine/base/check.h"
#include "engine/format/entry_decoder.h"

namespace trimaran {
namespace {

enum Outcome : uint8_t { kNothing = 0, kOperations = 1, kOtherwise = 2 };

// What counts for an entry of few bytes.
constexpr size_t kEntryOverhead = 64;
constexpr absl::Duration kWaitPiece = absl::Milliseconds(100);

Outcome OutcomeOf(const engine::CommandResult& result) {
  // What was done before is not done again.
  if (!result.status.ok() || result.repeated) return kNothing;
  return result.succeeded ? kOperations : kOtherwise;
}

bool InRange(std::string_view key, const ChangeFilter& filter) {
  return key >= filter.begin && (filter.end.empty() || key < filter.end);
}

bool Overlaps(const engine::DeleteRangeOp& range, const ChangeFilter& filter) {
  return (range.end.empty() || range.end > filter.begin) &&
         (filter.end.empty() || range.begin < filter.end);
}

// Takes down the operations that a filter lets through.
class Recorder {
 public:
  Recorder(const ChangeFilter& filter, std::vector<Change>& changes)
      : filter_(filter), changes_(changes) {}

  void operator()(const engine::PutOp& put) {
    if (put.family == filter_.family && InRange(put.key, filter_)) {
      Add(Change::Kind::kPut, put.key, put.value);
    }
  }
  void operator()(const engine::DeleteOp& del) {
    if (del.family == filter_.family && InRange(del.key, filter_)) {
      Add(Change::Kind::kDelete, del.key, {});
    }
  }
  void operator()(const engine::DeleteRangeOp& range) {
    if (range.family == filter_.family && Overlaps(range, filter_)) {
      Add(Change::Kind::kDeleteRange, range.begin, range.end);
    }
  }
  void operator()(const engine::GetOp&) {}

 private:
  void Add(Change::Kind kind, std::string_view key, std::string_view value) {
    changes_.push_back({.kind = kind,
                        .family = filter_.family,
                        .key = std::string(key),
                        .value = std::string(value)});
  }

  const ChangeFilter& filter_;
  std::vector<Change>& changes_;
};

}  // namespace

ChangeFeed::ChangeFeed(size_t bytes_max, LogIndex applied)
    : bytes_max_(bytes_max), first_(applied + 1), last_(applied) {}

void ChangeFeed::Append(const LogEntry& entry,
                        const engine::EntryResult& result) {
  std::shared_ptr<Kept> kept;
  if (!result.commands.empty()) {
    kept = std::make_shared<Kept>();
    kept->index = entry.index;
    kept->payload = entry.payload;
    for (const engine::CommandResult& command : result.commands) {
      kept->outcomes.push_back(OutcomeOf(command));
    }
  }
  const MutexLock lock(mutex_);
  TRIMARAN_CHECK_EQ(entry.index, last_ + 1);
  last_ = entry.index;
  if (kept != nullptr) {
    bytes_ += kept->payload.size() + kEntryOverhead;
    kept_.push_back(std::move(kept));
    while (bytes_ > bytes_max_ && kept_.size() > 1) {
      bytes_ -= kept_.front()->payload.size() + kEntryOverhead;
      first_ = kept_.front()->index + 1;
      kept_.pop_front();
    }
  }
  if (waiters_ > 0) news_.NotifyAll();
}

void ChangeFeed::Skip(LogIndex index) {
  const MutexLock lock(mutex_);
  kept_.clear();
  bytes_ = 0;
  first_ = index + 1;
  last_ = index;
  news_.NotifyAll();
}

void ChangeFeed::Close(const absl::Status& error) {
  const MutexLock lock(mutex_);
  if (closed_.ok()) closed_ = error;
  news_.NotifyAll();
}

LogIndex ChangeFeed::first() const {
  const MutexLock lock(mutex_);
  return first_;
}

std::shared_ptr<const ChangeFeed::Kept> ChangeFeed::Find(LogIndex from) const {
  const auto found = std::lower_bound(
      kept_.begin(), kept_.end(), from,
      [](const auto& kept, LogIndex index) { return kept->index < index; });
  return found == kept_.end() ? nullptr : *found;
}

absl::StatusOr<ChangeBatch> ChangeFeed::Next(const ChangeFilter& filter,
                                             LogIndex from, const Clock& clock,
                                             MonotonicTime deadline) {
  while (true) {
    std::shared_ptr<const Kept> kept;
    {
      const MutexLock lock(mutex_);
      if (!closed_.ok()) return closed_;
      if (from < first_) {
        return absl::OutOfRangeError(absl::StrCat(
            "changes from entry ", from.value(),
            " on are not kept any more; the first that is is entry ",
            first_.value()));
      }
      kept = Find(from);
      if (kept == nullptr) {
        const absl::Duration left = deadline - clock.Now();
        from = std::max(from, last_ + 1);
        if (left <= absl::ZeroDuration()) return ChangeBatch{from - 1, {}};
        ++waiters_;
        news_.WaitFor(mutex_, std::min(left, kWaitPiece));
        --waiters_;
        continue;
      }
    }
    // Without the lock: the raft lane must not wait for a reader.
    ChangeBatch batch = Read(*kept, filter);
    if (!batch.changes.empty()) return batch;
    from = kept->index + 1;
  }
}

ChangeBatch ChangeFeed::Read(const Kept& kept, const ChangeFilter& filter) {
  ChangeBatch batch{.index = kept.index, .changes = {}};
  Recorder record(filter, batch.changes);
  engine::EntryDecoder decoder(kept.payload.bytes());
  engine::Command command;
  for (const uint8_t outcome : kept.outcomes) {
    const bool decoded = decoder.Next(command);
    TRIMARAN_CHECK(decoded) << "an applied entry has fewer commands than told";
    const auto* write = std::get_if<engine::WriteCommand>(&command.body);
    if (write == nullptr || outcome == kNothing) continue;
    const auto& operations =
        outcome == kOperations ? write->operations : write->otherwise;
    for (const engine::Operation& operation : operations) {
      std::visit(record, operation);
    }
  }
  return batch;
}

}  // namespace trimaran
