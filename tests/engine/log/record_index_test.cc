// Goal: the index knows where each entry is and of which term, through
// replacing and dropping.

#include "engine/log/record_index.h"

#include <vector>

#include "gmock/gmock.h"
#include "gtest/gtest.h"

namespace trimaran::engine {
namespace {

using ::testing::ElementsAre;
using ::testing::IsEmpty;

RecordEntries Entries(uint64_t first, uint64_t count, uint64_t term,
                      uint64_t segment, Term before_term = Term(1)) {
  RecordEntries entries;
  entries.ref.first = LogIndex(first);
  entries.ref.count = count;
  entries.ref.chain_before = ChainValue{first};
  entries.ref.segment = segment;
  entries.before = {{LogIndex(first - 1), before_term}, ChainValue{first}};
  entries.after = {{LogIndex(first + count - 1), Term(term)},
                   ChainValue{first + count}};
  entries.runs = {{LogIndex(first), Term(term)}};
  return entries;
}

RecordIndex ThreeSegments() {
  RecordIndex index;
  index.Restart({});
  index.Replace(Entries(1, 10, 1, 1));
  index.Replace(Entries(11, 10, 1, 2));
  index.Replace(Entries(21, 10, 2, 3));
  return index;
}

TEST(RecordIndexTest, EntriesAreFoundInTheirRecords) {
  const RecordIndex index = ThreeSegments();
  EXPECT_EQ(index.Find(LogIndex(1)).segment, 1u);
  EXPECT_EQ(index.Find(LogIndex(10)).segment, 1u);
  EXPECT_EQ(index.Find(LogIndex(11)).segment, 2u);
  EXPECT_EQ(index.Find(LogIndex(30)).segment, 3u);
  EXPECT_EQ(index.TermAt(LogIndex(20)), Term(1));
  EXPECT_EQ(index.TermAt(LogIndex(21)), Term(2));
  EXPECT_EQ(index.TermAt(LogIndex(31)), std::nullopt);
  EXPECT_THAT(index.TermsAfter(LogIndex(5)),
              ElementsAre(TermRun{LogIndex(6), Term(1)},
                          TermRun{LogIndex(21), Term(2)}));
  EXPECT_THAT(index.TermsAfter(LogIndex(30)), IsEmpty());
}

TEST(RecordIndexTest, ChainIsKnownWhereRecordsMeet) {
  const RecordIndex index = ThreeSegments();
  EXPECT_EQ(index.KnownChainAt(LogIndex(10)), ChainValue{11});
  EXPECT_EQ(index.KnownChainAt(LogIndex(30)), ChainValue{31});
  EXPECT_EQ(index.KnownChainAt(LogIndex(15)), std::nullopt);
}

TEST(RecordIndexTest, ReplacingCutsARecordAndDropsLaterOnes) {
  RecordIndex index = ThreeSegments();

  index.Replace(Entries(6, 1, 3, 3));

  EXPECT_EQ(index.last().id, (EntryId{LogIndex(6), Term(3)}));
  EXPECT_EQ(index.records().size(), 2u);
  EXPECT_EQ(index.Find(LogIndex(5)).count, 5u);
  EXPECT_THAT(index.TermsAfter(LogIndex(0)),
              ElementsAre(TermRun{LogIndex(1), Term(1)},
                          TermRun{LogIndex(6), Term(3)}));
}

TEST(RecordIndexTest, ReplacingBeforeTheBoundaryMovesItBack) {
  RecordIndex index;
  index.Restart({{LogIndex(10), Term(1)}, ChainValue{11}});
  index.Replace(Entries(11, 5, 1, 2));

  index.Replace(Entries(8, 2, 2, 2));

  EXPECT_EQ(index.boundary().id, (EntryId{LogIndex(7), Term(1)}));
  EXPECT_EQ(index.last().id, (EntryId{LogIndex(9), Term(2)}));
}

TEST(RecordIndexTest, DroppedSegmentsLeaveTheirEndAsTheBoundary) {
  RecordIndex index = ThreeSegments();

  index.DropSegments(3);

  EXPECT_EQ(index.boundary(),
            (LogPosition{{LogIndex(20), Term(1)}, ChainValue{21}}));
  EXPECT_EQ(index.TermAt(LogIndex(20)), Term(1));
  EXPECT_EQ(index.TermAt(LogIndex(19)), std::nullopt);
  EXPECT_THAT(index.TermsAfter(LogIndex(0)),
              ElementsAre(TermRun{LogIndex(21), Term(2)}));
}

TEST(RecordIndexTest, DroppingEverythingLeavesAnEmptyLogAtItsEnd) {
  RecordIndex index = ThreeSegments();
  index.DropSegments(4);
  EXPECT_EQ(index.boundary(), index.last());
  EXPECT_THAT(index.TermsAfter(LogIndex(0)), IsEmpty());
  index.Replace(Entries(31, 1, 5, 4, Term(2)));
  EXPECT_EQ(index.TermAt(LogIndex(31)), Term(5));
}

TEST(RecordIndexTest, SegmentsAreNeededForEntriesAboveTheBound) {
  const RecordIndex index = ThreeSegments();
  EXPECT_EQ(index.FirstSegmentNeeded(LogIndex(9), 3), 1u);
  EXPECT_EQ(index.FirstSegmentNeeded(LogIndex(10), 3), 2u);
  EXPECT_EQ(index.FirstSegmentNeeded(LogIndex(30), 3), 3u);
  EXPECT_EQ(index.FirstSegmentNeeded(LogIndex(30), 5), 5u);
}

}  // namespace
}  // namespace trimaran::engine
