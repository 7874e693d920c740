// Goal: members come, go, are replaced and followed, and no call about them
// waits for ever.

#include <atomic>
#include <filesystem>
#include <memory>
#include <string>
#include <thread>

#include "absl/strings/str_cat.h"
#include "gtest/gtest.h"
#include "tests/api/group.h"
#include "tests/support/node/blocking.h"
#include "trimaran/admin.h"
#include "trimaran/errors.h"

namespace trimaran {
namespace {

// A group of one, to which others can be added.
class MembersTest : public testing::Test {
 protected:
  std::unique_ptr<DB> Join(uint64_t id) {
    Options options = group_.OptionsOf(id);
    options.founders.clear();
    options.join = true;
    auto opened = DB::Open(options, group_.PathOf(id));
    EXPECT_TRUE(opened.ok()) << opened.status();
    return *std::move(opened);
  }
  Admin& admin() { return group_.at(1).admin(); }

  Group group_{1};
};

// Some ticks of a replica that has no majority.
void Pause(DB& db) {
  ReadOptions briefly;
  briefly.timeout = absl::Milliseconds(60);
  EXPECT_FALSE(db.Get("key", briefly).ok());
}

const WriteOptions kPatient{.timeout = absl::Seconds(30)};

TEST_F(MembersTest, VoterIsAddedInOneCall) {
  for (int i = 0; i < 100; ++i) {
    ASSERT_TRUE(group_.at(1).Put(absl::StrCat(i), "v").ok());
  }
  const std::unique_ptr<DB> second = Join(2);
  const absl::Status added = admin().AddVoter(2, {}, kPatient);
  ASSERT_TRUE(added.ok()) << added;
  const auto status = admin().GetStatus();
  ASSERT_EQ(status->members.size(), 2u);
  EXPECT_TRUE(status->members[1].voter);
  EXPECT_EQ(second->Get("99").value(), "v");
  EXPECT_EQ(admin().AddVoter(2, {}).code(), absl::StatusCode::kAlreadyExists);
}

// What one has said of it must not be taken for what the other one has added.
TEST_F(MembersTest, WhoIsAddedTwiceAtOnceIsWhoWasAddedFirst) {
  for (uint64_t id = 10; id < 30; ++id) {
    const auto add = [&](const std::string& address, absl::Status& status) {
      status = admin().AddLearner(id, {.name = "", .address = address});
    };
    absl::Status a;
    absl::Status b;
    std::thread other([&] { add("a", a); });
    add("b", b);
    other.join();
    ASSERT_NE(a.ok(), b.ok()) << a << b;
    const absl::Status& refused = a.ok() ? b : a;
    EXPECT_TRUE(absl::IsAlreadyExists(refused)) << refused;
    EXPECT_EQ(OutcomeOf(refused), WriteOutcome::kNotApplied);
    EXPECT_EQ(admin().GetStatus()->members.back().info.address,
              a.ok() ? "a" : "b");
  }
}

// Nobody may take "not applied" for "the address was not recorded".
TEST_F(MembersTest, WhatWasRecordedOfWhoIsNotAddedIsNotUndone) {
  constexpr uint64_t kFirstToGo = 100;
  constexpr uint64_t kEndToGo = 140;
  for (uint64_t id = kFirstToGo; id < kEndToGo; ++id) {
    ASSERT_TRUE(admin().AddLearner(id, {}).ok());
  }
  std::atomic<bool> gone = false;
  // Each change takes the place that the newcomer's would have had, now and
  // then.
  std::thread other([&] {
    for (uint64_t id = kFirstToGo; id < kEndToGo; ++id) {
      EXPECT_TRUE(Eventually([&] { return admin().Remove(id).ok(); })) << id;
    }
    gone = true;
  });
  absl::Status refused;
  uint64_t id = 2;
  while (!gone && refused.ok()) {
    refused = admin().AddLearner(id, {.name = "", .address = "there"});
    if (refused.ok()) ++id;
  }
  other.join();
  EXPECT_EQ(refused.code(), absl::StatusCode::kUnavailable) << refused;
  EXPECT_EQ(OutcomeOf(refused), WriteOutcome::kUnknown) << refused;
  EXPECT_NE(refused.message().find("can be repeated"), std::string::npos)
      << refused;
  ASSERT_TRUE(admin().AddLearner(id, {}).ok());
  // What was recorded then, for nobody has said anything of it since.
  EXPECT_EQ(admin().GetStatus()->members.back().info.address, "there");
}

TEST_F(MembersTest, VoterThatIsNotThereStaysALearner) {
  const absl::Status added =
      admin().AddVoter(2, {}, {.timeout = absl::Milliseconds(700)});
  EXPECT_EQ(added.code(), absl::StatusCode::kDeadlineExceeded) << added;
  EXPECT_EQ(OutcomeOf(added), WriteOutcome::kUnknown);
  EXPECT_FALSE(admin().GetStatus()->members.at(1).voter);
  // Nothing has changed this time.
  const absl::Status again =
      admin().AddVoter(2, {}, {.timeout = absl::Milliseconds(100)});
  EXPECT_EQ(OutcomeOf(again), WriteOutcome::kNotApplied) << again;
  // What is known of it has, and stays.
  const absl::Status elsewhere = admin().AddVoter(
      2, {.name = "two", .address = "b"}, {.timeout = absl::Milliseconds(100)});
  EXPECT_EQ(OutcomeOf(elsewhere), WriteOutcome::kUnknown) << elsewhere;
  EXPECT_EQ(admin().GetStatus()->members.at(1).info.address, "b");
  // It can be repeated.
  const std::unique_ptr<DB> second = Join(2);
  EXPECT_TRUE(admin().AddVoter(2, {}, kPatient).ok());
}

TEST_F(MembersTest, NobodyWaitsForALearnerThatHasBeenRemoved) {
  absl::Status added;
  std::thread waiter([&] {
    added = admin().AddVoter(2, {}, {.timeout = absl::InfiniteDuration()});
  });
  EXPECT_TRUE(Eventually([this] { return admin().Remove(2, kPatient).ok(); }));
  waiter.join();
  EXPECT_EQ(added.code(), absl::StatusCode::kFailedPrecondition) << added;
  EXPECT_EQ(OutcomeOf(added), WriteOutcome::kUnknown);
  EXPECT_EQ(admin().GetStatus()->members.size(), 1u);
}

TEST_F(MembersTest, NoTimeLeavesTheMembersAlone) {
  const WriteOptions no_time{.timeout = absl::ZeroDuration()};
  for (const absl::Status& status :
       {admin().AddLearner(2, {}, no_time), admin().AddVoter(2, {}, no_time)}) {
    EXPECT_EQ(status.code(), absl::StatusCode::kDeadlineExceeded) << status;
    EXPECT_EQ(OutcomeOf(status), WriteOutcome::kNotApplied);
  }
  EXPECT_EQ(admin().GetStatus()->members.size(), 1u);
}

TEST_F(MembersTest, LostMemberIsReplacedInOneStep) {
  std::unique_ptr<DB> second = Join(2);
  const std::unique_ptr<DB> third = Join(3);
  ASSERT_TRUE(admin().AddVoter(2, {}, kPatient).ok());
  ASSERT_TRUE(admin().AddVoter(3, {}, kPatient).ok());
  ASSERT_TRUE(second->Close().ok());
  second.reset();

  const std::unique_ptr<DB> fourth = Join(4);
  EXPECT_EQ(admin().Replace(9, 4, {}).code(), absl::StatusCode::kNotFound);
  EXPECT_EQ(admin().Replace(2, 3, {}).code(), absl::StatusCode::kAlreadyExists);
  const absl::Status replaced = admin().Replace(2, 4, {}, kPatient);
  ASSERT_TRUE(replaced.ok()) << replaced;

  // With the newcomer, one can be lost again.
  ASSERT_TRUE(third->Close().ok());
  const auto put = group_.at(1).Put("key", "v", kPatient);
  ASSERT_TRUE(put.ok()) << put.status();
  EXPECT_EQ(fourth->Get("key").value(), "v");
}

TEST_F(MembersTest, WhoLeadsAlreadyHasBeenMadeTheLeader) {
  WriteOptions forever;
  forever.timeout = absl::InfiniteDuration();
  EXPECT_TRUE(admin().TransferLeadership(1, forever).ok());
}

// What it remembers says that it decides alone, and its log that it does not.
TEST_F(MembersTest, OpenDoesNotWaitForAMemberOfWhichTheLogTells) {
  std::unique_ptr<DB> second = Join(2);
  ASSERT_TRUE(admin().Checkpoint().ok());
  ASSERT_TRUE(admin().AddVoter(2, {}, kPatient).ok());
  // As a crash would leave it.
  const std::string crashed = group_.PathOf(77);
  std::filesystem::copy(group_.PathOf(1), crashed,
                        std::filesystem::copy_options::recursive);
  Options options = group_.OptionsOf(1);
  options.network = std::make_shared<InProcessNetwork>();
  auto opened = DB::Open(options, crashed);
  ASSERT_TRUE(opened.ok()) << opened.status();
  EXPECT_FALSE((*opened)->Put("no", "majority", {absl::Milliseconds(50)}).ok());
}

TEST(GroupWatchTest, PeersThatAreThereAreAlwaysActive) {
  Options options = SmallOptions();
  options.election_timeout = absl::Milliseconds(500);
  Group group(3, options);
  ASSERT_TRUE(group.at(1).Put("key", "v").ok());
  const uint64_t leader = group.at(1).admin().GetStatus()->leader;
  // Through several looks at the quorum.
  for (int i = 0; i < 5000; ++i) {
    ASSERT_TRUE(group.at(leader).Put("key", "v").ok());
    const auto status = group.at(leader).admin().GetStatus();
    ASSERT_TRUE(status.ok());
    for (const PeerStatus& peer : status->peers) {
      ASSERT_TRUE(peer.recently_active) << peer.id;
    }
  }
}

// ---- Comparing ----

TEST(ConsistencyTest, SoleReplicaAgreesWithItself) {
  Group group(1);
  ASSERT_TRUE(group.at(1).Put("key", "v").ok());
  const auto result = group.at(1).admin().CheckConsistency();
  ASSERT_TRUE(result.ok()) << result.status();
  EXPECT_TRUE(result->consistent);
  EXPECT_FALSE(result->diverged);
  ASSERT_EQ(result->replicas.size(), 1u);
  EXPECT_EQ(result->replicas[0].hash.size(), 32u);
  EXPECT_GE(result->replicas[0].rows, 1u);
}

TEST(ConsistencyTest, ReplicasAreCompared) {
  Group group(3);
  for (int i = 0; i < 100; ++i) {
    ASSERT_TRUE(group.at(1).Put(absl::StrCat(i), "v").ok());
  }
  const auto result = group.at(2).admin().CheckConsistency();
  ASSERT_TRUE(result.ok()) << result.status();
  EXPECT_TRUE(result->consistent);
  ASSERT_EQ(result->replicas.size(), 3u);
  for (const ReplicaDigest& replica : result->replicas) {
    EXPECT_EQ(replica.hash, result->replicas[0].hash) << replica.error;
  }

  group.network().Isolate(3);
  const auto without = group.at(1).admin().CheckConsistency(absl::Seconds(2));
  ASSERT_TRUE(without.ok()) << without.status();
  EXPECT_FALSE(without->consistent);
  EXPECT_FALSE(without->diverged);
  EXPECT_EQ(without->replicas[2].hash, "");
  EXPECT_NE(without->replicas[2].error, "");
  EXPECT_GT(without->place.index, result->place.index);
}

TEST(ConsistencyTest, ComparingEndsInTimeOrWithTheDatabase) {
  Group group(3);
  ASSERT_TRUE(group.at(1).Put("key", "v").ok());
  EXPECT_EQ(group.at(1).admin().CheckConsistency({}).status().code(),
            absl::StatusCode::kDeadlineExceeded);
  for (uint64_t id = 1; id <= 3; ++id) group.network().Isolate(id);
  Admin& admin = group.at(1).admin();
  EXPECT_FALSE(admin.CheckConsistency(absl::Milliseconds(300)).ok());
  std::thread waiter([&] {
    EXPECT_FALSE(admin.CheckConsistency(absl::InfiniteDuration()).ok());
  });
  Pause(group.at(1));
  EXPECT_TRUE(group.at(1).Close().ok());
  waiter.join();
  EXPECT_EQ(admin.CheckConsistency().status().code(),
            absl::StatusCode::kFailedPrecondition);
}

TEST(GroupWatchTest, CloseEndsATransferThatComesToNothing) {
  Group group(3);
  ASSERT_TRUE(group.at(1).Put("key", "v").ok());
  const uint64_t leader = group.at(1).admin().GetStatus()->leader;
  const uint64_t successor = leader % 3 + 1;
  group.network().Isolate(successor);
  // It lacks something, so that it cannot be asked to lead yet.
  ASSERT_TRUE(group.at(leader).Put("key", "w").ok());
  std::thread waiter([&] {
    WriteOptions forever;
    forever.timeout = absl::InfiniteDuration();
    EXPECT_FALSE(
        group.at(leader).admin().TransferLeadership(successor, forever).ok());
  });
  Pause(group.at(successor));
  EXPECT_TRUE(group.at(leader).Close().ok());
  waiter.join();
}

TEST(GroupWatchTest, QueueIsBoundedAlsoWhereNobodyLeads) {
  Options options = SmallOptions();
  options.write_queue_bytes_max = 64 << 10;
  Group group(3, options);
  ASSERT_TRUE(group.at(1).Put("key", "v").ok());
  const uint64_t follower = group.at(1).admin().GetStatus()->leader % 3 + 1;
  for (uint64_t id = 1; id <= 3; ++id) group.network().Isolate(id);
  std::atomic<int> refused = 0;
  WriteBatch batch;
  batch.Put("key", std::string(10000, 'v'));
  WriteOptions forever;
  forever.timeout = absl::InfiniteDuration();
  std::atomic<int> answered = 0;
  for (int round = 0; round < 5; ++round) {
    for (int i = 0; i < 100; ++i) {
      group.at(follower).WriteAsync(
          batch,
          [&](const absl::StatusOr<CommitInfo>& answer) {
            refused += absl::IsResourceExhausted(answer.status()) ? 1 : 0;
            ++answered;
          },
          forever);
    }
    // Long enough for the replica to look at what it has.
    Pause(group.at(follower));
  }
  // One entry may be on its way to the leader, and the queue is full.
  EXPECT_GE(refused, 450);
  EXPECT_TRUE(group.at(follower).Close().ok());
  EXPECT_EQ(answered, 500);
}

}  // namespace
}  // namespace trimaran
