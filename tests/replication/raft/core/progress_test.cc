#include "replication/raft/progress.h"

#include <cstdint>
#include <deque>
#include <string_view>
#include <utility>

#include "engine/base/random.h"
#include "gtest/gtest.h"
#include "tests/support/raft/builders.h"
#include "tests/support/raft/printers.h"

// What a leader concludes from a follower's answers.

namespace trimaran::raft {
namespace {

struct Place {
  uint64_t match = 0;
  uint64_t next = 1;
};

// A probed follower at that place.
Progress Probing(Place place) {
  Progress progress(ReplicaId(2), LogIndex(place.next), Inflights(16, 0));
  progress.Acked(LogIndex(place.match));
  return progress;
}

Progress Replicating(Place place) {
  Progress progress = Probing({place.match, place.match + 1});
  progress.BecomeReplicate();
  if (place.next > place.match + 1) {
    progress.AppendSent(place.next - place.match - 1, 0);
  }
  return progress;
}

// Covers: H0b
TEST(ProgressTest, AckMovesMatchAndNextForwardOnly) {
  struct Row {
    uint64_t ack;
    Place after;
    bool news;
  };
  // From match 3, next 5.
  const Row rows[] = {{2, {3, 5}, false},
                      {3, {3, 5}, false},
                      {4, {4, 5}, true},
                      {5, {5, 6}, true},
                      {9, {9, 10}, true}};
  for (const Row& row : rows) {
    Progress progress = Probing({3, 5});
    progress.Pause();
    EXPECT_EQ(progress.Acked(LogIndex(row.ack)), row.news) << row.ack;
    EXPECT_EQ(progress.match(), LogIndex(row.after.match)) << row.ack;
    EXPECT_EQ(progress.next(), LogIndex(row.after.next)) << row.ack;
    EXPECT_EQ(progress.paused(), !row.news) << row.ack;
  }
}

// Covers: H0b
TEST(ProgressTest, RejectionOfAReplicatedAppendGoesBackToMatch) {
  struct Row {
    Place before;
    uint64_t rejected;
    bool news;
    uint64_t next;
  };
  const Row rows[] = {{{5, 10}, 4, false, 10},
                      {{5, 10}, 5, false, 10},
                      {{5, 10}, 6, true, 6},
                      {{5, 10}, 9, true, 6}};
  for (const Row& row : rows) {
    Progress progress = Replicating(row.before);
    EXPECT_EQ(progress.Rejected(LogIndex(row.rejected), LogIndex(row.rejected)),
              row.news)
        << row.rejected;
    EXPECT_EQ(progress.next(), LogIndex(row.next)) << row.rejected;
    EXPECT_EQ(progress.match(), LogIndex(5)) << row.rejected;
    EXPECT_EQ(progress.state(),
              row.news ? ProgressState::kProbe : ProgressState::kReplicate);
  }
}

// Covers: H0b
TEST(ProgressTest, RejectionOfAProbeCountsOnlyForTheOneThatIsOut) {
  struct Row {
    Place before;
    uint64_t rejected;
    uint64_t hint;
    bool news;
    uint64_t next;
  };
  const Row rows[] = {
      {{0, 0 + 10}, 8, 8, false, 10}, {{0, 10}, 10, 10, false, 10},
      {{0, 10}, 9, 9, true, 9},       {{0, 10}, 9, 2, true, 3},
      {{0, 10}, 9, 0, true, 1},       {{0, 2}, 1, 1, true, 1},
      {{0, 1}, 0, 0, true, 1},        {{4, 10}, 9, 2, true, 5},
      {{4, 10}, 9, 100, true, 9},
  };
  for (const Row& row : rows) {
    Progress progress = Probing(row.before);
    progress.Pause();
    EXPECT_EQ(progress.Rejected(LogIndex(row.rejected), LogIndex(row.hint)),
              row.news)
        << "rejected " << row.rejected << ", hint " << row.hint;
    EXPECT_EQ(progress.next(), LogIndex(row.next))
        << "rejected " << row.rejected << ", hint " << row.hint;
    EXPECT_EQ(progress.paused(), !row.news);
  }
}

// Covers: H0b, G7
TEST(ProgressTest, ProbeBeginsBehindWhatTheFollowerIsKnownToHave) {
  Progress replicating = Replicating({1, 5});
  replicating.BecomeProbe();
  EXPECT_EQ(replicating.next(), LogIndex(2));
  EXPECT_EQ(replicating.inflights().count(), 0u);

  Progress delivered = Probing({1, 5});
  delivered.BecomeSnapshot(LogIndex(10));
  delivered.BecomeProbe();
  EXPECT_EQ(delivered.match(), LogIndex(1));
  EXPECT_EQ(delivered.next(), LogIndex(11));
  EXPECT_EQ(delivered.pending_snapshot(), LogIndex());

  Progress failed = Probing({1, 5});
  failed.BecomeSnapshot(LogIndex(10));
  failed.SnapshotFailed();
  EXPECT_EQ(failed.next(), LogIndex(2));
  EXPECT_EQ(failed.pending_snapshot(), LogIndex());
  EXPECT_EQ(failed.state(), ProgressState::kProbe);
}

// Covers: H0b
TEST(ProgressTest, ReplicationBeginsBehindMatch) {
  Progress progress = Probing({1, 5});
  progress.BecomeReplicate();
  EXPECT_EQ(progress.state(), ProgressState::kReplicate);
  EXPECT_EQ(progress.match(), LogIndex(1));
  EXPECT_EQ(progress.next(), LogIndex(2));
}

// Covers: H0b, G7
TEST(ProgressTest, SnapshotStateIsPausedAndIgnoresRejections) {
  Progress progress = Probing({1, 5});
  progress.BecomeSnapshot(LogIndex(10));
  EXPECT_EQ(progress.pending_snapshot(), LogIndex(10));
  EXPECT_TRUE(progress.paused());
  progress.Unpause();
  EXPECT_TRUE(progress.paused());
  EXPECT_FALSE(progress.Rejected(LogIndex(4), LogIndex(2)));
  EXPECT_EQ(progress.state(), ProgressState::kSnapshot);
}

// Covers: H0b, H21
TEST(ProgressTest, PausedUntilTheTurnComes) {
  Progress probing = Probing({0, 5});
  EXPECT_FALSE(probing.paused());
  probing.AppendSent(3, 30);
  EXPECT_TRUE(probing.paused());
  EXPECT_EQ(probing.next(), LogIndex(5)) << "a probe is not optimistic";
  probing.Unpause();
  EXPECT_FALSE(probing.paused());

  Progress replicating(ReplicaId(2), LogIndex(1), Inflights(2, 0));
  replicating.BecomeReplicate();
  replicating.AppendSent(3, 30);
  EXPECT_EQ(replicating.next(), LogIndex(4));
  EXPECT_FALSE(replicating.paused());
  replicating.AppendSent(1, 10);
  EXPECT_TRUE(replicating.paused());
  replicating.FreeInflightsUpTo(LogIndex(3));
  replicating.Acked(LogIndex(3));
  EXPECT_FALSE(replicating.paused());
}

TEST(ProgressTest, CommitIsToldOnceAndNotBeyondWhatWasSent) {
  Progress progress(ReplicaId(2), LogIndex(1), Inflights(16, 0));
  progress.BecomeReplicate();
  EXPECT_FALSE(progress.CanLearnCommit(LogIndex(3))) << "nothing was sent";
  progress.AppendSent(2, 0);
  EXPECT_TRUE(progress.CanLearnCommit(LogIndex(3)));
  progress.CommitSent(LogIndex(3));
  EXPECT_FALSE(progress.CanLearnCommit(LogIndex(3)));
  progress.AppendSent(1, 0);
  EXPECT_TRUE(progress.CanLearnCommit(LogIndex(3)));
  progress.CommitSent(LogIndex(3));
  EXPECT_FALSE(progress.CanLearnCommit(LogIndex(3)));
  // What was lost with the appends must be told again.
  progress.BecomeProbe();
  progress.BecomeReplicate();
  progress.AppendSent(3, 0);
  EXPECT_TRUE(progress.CanLearnCommit(LogIndex(3)));
}

TEST(ProgressTest, InvariantsHoldUnderAnyAnswers) {
  for (uint64_t seed = 1; seed <= 100; ++seed) {
    SeededRandom random(seed);
    Progress progress(ReplicaId(2), LogIndex(20), Inflights(4, 100));
    for (int step = 0; step < 300; ++step) {
      const LogIndex match_before = progress.match();
      const LogIndex index(random.Uniform(40));
      switch (random.Uniform(7)) {
        case 0:
          progress.Acked(index);
          break;
        case 1:
          progress.Rejected(index, LogIndex(random.Uniform(40)));
          break;
        case 2:
          if (!progress.paused()) {
            progress.AppendSent(random.Uniform(3), random.Uniform(60));
          }
          break;
        case 3:
          progress.BecomeReplicate();
          break;
        case 4:
          progress.BecomeProbe();
          break;
        case 5:
          progress.FreeInflightsUpTo(index);
          break;
        default:
          if (random.OneIn(4)) {
            progress.BecomeSnapshot(progress.next() + random.Uniform(3));
          } else {
            progress.Unpause();
          }
          // A full window stays shut until an ack frees it.
          if (progress.inflights().full()) progress.Pause();
      }
      ASSERT_LT(progress.match(), progress.next()) << "seed " << seed;
      ASSERT_GE(progress.match(), match_before) << "seed " << seed;
      ASSERT_TRUE(progress.state() == ProgressState::kReplicate ||
                  progress.inflights().count() == 0)
          << "seed " << seed;
      ASSERT_EQ(progress.pending_snapshot() != LogIndex(),
                progress.state() == ProgressState::kSnapshot);
    }
  }
}

// Covers: H21
TEST(InflightsTest, FullByCountOrByBytes) {
  Inflights by_count(2, 0);
  by_count.Add(LogIndex(1), 1'000'000);
  EXPECT_FALSE(by_count.full());
  by_count.Add(LogIndex(2), 1'000'000);
  EXPECT_TRUE(by_count.full());

  Inflights by_bytes(100, 10);
  by_bytes.Add(LogIndex(1), 9);
  EXPECT_FALSE(by_bytes.full());
  by_bytes.Add(LogIndex(2), 9);
  EXPECT_TRUE(by_bytes.full());
  EXPECT_EQ(by_bytes.bytes(), 18u);
}

// Covers: H21
TEST(InflightsTest, AnAckFreesEverythingUpToIt) {
  Inflights inflights(10, 0);
  for (uint64_t last = 0; last < 10; ++last) {
    inflights.Add(LogIndex(last + 1), 100);
  }
  inflights.FreeUpTo(LogIndex(0));
  EXPECT_EQ(inflights.count(), 10u);
  inflights.FreeUpTo(LogIndex(5));
  EXPECT_EQ(inflights.count(), 5u);
  EXPECT_EQ(inflights.bytes(), 500u);
  inflights.FreeUpTo(LogIndex(5));
  EXPECT_EQ(inflights.count(), 5u);
  inflights.FreeUpTo(LogIndex(99));
  EXPECT_EQ(inflights.count(), 0u);
  EXPECT_EQ(inflights.bytes(), 0u);
}

TEST(InflightsTest, RandomTrafficAgreesWithADeque) {
  for (uint64_t seed = 1; seed <= 50; ++seed) {
    SeededRandom random(seed);
    const uint64_t messages_max = 1 + random.Uniform(40);
    const uint64_t bytes_max = random.OneIn(2) ? 0 : 500;
    Inflights inflights(messages_max, bytes_max);
    std::deque<std::pair<uint64_t, uint64_t>> model;
    uint64_t last = 0;
    for (int step = 0; step < 500; ++step) {
      if (!inflights.full() && !random.OneIn(3)) {
        last += 1 + random.Uniform(3);
        model.emplace_back(last, random.Uniform(60));
        inflights.Add(LogIndex(last), model.back().second);
      } else if (random.OneIn(60)) {
        model.clear();
        inflights.Clear();
      } else {
        const uint64_t upto = last - std::min(last, random.Uniform(20));
        while (!model.empty() && model.front().first <= upto) model.pop_front();
        inflights.FreeUpTo(LogIndex(upto));
      }
      uint64_t bytes = 0;
      for (const auto& append : model) bytes += append.second;
      ASSERT_EQ(inflights.count(), model.size()) << "seed " << seed;
      ASSERT_EQ(inflights.bytes(), bytes) << "seed " << seed;
      ASSERT_EQ(inflights.full(), model.size() == messages_max ||
                                      (bytes_max != 0 && bytes >= bytes_max));
    }
  }
}

TEST(InflightsDeathTest, AFullWindowTakesNothing) {
  Inflights inflights(1, 0);
  inflights.Add(LogIndex(1), 0);
  EXPECT_DEATH(inflights.Add(LogIndex(2), 0), "check failed");
  EXPECT_DEATH(Inflights(0, 0), "check failed");
}

}  // namespace
}  // namespace trimaran::raft
