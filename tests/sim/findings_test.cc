// Goal: what the simulator has found in the core stays found.
// Method: the smallest history of each finding, without the simulator.

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <vector>

#include "tests/support/raft/builders.h"
#include "tests/support/raft/network.h"
#include "tests/support/raft/test_replica.h"

namespace trimaran::raft {
namespace {

MsgAppResp Ack(LogIndex index) {
  MsgAppResp ack;
  ack.index = index;
  return ack;
}

// A voter that has promised its leader a lease does not help to elect another
// one, not even itself, when it is told to campaign: with the vote of one that
// has promised nothing, that would be a majority beside a valid lease.
TEST(SimulatorFindingsTest, ForcedCampaignKeepsThePromiseOfALease) {
  Network network(3, [](Config& config) {
    config.check_quorum = true;
    config.lease_reads = true;
  });
  // Replica 3 never hears the leader.
  network.Isolate(3);
  network.Campaign(1);
  ASSERT_EQ(network.status(1).role, Role::kLeader);
  network.Recover();
  network.Isolate(1);

  network.Campaign(2);
  EXPECT_NE(network.status(2).role, Role::kLeader);
  EXPECT_NE(network.status(3).role, Role::kLeader);

  // When the promise has run out it may.
  network.raft(2).OverrideElectionTimeout(1000);
  network.Tick(2, network.at(2).config().election_timeout_ticks);
  network.Campaign(2);
  EXPECT_EQ(network.status(2).role, Role::kLeader);
}

// Entries are fetched for a follower; it turns out to have them and more; then
// the storage says that they have been compacted. That is no reason to send a
// snapshot, which would be older than what the follower is known to have.
TEST(SimulatorFindingsTest, FetchThatCameTooLateAsksForNoSnapshot) {
  Config config = PlainConfig();
  config.window_entries_max = 1;
  config.append_entries_max = 1;
  config.inflight_messages_max = 1;
  TestReplica leader(config, MemoryLog(Voters(3)));
  leader.Lead();
  const uint64_t term = leader.status().term.value();
  ASSERT_TRUE(leader.Receive(2, term, Ack(LogIndex(1))).ok());
  leader.Process();
  for (const char* text : {"a", "b", "c", "d"}) {
    ASSERT_TRUE(leader.Propose(text).ok());
    leader.Process();
  }
  ASSERT_TRUE(leader.Receive(2, term, Ack(LogIndex(2))).ok());
  while (leader.Take()) {
  }
  const std::vector<FetchRequest> fetches = leader.held_fetches();
  ASSERT_FALSE(fetches.empty());
  leader.DropRequests();

  const LogIndex last = leader.status().last.index;
  ASSERT_TRUE(leader.Receive(2, term, Ack(last)).ok());
  for (const FetchRequest& fetch : fetches) {
    EXPECT_TRUE(
        leader.raft()
            .EntriesFetched(fetch.id, absl::OutOfRangeError("compacted"))
            .ok());
  }
  while (leader.Take()) {
  }
  EXPECT_THAT(leader.held_snapshot_requests(), testing::IsEmpty());
  EXPECT_EQ(leader.peer(2).state, ProgressState::kReplicate);
}

}  // namespace
}  // namespace trimaran::raft
