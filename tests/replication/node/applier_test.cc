// Goal: every committed entry is applied once and in order, however many of a
// batch the state machine takes at a time. Method: lanes that run by hand, and
// a store of models.

#include "replication/node/applier.h"

#include <memory>
#include <utility>
#include <vector>

#include "engine/format/command.h"
#include "gmock/gmock.h"
#include "gtest/gtest.h"
#include "tests/replication/node/manual_lane.h"
#include "tests/support/engine_model/model_state_machine.h"
#include "tests/support/manual_clock.h"
#include "tests/support/node_sim/model_disks.h"

namespace trimaran {
namespace {

using ::testing::ElementsAre;
using ::testing::IsEmpty;

class ApplierTest : public ::testing::Test {
 protected:
  ApplierTest()
      : disks_({.cluster = ClusterId{1, 2},
                .store = StoreId(7),
                .group = GroupId(1),
                .replica = ReplicaId(1)},
               Conf()) {
    auto store = disks_.Open(clock_, Logger());
    EXPECT_TRUE(store.ok()) << store.status();
    store_ = *std::move(store);
    next_ = store_->log().state().last.id.index + 1;
    lanes_ = {&raft_, &apply_, &apply_, &apply_};
    Applier::Host host;
    host.change_members = [](LogIndex, const raft::ConfChange&) {
      return Conf();
    };
    host.applied = [this](std::vector<engine::CommittedEntry> entries,
                          std::vector<engine::EntryResult> results) {
      batches_.push_back(entries.size());
      ASSERT_EQ(entries.size(), results.size());
      for (size_t i = 0; i < entries.size(); ++i) {
        EXPECT_EQ(results[i].index, entries[i].entry.index);
      }
    };
    host.failed = [this](absl::Status error) { failure_ = std::move(error); };
    applier_ =
        std::make_unique<Applier>(*store_, lanes_, clock_, std::move(host));
  }

  static ConfState Conf() {
    ConfState conf;
    conf.voters = {ReplicaId(1)};
    return conf;
  }

  // In the log, and committed.
  void Submit(size_t count) {
    std::vector<LogEntry> entries;
    for (size_t i = 0; i < count; ++i, next_ = next_ + 1) {
      entries.push_back({next_, Term(5), EntryType::kNormal, Payload()});
    }
    ASSERT_TRUE(store_->log()
                    .Append({.entries = entries,
                             .hard_state = HardState{Term(5), ReplicaId(1),
                                                     entries.back().index},
                             .must_sync = true})
                    .ok());
    applier_->Submit(std::move(entries));
  }
  void RunAll() {
    while (apply_.RunOne() || raft_.RunOne()) {
    }
  }
  void TakeAtMost(size_t entries) {
    auto& machine = store_->machine();
    dynamic_cast<engine::ModelStateMachine&>(machine).set_apply_max(entries);
  }
  LogIndex applied() const {
    return store_->machine().applied().applied.id.index;
  }

  ManualClock clock_;
  node_sim::ModelDisks disks_;
  std::unique_ptr<engine::Store> store_;
  LogIndex next_;
  ManualLane raft_;
  ManualLane apply_;
  Lanes lanes_;
  std::vector<size_t> batches_;
  absl::Status failure_;
  std::unique_ptr<Applier> applier_;
};

TEST_F(ApplierTest, WhatTheStateMachineLeavesComesNext) {
  TakeAtMost(2);
  Submit(5);
  RunAll();
  EXPECT_THAT(batches_, ElementsAre(2, 2, 1));
  EXPECT_EQ(applied() + 1, next_);
  EXPECT_TRUE(failure_.ok()) << failure_;
}

TEST_F(ApplierTest, WhatIsLeftComesBeforeWhatWasSubmittedMeanwhile) {
  TakeAtMost(2);
  Submit(3);
  Submit(2);
  RunAll();
  EXPECT_THAT(batches_, ElementsAre(2, 2, 1));
  EXPECT_EQ(applied() + 1, next_);
  EXPECT_TRUE(failure_.ok()) << failure_;
}

// A snapshot takes their place.
TEST_F(ApplierTest, WhatIsLeftOfAForgottenBatchIsNotApplied) {
  TakeAtMost(2);
  Submit(5);
  applier_->ForgetQueued();
  RunAll();
  EXPECT_THAT(batches_, ElementsAre(2));
  EXPECT_FALSE(applier_->busy());
}

TEST_F(ApplierTest, NothingIsBegunAfterAStop) {
  TakeAtMost(2);
  Submit(5);
  applier_->Stop();
  RunAll();
  EXPECT_THAT(batches_, ElementsAre(2));
  EXPECT_FALSE(applier_->busy());
}

}  // namespace
}  // namespace trimaran
