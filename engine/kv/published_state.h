#ifndef TRIMARAN_ENGINE_KV_PUBLISHED_STATE_H_
#define TRIMARAN_ENGINE_KV_PUBLISHED_STATE_H_

#include <atomic>
#include <cstdint>
#include <memory>

#include "absl/base/thread_annotations.h"
#include "engine/base/mutex.h"
#include "engine/format/applied_state.h"
#include "engine/format/region_state.h"
#include "engine/kv/family_catalog.h"
#include "engine/kv/generation.h"
#include "engine/kv/replicated_state.h"

namespace trimaran::engine {

// What readers need to find rows.
struct ReadBasis {
  // Another number when one of the others is another.
  uint64_t version = 0;
  SharedFamilyCatalog families;
  SharedGeneration generation;
};

// What a view shows that begins while it is all that has been committed.
struct ViewBasis {
  SharedGeneration generation;
  LogPosition applied;
  SharedFamilyCatalog families;
};

// Of which table a state is, both of one moment.
struct PresentState {
  SharedGeneration generation;
  AppliedState applied;
};

// What the applying thread has committed, for everybody else. The lock is held
// for as long as it takes to copy a few words.
//
// Thread: any; Publish and Switch by one at a time.
class PublishedState {
 public:
  PublishedState(const ReplicatedState& state, SharedGeneration generation);
  PublishedState(const PublishedState&) = delete;
  PublishedState& operator=(const PublishedState&) = delete;

  // ---- Reading ----

  AppliedState applied() const;
  RegionState region() const;
  SharedGeneration generation() const;
  PresentState present() const;
  ReadBasis read_basis() const;
  // The version of the present read_basis(), without the lock.
  uint64_t read_version() const {
    return read_version_.load(std::memory_order_acquire);
  }
  ViewBasis view_basis() const;
  // False if anything has been committed since `basis` was taken, or is being
  // committed: whoever has begun to read meanwhile may see it, or not.
  bool IsStill(const ViewBasis& basis) const;
  // The families as of `index`, if they are known without looking; else null.
  SharedFamilyCatalog FamiliesAt(LogIndex index) const;

  AppliedState durable() const;

  // ---- Writing ----

  // Before a commit, which readers see before it is published.
  void CommitBegins();
  // After it, and before ForgetChanges. After one that has failed there is
  // nothing to publish, nor to read.
  void Publish(const ReplicatedState& state);
  // Another table, all of which is durable.
  void Switch(const ReplicatedState& state, SharedGeneration generation);
  // A checkpoint of `generation` has completed. Means nothing if another one is
  // the present one by now.
  void PublishDurable(const AppliedState& durable, uint64_t generation);

 private:
  mutable Mutex mutex_;
  AppliedState applied_ ABSL_GUARDED_BY(mutex_);
  // There may be more to see than `applied_`.
  bool committing_ ABSL_GUARDED_BY(mutex_) = false;
  AppliedState durable_ ABSL_GUARDED_BY(mutex_);
  // Copied by readers when the lock is gone.
  std::shared_ptr<const RegionState> region_ ABSL_GUARDED_BY(mutex_);
  SharedFamilyCatalog families_ ABSL_GUARDED_BY(mutex_);
  SharedGeneration generation_ ABSL_GUARDED_BY(mutex_);
  std::atomic<uint64_t> read_version_ = 1;
};

}  // namespace trimaran::engine

#endif  // TRIMARAN_ENGINE_KV_PUBLISHED_STATE_H_
