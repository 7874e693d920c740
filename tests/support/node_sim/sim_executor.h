#ifndef TRIMARAN_TESTS_SUPPORT_NODE_SIM_SIM_EXECUTOR_H_
#define TRIMARAN_TESTS_SUPPORT_NODE_SIM_SIM_EXECUTOR_H_

#include <array>
#include <cstddef>
#include <cstdint>
#include <deque>
#include <functional>
#include <map>
#include <memory>
#include <optional>
#include <vector>

#include "engine/base/clock.h"
#include "engine/base/random.h"
#include "replication/node/lane.h"
#include "tests/support/node_sim/scheduler.h"
#include "tests/support/node_sim/sim_clock.h"
#include "tests/support/sim/sim_time.h"

namespace trimaran::node_sim {

enum class LaneKind : uint8_t { kRaft, kLog, kApply, kMaintenance };
inline constexpr size_t kLaneKinds = 4;

// How long the tasks of each lane take, and which lanes share a thread.
struct LaneOptions {
  std::array<sim::Latency, kLaneKinds> cost;
  // Thread of each lane.
  std::array<uint8_t, kLaneKinds> thread = {0, 1, 2, 3};
  // A task of the log lane takes as long as this.
  uint32_t stall_ppm = 0;
  sim::Latency stall;
};

// The lanes of one process, in virtual time: from its start until it stops or
// is killed. To destroy this is to kill it: what was waiting is dropped, and
// nothing runs any more.
//
// A task takes effect at one moment, when it begins or when it ends, by chance;
// whoever waits for it hears of it when it has ended. So a process that is
// killed meanwhile has done it or not.
//
// Thread: owner.
class SimExecutor {
 public:
  // Called after each task.
  using Observer = std::function<void(LaneKind)>;

  // `scheduler` and `clock` outlive this.
  SimExecutor(Scheduler& scheduler, const SimClock& clock,
              const LaneOptions& options, SeededRandom random,
              Observer observer);
  SimExecutor(const SimExecutor&) = delete;
  SimExecutor& operator=(const SimExecutor&) = delete;

  Lanes lanes();

  // Nothing runs until Resume. What is under way ends then.
  void Pause() { paused_ = true; }
  void Resume();
  bool paused() const { return paused_; }

  // From now on, a task takes that long.
  void SetCosts(const LaneOptions& options) { options_ = options; }

  // Tasks that wait, on all lanes.
  size_t waiting() const;

 private:
  class SimLane final : public Lane {
   public:
    void Attach(SimExecutor* executor, LaneKind kind) {
      executor_ = executor;
      kind_ = kind;
    }
    void Post(Task task) override { executor_->Post(kind_, std::move(task)); }
    void PostAt(MonotonicTime when, Task task) override {
      executor_->PostAt(kind_, when, std::move(task));
    }

   private:
    SimExecutor* executor_ = nullptr;
    LaneKind kind_ = LaneKind::kRaft;
  };
  struct Waiting {
    LaneKind kind = LaneKind::kRaft;
    Task task;
  };
  struct Thread {
    std::deque<Waiting> waiting;
    // What is under way. Without a task where that has taken effect already.
    std::optional<Waiting> running;
  };

  void Post(LaneKind kind, Task task);
  void PostAt(LaneKind kind, MonotonicTime when, Task task);
  void PostWhen(LaneKind kind, SimTime at, Task task);
  void Enqueue(LaneKind kind, Task task);
  void BeginNext(Thread& thread);
  void EndAt(SimTime end, Thread& thread);
  void End(Thread& thread);
  void Run(Waiting& item);
  SimTime DrawCost(LaneKind kind);
  // `event`, unless the process has been killed by then. Holds no task: what a
  // task holds must not outlive the process.
  Scheduler::Event WhileAlive(Scheduler::Event event);

  Scheduler& scheduler_;
  const SimClock& clock_;
  LaneOptions options_;
  SeededRandom random_;
  Observer observer_;
  std::array<SimLane, kLaneKinds> lanes_;
  std::array<Thread, kLaneKinds> threads_;
  // What waits for its time, by number.
  std::map<uint64_t, Waiting> later_;
  uint64_t last_number_ = 0;
  bool paused_ = false;
  // Whose tasks would have ended during the pause.
  std::vector<Thread*> suspended_;
  // When others hear of what the present task does; 0: at once.
  SimTime heard_at_ = 0;
  // What the scheduler keeps must not find this when it is gone.
  std::shared_ptr<bool> alive_ = std::make_shared<bool>(true);
};

}  // namespace trimaran::node_sim

#endif  // TRIMARAN_TESTS_SUPPORT_NODE_SIM_SIM_EXECUTOR_H_
