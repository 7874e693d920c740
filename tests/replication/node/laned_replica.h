#ifndef TRIMARAN_TESTS_REPLICATION_NODE_LANED_REPLICA_H_
#define TRIMARAN_TESTS_REPLICATION_NODE_LANED_REPLICA_H_

#include <deque>
#include <memory>
#include <new>
#include <optional>
#include <utility>

#include "engine/engine.h"
#include "engine/founding.h"
#include "gtest/gtest.h"
#include "replication/node/node.h"
#include "tests/support/disk/sim_disk.h"
#include "tests/support/disk/sim_file_system.h"
#include "tests/support/disk/sim_wiredtiger.h"
#include "tests/support/engine/temp_home.h"
#include "tests/support/manual_clock.h"
#include "tests/support/node/faulty_transport.h"

namespace trimaran {

// Runs what it is told to, when it is told to. Time never comes.
//
// Thread: one.
class TimelessLane final : public Lane {
 public:
  void Post(Task task) override {
    if (std::exchange(fails_next_, false)) throw std::bad_alloc();
    tasks_.push_back(std::move(task));
  }
  void PostAt(MonotonicTime, Task) override {}

  // There is no memory for the task that comes next.
  void FailNext() { fails_next_ = true; }
  bool idle() const { return tasks_.empty(); }
  // False if there was none.
  bool RunOne() {
    if (tasks_.empty()) return false;
    Task task = std::move(tasks_.front());
    tasks_.pop_front();
    std::move(task)();
    return true;
  }
  void RunAll() {
    while (RunOne()) continue;
  }

 private:
  std::deque<Task> tasks_;
  bool fails_next_ = false;
};

// Replica 1 on a real engine and a simulated disk, with a lane for each kind of
// work, so that a test says what is done before what.
//
// Thread: one.
struct LanedReplica {
  // Of a group of `voters`.
  explicit LanedReplica(uint64_t voters) {
    engine::EngineOptions options;
    options.directory = "/sim/store";
    options.cache_bytes = uint64_t{4} << 20;
    options.log_segment_bytes = uint64_t{64} << 10;
    options.files = &files;
    options.clock = &clock;
    options.wiredtiger_extensions = std::string(disk::WiredTigerExtension());
    engine::NewStore store = engine::SoleStore();
    store.conf.voters.clear();
    for (uint64_t id = 1; id <= voters; ++id) {
      store.conf.voters.push_back(ReplicaId(id));
      store.members[ReplicaId(id)] = {};
    }
    EXPECT_TRUE(engine::FoundGroup(options, store).ok());
    auto opened = engine::Engine::Open(options);
    EXPECT_TRUE(opened.ok()) << opened.status();
    engine = *std::move(opened);
    NodeOptions node_options;
    node_options.maintenance.free_bytes_refuse = 0;
    node_options.maintenance.free_bytes_stop = 0;
    node_options.maintenance.free_bytes_accept = 0;
    auto started = Node::Start(node_options, {.store = engine.get(),
                                              .lanes = {.raft = &raft,
                                                        .log = &log,
                                                        .apply = &apply,
                                                        .maintenance = &rest},
                                              .transport = &transport,
                                              .clock = &clock,
                                              .random = &random,
                                              .logger = {}});
    EXPECT_TRUE(started.ok()) << started.status();
    node = *std::move(started);
  }
  ~LanedReplica() {
    node->Abandon();
    node.reset();
  }

  // A write, whose answer comes to `answer`.
  void Submit() {
    engine::WriteCommand write;
    write.operations = {engine::PutOp{engine::kDefaultFamily, "k", "v"}};
    auto encoded = engine::EncodeCommand({.stamp = {}, .body = write});
    ASSERT_TRUE(encoded.ok());
    ++asked;
    EXPECT_TRUE(node->Submit(std::make_shared<PendingWrite>(
        *std::move(encoded), MonotonicTime::Infinite(),
        [this](const absl::StatusOr<AppliedWrite>& result) {
          ++answered;
          answer = result.status();
        })));
  }
  // Until only maintenance is left to do.
  void RunButRest() {
    while (!raft.idle() || !log.idle() || !apply.idle()) {
      raft.RunAll();
      log.RunAll();
      apply.RunAll();
    }
  }
  // Until nothing is left to do.
  void RunAll() {
    while (!raft.idle() || !log.idle() || !apply.idle() || !rest.idle()) {
      raft.RunAll();
      log.RunAll();
      apply.RunAll();
      rest.RunAll();
    }
  }

  disk::SimDisk disk{"/sim"};
  disk::SimFileSystem files{disk};
  disk::WiredTigerMount mount{disk};
  ManualClock clock;
  SeededRandom random{1};
  FaultyTransport transport;
  TimelessLane raft;
  TimelessLane log;
  TimelessLane apply;
  TimelessLane rest;
  std::unique_ptr<engine::Engine> engine;
  std::unique_ptr<Node> node;
  int asked = 0;
  int answered = 0;
  std::optional<absl::Status> answer;
};

}  // namespace trimaran

#endif  // TRIMARAN_TESTS_REPLICATION_NODE_LANED_REPLICA_H_
