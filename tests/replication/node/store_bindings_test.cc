// Goal: a member is one data directory, and no other one speaks in its name.

#include "replication/node/store_bindings.h"

#include <optional>
#include <utility>

#include "engine/format/entry_decoder.h"
#include "gtest/gtest.h"

namespace trimaran {
namespace {

constexpr ReplicaId kSelf(1);
constexpr ReplicaId kOther(2);
constexpr MonotonicTime kNow(1000);

class StoreBindingsTest : public testing::Test {
 protected:
  StoreBindingsTest() {
    region_.conf.voters = {kSelf, kOther};
    region_.members[kSelf].store = StoreId(11);
    bindings_.Refresh(region_);
  }

  static engine::StoreIdentity Self() {
    engine::StoreIdentity identity;
    identity.replica = kSelf;
    identity.store = StoreId(11);
    return identity;
  }

  // What was proposed, as replica and store; nothing if nothing was.
  std::pair<ReplicaId, StoreId> Proposed() {
    if (proposed_ == nullptr) return {};
    engine::EntryEncoder encoder;
    EXPECT_TRUE(encoder.AddEncoded(proposed_->command(), std::nullopt));
    const std::string entry = encoder.Take();
    engine::EntryDecoder decoder(entry);
    engine::Command command;
    EXPECT_TRUE(decoder.Next(command));
    const auto& member = std::get<engine::SetMemberCommand>(command.body);
    return {member.replica, StoreId(member.store_id)};
  }

  engine::RegionState region_;
  PendingWritePtr proposed_;
  StoreBindings bindings_{Self(), Logger(), [this](PendingWritePtr write) {
                            proposed_ = std::move(write);
                          }};
};

TEST_F(StoreBindingsTest, MemberIsBoundToTheStoreThatItIsHeardOf) {
  bindings_.BindNext(kNow);
  EXPECT_EQ(proposed_, nullptr);
  EXPECT_TRUE(bindings_.Admits(kOther, StoreId(22)));
  bindings_.BindNext(kNow);
  EXPECT_EQ(Proposed(), std::make_pair(kOther, StoreId(22)));
  // One at a time.
  const PendingWritePtr first = proposed_;
  bindings_.BindNext(kNow);
  EXPECT_EQ(proposed_, first);
  first->Answer(AppliedWrite());
  region_.members[kOther].store = StoreId(22);
  bindings_.Refresh(region_);
  bindings_.BindNext(kNow);
  EXPECT_EQ(proposed_, first);
}

TEST_F(StoreBindingsTest, LeaderBindsItselfToo) {
  region_.members.clear();
  bindings_.Refresh(region_);
  bindings_.BindNext(kNow);
  EXPECT_EQ(Proposed(), std::make_pair(kSelf, StoreId(11)));
}

TEST_F(StoreBindingsTest, AnotherStoreIsNotHeardAlsoOfWhoHasLeft) {
  region_.members[kOther].store = StoreId(22);
  bindings_.Refresh(region_);
  EXPECT_TRUE(bindings_.Admits(kOther, StoreId(22)));
  EXPECT_FALSE(bindings_.Admits(kOther, StoreId(33)));
  EXPECT_EQ(bindings_.BoundStore(kOther), StoreId(22));
  region_.conf.voters = {kSelf};
  bindings_.Refresh(region_);
  EXPECT_FALSE(bindings_.Admits(kOther, StoreId(33)));
  EXPECT_FALSE(bindings_.Admits(kOther, StoreId()));
  // Nothing is known of strangers.
  EXPECT_TRUE(bindings_.Admits(ReplicaId(9), StoreId(99)));
}

TEST_F(StoreBindingsTest, FirstOfTwoStoresUnderOneIdIsBound) {
  EXPECT_TRUE(bindings_.Admits(kOther, StoreId(22)));
  EXPECT_TRUE(bindings_.Admits(kOther, StoreId(33)));
  bindings_.BindNext(kNow);
  EXPECT_EQ(Proposed(), std::make_pair(kOther, StoreId(22)));
}

TEST_F(StoreBindingsTest, WhoIsRefusedKnowsIt) {
  bindings_.OnRefused(kOther, StoreId(11));
  EXPECT_EQ(bindings_.refused_by(), kNoReplica);
  bindings_.OnRefused(kOther, StoreId(99));
  EXPECT_EQ(bindings_.refused_by(), kOther);
}

TEST_F(StoreBindingsTest, PeersAreMembersThoseToComeAndThoseWhoseStoreIsKnown) {
  constexpr ReplicaId former(3);
  constexpr ReplicaId to_come(4);
  region_.members[kOther] = {StoreId(22), "two", "host-2:7000"};
  region_.members[former].store = StoreId(33);
  region_.members[to_come] = {StoreId(), "four", "host-4:7000"};
  EXPECT_TRUE(bindings_.Refresh(region_));
  const PeerDirectory expected = {
      {kSelf, {.address = "", .store = StoreId(11), .member = true}},
      {kOther,
       {.address = "host-2:7000", .store = StoreId(22), .member = true}},
      {former, {.address = "", .store = StoreId(33), .member = false}},
      {to_come,
       {.address = "host-4:7000", .store = StoreId(), .member = true}}};
  EXPECT_EQ(bindings_.peers(), expected);
  EXPECT_FALSE(bindings_.Refresh(region_)) << "nothing has changed";
  region_.members[kOther].address = "host-2b:7000";
  EXPECT_TRUE(bindings_.Refresh(region_));
}

}  // namespace
}  // namespace trimaran
