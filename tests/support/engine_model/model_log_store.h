#ifndef TRIMARAN_TESTS_SUPPORT_ENGINE_MODEL_MODEL_LOG_STORE_H_
#define TRIMARAN_TESTS_SUPPORT_ENGINE_MODEL_MODEL_LOG_STORE_H_

#include <vector>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "engine/log/log_store.h"
#include "tests/support/engine_model/model_log_disk.h"

namespace trimaran::engine {

// The contract of a LogStore in the fewest words: what the others are compared
// with, and what a simulator runs on.
//
// Thread: one at a time, for reads too.
class ModelLogStore final : public LogStore {
 public:
  // Opens what is durable on `disk`, which outlives the store. Opened again
  // only after ModelLogDisk::Crash, or with nothing unsynced.
  explicit ModelLogStore(ModelLogDisk& disk);

  absl::Status Append(const LogBatch& batch) override;
  absl::Status Reset(const LogReset& reset) override;
  absl::Status Flush() override;
  absl::Status Owe(EntryId owed) override;
  void Compact(LogIndex truncated) override;
  absl::StatusOr<bool> RecycleStep(LogIndex bound) override;

  LogState state() const override;
  absl::Status failure() const override { return failure_; }
  LogIndex truncated() const override;
  uint64_t file_bytes() const override;

  absl::StatusOr<std::vector<LogEntry>> Entries(
      LogIndex first, LogIndex end, const ReadLimits& limits) const override;
  absl::StatusOr<Term> TermAt(LogIndex index) const override;
  absl::StatusOr<ChainValue> ChainAt(LogIndex index) const override;
  std::vector<TermRun> TermsAfter(LogIndex after) const override;
  std::vector<LogIndex> ConfChangesAfter(LogIndex after) const override;

 private:
  absl::Status CheckEntries(const LogBatch& batch) const;
  absl::Status CheckHardState(const HardState& next) const;
  absl::StatusOr<LogPosition> PositionAt(LogIndex index) const;
  absl::Status Fail(absl::Status error);

  ModelLogDisk& disk_;
  // With what is not synced yet.
  ModelLogImage image_;
  LogIndex compacted_;
  uint64_t replacements_ = 0;
  absl::Status failure_;
};

}  // namespace trimaran::engine

#endif  // TRIMARAN_TESTS_SUPPORT_ENGINE_MODEL_MODEL_LOG_STORE_H_
