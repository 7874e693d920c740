// Goal: the log is kept for whoever is alive and not too far behind, and
// leadership goes to whoever is alive and has most.

#include "replication/node/peer_watch.h"

#include "gtest/gtest.h"

namespace trimaran {
namespace {

constexpr ReplicaId kSelf{1};
constexpr int kPatience = 3;

raft::PeerStatus Peer(uint64_t id, uint64_t match, bool active = true) {
  raft::PeerStatus peer;
  peer.id = ReplicaId(id);
  peer.match = LogIndex(match);
  peer.recently_active = active;
  return peer;
}

TEST(PeerWatchTest, SlowestIsTheLeastOfTheOthers) {
  PeerWatch watch(kPatience);
  watch.Observe({Peer(1, 5), Peer(2, 90), Peer(3, 80)});
  EXPECT_EQ(watch.SlowestMatch(kSelf, LogIndex(100), 50), LogIndex(80));
}

TEST(PeerWatchTest, NobodyIsWaitedForInAGroupOfOne) {
  PeerWatch watch(kPatience);
  watch.Observe({Peer(1, 5)});
  EXPECT_EQ(watch.SlowestMatch(kSelf, LogIndex(100), 50), std::nullopt);
  EXPECT_EQ(watch.Successor(kSelf), kNoReplica);
}

TEST(PeerWatchTest, WhoIsTooFarBehindDoesNotHideWhoIsNot) {
  PeerWatch watch(kPatience);
  watch.Observe({Peer(2, 90), Peer(3, 10)});
  EXPECT_EQ(watch.SlowestMatch(kSelf, LogIndex(100), 50), LogIndex(90));
}

TEST(PeerWatchTest, QuorumCheckThatForgetsSignsOfLifeDoesNotKillAnybody) {
  PeerWatch watch(kPatience);
  watch.Observe({Peer(2, 90)});
  watch.Observe({Peer(2, 90, false)});
  EXPECT_EQ(watch.SlowestMatch(kSelf, LogIndex(100), 50), LogIndex(90));
  EXPECT_TRUE(watch.IsAlive(ReplicaId(2)));
}

TEST(PeerWatchTest, WhoIsSilentForLongIsNotWaitedFor) {
  PeerWatch watch(kPatience);
  watch.Observe({Peer(2, 90)});
  for (int i = 0; i < kPatience; ++i) watch.Observe({Peer(2, 90, false)});
  EXPECT_EQ(watch.SlowestMatch(kSelf, LogIndex(100), 50), std::nullopt);
  EXPECT_EQ(watch.Successor(kSelf), kNoReplica);
  EXPECT_FALSE(watch.IsAlive(ReplicaId(2)));
  watch.Observe({Peer(2, 91)});
  EXPECT_EQ(watch.SlowestMatch(kSelf, LogIndex(100), 50), LogIndex(91));
}

TEST(PeerWatchTest, SuccessorIsALivingVoterWithMostOfTheLog) {
  PeerWatch watch(kPatience);
  raft::PeerStatus learner = Peer(4, 100);
  learner.learner = true;
  watch.Observe({Peer(1, 100), Peer(2, 70), Peer(3, 80), learner});
  EXPECT_EQ(watch.Successor(kSelf), ReplicaId(3));
}

TEST(PeerWatchTest, WhoHasLeftIsForgotten) {
  PeerWatch watch(kPatience);
  watch.Observe({Peer(2, 70)});
  EXPECT_EQ(watch.MatchOf(ReplicaId(2)), LogIndex(70));
  watch.Observe({});
  EXPECT_EQ(watch.MatchOf(ReplicaId(2)), std::nullopt);
  EXPECT_FALSE(watch.IsAlive(ReplicaId(2)));
  EXPECT_EQ(watch.SlowestMatch(kSelf, LogIndex(100), 50), std::nullopt);
}

}  // namespace
}  // namespace trimaran
