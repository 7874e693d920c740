#ifndef TRIMARAN_TESTS_SUPPORT_NODE_THREADED_REPLICA_H_
#define TRIMARAN_TESTS_SUPPORT_NODE_THREADED_REPLICA_H_

#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "absl/time/time.h"
#include "engine/base/clock.h"
#include "engine/base/mutex.h"
#include "engine/base/random.h"
#include "engine/engine.h"
#include "replication/node/event_loop.h"
#include "replication/node/node.h"
#include "replication/transport/transport.h"

namespace trimaran {

// A node on a real engine and on threads of its own, as an application has it.
//
// Thread: Stop, StopNode and the destructor: owner, also while others call.
// Everything else: any.
class ThreadedReplica {
 public:
  enum class Threads : uint8_t {
    // One for decisions, log and state machine.
    kShared,
    // One for each.
    kOwn,
  };
  // The store in `options.directory` is there already. `transport` outlives
  // the replica, and may be null.
  static absl::StatusOr<std::unique_ptr<ThreadedReplica>> Start(
      const engine::EngineOptions& options, const NodeOptions& node_options,
      Transport* transport, uint64_t seed, Threads threads = Threads::kShared);
  ~ThreadedReplica();

  // Stops the node, which answers everybody. What it says then can be asked
  // until Stop.
  void StopNode();
  // The same, if that has not been done yet; waits until nobody is inside of a
  // call any more, and closes the store.
  absl::Status Stop();

  Node& node() { return *node_; }
  engine::Engine& engine() { return *engine_; }
  EventLoop& loop() { return loop_; }
  EventLoop& maintenance() { return maintenance_; }
  EventLoop& log_loop() { return log_ != nullptr ? *log_ : loop_; }

  // ---- Calls that wait; after Stop they are Unavailable, not applied ----
  absl::StatusOr<AppliedWrite> Put(std::string_view key, std::string_view value,
                                   absl::Duration timeout = absl::Seconds(10));
  absl::StatusOr<AppliedWrite> Write(const engine::Command& command,
                                     absl::Duration timeout);
  // Empty if there is no such row.
  absl::StatusOr<std::optional<std::string>> Get(
      std::string_view key, const ReadDemand& demand = {},
      absl::Duration timeout = absl::Seconds(10));
  // All keys in [begin, end), by a linearizable read.
  absl::StatusOr<std::vector<std::string>> Keys(const std::string& begin,
                                                const std::string& end,
                                                absl::Duration timeout);

 private:
  // Keeps node and engine in place while it lives; OK if they are there.
  class Visit {
   public:
    explicit Visit(ThreadedReplica& replica);
    ~Visit();
    Visit(const Visit&) = delete;
    Visit& operator=(const Visit&) = delete;
    const absl::Status& status() const { return status_; }

   private:
    ThreadedReplica& replica_;
    absl::Status status_;
  };

  explicit ThreadedReplica(uint64_t seed) : random_(seed) {}

  absl::Status AwaitRead(const ReadDemand& demand, absl::Duration timeout);

  MonotonicClock clock_;
  SeededRandom random_;
  EventLoop loop_{clock_};
  EventLoop maintenance_{clock_};
  // Where they have threads of their own.
  std::unique_ptr<EventLoop> log_;
  std::unique_ptr<EventLoop> apply_;
  std::unique_ptr<engine::Engine> engine_;
  std::unique_ptr<Node> node_;
  bool node_stopped_ = false;

  Mutex mutex_;
  CondVar left_;
  uint64_t visitors_ ABSL_GUARDED_BY(mutex_) = 0;
  bool stopped_ ABSL_GUARDED_BY(mutex_) = false;
};

}  // namespace trimaran

#endif  // TRIMARAN_TESTS_SUPPORT_NODE_THREADED_REPLICA_H_
