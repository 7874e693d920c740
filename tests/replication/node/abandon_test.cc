// Goal: a node whose process is killed, as simulators do it, can be let go of
// at any moment, and touches nothing any more.

#include <deque>
#include <memory>
#include <utility>

#include "engine/engine.h"
#include "engine/founding.h"
#include "gtest/gtest.h"
#include "replication/node/node.h"
#include "replication/transport/local_transport.h"
#include "tests/support/engine/temp_home.h"

namespace trimaran {
namespace {

// Runs what it is told to, when it is told to.
class HeldLane final : public Lane {
 public:
  void Post(Task task) override { tasks_.push_back(std::move(task)); }
  // Nothing happens later.
  void PostAt(MonotonicTime, Task task) override {
    timed_.push_back(std::move(task));
  }
  bool RunOne() {
    if (tasks_.empty()) return false;
    Task task = std::move(tasks_.front());
    tasks_.pop_front();
    std::move(task)();
    return true;
  }
  void Drop() {
    tasks_.clear();
    timed_.clear();
  }

 private:
  std::deque<Task> tasks_;
  std::deque<Task> timed_;
};

class AbandonTest : public testing::Test {
 protected:
  AbandonTest() {
    EXPECT_TRUE(engine::FoundGroup(home_.options(), engine::SoleStore()).ok());
    auto opened = engine::Engine::Open(home_.options());
    EXPECT_TRUE(opened.ok()) << opened.status();
    engine_ = *std::move(opened);
    auto started = Node::Start({}, {.store = engine_.get(),
                                    .lanes = {.raft = &lane_,
                                              .log = &lane_,
                                              .apply = &lane_,
                                              .maintenance = &lane_},
                                    .transport = &transport_,
                                    .clock = &clock_,
                                    .random = &random_,
                                    .logger = {}});
    EXPECT_TRUE(started.ok()) << started.status();
    node_ = *std::move(started);
  }

  engine::TempHome home_;
  MonotonicClock clock_;
  SeededRandom random_{1};
  LocalTransport transport_;
  HeldLane lane_;
  std::unique_ptr<engine::Engine> engine_;
  std::unique_ptr<Node> node_;
};

TEST_F(AbandonTest, NodeGoesInTheMidstOfItsWork) {
  int answers = 0;
  engine::WriteCommand write;
  write.operations = {engine::PutOp{engine::kDefaultFamily, "k", "v"}};
  auto encoded = engine::EncodeCommand({.stamp = {}, .body = write});
  ASSERT_TRUE(encoded.ok());
  // Started, and its first write of the log is under way.
  EXPECT_TRUE(lane_.RunOne());
  EXPECT_TRUE(node_->Submit(std::make_shared<PendingWrite>(
      *encoded, MonotonicTime::Infinite(),
      [&answers](const absl::StatusOr<AppliedWrite>&) { ++answers; })));
  EXPECT_TRUE(lane_.RunOne());
  node_->Abandon();
  node_.reset();
  lane_.Drop();
  EXPECT_EQ(answers, 0);
  // Nobody is there to take it.
  transport_.Send({PeerMessage{ReplicaId(2), engine_->identity().replica,
                               MsgForwardResp{}}});
  EXPECT_TRUE(engine_->Close().ok());
}

TEST_F(AbandonTest, NodeThatHasStoppedMayBeAbandonedToo) {
  bool stopped = false;
  node_->Stop([&stopped] { stopped = true; });
  while (lane_.RunOne()) continue;
  EXPECT_TRUE(stopped);
  node_->Abandon();
  node_.reset();
  lane_.Drop();
  EXPECT_TRUE(engine_->Close().ok());
}

}  // namespace
}  // namespace trimaran
