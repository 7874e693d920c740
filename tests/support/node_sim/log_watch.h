#ifndef TRIMARAN_TESTS_SUPPORT_NODE_SIM_LOG_WATCH_H_
#define TRIMARAN_TESTS_SUPPORT_NODE_SIM_LOG_WATCH_H_

#include <vector>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "engine/log/log_store.h"
#include "tests/support/engine_model/model_log_disk.h"

namespace trimaran::node_sim {

// A log that is watched: whatever is written to it is written to a model of
// its disk as well, which so tells at any moment what a crash must leave.
//
// Thread: owner.
class LogWatch final : public engine::LogStore {
 public:
  // Both outlive this, and agree.
  LogWatch(engine::LogStore& log, engine::ModelLogDisk& model)
      : log_(log), model_(model) {}

  absl::Status Append(const engine::LogBatch& batch) override;
  absl::Status Reset(const engine::LogReset& reset) override;
  absl::Status Flush() override;
  absl::Status Owe(EntryId owed) override;
  void Compact(LogIndex truncated) override { log_.Compact(truncated); }
  absl::StatusOr<bool> RecycleStep(LogIndex bound) override;

  engine::LogState state() const override { return log_.state(); }
  absl::Status failure() const override { return log_.failure(); }
  LogIndex truncated() const override { return log_.truncated(); }
  uint64_t file_bytes() const override { return log_.file_bytes(); }
  absl::StatusOr<std::vector<LogEntry>> Entries(
      LogIndex first, LogIndex end,
      const engine::ReadLimits& limits) const override {
    return log_.Entries(first, end, limits);
  }
  absl::StatusOr<Term> TermAt(LogIndex index) const override {
    return log_.TermAt(index);
  }
  absl::StatusOr<engine::ChainValue> ChainAt(LogIndex index) const override {
    return log_.ChainAt(index);
  }
  std::vector<TermRun> TermsAfter(LogIndex after) const override {
    return log_.TermsAfter(after);
  }
  std::vector<LogIndex> ConfChangesAfter(LogIndex after) const override {
    return log_.ConfChangesAfter(after);
  }

 private:
  engine::LogStore& log_;
  engine::ModelLogDisk& model_;
};

// `log` has been opened after a crash. Brings `model` to what it holds, or says
// how it differs from all that a crash could have left: Corruption.
absl::Status SettleAfterCrash(const engine::LogStore& log,
                              engine::ModelLogDisk& model);

// The same after damage to the files of the log, of which less may be left. It
// is what it was, up to where it ends, and has forgotten no term and no vote.
// That it owes the rest it mostly knows, and not always (engine/FORMAT.md,
// section 3).
absl::Status SettleAfterDamage(const engine::LogStore& log,
                               engine::ModelLogDisk& model);

}  // namespace trimaran::node_sim

#endif  // TRIMARAN_TESTS_SUPPORT_NODE_SIM_LOG_WATCH_H_
