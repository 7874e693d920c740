#ifndef TRIMARAN_TESTS_SUPPORT_ENGINE_MODEL_MODEL_STATE_MACHINE_H_
#define TRIMARAN_TESTS_SUPPORT_ENGINE_MODEL_MODEL_STATE_MACHINE_H_

#include <cstddef>
#include <limits>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "absl/types/span.h"
#include "engine/kv/state_machine.h"
#include "tests/support/engine_model/model_state.h"
#include "tests/support/engine_model/model_state_disk.h"

namespace trimaran::engine {

// The contract of a StateMachine in the fewest words: what the others are
// compared with, and what a simulator runs on. Views and exports may outlive
// it.
//
// Thread: one at a time, for reads too.
class ModelStateMachine final : public StateMachine {
 public:
  // Opens the last checkpoint of `generation` on `disk`, which outlives the
  // machine, and forgets the other generations.
  ModelStateMachine(ModelStateDisk& disk, uint64_t generation);

  absl::StatusOr<std::vector<EntryResult>> Apply(
      absl::Span<const CommittedEntry> entries) override;

  AppliedState applied() const override { return state_->progress; }
  RegionState region() const override { return state_->region; }
  std::vector<Family> families() const override;
  absl::StatusOr<bool> Get(FamilyId family, std::string_view key,
                           std::string& value) const override;
  absl::StatusOr<std::unique_ptr<ReadView>> NewView() const override;
  absl::Status failure() const override { return failure_; }
  // It has no cache.
  absl::StatusOr<StorageStatistics> ReadStatistics() const override;

  absl::StatusOr<AppliedState> Checkpoint() override;
  AppliedState durable() const override;
  // Rows are dropped with their family.
  absl::StatusOr<bool> CollectGarbage(size_t rows_max) override;

  absl::StatusOr<std::unique_ptr<StateExport>> NewExport() override;
  absl::StatusOr<std::unique_ptr<StateImport>> NewImport() override;
  uint64_t generation() const override { return generation_; }
  absl::Status SwitchTo(uint64_t generation) override;

  // A checkpoint that takes time: one that a crash meets between these two is
  // there or is not. Of the state at its beginning.
  absl::Status BeginCheckpoint();
  absl::StatusOr<AppliedState> FinishCheckpoint();

  // Applies no more entries than this in one call.
  void set_apply_max(size_t entries) { apply_max_ = entries; }

  const ModelState& state() const { return *state_; }

 private:
  absl::Status CheckEntries(absl::Span<const CommittedEntry> entries) const;
  ModelState& Change();
  absl::Status Fail(absl::Status error);

  ModelStateDisk& disk_;
  uint64_t generation_;
  std::shared_ptr<ModelState> state_;
  absl::Status failure_;
  size_t apply_max_ = std::numeric_limits<size_t>::max();
};

}  // namespace trimaran::engine

#endif  // TRIMARAN_TESTS_SUPPORT_ENGINE_MODEL_MODEL_STATE_MACHINE_H_
