#include "engine/kv/published_state.h"

#include <utility>

#include "engine/base/check.h"

namespace trimaran::engine {

PublishedState::PublishedState(const ReplicatedState& state,
                               SharedGeneration generation)
    : applied_(state.applied),
      durable_(state.applied),
      region_(std::make_shared<const RegionState>(state.region)),
      families_(state.families),
      generation_(std::move(generation)) {}

AppliedState PublishedState::applied() const {
  const MutexLock lock(mutex_);
  return applied_;
}

RegionState PublishedState::region() const {
  std::shared_ptr<const RegionState> region;
  {
    const MutexLock lock(mutex_);
    region = region_;
  }
  return *region;
}

SharedGeneration PublishedState::generation() const {
  const MutexLock lock(mutex_);
  return generation_;
}

PresentState PublishedState::present() const {
  const MutexLock lock(mutex_);
  return {generation_, applied_};
}

ReadBasis PublishedState::read_basis() const {
  const MutexLock lock(mutex_);
  return {read_version_.load(std::memory_order_relaxed), families_,
          generation_};
}

ViewBasis PublishedState::view_basis() const {
  const MutexLock lock(mutex_);
  return {generation_, applied_.applied, families_};
}

bool PublishedState::IsStill(const ViewBasis& basis) const {
  const MutexLock lock(mutex_);
  return !committing_ && applied_.applied.id.index == basis.applied.id.index;
}

SharedFamilyCatalog PublishedState::FamiliesAt(LogIndex index) const {
  const MutexLock lock(mutex_);
  return applied_.applied.id.index == index ? families_ : nullptr;
}

AppliedState PublishedState::durable() const {
  const MutexLock lock(mutex_);
  return durable_;
}

void PublishedState::CommitBegins() {
  const MutexLock lock(mutex_);
  committing_ = true;
}

void PublishedState::Publish(const ReplicatedState& state) {
  std::shared_ptr<const RegionState> region;
  if (state.region_changed) {
    region = std::make_shared<const RegionState>(state.region);
  }
  const MutexLock lock(mutex_);
  TRIMARAN_CHECK_GE(state.applied.applied.id.index, applied_.applied.id.index);
  applied_ = state.applied;
  committing_ = false;
  if (region != nullptr) region_.swap(region);
  if (families_ != state.families) {
    families_ = state.families;
    read_version_.fetch_add(1, std::memory_order_release);
  }
}

void PublishedState::Switch(const ReplicatedState& state,
                            SharedGeneration generation) {
  auto region = std::make_shared<const RegionState>(state.region);
  const MutexLock lock(mutex_);
  applied_ = state.applied;
  durable_ = state.applied;
  region_.swap(region);
  families_ = state.families;
  generation_.swap(generation);
  read_version_.fetch_add(1, std::memory_order_release);
}

void PublishedState::PublishDurable(const AppliedState& durable,
                                    uint64_t generation) {
  const MutexLock lock(mutex_);
  if (generation_->number != generation) return;
  durable_ = durable;
}

}  // namespace trimaran::engine
