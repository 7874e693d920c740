// Goal: nothing is sent, acknowledged or applied before what it promises is
// durable, and what may become durable together does.

#include "replication/node/ready_plan.h"

#include <deque>
#include <string>
#include <vector>

#include "gtest/gtest.h"

namespace trimaran {
namespace {

raft::Message To(uint64_t replica) {
  raft::Message message;
  message.to = ReplicaId(replica);
  return message;
}

LogEntry Entry(uint64_t index, uint64_t term, std::string_view bytes = "x") {
  return {
      .index = LogIndex(index), .term = Term(term), .payload = Payload(bytes)};
}

raft::PersistBatch Batch(uint64_t seq, std::vector<LogEntry> entries) {
  raft::PersistBatch batch;
  batch.seq = raft::PersistSeq(seq);
  batch.must_sync = !entries.empty();
  batch.entries = std::move(entries);
  return batch;
}

std::vector<std::string> Names(const std::vector<ReadyStep>& steps) {
  static constexpr const char* kNames[] = {"role",     "send",  "forget",
                                           "persist",  "apply", "fetch",
                                           "snapshot", "reads"};
  std::vector<std::string> names;
  for (const ReadyStep& step : steps) names.push_back(kNames[step.index()]);
  return names;
}

TEST(PlanReadyTest, RoleIsKnownBeforeAnythingElseIsDone) {
  raft::Ready ready;
  ready.soft_state = raft::SoftState{raft::Role::kFollower, ReplicaId(2)};
  ready.messages = {To(2)};
  ready.persist = Batch(1, {Entry(6, 1)});
  ready.apply = {Entry(5, 1)};
  ready.fetches.emplace_back();
  ready.snapshot_requests.emplace_back();
  ready.read_results.emplace_back();
  EXPECT_EQ(Names(PlanReady(std::move(ready))),
            (std::vector<std::string>{"role", "send", "persist", "apply",
                                      "fetch", "snapshot", "reads"}));
}

TEST(PlanReadyTest, WhatWaitsForTheDiskStaysWithItsBatch) {
  raft::Ready ready;
  ready.messages = {To(2)};
  ready.persist = Batch(1, {Entry(6, 1)});
  ready.persist->messages_after = {To(3)};
  const auto steps = PlanReady(std::move(ready));
  ASSERT_EQ(Names(steps), (std::vector<std::string>{"send", "persist"}));
  EXPECT_EQ(std::get<SendNow>(steps[0]).messages.size(), 1U);
  EXPECT_EQ(std::get<SendNow>(steps[0]).messages[0].to, ReplicaId(2));
  EXPECT_EQ(std::get<BeginPersist>(steps[1]).batch.messages_after[0].to,
            ReplicaId(3));
}

TEST(PlanReadyTest, NothingQueuedForTheOldStateReachesTheNewOne) {
  raft::Ready ready;
  ready.persist = Batch(1, {});
  ready.persist->snapshot.emplace();
  EXPECT_EQ(Names(PlanReady(std::move(ready))),
            (std::vector<std::string>{"forget", "persist"}));
}

TEST(PlanReadyTest, NothingAsksForNothing) {
  EXPECT_TRUE(PlanReady(raft::Ready()).empty());
}

TEST(PlanWriteTest, BatchesThatWaitBecomeOneWrite) {
  std::deque<raft::PersistBatch> waiting;
  waiting.push_back(Batch(3, {Entry(6, 1)}));
  waiting.push_back(Batch(4, {}));
  waiting.back().hard_state = HardState{Term(1), ReplicaId(1), LogIndex(6)};
  waiting.push_back(Batch(5, {Entry(7, 1), Entry(8, 1)}));
  waiting[0].messages_after = {To(2)};
  waiting[2].messages_after = {To(3)};

  const WritePlan plan = PlanWrite(waiting);
  EXPECT_TRUE(waiting.empty());
  EXPECT_EQ(plan.last, raft::PersistSeq(5));
  EXPECT_EQ(plan.entries.size(), 3U);
  EXPECT_EQ(plan.hard_state->commit, LogIndex(6));
  EXPECT_TRUE(plan.must_sync);
  ASSERT_EQ(plan.messages_after.size(), 2U);
  EXPECT_EQ(plan.messages_after[0].to, ReplicaId(2));
}

TEST(PlanWriteTest, LaterEntriesReplaceEarlierOnes) {
  std::deque<raft::PersistBatch> waiting;
  waiting.push_back(Batch(1, {Entry(6, 1), Entry(7, 1), Entry(8, 1)}));
  waiting.push_back(Batch(2, {Entry(7, 2)}));
  waiting.push_back(Batch(3, {Entry(5, 3)}));
  waiting.push_back(Batch(4, {Entry(6, 3)}));
  const WritePlan plan = PlanWrite(waiting);
  ASSERT_EQ(plan.entries.size(), 2U);
  EXPECT_EQ(plan.entries[0].id(), (EntryId{LogIndex(5), Term(3)}));
  EXPECT_EQ(plan.entries[1].id(), (EntryId{LogIndex(6), Term(3)}));
}

TEST(PlanWriteTest, NoSyncIsAddedWhereNobodyNeedsOne) {
  std::deque<raft::PersistBatch> waiting;
  waiting.push_back(Batch(1, {}));
  waiting.push_back(Batch(2, {}));
  EXPECT_FALSE(PlanWrite(waiting).must_sync);
}

TEST(PlanWriteTest, InstallationStandsByItself) {
  std::deque<raft::PersistBatch> waiting;
  waiting.push_back(Batch(1, {Entry(6, 1)}));
  waiting.push_back(Batch(2, {Entry(21, 2)}));
  waiting.back().snapshot = SnapshotMeta{{LogIndex(20), Term(2)}, {}};
  waiting.push_back(Batch(3, {Entry(22, 2)}));

  EXPECT_EQ(PlanWrite(waiting).last, raft::PersistSeq(1));
  const WritePlan install = PlanWrite(waiting);
  EXPECT_TRUE(install.install.has_value());
  EXPECT_EQ(install.last, raft::PersistSeq(2));
  EXPECT_EQ(install.entries.size(), 1U);
  EXPECT_EQ(PlanWrite(waiting).last, raft::PersistSeq(3));
}

TEST(PlanWriteTest, OneWriteIsBounded) {
  const std::string large(kWriteBytesTarget, 'x');
  std::deque<raft::PersistBatch> waiting;
  waiting.push_back(Batch(1, {Entry(6, 1, large)}));
  waiting.push_back(Batch(2, {Entry(7, 1)}));
  EXPECT_EQ(PlanWrite(waiting).last, raft::PersistSeq(1));
  EXPECT_EQ(waiting.size(), 1U);
}

}  // namespace
}  // namespace trimaran
