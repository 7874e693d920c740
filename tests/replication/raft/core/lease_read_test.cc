#include <cstdint>
#include <string_view>
#include <vector>

#include "gmock/gmock.h"
#include "gtest/gtest.h"
#include "tests/support/raft/builders.h"
#include "tests/support/raft/network.h"
#include "tests/support/raft/printers.h"
#include "tests/support/raft/test_replica.h"

// Reads by a lease (thesis §6.4.1), and the promise of the voters that a lease
// stands on. Where nothing else is said, the election timeout is 10 ticks, the
// margin 2.

namespace trimaran::raft {
namespace {

using ::testing::IsEmpty;
using ::testing::SizeIs;

void WithLease(Config& config) {
  config.check_quorum = true;
  config.lease_reads = true;
}

Config LeaseConfig(uint64_t id = 1) {
  Config config = PlainConfig(id);
  WithLease(config);
  return config;
}

// A leader of three that has committed its first entry, without a lease.
TestReplica Leader() {
  TestReplica leader(LeaseConfig(), MemoryLog(Voters(3)));
  leader.Lead();
  EXPECT_TRUE(leader.Receive(2, 1, Ack(1)).ok());
  leader.ProcessAndTakeMessages();
  EXPECT_FALSE(leader.status().lease_valid);
  return leader;
}

// The round of a heartbeat that this tick sends.
MsgHeartbeatResp Beat(TestReplica& leader) {
  leader.Tick();
  const auto beats = OfKind<MsgHeartbeat>(leader.ProcessAndTakeMessages());
  EXPECT_THAT(beats, SizeIs(2));
  return {beats.at(0).As<MsgHeartbeat>()->round};
}

bool ReadsAtOnce(TestReplica& leader, uint64_t id) {
  const size_t before = leader.reads().size();
  EXPECT_TRUE(leader.raft().ReadIndex(ReadId(id), ReadMode::kLease).ok());
  leader.ProcessAndTakeMessages();
  return leader.reads().size() > before;
}

// Covers: H16a, H19
TEST(LeaseReadTest, LeaderWithALeaseAnswersWithoutARound) {
  Network network(3, WithLease);
  network.Campaign(1);
  network.Beat(1);
  ASSERT_TRUE(network.status(1).lease_valid);
  size_t beats = 0;
  network.Hook([&](const Message& message) {
    if (message.As<MsgHeartbeat>() != nullptr) ++beats;
    return true;
  });
  uint64_t expected = 1;
  uint64_t id = 0;
  for (const uint64_t asker : {1U, 2U, 3U, 1U, 2U, 3U}) {
    for (int i = 0; i < 10; ++i) ASSERT_TRUE(network.Propose(1, "").ok());
    expected += 10;
    ++id;
    ASSERT_TRUE(
        network.raft(asker).ReadIndex(ReadId(id), ReadMode::kLease).ok());
    network.Settle();
    ASSERT_FALSE(network.at(asker).reads().empty()) << asker;
    EXPECT_EQ(network.at(asker).reads().back(),
              (ReadResult{ReadId(id), LogIndex(expected)}));
  }
  EXPECT_EQ(beats, 0u);
}

// Covers: H19
TEST(LeaseReadTest, WithoutALeaseTheReadFallsBackToARound) {
  TestReplica leader = Leader();
  ASSERT_TRUE(leader.raft().ReadIndex(ReadId(1), ReadMode::kLease).ok());
  const auto beats = OfKind<MsgHeartbeat>(leader.ProcessAndTakeMessages());
  ASSERT_THAT(beats, SizeIs(2));
  EXPECT_THAT(leader.reads(), IsEmpty());
  ASSERT_TRUE(
      leader.Receive(2, 1, MsgHeartbeatResp{beats[0].As<MsgHeartbeat>()->round})
          .ok());
  leader.Process();
  EXPECT_THAT(leader.reads(), SizeIs(1));
}

// Covers: H19
TEST(LeaseReadTest, LeaseModeWithoutLeaseReadsIsAQuorumRead) {
  Network network(3, [](Config& config) { config.check_quorum = true; });
  network.Campaign(1);
  network.Beat(1);
  network.Isolate(1);
  ASSERT_TRUE(network.raft(1).ReadIndex(ReadId(1), ReadMode::kLease).ok());
  network.Settle();
  EXPECT_THAT(network.at(1).reads(), IsEmpty());
}

// Covers: H19
TEST(LeaseReadTest, LeaseRunsFromTheStartOfTheRoundNotFromItsAnswer) {
  TestReplica leader = Leader();
  const MsgHeartbeatResp round = Beat(leader);
  leader.Tick(7);
  leader.ProcessAndTakeMessages();
  // The answer took seven of the eight ticks.
  ASSERT_TRUE(leader.Receive(2, 1, round).ok());
  EXPECT_TRUE(leader.status().lease_valid);
  EXPECT_TRUE(ReadsAtOnce(leader, 1));
  leader.Tick();
  EXPECT_FALSE(leader.status().lease_valid);
  EXPECT_FALSE(ReadsAtOnce(leader, 2));
}

// Covers: H19
TEST(LeaseReadTest, AnswersOfDifferentRoundsExtendTheLeaseByTheOlder) {
  ConfState five = Voters(5);
  TestReplica leader(LeaseConfig(), MemoryLog(five));
  leader.Lead();
  for (const uint64_t id : {2U, 3U}) {
    ASSERT_TRUE(leader.Receive(id, 1, Ack(1)).ok());
  }
  leader.ProcessAndTakeMessages();
  const auto beat = [&] {
    leader.Tick();
    const auto beats = OfKind<MsgHeartbeat>(leader.ProcessAndTakeMessages());
    return MsgHeartbeatResp{beats.at(0).As<MsgHeartbeat>()->round};
  };
  const MsgHeartbeatResp old_round = beat();
  for (int i = 0; i < 3; ++i) beat();
  const MsgHeartbeatResp new_round = beat();
  ASSERT_TRUE(leader.Receive(2, 1, new_round).ok());
  EXPECT_FALSE(leader.status().lease_valid);
  ASSERT_TRUE(leader.Receive(3, 1, old_round).ok());
  EXPECT_TRUE(leader.status().lease_valid);
  leader.Tick(4);
  EXPECT_FALSE(leader.status().lease_valid);
}

// Covers: H19
TEST(LeaseReadTest, LeaseIsGivenUpForGoodOnceTheTargetMayCampaign) {
  TestReplica leader = Leader();
  ASSERT_TRUE(leader.Receive(2, 1, Beat(leader)).ok());
  ASSERT_TRUE(leader.status().lease_valid);
  ASSERT_TRUE(leader.raft().TransferLeadership(ReplicaId(2)).ok());
  EXPECT_THAT(OfKind<MsgTimeoutNow>(leader.ProcessAndTakeMessages()),
              SizeIs(1));
  EXPECT_FALSE(leader.status().lease_valid);
  // The transfer ends; the message may still be under way.
  ASSERT_TRUE(leader.raft().TransferLeadership(ReplicaId(1)).ok());
  ASSERT_TRUE(leader.Receive(2, 1, Beat(leader)).ok());
  EXPECT_FALSE(leader.status().lease_valid);
  EXPECT_FALSE(ReadsAtOnce(leader, 1));
}

// Covers: H19
TEST(LeaseReadTest, LeaderThatHasNotCommittedInItsTermHasNoAnswer) {
  TestReplica leader(LeaseConfig(), MemoryLog(Voters(3)));
  leader.Lead();
  ASSERT_TRUE(leader.Receive(2, 1, Beat(leader)).ok());
  EXPECT_FALSE(ReadsAtOnce(leader, 1));
  EXPECT_EQ(leader.status().pending_reads, 1u);
}

MsgVote VoteRequest() { return {At(42, 1), {}, false, 0}; }

// How many ticks a voter that has heard a leader stays silent.
bool Votes(TestReplica& voter, uint64_t term) {
  EXPECT_TRUE(voter.Receive(3, term, VoteRequest()).ok());
  return !OfKind<MsgVoteResp>(voter.ProcessAndTakeMessages()).empty();
}

// Covers: H19, H6
TEST(LeaseReadTest, RestartedVoterKeepsItsPromiseForAnElectionTimeout) {
  TestReplica voter(LeaseConfig(), MemoryLog(Voters(3)));
  ASSERT_TRUE(voter.Receive(2, 1, MsgHeartbeat{}).ok());
  voter.ProcessAndTakeMessages();
  voter.Restart();
  voter.raft().OverrideElectionTimeout(100);
  EXPECT_FALSE(Votes(voter, 2));
  voter.Tick(9);
  EXPECT_FALSE(Votes(voter, 2));
  voter.Tick();
  EXPECT_TRUE(Votes(voter, 2));
}

// Covers: H19, H6
TEST(LeaseReadTest, VoterThatNeverMetALeaderVotesAtOnce) {
  TestReplica voter(LeaseConfig(), MemoryLog(Voters(3)));
  EXPECT_TRUE(Votes(voter, 1));
}

// Covers: H19, H6
TEST(LeaseReadTest, PromiseOutlivesAChangeOfTerm) {
  TestReplica voter(LeaseConfig(), MemoryLog(Voters(3)));
  ASSERT_TRUE(voter.Receive(2, 1, MsgHeartbeat{}).ok());
  voter.raft().OverrideElectionTimeout(100);
  voter.Tick(3);
  // An answer of a later term from somewhere: the leader is not known any
  // more, yet it may still hold its lease.
  ASSERT_TRUE(voter.Receive(3, 2, MsgAppResp{}).ok());
  voter.ProcessAndTakeMessages();
  ASSERT_EQ(voter.status().leader, kNoReplica);
  voter.raft().OverrideElectionTimeout(100);
  // Nor does it vote in the term that it has just heard of.
  EXPECT_FALSE(Votes(voter, 2));
  EXPECT_FALSE(Votes(voter, 3));
  voter.Tick(7);
  EXPECT_TRUE(Votes(voter, 2));
}

// 3 got its pre-votes while 1 was cut off, and writes down its candidacy for
// long. Meanwhile 2, which had its pre-vote refused by the candidate, hears 1
// again, and only then the refusal.
// Covers: H19, H6
TEST(LeaseReadTest, CandidateOfATermAlreadyHeardOfGetsNoVoteInALease) {
  TestReplica leader = Leader();
  TestReplica voter(LeaseConfig(2), MemoryLog(Voters(3)));
  voter.raft().OverrideElectionTimeout(100);
  const MsgHeartbeatResp round = Beat(leader);
  ASSERT_TRUE(voter.Receive(1, 1, MsgHeartbeat{{}, round.round}).ok());
  voter.ProcessAndTakeMessages();
  ASSERT_TRUE(leader.Receive(2, 1, round).ok());
  ASSERT_TRUE(leader.status().lease_valid);
  ASSERT_TRUE(voter.Receive(3, 2, MsgPreVoteResp{true, {}}).ok());
  voter.ProcessAndTakeMessages();
  ASSERT_EQ(voter.status().term, Term(2));
  voter.raft().OverrideElectionTimeout(100);
  for (int tick = 0; leader.status().lease_valid; ++tick) {
    ASSERT_FALSE(Votes(voter, 2)) << "after " << tick << " ticks";
    voter.Tick();
    leader.Tick();
    leader.ProcessAndTakeMessages();
  }
  voter.Tick(10);
  EXPECT_TRUE(Votes(voter, 2));
}

// Covers: H19
TEST(LeaseReadTest, MarginForDoubleSpeedIsEnoughForIt) {
  for (const int timeout : {4, 5, 7, 10, 11, 1000}) {
    const auto configure = [timeout](uint64_t id) {
      Config config = LeaseConfig(id);
      config.election_timeout_ticks = timeout;
      config.lease_margin_ticks = LeaseMarginForDoubleSpeed(timeout);
      return config;
    };
    TestReplica leader(configure(1), MemoryLog(Voters(3)));
    leader.Lead();
    ASSERT_TRUE(leader.Receive(2, 1, Ack(1)).ok());
    leader.ProcessAndTakeMessages();
    TestReplica voter(configure(2), MemoryLog(Voters(3)));
    voter.raft().OverrideElectionTimeout(10 * timeout);
    const MsgHeartbeatResp round = Beat(leader);
    ASSERT_TRUE(voter.Receive(1, 1, MsgHeartbeat{{}, round.round}).ok());
    voter.ProcessAndTakeMessages();
    ASSERT_TRUE(leader.Receive(2, 1, round).ok());
    ASSERT_TRUE(leader.status().lease_valid) << timeout;
    // One that was late, and at once with it the one that was due.
    voter.Tick();
    while (leader.status().lease_valid) {
      // One at once, the second within the leader's tick.
      for (int half = 0; half < 2; ++half) {
        voter.Tick();
        ASSERT_FALSE(Votes(voter, 2)) << timeout;
      }
      leader.Tick();
      leader.ProcessAndTakeMessages();
    }
  }
}

// The leader that tells a voter to campaign has no lease any more.
// Covers: H19, H7
TEST(LeaseReadTest, TransferReleasesTheVoterFromItsPromise) {
  for (const uint64_t voters : {2U, 3U}) {
    Network network(voters, WithLease);
    network.Campaign(1);
    network.Beat(1);
    ASSERT_TRUE(network.status(1).lease_valid);
    if (voters == 3) network.Isolate(3);
    ASSERT_TRUE(network.raft(1).TransferLeadership(ReplicaId(2)).ok());
    network.Settle();
    EXPECT_EQ(network.status(2).role, Role::kLeader) << voters;
  }
}

// 2 has promised 1 a lease when its host wants it to campaign. 3, which has
// heard nobody for long, would make it a leader at once; then 1 would answer
// reads from its lease without what 2 commits.
// Covers: H19, H6
TEST(LeaseReadTest, CampaignOnDemandDoesNotBreakTheOwnPromise) {
  for (const bool pre_vote : {false, true}) {
    Network network(3, [&](Config& config) {
      WithLease(config);
      config.pre_vote = pre_vote;
    });
    network.Campaign(1);
    network.Cut(1, 3);
    network.raft(2).OverrideElectionTimeout(100);
    network.raft(3).OverrideElectionTimeout(100);
    for (int tick = 0; tick < 15; ++tick) network.TickAll();
    ASSERT_TRUE(network.status(1).lease_valid);
    network.Cut(1, 2);
    network.Campaign(2);
    (void)network.Propose(2, "new");
    EXPECT_FALSE(network.status(1).lease_valid &&
                 network.status(2).commit > network.status(1).commit)
        << "a stale read is possible, pre-vote " << pre_vote;
  }
}

}  // namespace
}  // namespace trimaran::raft
