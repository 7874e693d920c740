// Goal: a follower of changes hears of each change that it wants to hear of,
// once, in order, and as it was really done.

#include "replication/node/change_cursor.h"

#include <string>
#include <vector>

#include "gtest/gtest.h"
#include "tests/replication/node/feed_fixture.h"

namespace trimaran {
namespace {

using absl::StatusCode;
using engine::DeleteOp;
using engine::DeleteRangeOp;
using engine::kDefaultFamily;
using engine::PutOp;
using Kind = RowChange::Kind;

class ChangeCursorTest : public FeedFixture {
 protected:
  // Without waiting.
  absl::StatusOr<ChangeBatch> Next(ChangeCursor& cursor) {
    return cursor.Next(feed_, clock_, clock_.Now(), cancelled_);
  }
  std::vector<RowChange> ChangesOf(const ChangeFilter& filter, uint64_t index) {
    ChangeCursor cursor(filter, LogIndex(index));
    const auto batch = Next(cursor);
    EXPECT_TRUE(batch.ok()) << batch.status();
    return batch.ok() ? batch->changes : std::vector<RowChange>();
  }
};

TEST_F(ChangeCursorTest, TellsWhatAnEntryDidInOrder) {
  Append(6, {Put("a", "1"), Write({DeleteOp{kDefaultFamily, "b"},
                                   DeleteRangeOp{kDefaultFamily, "c", "d"}})});
  ChangeCursor cursor({}, LogIndex(6));
  const auto batch = Next(cursor);
  ASSERT_TRUE(batch.ok()) << batch.status();
  EXPECT_EQ(batch->index, LogIndex(6));
  const std::vector<RowChange> expected = {{Kind::kPut, "a", "1"},
                                           {Kind::kDelete, "b", ""},
                                           {Kind::kDeleteRange, "c", "d"}};
  EXPECT_EQ(batch->changes, expected);
  EXPECT_EQ(cursor.next(), LogIndex(7));
}

TEST_F(ChangeCursorTest, EachEntryIsABatchOfItsOwnAndComesOnce) {
  for (uint64_t index = 6; index < 206; ++index) {
    Append(index, {Put("a", std::string(50, 'v')), Put("b", "")});
  }
  ChangeCursor cursor({}, LogIndex(6));
  for (uint64_t index = 6; index < 206; ++index) {
    const auto batch = Next(cursor);
    ASSERT_TRUE(batch.ok()) << batch.status();
    ASSERT_EQ(batch->index, LogIndex(index));
    EXPECT_EQ(batch->changes.size(), 2U);
  }
  EXPECT_TRUE(Next(cursor)->changes.empty());
}

TEST_F(ChangeCursorTest, WhatWasNotDoneIsNotTold) {
  engine::CommandResult repeated;
  repeated.repeated = true;
  Append(6, {Put("a", "1"), Put("b", "2"), Put("c", "3")},
         {Refused(), repeated, {}});
  EXPECT_EQ(ChangesOf({}, 6), (std::vector<RowChange>{{Kind::kPut, "c", "3"}}));
}

TEST_F(ChangeCursorTest, FailedComparisonTellsTheOtherList) {
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
  EXPECT_EQ(ChangesOf({}, 6),
            (std::vector<RowChange>{{Kind::kPut, "k", "no"}}));
}

TEST_F(ChangeCursorTest, FilterLetsItsRangeThrough) {
  Append(6, {Put("a", "1"), Put("b", "2"), Put("c", "3"),
             Write({PutOp{engine::FamilyId(2), "b", "x"}}),
             Write({DeleteOp{kDefaultFamily, "bb"}}),
             Write({DeleteOp{kDefaultFamily, "c"}})});
  EXPECT_EQ(ChangesOf({.begin = "b", .end = "c"}, 6),
            (std::vector<RowChange>{{Kind::kPut, "b", "2"},
                                    {Kind::kDelete, "bb", ""}}));
  EXPECT_EQ(ChangesOf({.family = engine::FamilyId(2), .family_name = "two"}, 6),
            (std::vector<RowChange>{{Kind::kPut, "b", "x"}}));
}

TEST_F(ChangeCursorTest, RangeDeletionIsCutToTheRange) {
  const auto cut = [this](uint64_t index, std::string_view begin,
                          std::string_view end) {
    Append(index, {Write({DeleteRangeOp{kDefaultFamily, begin, end}})});
    return ChangesOf({.begin = "b", .end = "d"}, index);
  };
  const std::vector<RowChange> nothing;
  const auto range = [](const char* begin, const char* end) {
    return std::vector<RowChange>{{Kind::kDeleteRange, begin, end}};
  };
  EXPECT_EQ(cut(6, "", "b"), nothing);
  EXPECT_EQ(cut(7, "d", ""), nothing);
  EXPECT_EQ(cut(8, "", ""), range("b", "d"));
  EXPECT_EQ(cut(9, "a", "c"), range("b", "c"));
  EXPECT_EQ(cut(10, "c", "z"), range("c", "d"));
  EXPECT_EQ(cut(11, "bb", "cc"), range("bb", "cc"));
  EXPECT_EQ(cut(12, "c", "c"), nothing);
  // Who wants all gets the range as it is.
  EXPECT_EQ(ChangesOf({}, 8), range("", ""));
  EXPECT_EQ(ChangesOf({.begin = "b"}, 8), range("b", ""));
}

TEST_F(ChangeCursorTest, ProgressIsToldWhereNothingMatches) {
  Append(6, {Put("z", "1")});
  Append(7, {Put("z", "2")});
  ChangeCursor cursor({.end = "b"}, LogIndex(6));
  const auto nothing = Next(cursor);
  ASSERT_TRUE(nothing.ok()) << nothing.status();
  EXPECT_TRUE(nothing->changes.empty());
  EXPECT_EQ(nothing->index, LogIndex(7));
  Append(8, {Put("a", "1")});
  EXPECT_EQ(Next(cursor)->index, LogIndex(8));
}

TEST_F(ChangeCursorTest, OneThatFallsBehindReadsTheLog) {
  ChangeCursor cursor({}, LogIndex(6));
  for (uint64_t index = 6; index <= 15; ++index) {
    Append(index, {Put("a", std::string(600, 'v'))});
  }
  for (uint64_t index = 6; index <= 15; ++index) {
    EXPECT_EQ(Next(cursor)->index, LogIndex(index));
  }
}

TEST_F(ChangeCursorTest, OneThatIsTooSlowIsToldSo) {
  ChangeCursor cursor({}, LogIndex(6));
  for (uint64_t index = 6; index <= 9; ++index) {
    Append(index, {Put("a", std::string(600, 'v'))});
  }
  log_.Compact(LogIndex(8));
  const auto late = Next(cursor);
  EXPECT_TRUE(engine::IsCompacted(late.status())) << late.status();
  EXPECT_EQ(cursor.next(), LogIndex(6));
}

TEST_F(ChangeCursorTest, DroppedFamilyIsTheEnd) {
  const ChangeFilter filter{.family = engine::FamilyId(3),
                            .family_name = "f",
                            .family_seen = LogIndex(7)};
  ChangeCursor cursor(filter, LogIndex(6));
  // The one that had the name before.
  Append(6, {{{}, engine::DropFamilyCommand{"f"}}});
  Append(7, {{{}, engine::CreateFamilyCommand{"f"}}});
  Append(8, {{{}, engine::DropFamilyCommand{"other"}}});
  Append(9, {{{}, engine::DropFamilyCommand{"f"}}}, {Refused()});
  EXPECT_TRUE(Next(cursor).ok());
  Append(10, {Write({PutOp{engine::FamilyId(3), "k", "v"}}),
              {{}, engine::DropFamilyCommand{"f"}}});
  Append(11, {Put("k", "v")});
  EXPECT_EQ(Next(cursor)->changes.size(), 1U);
  EXPECT_EQ(Next(cursor).status().code(), StatusCode::kNotFound);
  EXPECT_EQ(Next(cursor).status().code(), StatusCode::kNotFound);
}

TEST_F(ChangeCursorTest, EntryThatIsNotTakenDownWholeEndsNothing) {
  LogEntry entry = EntryOf(6, {Write({PutOp{engine::FamilyId(3), "k", "v"}}),
                               {{}, engine::DropFamilyCommand{"f"}},
                               Put("k", "v")});
  const std::string_view bytes = entry.payload.bytes();
  entry.payload = Payload(bytes.substr(0, bytes.size() - 1));
  Log(entry);
  feed_.Append(entry, {.index = LogIndex(6), .commands = {{}, {}, {}}});
  const ChangeFilter filter{.family = engine::FamilyId(3),
                            .family_name = "f",
                            .family_seen = LogIndex(5)};
  ChangeCursor cursor(filter, LogIndex(6));
  for (int i = 0; i < 2; ++i) {
    EXPECT_EQ(Next(cursor).status().code(), StatusCode::kDataLoss);
    EXPECT_EQ(cursor.next(), LogIndex(6));
  }
}

TEST_F(ChangeCursorTest, BytesThatAreNoEntryAreNoChanges) {
  LogEntry entry = EntryOf(6, {Put("a", "1")});
  entry.payload = Payload(entry.payload.bytes().substr(1));
  Log(entry);
  feed_.Append(entry, {.index = LogIndex(6), .commands = {{}}});
  ChangeCursor cursor({}, LogIndex(6));
  for (int i = 0; i < 2; ++i) {
    EXPECT_EQ(Next(cursor).status().code(), StatusCode::kDataLoss);
    EXPECT_EQ(cursor.next(), LogIndex(6));
  }
}

}  // namespace
}  // namespace trimaran
