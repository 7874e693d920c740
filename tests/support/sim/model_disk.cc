#include "tests/support/sim/model_disk.h"

#include <algorithm>
#include <utility>

#include "absl/strings/str_cat.h"
#include "engine/base/check.h"

namespace trimaran::sim {

ModelDisk::ModelDisk(MachineState state)
    : hard_state_{state.applied.term, kNoReplica, state.applied.index},
      boundary_(state.applied),
      checkpoint_(std::move(state)),
      submitted_last_(boundary_.index),
      submitted_hard_state_(hard_state_) {}

absl::Status ModelDisk::Check(const raft::PersistBatch& batch) const {
  const auto refuse = [&batch](const char* why) {
    return absl::FailedPreconditionError(
        absl::StrCat("batch ", batch.seq.value(), ": ", why));
  };
  if (batch.seq.value() != submitted_seq_.value() + 1) {
    return refuse("out of turn");
  }
  LogIndex last = submitted_last_;
  if (batch.snapshot) {
    const EntryId id = batch.snapshot->id;
    if (id.index <= checkpoint_.applied.index) {
      return refuse("the snapshot is older than the state");
    }
    if (std::none_of(staged_.begin(), staged_.end(),
                     [id](const auto& state) { return state.applied == id; })) {
      return refuse("the snapshot was never received");
    }
    last = id.index;
  }
  for (size_t i = 0; i < batch.entries.size(); ++i) {
    if (batch.entries[i].index != batch.entries[0].index + i) {
      return refuse("entries are not consecutive");
    }
  }
  if (!batch.entries.empty()) {
    const LogIndex first = batch.entries[0].index;
    if (first > last + 1) return refuse("leaves a hole in the log");
    if (first <= checkpoint_.applied.index) {
      return refuse("replaces entries that are applied");
    }
  }
  const HardState hard = batch.hard_state.value_or(submitted_hard_state_);
  const bool promises = batch.snapshot || !batch.entries.empty() ||
                        hard.term != submitted_hard_state_.term ||
                        hard.vote != submitted_hard_state_.vote;
  if (promises && !batch.must_sync) return refuse("promises without a sync");
  return absl::OkStatus();
}

absl::Status ModelDisk::Submit(raft::PersistBatch batch) {
  if (absl::Status status = Check(batch); !status.ok()) return status;
  submitted_seq_ = batch.seq;
  if (batch.snapshot) submitted_last_ = batch.snapshot->id.index;
  if (!batch.entries.empty()) submitted_last_ = batch.entries.back().index;
  if (batch.hard_state) submitted_hard_state_ = *batch.hard_state;
  pending_.push_back(std::move(batch));
  return absl::OkStatus();
}

void ModelDisk::StageSnapshot(const MachineState& state) {
  if (state.applied.index <= checkpoint_.applied.index) return;
  for (const MachineState& other : staged_) {
    if (other.applied == state.applied) return;
  }
  staged_.push_back(state);
}

void ModelDisk::BeginSync() {
  TRIMARAN_CHECK(!syncing());
  covered_ = pending_.size();
  sync_needed_ = std::any_of(pending_.begin(), pending_.end(),
                             [](const auto& batch) { return batch.must_sync; });
}

raft::PersistBatch ModelDisk::CompleteNext() {
  TRIMARAN_CHECK(syncing());
  --covered_;
  raft::PersistBatch batch = std::move(pending_.front());
  pending_.pop_front();
  if (!sync_needed_) {
    raft::PersistBatch written;
    written.seq = batch.seq;
    written.hard_state = batch.hard_state;
    written_.push_back(std::move(written));
    return batch;
  }
  for (const auto& earlier : written_) Write(earlier, 0);
  written_.clear();
  Write(batch, batch.entries.size());
  ++synced_batches_;
  return batch;
}

void ModelDisk::Checkpoint(const MachineState& state) {
  TRIMARAN_CHECK(Holds(state.applied)) << "applied what is not durable";
  if (state.applied.index < checkpoint_.applied.index) return;
  checkpoint_ = state;
}

void ModelDisk::CompactTo(LogIndex index) {
  if (index <= boundary_.index) return;
  TRIMARAN_CHECK_LE(index, checkpoint_.applied.index);
  const uint64_t count = index - boundary_.index;
  boundary_ = entries_[count - 1].id();
  entries_.erase(entries_.begin(),
                 entries_.begin() + static_cast<std::ptrdiff_t>(count));
}

void ModelDisk::Crash(Random& random, TornBatch torn) {
  for (auto& batch : pending_) written_.push_back(std::move(batch));
  pending_.clear();
  covered_ = 0;
  // All or nothing are as likely as everything between them.
  size_t survive = random.Uniform(written_.size() + 1);
  if (random.OneIn(3)) survive = random.OneIn(2) ? written_.size() : 0;
  for (size_t i = 0; i < survive; ++i) {
    Write(written_[i], written_[i].entries.size());
  }
  if (torn == TornBatch::kCutShort && survive < written_.size()) {
    const auto& batch = written_[survive];
    Write(batch, random.Uniform(batch.entries.size() + 1));
    hard_state_.commit = std::min(hard_state_.commit, last());
  }
  written_.clear();
  staged_.clear();
  submitted_last_ = last();
  submitted_hard_state_ = hard_state_;
  submitted_seq_ = raft::PersistSeq();
}

void ModelDisk::Install(const SnapshotMeta& snapshot) {
  const auto state = std::find_if(
      staged_.begin(), staged_.end(),
      [&](const auto& candidate) { return candidate.applied == snapshot.id; });
  TRIMARAN_CHECK(state != staged_.end());
  boundary_ = snapshot.id;
  entries_.clear();
  checkpoint_ = *state;
  std::erase_if(staged_, [&snapshot](const auto& other) {
    return other.applied.index <= snapshot.id.index;
  });
}

void ModelDisk::Write(const raft::PersistBatch& batch, size_t entry_count) {
  if (batch.snapshot) Install(*batch.snapshot);
  if (entry_count > 0) {
    const LogIndex first = batch.entries[0].index;
    TRIMARAN_CHECK_GT(first, boundary_.index);
    TRIMARAN_CHECK_LE(first, last() + 1);
    entries_.resize(first - (boundary_.index + 1));
    entries_.insert(
        entries_.end(), batch.entries.begin(),
        batch.entries.begin() + static_cast<std::ptrdiff_t>(entry_count));
  }
  if (batch.hard_state) hard_state_ = *batch.hard_state;
}

raft::InitialState ModelDisk::Load() const {
  TRIMARAN_CHECK(pending_.empty());
  raft::InitialState state;
  state.hard_state = hard_state_;
  state.conf = checkpoint_.conf;
  state.boundary = boundary_;
  state.last = last();
  state.applied = checkpoint_.applied.index;
  for (const LogEntry& entry : entries_) {
    if (state.terms.empty() || state.terms.back().term != entry.term) {
      state.terms.push_back({entry.index, entry.term});
    }
    if (entry.type == EntryType::kConfChange && entry.index > state.applied) {
      state.conf_changes.push_back(entry.index);
    }
  }
  return state;
}

absl::StatusOr<std::vector<LogEntry>> ModelDisk::Read(
    LogIndex first, LogIndex end, uint64_t bytes_max) const {
  if (first <= boundary_.index) return absl::OutOfRangeError("compacted");
  if (first > last()) return absl::NotFoundError("no such entry");
  std::vector<LogEntry> out;
  uint64_t bytes = 0;
  for (LogIndex at = first; at < end && at <= last(); ++at) {
    const LogEntry& entry = entries_[at - (boundary_.index + 1)];
    bytes += entry.size_bytes();
    if (!out.empty() && bytes > bytes_max) break;
    out.push_back(entry);
  }
  return out;
}

std::optional<Term> ModelDisk::TermAt(LogIndex index) const {
  if (index == boundary_.index) return boundary_.term;
  if (index < boundary_.index || index > last()) return std::nullopt;
  return entries_[index - (boundary_.index + 1)].term;
}

}  // namespace trimaran::sim
