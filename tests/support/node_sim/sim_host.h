#ifndef TRIMARAN_TESTS_SUPPORT_NODE_SIM_SIM_HOST_H_
#define TRIMARAN_TESTS_SUPPORT_NODE_SIM_SIM_HOST_H_

#include <cstdint>
#include <memory>
#include <optional>
#include <string_view>
#include <thread>

#include "absl/functional/any_invocable.h"
#include "absl/status/status.h"
#include "engine/base/absl_compat.h"
#include "engine/base/ids.h"
#include "engine/base/logging.h"
#include "engine/base/random.h"
#include "replication/node/node.h"
#include "replication/transport/transport.h"
#include "tests/support/node_sim/node_world.h"
#include "tests/support/node_sim/replica_disks.h"
#include "tests/support/node_sim/sim_clock.h"
#include "tests/support/node_sim/sim_executor.h"

namespace trimaran::node_sim {

// A machine with the disks of one replica, on which its node runs or does not.
// What is checked of a node alone is checked here, after each task.
//
// Thread: owner.
class SimHost {
 public:
  // Of a replica that begins with the state of the founders, or with nothing.
  enum class Origin : uint8_t { kFounder, kJoiner };
  // `world` outlives the host.
  SimHost(NodeWorld& world, ReplicaId id, Origin origin);
  // One with a copy of the disks of `original`, which is down. Its node speaks
  // in the same name, through `transport`, which outlives the host.
  SimHost(const SimHost& original, std::unique_ptr<ReplicaDisks> copy,
          Transport& transport);
  ~SimHost();

  // ---- Life ----
  // Only while down.
  void Start();
  // The process is killed, at any moment: what was not synced may be lost.
  void Crash();
  // An orderly end; `done` when it is down.
  void Stop(absl::AnyInvocable<void()> done);
  void Pause();
  void Resume();

  // ---- While it is down: what operators do ----
  // Its disks are empty, and it is never started again.
  void Wipe();
  bool LoseTail();
  void TakeImage() { disks_->TakeImage(); }
  void RestoreImage();
  // It goes on with what is on the disks of `copy`, which is down, too. False
  // where nobody knows what that is.
  bool ContinueFrom(const SimHost& copy);
  // What is on its disks is not what was written. False if nothing was.
  bool Damage(bool log_too);

  // ---- While it is down, or up ----
  // Some read from now on fails.
  void FailReadsSoon();
  // There is room for `bytes` more.
  void Fill(uint64_t bytes);
  // And now for everything.
  void MakeRoom();

  bool up() const { return life_ != nullptr; }
  bool wiped() const { return wiped_; }
  // Takes calls.
  bool serving() const { return up() && !paused() && !life_->stopping; }
  bool stopping() const { return up() && life_->stopping; }
  bool paused() const { return life_->executor.paused(); }
  // Counts the starts.
  uint64_t lives() const { return lives_; }

  // ---- While it is up ----
  Node& node() { return *life_->node; }
  const engine::StateMachine& machine() const {
    return life_->store->machine();
  }
  const SimClock& clock() const { return life_->clock; }
  raft::RaftStatus raft_status() const { return life_->node->status()->raft; }
  bool failed() const { return !life_->node->status()->failure.ok(); }
  void SetLanes(const LaneOptions& lanes) { life_->executor.SetCosts(lanes); }
  void Checkpoint();
  // Up to `back` entries before the last one that is applied.
  void CompactLog(uint64_t back);
  // Some write from now on fails, and maybe was done.
  void FailSoon();
  // The machine stops in the midst of some write from now on.
  void LosePowerSoon();
  // It has stopped so, and the process only has not noticed.
  bool powerless() const {
    return life_->loses_power && !life_->store->failure().ok();
  }
  // Something on its disks changes under it. False if nothing did.
  bool Decay(bool log_too);
  // Nothing fails any more; false where it is too late for that.
  bool Heal();

  // Its store may refuse to open, or fail when it is read, for damage that has
  // not come to light.
  bool suspect() const { return suspect_; }
  // The same, or a snapshot may turn out to be of no use, or WiredTiger could
  // not even give up an import for want of room.
  bool may_fail() const {
    return suspect_ || snapshots_suspect_ || life_->was_full;
  }
  // It has refused to open for damage; it will not do so any more.
  bool refuses() const { return refuses_; }

  ReplicaId id() const { return id_; }
  bool is_copy() const { return &transport_ != &world_.transport; }
  // What a line of the trace begins with.
  std::string_view label() const { return is_copy() ? "as a copy: " : ""; }
  const engine::ModelLogImage& durable_log() const {
    return disks_->durable_log();
  }
  const ReplicaDisks& disks() const { return *disks_; }
  // Whether it is up, and will know after any crash that the entry at `index`
  // is committed.
  bool KnowsForGood(LogIndex index) const;
  // Whether the entry is on its disk, or was when it was acknowledged.
  bool Holds(EntryId id) const;

 private:
  struct Life {
    Life(SimHost& host, SeededRandom life_random);
    SeededRandom random;
    SimClock clock;
    std::unique_ptr<engine::Store> store;
    SimExecutor executor;
    std::unique_ptr<Node> node;
    bool stopping = false;
    // Somebody has broken its disk.
    bool may_fail = false;
    bool loses_power = false;
    bool was_full = false;
  };
  class TraceSink final : public LogSink {
   public:
    explicit TraceSink(SimHost& host)
        : LogSink(host.world_.trace.on() ? LogLevel::kDebug : LogLevel::kOff),
          host_(host) {}
    void Write(LogLevel level, std::string_view component,
               std::string_view message) override;

   private:
    SimHost& host_;
    const std::thread::id owner_ = std::this_thread::get_id();
  };

  template <typename... Parts>
  void Tell(const Parts&... parts) {
    world_.Tell(id_, ToAbsl(label()), parts...);
  }
  // The store is not to be had, or the node: it is down again.
  void OnUnopened(const char* what, const absl::Status& error);
  bool IsExcused(const absl::Status& error);
  bool NoteDamage(const MediaDamage& damage);
  void OnTask(LaneKind lane);
  void CheckNode();
  bool MayFailWith(const absl::Status& error) const;
  bool MayLackRoom(const absl::Status& error) const;
  void CheckQueues(const NodeStatus& status);
  void CheckDisks();
  void CountLife();
  // What has become of the state: what readers see, or all of it.
  void CheckState();
  void CheckAllOfState();
  void End();

  NodeWorld& world_;
  const ReplicaId id_;
  Transport& transport_;
  TraceSink sink_;
  std::unique_ptr<ReplicaDisks> disks_;
  std::unique_ptr<Life> life_;
  uint64_t lives_ = 0;
  bool wiped_ = false;
  bool suspect_ = false;
  bool state_suspect_ = false;
  bool snapshots_suspect_ = false;
  bool refuses_ = false;
  // Reads fail, or have failed, since it was down.
  bool misreads_ = false;
  // There may be no room on its disk.
  bool full_ = false;
  // The log before it lost something.
  std::optional<engine::ModelLogImage> log_before_;
};

}  // namespace trimaran::node_sim

#endif  // TRIMARAN_TESTS_SUPPORT_NODE_SIM_SIM_HOST_H_
