#include "tests/support/engine_model/model_state_disk.h"

#include <algorithm>

#include "engine/base/check.h"

namespace trimaran::engine {

ModelStateDisk::ModelStateDisk(Options options)
    : group_(options.group), last_generation_(options.generation) {
  durable_[options.generation] =
      std::make_shared<const ModelState>(std::move(options.state));
}

void ModelStateDisk::Crash(Random& random) {
  Crash(random.OneIn(2) ? UnderWay::kKept : UnderWay::kLost);
}

void ModelStateDisk::Crash(UnderWay fate) {
  if (fate == UnderWay::kKept && under_way_) FinishCheckpoint();
  under_way_.reset();
  fail_apply_ = absl::OkStatus();
  fail_checkpoint_ = absl::OkStatus();
}

void ModelStateDisk::Replace(Image image) {
  TRIMARAN_CHECK(!under_way_.has_value());
  TRIMARAN_CHECK(!image.empty());
  durable_ = std::move(image);
  // Of another disk, maybe.
  last_generation_ = std::max(last_generation_, durable_.rbegin()->first);
}

SharedModelState ModelStateDisk::Find(uint64_t generation) const {
  const auto found = durable_.find(generation);
  return found == durable_.end() ? nullptr : found->second;
}

void ModelStateDisk::BeginCheckpoint(uint64_t generation,
                                     SharedModelState state) {
  under_way_ = Checkpoint{generation, std::move(state)};
}

void ModelStateDisk::FinishCheckpoint() {
  TRIMARAN_CHECK(under_way_.has_value());
  durable_[under_way_->generation] = std::move(under_way_->state);
  under_way_.reset();
}

SharedModelState ModelStateDisk::under_way() const {
  return under_way_ ? under_way_->state : nullptr;
}

void ModelStateDisk::KeepImport(uint64_t generation, SharedModelState state) {
  durable_[generation] = std::move(state);
}

void ModelStateDisk::DropImport(uint64_t generation) {
  // The only one has been switched to.
  if (durable_.size() > 1) durable_.erase(generation);
}

void ModelStateDisk::KeepOnly(uint64_t generation) {
  std::erase_if(durable_, [generation](const auto& kept) {
    return kept.first != generation;
  });
  if (under_way_ && under_way_->generation != generation) under_way_.reset();
}

absl::Status ModelStateDisk::TakeApplyFailure() {
  return std::exchange(fail_apply_, absl::OkStatus());
}

absl::Status ModelStateDisk::TakeCheckpointFailure() {
  return std::exchange(fail_checkpoint_, absl::OkStatus());
}

}  // namespace trimaran::engine
