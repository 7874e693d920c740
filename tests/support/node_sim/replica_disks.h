#ifndef TRIMARAN_TESTS_SUPPORT_NODE_SIM_REPLICA_DISKS_H_
#define TRIMARAN_TESTS_SUPPORT_NODE_SIM_REPLICA_DISKS_H_

#include <cstdint>
#include <memory>
#include <optional>
#include <string>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "engine/base/clock.h"
#include "engine/base/logging.h"
#include "engine/base/random.h"
#include "engine/home/store_identity.h"
#include "engine/store.h"
#include "tests/support/engine_model/model_log_disk.h"
#include "tests/support/node_sim/media_damage.h"
#include "tests/support/node_sim/state_digest.h"

namespace trimaran::node_sim {

// All that remains of a replica when its machine stops, and how a store is made
// of it: of models, or the production one.
//
// Thread: owner.
class ReplicaDisks {
 public:
  virtual ~ReplicaDisks() = default;
  ReplicaDisks(const ReplicaDisks&) = delete;
  ReplicaDisks& operator=(const ReplicaDisks&) = delete;

  const engine::StoreIdentity& identity() const { return identity_; }

  // ---- While nobody has it open ----

  // One at a time; this outlives it, and so does `clock`. An error is one that
  // a crash must not lead to, though damage and reads that fail may. Unknown:
  // it has opened, and is not what could have been left; nothing may lead to
  // that.
  virtual absl::StatusOr<std::unique_ptr<engine::Store>> Open(
      const Clock& clock, const Logger& logger) = 0;
  // The machine stops, or, where that is all the same, the process alone: what
  // was not synced is there or is not. Behind Freeze.
  virtual void Crash(Random& random) = 0;

  // An operator keeps a copy of everything. One at a time.
  virtual void TakeImage() = 0;
  // What is in the log of the copy; null if there is none.
  virtual const engine::ModelLogImage* image() const = 0;
  // And puts it in the place of everything, or of nearly everything: what is
  // left of the newer files may tell that something is missing.
  virtual void RestoreImage(Random& random) = 0;
  // Entries at the end of the log are gone, though they were synced, and the
  // floor tells of them. False where there are none that could be lost so.
  virtual bool LoseTail(Random& random) = 0;

  // Another directory with the same in it; null where nobody knows what that is
  // before it is opened.
  virtual std::unique_ptr<ReplicaDisks> Copy() const = 0;

  // Some file is not what was written to it; the log's own are only if
  // `log_too`. What came of a damaged disk is seen when it is opened.
  virtual MediaDamage Damage(Random& random, bool log_too) = 0;

  // ---- While somebody has ----

  // The same of what lies still there.
  virtual MediaDamage Decay(Random& random, bool log_too) = 0;

  // The process has been killed: what its remains still do changes nothing.
  virtual void Freeze() = 0;
  // Some write from now on fails, and may have been done.
  virtual void FailSoon(Random& random) = 0;
  // The machine loses its power in the midst of some write from now on: that
  // one and all later ones fail.
  virtual void LosePowerSoon(Random& random) = 0;
  // No call fails any more.
  virtual void Heal() = 0;
  // What is to be seen of `store`, which is this one's, at little cost.
  virtual absl::StatusOr<ObservedState> Look(const engine::Store& store) = 0;

  // ---- At any time ----

  // Some read from now on fails, and maybe all later ones do, until Heal or the
  // end of the life to come. Returns what is about to fail.
  virtual std::string FailReadsSoon(Random& random) = 0;
  // There is room for `bytes` more, until MakeRoom or the next crash.
  virtual void Fill(uint64_t bytes) = 0;
  virtual void MakeRoom() = 0;

  // What a crash leaves of the log, at least.
  virtual const engine::ModelLogImage& durable_log() const = 0;
  // Whether it knows that entries are missing that it had acknowledged.
  virtual bool owes() const = 0;

 protected:
  explicit ReplicaDisks(const engine::StoreIdentity& identity)
      : identity_(identity) {}

 private:
  const engine::StoreIdentity identity_;
};

}  // namespace trimaran::node_sim

#endif  // TRIMARAN_TESTS_SUPPORT_NODE_SIM_REPLICA_DISKS_H_
