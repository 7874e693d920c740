// Goal: a node whose disk fails, in the midst of whatever it is doing, comes to
// its end when it is told to, and has answered everybody by then.

#include <deque>
#include <memory>
#include <string>
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

namespace trimaran {
namespace {

// Runs what it is told to, when it is told to. Time never comes.
class TimelessLane final : public Lane {
 public:
  void Post(Task task) override { tasks_.push_back(std::move(task)); }
  void PostAt(MonotonicTime, Task) override {}

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
};

// A replica that is alone, with a lane for each kind of work.
class FailingDiskTest : public testing::Test {
 protected:
  FailingDiskTest() {
    engine::EngineOptions options;
    options.directory = "/sim/store";
    options.cache_bytes = uint64_t{4} << 20;
    options.log_segment_bytes = uint64_t{64} << 10;
    options.files = &files_;
    options.clock = &clock_;
    options.wiredtiger_extensions = std::string(disk::WiredTigerExtension());
    EXPECT_TRUE(engine::FoundGroup(options, engine::SoleStore()).ok());
    auto opened = engine::Engine::Open(options);
    EXPECT_TRUE(opened.ok()) << opened.status();
    engine_ = *std::move(opened);
    NodeOptions node_options;
    node_options.maintenance.free_bytes_refuse = 0;
    node_options.maintenance.free_bytes_accept = 0;
    auto started = Node::Start(node_options, {.store = engine_.get(),
                                              .lanes = {.raft = &raft_,
                                                        .log = &log_,
                                                        .apply = &apply_,
                                                        .maintenance = &rest_},
                                              .transport = nullptr,
                                              .clock = &clock_,
                                              .random = &random_,
                                              .logger = {}});
    EXPECT_TRUE(started.ok()) << started.status();
    node_ = *std::move(started);
  }

  void Submit() {
    engine::WriteCommand write;
    write.operations = {engine::PutOp{engine::kDefaultFamily, "k", "v"}};
    auto encoded = engine::EncodeCommand({.stamp = {}, .body = write});
    ASSERT_TRUE(encoded.ok());
    ++asked_;
    EXPECT_TRUE(node_->Submit(std::make_shared<PendingWrite>(
        *std::move(encoded), MonotonicTime::Infinite(),
        [this](const absl::StatusOr<AppliedWrite>&) { ++answered_; })));
  }

  disk::SimDisk disk_{"/sim"};
  disk::SimFileSystem files_{disk_};
  disk::WiredTigerMount mount_{disk_};
  ManualClock clock_;
  SeededRandom random_{1};
  TimelessLane raft_;
  TimelessLane log_;
  TimelessLane apply_;
  TimelessLane rest_;
  std::unique_ptr<engine::Engine> engine_;
  std::unique_ptr<Node> node_;
  int asked_ = 0;
  int answered_ = 0;
};

TEST_F(FailingDiskTest, StopEndsWhenLogAndStateMachineHaveBothFailed) {
  // One write is about to be applied while another is about to be written.
  Submit();
  while (apply_.idle()) {
    raft_.RunAll();
    log_.RunOne();
  }
  Submit();
  while (log_.idle()) ASSERT_TRUE(raft_.RunOne());
  disk_.CutPowerAfter(0);
  bool stopped = false;
  node_->Stop([&stopped] { stopped = true; });
  // One after the other comes to its end; the state machine is the last.
  for (TimelessLane* lane : {&rest_, &log_, &apply_}) {
    lane->RunAll();
    raft_.RunAll();
  }
  EXPECT_TRUE(stopped);
  EXPECT_EQ(answered_, asked_);
  if (!stopped) node_->Abandon();
  node_.reset();
  EXPECT_FALSE(engine_->Close().ok());
}

}  // namespace
}  // namespace trimaran
