#include <cstdint>
#include <vector>

#include "engine/base/random.h"
#include "gmock/gmock.h"
#include "gtest/gtest.h"
#include "replication/raft/read_index.h"
#include "tests/support/raft/builders.h"

// The bookkeeping of reads that wait for a quorum.

namespace trimaran::raft {
namespace {

using ::testing::ElementsAre;
using ::testing::IsEmpty;

ReadRequest Read(uint64_t id, uint64_t origin = 1) {
  return {ReadId(id), ReplicaId(origin)};
}

std::vector<uint64_t> Ids(const std::vector<ConfirmedRead>& reads) {
  std::vector<uint64_t> ids;
  for (const ConfirmedRead& read : reads)
    ids.push_back(read.request.id.value());
  return ids;
}

// Covers: H16
TEST(ReadQueueTest, RoundConfirmsTheReadsThatCameBeforeIt) {
  ReadQueue reads(10);
  EXPECT_FALSE(reads.wants_round());
  reads.Add(Read(1), LogIndex(5));
  reads.Add(Read(2, 3), LogIndex(5));
  EXPECT_TRUE(reads.wants_round());
  const ReadRound first = reads.BeginRound(0);
  EXPECT_FALSE(reads.wants_round());
  reads.Add(Read(3), LogIndex(6));
  const auto confirmed = reads.Confirm(first);
  EXPECT_THAT(Ids(confirmed), ElementsAre(1, 2));
  EXPECT_EQ(confirmed[0].index, LogIndex(5));
  EXPECT_EQ(confirmed[1].request.origin, ReplicaId(3));
  EXPECT_THAT(Ids(reads.Confirm(first)), IsEmpty());
  EXPECT_THAT(Ids(reads.Confirm(reads.BeginRound(1))), ElementsAre(3));
  EXPECT_EQ(reads.size(), 0u);
}

// Covers: H18
TEST(ReadQueueTest, LateAnswersToAnOldRoundSayNothingOfLaterReads) {
  ReadQueue reads(10);
  reads.Add(Read(7), LogIndex(1));
  const ReadRound first = reads.BeginRound(0);
  EXPECT_THAT(Ids(reads.Confirm(first)), ElementsAre(7));
  // The same name again: it is another read.
  reads.Add(Read(7), LogIndex(2));
  const ReadRound second = reads.BeginRound(1);
  EXPECT_NE(first, second);
  EXPECT_THAT(Ids(reads.Confirm(first)), IsEmpty());
  EXPECT_THAT(Ids(reads.Confirm(second)), ElementsAre(7));
}

// Covers: H16
TEST(ReadQueueTest, LaterRoundConfirmsEarlierReadsToo) {
  ReadQueue reads(10);
  reads.Add(Read(1), LogIndex(1));
  reads.BeginRound(0);
  reads.Add(Read(2), LogIndex(2));
  const ReadRound second = reads.BeginRound(1);
  EXPECT_THAT(Ids(reads.Confirm(second)), ElementsAre(1, 2));
}

// Covers: H17
TEST(ReadQueueTest, PostponedReadsGetTheirIndexWhenReleased) {
  ReadQueue reads(10);
  reads.Postpone(Read(1));
  EXPECT_FALSE(reads.wants_round());
  EXPECT_THAT(Ids(reads.Confirm(reads.BeginRound(0))), IsEmpty());
  reads.ReleasePostponed(LogIndex(4));
  EXPECT_TRUE(reads.wants_round());
  const auto confirmed = reads.Confirm(reads.BeginRound(1));
  EXPECT_THAT(Ids(confirmed), ElementsAre(1));
  EXPECT_EQ(confirmed[0].index, LogIndex(4));
}

TEST(ReadQueueTest, CapacityCountsPostponedAndWaitingReads) {
  ReadQueue reads(2);
  reads.Postpone(Read(1));
  EXPECT_FALSE(reads.full());
  reads.Add(Read(2), LogIndex(1));
  EXPECT_TRUE(reads.full());
  reads.Confirm(reads.BeginRound(0));
  EXPECT_FALSE(reads.full());
}

TEST(ReadQueueTest, LeaseCountsFromTheStartOfTheConfirmedRound) {
  ReadQueue reads(2);
  EXPECT_FALSE(reads.ever_confirmed());
  const ReadRound first = reads.BeginRound(10);
  reads.BeginRound(20);
  reads.Confirm(first);
  EXPECT_TRUE(reads.ever_confirmed());
  EXPECT_EQ(reads.confirmed_round_tick(), 10u);
}

// Covers: H16
TEST(ReadQueueTest, EndOfLeadershipGivesEverythingBack) {
  ReadQueue reads(10);
  reads.Add(Read(1), LogIndex(1));
  reads.BeginRound(0);
  reads.Add(Read(2), LogIndex(1));
  reads.Postpone(Read(3));
  std::vector<uint64_t> ids;
  for (const ReadRequest& read : reads.TakeAll())
    ids.push_back(read.id.value());
  EXPECT_THAT(ids, ElementsAre(1, 2, 3));
  EXPECT_EQ(reads.size(), 0u);
  EXPECT_FALSE(reads.wants_round());
}

// However many rounds stay without an answer, memory does not grow with them,
// and the last one still counts.
// Covers: H16
TEST(ReadQueueTest, UnansweredRoundsAreForgottenOldestFirst) {
  ReadQueue reads(10);
  reads.Add(Read(1), LogIndex(1));
  ReadRound last;
  for (uint64_t tick = 0; tick < 10'000; ++tick) last = reads.BeginRound(tick);
  EXPECT_THAT(Ids(reads.Confirm(last)), ElementsAre(1));
  EXPECT_EQ(reads.confirmed_round_tick(), 9'999u);
}

TEST(ReadQueueDeathTest, RoundsThatNeverBeganConfirmNothing) {
  ReadQueue reads(1);
  EXPECT_DEATH(reads.Confirm(ReadRound(1)), "check failed");
  reads.Add(Read(1), LogIndex(1));
  EXPECT_DEATH(reads.Add(Read(2), LogIndex(1)), "check failed");
}

// Every read is confirmed exactly once, by a round that began after it came.
// Covers: H16, H18
TEST(ReadQueueTest, RandomRoundsNeverConfirmAReadOfAfterThem) {
  for (uint64_t seed = 1; seed <= 50; ++seed) {
    SeededRandom random(seed);
    ReadQueue reads(1000);
    std::vector<uint64_t> rounds_before(1, 0);
    std::vector<bool> confirmed(1, false);
    for (uint64_t step = 0; step < 500; ++step) {
      if (random.OneIn(2)) {
        if (reads.full()) continue;
        reads.Add(Read(rounds_before.size()), LogIndex(step));
        rounds_before.push_back(reads.last_round().value());
        confirmed.push_back(false);
      } else if (random.OneIn(2)) {
        reads.BeginRound(step);
      } else {
        const uint64_t round = random.Uniform(reads.last_round().value() + 1);
        for (const uint64_t id : Ids(reads.Confirm(ReadRound(round)))) {
          ASSERT_FALSE(confirmed[id]) << "seed " << seed;
          ASSERT_LT(rounds_before[id], round) << "seed " << seed;
          confirmed[id] = true;
        }
      }
    }
  }
}

}  // namespace
}  // namespace trimaran::raft
