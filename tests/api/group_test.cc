// Goal: replicas of one group are one database: any of them takes writes and
// reads, and the loss of one loses nothing.

#include "tests/api/group.h"

#include <atomic>
#include <string>
#include <thread>
#include <vector>

#include "absl/strings/str_cat.h"
#include "gtest/gtest.h"
#include "trimaran/admin.h"
#include "trimaran/errors.h"

namespace trimaran {
namespace {

TEST(GroupTest, EveryReplicaTakesWritesAndReads) {
  Group group(3);
  for (uint64_t id = 1; id <= 3; ++id) {
    const auto put = group.at(id).Put(absl::StrCat("from", id), "v");
    ASSERT_TRUE(put.ok()) << put.status();
  }
  for (uint64_t id = 1; id <= 3; ++id) {
    for (uint64_t from = 1; from <= 3; ++from) {
      const auto value = group.at(id).Get(absl::StrCat("from", from));
      ASSERT_TRUE(value.ok()) << value.status();
      EXPECT_EQ(*value, "v");
    }
  }
}

TEST(GroupTest, AtLeastReadsOwnWritesOnAnotherReplica) {
  Group group(3);
  for (int i = 0; i < 20; ++i) {
    const auto put = group.at(1).Put("key", absl::StrCat(i));
    ASSERT_TRUE(put.ok()) << put.status();
    const auto value = group.at(2).Get("key", ReadOptions::AtLeast(put->index));
    ASSERT_TRUE(value.ok()) << value.status();
    EXPECT_EQ(*value, absl::StrCat(i));
  }
}

TEST(GroupTest, OtherReadLevelsAreServed) {
  Group group(3);
  const auto put = group.at(1).Put("key", "v");
  ASSERT_TRUE(put.ok()) << put.status();
  EXPECT_EQ(group.at(1).Get("key", ReadOptions::Local()).value(), "v");
  for (uint64_t id = 1; id <= 3; ++id) {
    EXPECT_EQ(group.at(id).Get("key", ReadOptions::Lease()).value(), "v");
    EXPECT_EQ(group.at(id)
                  .Get("key", ReadOptions::Bounded(absl::ZeroDuration()))
                  .value(),
              "v");
  }
}

TEST(GroupTest, NothingIsLostWithOneReplica) {
  Group group(3);
  for (uint64_t stopped = 1; stopped <= 3; ++stopped) {
    const uint64_t other = stopped % 3 + 1;
    ASSERT_TRUE(group.at(stopped).Put(absl::StrCat(stopped), "before").ok());
    group.Stop(stopped);
    const auto put = group.at(other).Put(absl::StrCat("after", stopped), "v");
    ASSERT_TRUE(put.ok()) << put.status();
    EXPECT_EQ(group.at(other).Get(absl::StrCat(stopped)).value(), "before");
    group.Start(stopped);
    EXPECT_EQ(group.at(stopped).Get(absl::StrCat("after", stopped)).value(),
              "v");
  }
}

TEST(GroupTest, OthersGoOnWithoutALeaderThatIsCutOff) {
  Group group(3);
  ASSERT_TRUE(group.at(1).Put("before", "v").ok());
  const uint64_t leader = group.at(1).admin().GetStatus()->leader;
  const uint64_t other = leader % 3 + 1;
  group.network().Isolate(leader);
  const auto put = group.at(other).Put("key", "v");
  ASSERT_TRUE(put.ok()) << put.status();

  // It does not know of the write, and does not pretend to.
  const auto stale = group.at(leader).Get(
      "key",
      {.level = ReadLevel::kLinearizable, .timeout = absl::Milliseconds(100)});
  EXPECT_EQ(stale.status().code(), absl::StatusCode::kDeadlineExceeded);
  EXPECT_EQ(group.at(leader).Get("key", ReadOptions::Local()).value(),
            std::nullopt);
  const auto lost =
      group.at(leader).Put("lost", "v", {.timeout = absl::Milliseconds(100)});
  EXPECT_FALSE(lost.ok());

  group.network().Rejoin(leader);
  const auto value =
      group.at(leader).Get("key", ReadOptions::AtLeast(put->index));
  ASSERT_TRUE(value.ok()) << value.status();
  EXPECT_EQ(*value, "v");
}

TEST(GroupTest, WriteThatWasBegunAndNotEndedIsUnknown) {
  Options options = SmallOptions();
  options.election_timeout = absl::Milliseconds(600);
  Group group(3, options);
  ASSERT_TRUE(group.at(1).Put("before", "v").ok());
  const uint64_t leader = group.at(1).admin().GetStatus()->leader;
  ASSERT_TRUE(group.at(leader).Put("through it", "v").ok());
  group.network().Isolate(leader);
  // It believes to lead for some time yet, and begins the write.
  const auto put =
      group.at(leader).Put("key", "v", {.timeout = absl::Milliseconds(100)});
  EXPECT_TRUE(IsOutcomeUnknown(put.status())) << put.status();
  EXPECT_EQ(OutcomeOf(put.status()), WriteOutcome::kUnknown);
  // And so it is: the write may be done in the end.
  group.network().Rejoin(leader);
  ASSERT_TRUE(group.at(leader).Put("after", "v").ok());
  EXPECT_EQ(group.at(leader).Get("before").value(), "v");
}

TEST(GroupTest, NewcomerIsAddedAndWaitsForItsData) {
  Group group(3);
  ASSERT_TRUE(group.at(1).Put("key", "v").ok());
  const uint64_t leader = group.at(1).admin().GetStatus()->leader;
  ASSERT_TRUE(group.at(leader).admin().AddLearner(4, {.name = "new"}).ok());
  Options options = group.OptionsOf(4);
  options.founders.clear();
  options.join = true;
  auto newcomer = DB::Open(options, group.PathOf(4));
  ASSERT_TRUE(newcomer.ok()) << newcomer.status();
  EXPECT_EQ((*newcomer)->admin().GetStatus()->replica_id, 4U);
  // The group goes on, whatever it makes of it.
  EXPECT_TRUE(group.at(leader).Put("key", "w").ok());
  EXPECT_TRUE((*newcomer)->Close().ok());
}

TEST(GroupTest, WithoutAMajorityCallsEndAtTheirDeadline) {
  Group group(3);
  ASSERT_TRUE(group.at(1).Put("before", "v").ok());
  group.Stop(2);
  group.Stop(3);
  const WriteOptions soon{.timeout = absl::Milliseconds(300)};
  const auto put = group.at(1).Put("key", "v", soon);
  ASSERT_FALSE(put.ok());
  EXPECT_NE(OutcomeOf(put.status()), WriteOutcome::kApplied);
  const auto get = group.at(1).Get(
      "key", {.level = ReadLevel::kLinearizable, .timeout = soon.timeout});
  EXPECT_EQ(get.status().code(), absl::StatusCode::kDeadlineExceeded);
  const auto future =
      group.at(1).Get("key", {.level = ReadLevel::kAtLeast,
                              .index = 1000000,
                              .timeout = absl::Milliseconds(50)});
  EXPECT_EQ(future.status().code(), absl::StatusCode::kDeadlineExceeded);
  EXPECT_EQ(group.at(1).Get("before", ReadOptions::Local()).value(), "v");
}

TEST(GroupTest, ReplicaThatMayNotPassWritesOnNamesTheLeader) {
  Options options = SmallOptions();
  options.forward_writes = false;
  Group three(3, options);
  // A read finds out who leads, for it needs one.
  ASSERT_TRUE(three.at(1).Get("key").ok());
  int refused = 0;
  for (uint64_t id = 1; id <= 3; ++id) {
    ASSERT_TRUE(three.at(id).Get("key").ok());
    const auto put = three.at(id).Put("key", "v");
    if (put.ok()) continue;
    ++refused;
    EXPECT_TRUE(IsNotLeader(put.status())) << put.status();
    EXPECT_EQ(OutcomeOf(put.status()), WriteOutcome::kNotApplied);
    EXPECT_NE(LeaderIdOf(put.status()), id);
  }
  EXPECT_EQ(refused, 2);
}

TEST(GroupTest, ManyThreadsAtAllReplicasAreAllAnswered) {
  Group group(3);
  std::vector<std::thread> writers;
  for (uint64_t writer = 0; writer < 6; ++writer) {
    writers.emplace_back([&group, writer] {
      for (int i = 0; i < 50; ++i) {
        const auto put = group.at(writer % 3 + 1)
                             .Put(absl::StrCat("w", writer, "-", i), "v");
        EXPECT_TRUE(put.ok()) << put.status();
      }
    });
  }
  for (std::thread& writer : writers) writer.join();
  for (uint64_t writer = 0; writer < 6; ++writer) {
    for (int i = 0; i < 50; ++i) {
      EXPECT_EQ(group.at(1).Get(absl::StrCat("w", writer, "-", i)).value(),
                "v");
    }
  }
}

// For a moment the log is that of a state which is not there yet.
TEST(GroupTest, VerificationWaitsForTheEndOfAnInstallation) {
  Group group(3);
  ASSERT_TRUE(group.at(1).Put("key", "v").ok());
  const uint64_t leader = group.at(1).admin().GetStatus()->leader;
  const uint64_t away = leader % 3 + 1;
  std::atomic<bool> ended = false;
  const auto verify = [&] {
    while (!ended) {
      const auto result = group.at(away).admin().Verify(VerifyDepth::kQuick);
      EXPECT_TRUE(result.ok()) << result.status();
      EXPECT_FALSE(result.ok() && result->damaged);
    }
  };
  std::vector<std::thread> callers;
  for (int i = 0; i < 2; ++i) callers.emplace_back(verify);
  for (int round = 0; round < 20; ++round) {
    group.network().Isolate(away);
    const auto put = group.at(leader).Put("key", absl::StrCat(round));
    EXPECT_TRUE(put.ok()) << put.status();
    const auto compacted = group.at(leader).admin().CompactLog(put->index);
    EXPECT_TRUE(compacted.ok()) << compacted.status();
    group.network().Rejoin(away);
    EXPECT_EQ(
        group.at(away).Get("key", ReadOptions::AtLeast(put->index)).value(),
        absl::StrCat(round));
  }
  ended = true;
  for (std::thread& caller : callers) caller.join();
  EXPECT_GT(group.at(away).admin().GetStatus()->counters.snapshots_installed,
            0u);
}

}  // namespace
}  // namespace trimaran
