// Goal: who is dialled, and which of two connections stays.

#include "replication/tcp/peer_table.h"

#include <map>
#include <string>
#include <utility>

#include "gtest/gtest.h"
#include "replication/tcp/contest.h"

namespace trimaran {
namespace {

using Targets = std::map<ReplicaId, std::string>;

constexpr ReplicaId kSelf(1);
constexpr ReplicaId kTwo(2);
constexpr ReplicaId kThree(3);

PeerRecord Member(std::string address) {
  return {.address = std::move(address), .store = StoreId(7), .member = true};
}

PeerRecord FormerMember(std::string address) {
  return {.address = std::move(address), .store = StoreId(7), .member = false};
}

TEST(PeerTableTest, DialsTheMembersOfTheGroup) {
  PeerTable table(kSelf);
  table.SetDirectory({{kSelf, Member("a:1")},
                      {kTwo, Member("b:2")},
                      {kThree, FormerMember("c:3")}});
  EXPECT_EQ(table.Targets(), (Targets{{kTwo, "b:2"}}));
  EXPECT_EQ(table.StoreOf(kTwo), StoreId(7));
  EXPECT_EQ(table.StoreOf(ReplicaId(9)), StoreId());
}

TEST(PeerTableTest, BelievesTheGroupBeforeThePeer) {
  PeerTable table(kSelf);
  table.SetDirectory({{kTwo, Member("b:2")}, {kThree, Member("")}});
  table.Learn(kTwo, "elsewhere:2");
  table.Learn(kThree, "c:3");
  EXPECT_EQ(table.Targets(), (Targets{{kTwo, "b:2"}, {kThree, "c:3"}}));
}

TEST(PeerTableTest, AnswersStrangersWhileItKnowsNobody) {
  PeerTable table(kSelf);
  table.Learn(kTwo, "b:2");
  table.Learn(kThree, "");
  table.Learn(kSelf, "me:1");
  EXPECT_EQ(table.Targets(), (Targets{{kTwo, "b:2"}}));
  table.ForgetUnknown(kTwo);
  EXPECT_TRUE(table.Targets().empty());
}

TEST(PeerTableTest, DoesNotDialWhoHasLeft) {
  PeerTable table(kSelf);
  table.Learn(kTwo, "b:2");
  table.SetDirectory({{kTwo, FormerMember("")}});
  EXPECT_TRUE(table.Targets().empty());
}

TEST(PeerTableTest, BoundsWhatStrangersSay) {
  PeerTable table(kSelf);
  for (uint64_t i = 2; i < 1000; ++i) table.Learn(ReplicaId(i), "x:1");
  EXPECT_EQ(table.Targets().size(), PeerTable::kUnknownPeersMax);
  // Those that the group knows have their places all the same.
  table.SetDirectory({{ReplicaId(5000), Member("")}});
  table.Learn(ReplicaId(5000), "y:1");
  EXPECT_EQ(table.Targets().at(ReplicaId(5000)), "y:1");
}

wire::Hello HelloOf(uint64_t replica, uint64_t store, uint64_t nonce,
                    wire::Channel channel = wire::Channel::kMessages) {
  wire::Hello hello;
  hello.from.replica = ReplicaId(replica);
  hello.from.store = StoreId(store);
  hello.from.nonce = nonce;
  hello.channel = channel;
  return hello;
}

TEST(ContestTest, TheSameProcessReplacesItsOwnConnection) {
  EXPECT_EQ(Compare(HelloOf(2, 7, 1), HelloOf(2, 7, 1)), Contest::kReplaces);
}

TEST(ContestTest, ChannelsAndReplicasStandBesideEachOther) {
  EXPECT_EQ(Compare(HelloOf(2, 7, 1), HelloOf(2, 7, 1, wire::Channel::kBulk)),
            Contest::kNone);
  EXPECT_EQ(Compare(HelloOf(2, 7, 1), HelloOf(3, 7, 1)), Contest::kNone);
}

TEST(ContestTest, AnotherProcessOfTheReplicaContests) {
  EXPECT_EQ(Compare(HelloOf(2, 7, 1), HelloOf(2, 7, 2)), Contest::kContests);
  EXPECT_EQ(Compare(HelloOf(2, 7, 1), HelloOf(2, 8, 1)), Contest::kContests);
  EXPECT_EQ(Compare(HelloOf(2, 7, 1), HelloOf(2, 7, 2, wire::Channel::kBulk)),
            Contest::kContests);
}

}  // namespace
}  // namespace trimaran
