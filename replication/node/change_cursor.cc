#include "replication/node/change_cursor.h"

#include <algorithm>
#include <string_view>
#include <utility>
#include <variant>

#include "absl/strings/str_cat.h"
#include "engine/base/absl_compat.h"
#include "engine/base/logging.h"
#include "engine/base/status_macros.h"
#include "engine/format/entry_decoder.h"

namespace trimaran {
namespace {

// Takes down the operations that a filter lets through.
class Recorder {
 public:
  Recorder(const ChangeFilter& filter, std::vector<RowChange>& changes)
      : filter_(filter), changes_(changes) {}

  void operator()(const engine::PutOp& put) {
    if (put.family == filter_.family && InRange(put.key)) {
      Add(RowChange::Kind::kPut, put.key, put.value);
    }
  }
  void operator()(const engine::DeleteOp& deletion) {
    if (deletion.family == filter_.family && InRange(deletion.key)) {
      Add(RowChange::Kind::kDelete, deletion.key, {});
    }
  }
  void operator()(const engine::DeleteRangeOp& range) {
    if (range.family != filter_.family) return;
    const std::string_view begin =
        std::max<std::string_view>(range.begin, filter_.begin);
    std::string_view end = filter_.end;
    if (end.empty() || (!range.end.empty() && range.end < end)) end = range.end;
    if (!end.empty() && end <= begin) return;
    Add(RowChange::Kind::kDeleteRange, begin, end);
  }
  void operator()(const engine::GetOp&) {}

 private:
  bool InRange(std::string_view key) const {
    return key >= filter_.begin && (filter_.end.empty() || key < filter_.end);
  }
  void Add(RowChange::Kind kind, std::string_view key, std::string_view value) {
    changes_.push_back(
        {.kind = kind, .key = std::string(key), .value = std::string(value)});
  }

  const ChangeFilter& filter_;
  std::vector<RowChange>& changes_;
};

}  // namespace

absl::StatusOr<ChangeBatch> ChangeCursor::Next(
    const ChangeFeed& feed, const Clock& clock, MonotonicTime deadline,
    const std::atomic<bool>& cancelled) {
  for (bool looked = false;; looked = true) {
    TRIMARAN_ASSIGN_OR_RETURN(ChangeBatch batch, TakeAhead());
    if (!batch.changes.empty()) return batch;
    if (looked && clock.Now() >= deadline) return batch;
    ahead_ = {};
    ahead_taken_ = 0;
    TRIMARAN_ASSIGN_OR_RETURN(ahead_,
                              feed.Read(next_, clock, deadline, cancelled));
    // The time is up.
    if (ahead_.end == next_) return batch;
  }
}

absl::StatusOr<ChangeBatch> ChangeCursor::TakeAhead() {
  while (ahead_taken_ < ahead_.entries.size() && ended_.ok()) {
    const DoneEntry& done = *ahead_.entries[ahead_taken_];
    ChangeBatch batch{.index = done.index, .changes = {}};
    // Kept behind all of the entry, for which there may be no memory.
    absl::Status dropped;
    TRIMARAN_RETURN_IF_ERROR(TakeDown(done, batch.changes, dropped));
    ended_ = std::move(dropped);
    ++ahead_taken_;
    next_ = done.index + 1;
    if (!batch.changes.empty()) return batch;
  }
  TRIMARAN_RETURN_IF_ERROR(ended_);
  next_ = std::max(next_, ahead_.end);
  return ChangeBatch{.index = next_ - 1, .changes = {}};
}

absl::Status ChangeCursor::TakeDown(const DoneEntry& done,
                                    std::vector<RowChange>& changes,
                                    absl::Status& dropped) const {
  Recorder record(filter_, changes);
  engine::EntryDecoder decoder(done.payload.bytes());
  engine::Command command;
  while (decoder.Next(command)) {
    const CommandOutcome outcome = done.OutcomeOf(decoder.count() - 1);
    if (outcome == CommandOutcome::kNothing) continue;
    const auto* write = std::get_if<engine::WriteCommand>(&command.body);
    if (write == nullptr) {
      NoteDrop(command, done.index, dropped);
      continue;
    }
    const auto& operations = outcome == CommandOutcome::kOperations
                                 ? write->operations
                                 : write->otherwise;
    for (const engine::Operation& operation : operations) {
      std::visit(record, operation);
    }
  }
  return decoder.status();
}

void ChangeCursor::NoteDrop(const engine::Command& command, LogIndex index,
                            absl::Status& dropped) const {
  const auto* drop = std::get_if<engine::DropFamilyCommand>(&command.body);
  if (drop == nullptr || drop->name != filter_.family_name ||
      index <= filter_.family_seen) {
    return;
  }
  dropped = absl::NotFoundError(absl::StrCat(
      "column family ", ToAbsl(EscapeForLog(drop->name)),
      " was dropped by write ", index.value(), "; there is nothing to watch"));
}

}  // namespace trimaran
