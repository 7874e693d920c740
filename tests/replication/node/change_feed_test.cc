// Goal: a follower of changes hears of each change once and in order, as it was
// really done, or is told that it has come too late.

#include "replication/node/change_feed.h"

#include <string>
#include <thread>
#include <vector>

#include "gtest/gtest.h"

namespace trimaran {
namespace {

using engine::DeleteOp;
using engine::DeleteRangeOp;
using engine::kDefaultFamily;
using engine::PutOp;

LogEntry EntryOf(uint64_t index, const std::vector<engine::Command>& commands) {
  engine::EntryEncoder encoder;
  for (const engine::Command& command : commands) {
    EXPECT_TRUE(encoder.Add(command).ok());
  }
  const std::string payload = encoder.Take();
  return {
      .index = LogIndex(index), .term = Term(1), .payload = Payload(payload)};
}

engine::Command Write(std::vector<engine::Operation> operations) {
  return {{}, engine::WriteCommand{{}, std::move(operations), {}}};
}
engine::Command Put(std::string_view key, std::string_view value) {
  return Write({PutOp{kDefaultFamily, key, value}});
}

class ChangeFeedTest : public testing::Test {
 protected:
  void Append(uint64_t index, const std::vector<engine::Command>& commands,
              std::vector<engine::CommandResult> results = {}) {
    results.resize(commands.size());
    feed_.Append(EntryOf(index, commands),
                 {.index = LogIndex(index), .commands = std::move(results)});
  }
  // Without waiting.
  absl::StatusOr<ChangeBatch> Next(uint64_t from,
                                   const ChangeFilter& filter = {}) {
    return feed_.Next(filter, LogIndex(from), clock_, clock_.Now());
  }

  MonotonicClock clock_;
  ChangeFeed feed_{1000, LogIndex(5)};
};

TEST_F(ChangeFeedTest, TellsWhatAnEntryDidInOrder) {
  Append(6, {Put("a", "1"), Write({DeleteOp{kDefaultFamily, "b"},
                                   DeleteRangeOp{kDefaultFamily, "c", "d"}})});
  const auto batch = Next(6);
  ASSERT_TRUE(batch.ok()) << batch.status();
  EXPECT_EQ(batch->index, LogIndex(6));
  const std::vector<Change> expected = {
      {Change::Kind::kPut, kDefaultFamily, "a", "1"},
      {Change::Kind::kDelete, kDefaultFamily, "b", ""},
      {Change::Kind::kDeleteRange, kDefaultFamily, "c", "d"}};
  EXPECT_EQ(batch->changes, expected);
}

TEST_F(ChangeFeedTest, WhatWasNotDoneIsNotTold) {
  engine::CommandResult refused;
  refused.status = absl::NotFoundError("family");
  engine::CommandResult repeated;
  repeated.repeated = true;
  Append(6, {Put("a", "1"), Put("b", "2"), Put("c", "3")},
         {refused, repeated, {}});
  const auto batch = Next(6);
  ASSERT_EQ(batch->changes.size(), 1U);
  EXPECT_EQ(batch->changes[0].key, "c");
}

TEST_F(ChangeFeedTest, FailedComparisonTellsTheOtherList) {
  engine::Compare absent;
  absent.family = kDefaultFamily;
  absent.key = "k";
  absent.kind = engine::CompareKind::kAbsent;
  engine::CommandResult failed;
  failed.succeeded = false;
  Append(6,
         {{{},
           engine::WriteCommand{{absent},
                                {PutOp{kDefaultFamily, "k", "yes"}},
                                {PutOp{kDefaultFamily, "k", "no"}}}}},
         {failed});
  EXPECT_EQ(Next(6)->changes[0].value, "no");
}

TEST_F(ChangeFeedTest, FilterLetsItsRangeThrough) {
  Append(6, {Put("a", "1"), Put("b", "2"), Put("c", "3"),
             Write({PutOp{engine::FamilyId(2), "b", "x"}}),
             Write({DeleteRangeOp{kDefaultFamily, "", "b"}}),
             Write({DeleteRangeOp{kDefaultFamily, "", ""}})});
  const auto batch =
      Next(6, {.family = kDefaultFamily, .begin = "b", .end = "c"});
  ASSERT_EQ(batch->changes.size(), 2U);
  EXPECT_EQ(batch->changes[0].key, "b");
  EXPECT_EQ(batch->changes[1].kind, Change::Kind::kDeleteRange);
}

TEST_F(ChangeFeedTest, EntriesWithoutChangesArePassedOver) {
  feed_.Append({.index = LogIndex(6), .term = Term(1), .payload = {}},
               {.index = LogIndex(6), .commands = {}});
  Append(7, {Put("z", "1")});
  const ChangeFilter filter{.family = kDefaultFamily, .begin = "", .end = "b"};
  const auto nothing = Next(6, filter);
  EXPECT_TRUE(nothing->changes.empty());
  EXPECT_EQ(nothing->index, LogIndex(7)) << "go on behind this one";
  Append(8, {Put("a", "1")});
  EXPECT_EQ(Next(6, filter)->index, LogIndex(8));
}

TEST_F(ChangeFeedTest, WhoComesTooLateIsTold) {
  EXPECT_EQ(Next(5).status().code(), absl::StatusCode::kOutOfRange);
  const std::string large(600, 'v');
  Append(6, {Put("a", large)});
  Append(7, {Put("b", large)});
  EXPECT_EQ(feed_.first(), LogIndex(7));
  EXPECT_EQ(Next(6).status().code(), absl::StatusCode::kOutOfRange);
  EXPECT_EQ(Next(7)->changes[0].key, "b");
}

TEST_F(ChangeFeedTest, JumpOfTheStateIsAHole) {
  Append(6, {Put("a", "1")});
  feed_.Skip(LogIndex(20));
  EXPECT_EQ(Next(6).status().code(), absl::StatusCode::kOutOfRange);
  Append(21, {Put("b", "1")});
  EXPECT_EQ(Next(21)->index, LogIndex(21));
}

TEST_F(ChangeFeedTest, WaitsForNews) {
  std::thread writer([this] { Append(6, {Put("a", "1")}); });
  const auto batch =
      feed_.Next({}, LogIndex(6), clock_, clock_.Now() + absl::Seconds(60));
  writer.join();
  EXPECT_EQ(batch->changes.size(), 1U);
}

TEST_F(ChangeFeedTest, EndIsToldToAll) {
  std::thread closer([this] { feed_.Close(absl::CancelledError("over")); });
  const auto batch =
      feed_.Next({}, LogIndex(6), clock_, clock_.Now() + absl::Seconds(60));
  closer.join();
  EXPECT_EQ(batch.status().code(), absl::StatusCode::kCancelled);
}

}  // namespace
}  // namespace trimaran
