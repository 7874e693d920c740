// Goal: a replica that has lost what it had acknowledged decides nothing, says
// so, and is whole again by itself once a leader has filled its log.

#include <filesystem>
#include <string>

#include "absl/strings/str_cat.h"
#include "absl/time/time.h"
#include "gtest/gtest.h"
#include "tests/support/node/blocking.h"
#include "tests/support/node/threaded_cluster.h"

namespace trimaran {
namespace {

namespace fs = std::filesystem;

// Three replicas, of which `victim()` follows and is stopped.
class LostEntriesTest : public testing::Test {
 protected:
  LostEntriesTest() : cluster_(3) {
    leader_ = cluster_.Leader(1);
    victim_ = leader_ % 3 + 1;
    other_ = victim_ % 3 + 1;
  }

  void Put(uint64_t at, int count) {
    for (int i = 0; i < count; ++i) {
      const auto put =
          cluster_.at(at).Put(absl::StrCat("key", written_++), "value");
      ASSERT_TRUE(put.ok()) << put.status();
    }
  }

  // The victim's directory, while it is stopped.
  void SaveImage() {
    fs::copy(Directory(), Image(), fs::copy_options::recursive);
  }
  // Brings the image back; the floor is in one file, and may stay.
  void RestoreImage(bool with_floor) {
    const std::string floor = Directory() + "/FLOOR";
    const std::string kept = Image() + ".floor";
    fs::copy(floor, kept, fs::copy_options::overwrite_existing);
    fs::remove_all(Directory());
    fs::copy(Image(), Directory(), fs::copy_options::recursive);
    if (!with_floor) {
      fs::copy(kept, floor, fs::copy_options::overwrite_existing);
    }
  }

  bool IsWhole(uint64_t id) {
    return !cluster_.at(id).node().status()->owed.has_value();
  }

  // A group that has lost `id`'s peers one after the other goes on only if it
  // votes and counts again.
  void ExpectCountsAgain() {
    ASSERT_TRUE(Eventually([this] { return IsWhole(victim_); }));
    const uint64_t leader = cluster_.Leader(victim_);
    for (const uint64_t id : {leader_, other_}) {
      if (id == leader) continue;
      cluster_.Stop(id);
      Put(victim_, 3);
      cluster_.Start(id);
      Put(id, 1);
    }
    if (leader == victim_) return;
    cluster_.Stop(leader);
    Put(victim_, 3);
    EXPECT_EQ(cluster_.at(victim_).Get("key0").value(), "value");
  }

  std::string Directory() { return cluster_.home(victim_).path(); }
  std::string Image() { return cluster_.home(victim_).Beside("image"); }

  ThreadedCluster cluster_;
  uint64_t leader_;
  uint64_t victim_;
  uint64_t other_;
  int written_ = 0;
};

TEST_F(LostEntriesTest, LossThatTheFloorShowsIsMadeGoodByTheOthers) {
  Put(leader_, 10);
  cluster_.Stop(victim_);
  SaveImage();
  cluster_.Start(victim_);
  Put(victim_, 20);
  ASSERT_TRUE(cluster_.CatchesUp(victim_, leader_));
  cluster_.Stop(victim_);
  RestoreImage(/*with_floor=*/false);

  cluster_.Start(victim_);

  EXPECT_FALSE(IsWhole(victim_));
  ExpectCountsAgain();
}

TEST_F(LostEntriesTest, OlderImageOfEverythingIsNoticedByItsLeader) {
  Put(leader_, 10);
  cluster_.Stop(victim_);
  SaveImage();
  cluster_.Start(victim_);
  Put(victim_, 20);
  ASSERT_TRUE(cluster_.CatchesUp(victim_, leader_));
  cluster_.Stop(victim_);
  RestoreImage(/*with_floor=*/true);
  const Term term = cluster_.at(leader_).node().status()->raft.term;

  cluster_.Start(victim_);

  // Its leader gives way, so that nobody counts on what is lost.
  ASSERT_TRUE(Eventually(
      [&] { return cluster_.at(victim_).node().status()->raft.term > term; }));
  ExpectCountsAgain();
}

TEST_F(LostEntriesTest, NobodyIsElectedByWhoHasLostEntries) {
  Put(leader_, 10);
  cluster_.Stop(victim_);
  SaveImage();
  cluster_.Start(victim_);
  // Cut off, the third one has nothing of what follows.
  cluster_.transport().Cut(ReplicaId(other_));
  Put(leader_, 20);
  ASSERT_TRUE(cluster_.CatchesUp(victim_, leader_));
  cluster_.Stop(victim_);
  cluster_.Stop(leader_);
  RestoreImage(/*with_floor=*/false);
  cluster_.transport().Heal(ReplicaId(other_));

  cluster_.Start(victim_);

  const auto refused =
      cluster_.at(other_).Put("no", "leader", absl::Seconds(2));
  EXPECT_FALSE(refused.ok());
  EXPECT_FALSE(IsWhole(victim_));
  // With whoever has it all, the group goes on, and nothing is missing.
  cluster_.Start(leader_);
  Put(other_, 1);
  for (int i = 0; i < written_; ++i) {
    EXPECT_EQ(cluster_.at(other_).Get(absl::StrCat("key", i)).value(), "value");
  }
  ExpectCountsAgain();
}

TEST_F(LostEntriesTest, EmptiedDiskDoesNotSpeakInTheNameOfItsReplica) {
  const ReplicaId victim(victim_);
  const auto bound = [&] {
    const auto members = cluster_.at(other_).engine().machine().region();
    const auto member = members.members.find(victim);
    return member != members.members.end() &&
           member->second.store == StoreId(100 + victim_);
  };
  ASSERT_TRUE(Eventually(bound));
  Put(leader_, 10);
  cluster_.Stop(victim_);

  cluster_.StartEmptied(victim_, StoreId(999));

  // It is told, and whoever lacks a majority without it stands still.
  EXPECT_TRUE(Eventually([&] {
    return cluster_.at(victim_).node().status()->refused_by != kNoReplica;
  }));
  Put(leader_, 1);
  cluster_.Stop(leader_);
  EXPECT_FALSE(
      cluster_.at(other_).Put("no", "majority", absl::Seconds(2)).ok());
  cluster_.Start(leader_);
  Put(other_, 1);
}

}  // namespace
}  // namespace trimaran
