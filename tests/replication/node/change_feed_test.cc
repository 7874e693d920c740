// Goal: what was done of late can be read from the feed as a whole and in
// order, also where only the log has it still; who comes too late is told.

#include "replication/node/change_feed.h"

#include <string>
#include <thread>
#include <vector>

#include "gtest/gtest.h"
#include "tests/replication/node/feed_fixture.h"

namespace trimaran {
namespace {

using absl::StatusCode;
using engine::kDefaultFamily;
using engine::PutOp;

class ChangeFeedTest : public FeedFixture {
 protected:
  // Without waiting.
  absl::StatusOr<DoneStretch> Read(uint64_t from) {
    return feed_.Read(LogIndex(from), clock_, clock_.Now(), cancelled_);
  }
  absl::StatusOr<DoneStretch> Wait(uint64_t from) {
    return feed_.Read(LogIndex(from), clock_, clock_.Now() + absl::Seconds(60),
                      cancelled_);
  }
  // The entries with commands from `from` on, read piece by piece.
  std::vector<uint64_t> AllFrom(uint64_t from) {
    std::vector<uint64_t> indexes;
    while (true) {
      const auto stretch = Read(from);
      EXPECT_TRUE(stretch.ok()) << stretch.status();
      if (!stretch.ok() || stretch->end == LogIndex(from)) return indexes;
      for (const auto& done : stretch->entries) {
        indexes.push_back(done->index.value());
      }
      from = stretch->end.value();
    }
  }
  // So large that only one is kept in memory.
  void AppendLarge(uint64_t index) {
    Append(index, {Put("large", std::string(600, 'v'))});
  }
};

TEST_F(ChangeFeedTest, EntryIsReadWithWhatBecameOfIt) {
  engine::CommandResult repeated;
  repeated.repeated = true;
  engine::CommandResult failed;
  failed.succeeded = false;
  Append(6, {Put("a", "1"), Put("b", "2"), Put("c", "3"), Put("d", "4")},
         {Refused(), repeated, failed, {}});
  Append(7, {Put("a", "1")});
  const auto stretch = Read(6);
  ASSERT_TRUE(stretch.ok()) << stretch.status();
  ASSERT_EQ(stretch->entries.size(), 2U);
  EXPECT_EQ(stretch->end, LogIndex(8));
  const DoneEntry& first = *stretch->entries[0];
  EXPECT_EQ(first.index, LogIndex(6));
  EXPECT_EQ(first.OutcomeOf(0), CommandOutcome::kNothing);
  EXPECT_EQ(first.OutcomeOf(1), CommandOutcome::kNothing);
  EXPECT_EQ(first.OutcomeOf(2), CommandOutcome::kOtherwise);
  EXPECT_EQ(first.OutcomeOf(3), CommandOutcome::kOperations);
  EXPECT_EQ(stretch->entries[1]->OutcomeOf(0), CommandOutcome::kOperations);
}

TEST_F(ChangeFeedTest, EntriesWithoutCommandsArePassedOver) {
  Append(6, {});
  Append(7, {Put("z", "1")});
  Append(8, {});
  EXPECT_EQ(AllFrom(6), (std::vector<uint64_t>{7}));
  EXPECT_EQ(Read(6)->end, LogIndex(9));
}

TEST_F(ChangeFeedTest, WhatTheMemoryDoesNotKeepIsReadFromTheLog) {
  AppendLarge(6);
  Append(7, {});
  AppendLarge(8);
  AppendLarge(9);
  EXPECT_EQ(AllFrom(6), (std::vector<uint64_t>{6, 8, 9}));
  EXPECT_EQ(feed_.first(), LogIndex(6));
}

TEST_F(ChangeFeedTest, OutcomesAreKnownOfWhatOnlyTheLogHas) {
  Append(6, {Put("a", "1"), Put("b", "2")}, {Refused(), {}});
  AppendLarge(7);
  AppendLarge(8);
  const auto stretch = Read(6);
  ASSERT_TRUE(stretch.ok()) << stretch.status();
  EXPECT_EQ(stretch->entries[0]->OutcomeOf(0), CommandOutcome::kNothing);
  EXPECT_EQ(stretch->entries[0]->OutcomeOf(1), CommandOutcome::kOperations);
}

TEST_F(ChangeFeedTest, WhatWasAppliedBeforeTheStartIsNotGuessed) {
  const auto stretch = Read(5);
  EXPECT_EQ(stretch.status().code(), StatusCode::kOutOfRange);
  EXPECT_TRUE(engine::IsCompacted(stretch.status()));
  EXPECT_EQ(feed_.first(), LogIndex(6));
}

TEST_F(ChangeFeedTest, CompactedLogIsTheEndOfWhatOnlyItHas) {
  for (uint64_t index = 6; index <= 9; ++index) AppendLarge(index);
  log_.Compact(LogIndex(7));
  EXPECT_EQ(feed_.first(), LogIndex(8));
  EXPECT_TRUE(engine::IsCompacted(Read(7).status()));
  EXPECT_EQ(AllFrom(8), (std::vector<uint64_t>{8, 9}));
  // The memory has the last one, whatever becomes of the log.
  log_.Compact(LogIndex(9));
  EXPECT_EQ(feed_.first(), LogIndex(9));
  EXPECT_EQ(AllFrom(9), (std::vector<uint64_t>{9}));
}

TEST_F(ChangeFeedTest, SoManyOutcomesAreForgottenThatTheRestIsBounded) {
  // 1000 bytes of outcomes at 65 bytes each.
  for (uint64_t index = 6; index <= 45; ++index) {
    Append(index, {Put("a", std::string(300, 'v'))}, {Refused()});
  }
  const LogIndex first = feed_.first();
  EXPECT_GT(first, LogIndex(6));
  EXPECT_LT(first, LogIndex(40));
  EXPECT_TRUE(engine::IsCompacted(Read(first.value() - 1).status()));
  EXPECT_EQ(AllFrom(first.value()).size(), 46 - first.value());
  EXPECT_EQ(Read(first.value())->entries[0]->OutcomeOf(0),
            CommandOutcome::kNothing);
}

TEST_F(ChangeFeedTest, ReaderIsHandedALittleAtATime) {
  for (uint64_t index = 6; index < 206; ++index) Append(index, {Put("a", "")});
  EXPECT_LE(Read(6)->entries.size(), 64U);
  EXPECT_LE(Read(200)->entries.size(), 64U);
  EXPECT_EQ(AllFrom(6).size(), 200U);
}

TEST_F(ChangeFeedTest, JumpOfTheStateIsAHole) {
  Append(6, {Put("a", "1")});
  feed_.Skip(LogIndex(20));
  EXPECT_TRUE(engine::IsCompacted(Read(6).status()));
  EXPECT_EQ(feed_.first(), LogIndex(21));
  EXPECT_TRUE(Read(21)->entries.empty());
}

TEST_F(ChangeFeedTest, NothingNewIsNothingAtItsDeadline) {
  for (const uint64_t from : {6U, 100U}) {
    const auto stretch = Read(from);
    ASSERT_TRUE(stretch.ok()) << stretch.status();
    EXPECT_TRUE(stretch->entries.empty());
    EXPECT_EQ(stretch->end, LogIndex(from));
  }
}

TEST_F(ChangeFeedTest, ReaderWaitsForNews) {
  std::thread writer([this] { Append(6, {Put("a", "1")}); });
  const auto stretch = Wait(6);
  writer.join();
  EXPECT_EQ(stretch->entries.size(), 1U);
}

TEST_F(ChangeFeedTest, ReaderOfTheFutureWaitsForIt) {
  std::thread writer([this] {
    Append(6, {Put("a", "1")});
    Append(7, {Put("b", "1")});
  });
  const auto stretch = Wait(7);
  writer.join();
  ASSERT_EQ(stretch->entries.size(), 1U);
  EXPECT_EQ(stretch->entries[0]->index, LogIndex(7));
}

TEST_F(ChangeFeedTest, EndIsToldToAll) {
  std::thread closer([this] { feed_.Close(absl::UnavailableError("over")); });
  EXPECT_EQ(Wait(6).status().code(), StatusCode::kUnavailable);
  closer.join();
  EXPECT_EQ(Read(6).status().code(), StatusCode::kUnavailable);
}

TEST_F(ChangeFeedTest, WhoIsCancelledWaitsNoMore) {
  std::thread canceller([this] {
    cancelled_ = true;
    feed_.Wake();
  });
  EXPECT_EQ(Wait(6).status().code(), StatusCode::kCancelled);
  canceller.join();
}

}  // namespace
}  // namespace trimaran
