// Goal: a LogSlice that Validate() accepts has the four properties that its
// type promises, at the edges too; the vote's comparison is that of the
// thesis.

#include "engine/base/log_types.h"

#include <cstdint>
#include <sstream>
#include <string_view>
#include <utility>
#include <vector>

#include "absl/status/status.h"
#include "absl/strings/match.h"
#include "engine/base/absl_compat.h"
#include "gtest/gtest.h"

namespace trimaran {
namespace {

constexpr EntryId Id(uint64_t index, uint64_t term) {
  return {LogIndex(index), Term(term)};
}

LogEntry Entry(uint64_t index, uint64_t term, std::string_view bytes = "") {
  LogEntry entry;
  entry.index = LogIndex(index);
  entry.term = Term(term);
  entry.payload = Payload(bytes);
  return entry;
}

LogSlice Slice(uint64_t leader_term, EntryId prev,
               std::vector<LogEntry> entries) {
  return {Term(leader_term), prev, std::move(entries)};
}

void ExpectInvalid(const LogSlice& slice, std::string_view reason) {
  const absl::Status status = slice.Validate();
  EXPECT_EQ(status.code(), absl::StatusCode::kInvalidArgument);
  EXPECT_TRUE(absl::StrContains(status.message(), ToAbsl(reason))) << status;
}

TEST(EntryIdTest, PrintsIndexAndTerm) {
  std::ostringstream out;
  out << Id(5, 3);
  EXPECT_EQ(out.str(), "5/3");
}

// Thesis §3.6.1: the later last term wins, whatever the lengths; with equal
// terms the longer log does; equal logs vote for each other.
TEST(EntryIdTest, UpToDateGoesByTermThenByLength) {
  EXPECT_TRUE(IsAtLeastAsUpToDate(Id(1, 3), Id(9, 2)));
  EXPECT_FALSE(IsAtLeastAsUpToDate(Id(9, 2), Id(1, 3)));
  EXPECT_TRUE(IsAtLeastAsUpToDate(Id(5, 2), Id(4, 2)));
  EXPECT_FALSE(IsAtLeastAsUpToDate(Id(4, 2), Id(5, 2)));
  EXPECT_TRUE(IsAtLeastAsUpToDate(Id(5, 2), Id(5, 2)));
  EXPECT_TRUE(IsAtLeastAsUpToDate(Id(0, 0), Id(0, 0)));
}

TEST(EntryTypeTest, ValuesOnDiskNeverChange) {
  EXPECT_EQ(static_cast<int>(EntryType::kNormal), 0);
  EXPECT_EQ(static_cast<int>(EntryType::kConfChange), 1);
}

TEST(LogEntryTest, ComparesAllOfItself) {
  const LogEntry entry = Entry(1, 1, "a");
  EXPECT_EQ(entry, Entry(1, 1, "a"));
  EXPECT_FALSE(entry == Entry(2, 1, "a"));
  EXPECT_FALSE(entry == Entry(1, 2, "a"));
  EXPECT_FALSE(entry == Entry(1, 1, "b"));
  LogEntry change = entry;
  change.type = EntryType::kConfChange;
  EXPECT_FALSE(entry == change);
  EXPECT_EQ(entry.id(), Id(1, 1));
}

TEST(LogEntryTest, SizeCountsPayloadBytesOnly) {
  EXPECT_EQ(Entry(1, 1).size_bytes(), 0u);
  EXPECT_EQ(SizeBytes({}), 0u);
  EXPECT_EQ(SizeBytes({Entry(1, 1, "abc"), Entry(2, 1), Entry(3, 1, "de")}),
            5u);
}

TEST(HardStateTest, IsEmptyUntilAnyFieldIsSet) {
  EXPECT_TRUE(HardState().empty());
  EXPECT_FALSE((HardState{Term(1), {}, {}}).empty());
  EXPECT_FALSE((HardState{{}, ReplicaId(1), {}}).empty());
  EXPECT_FALSE((HardState{{}, {}, LogIndex(1)}).empty());
}

TEST(LogSliceTest, AcceptsWhatALeaderSends) {
  EXPECT_TRUE(Slice(1, Id(0, 0), {}).Validate().ok());
  EXPECT_TRUE(Slice(3, Id(0, 0), {Entry(1, 1), Entry(2, 1)}).Validate().ok());
  EXPECT_TRUE(Slice(5, Id(7, 2), {Entry(8, 2), Entry(9, 4), Entry(10, 5)})
                  .Validate()
                  .ok());
}

TEST(LogSliceTest, LastIsThePreviousEntryOfAnEmptySlice) {
  EXPECT_EQ(Slice(5, Id(7, 2), {}).last(), Id(7, 2));
  EXPECT_EQ(Slice(5, Id(7, 2), {Entry(8, 3)}).last(), Id(8, 3));
}

TEST(LogSliceTest, RefusesIndexesThatDoNotConnect) {
  ExpectInvalid(Slice(5, Id(7, 2), {Entry(9, 2)}), "entry 9 follows entry 7");
  ExpectInvalid(Slice(5, Id(7, 2), {Entry(7, 2)}), "entry 7 follows entry 7");
  ExpectInvalid(Slice(5, Id(7, 2), {Entry(8, 2), Entry(8, 2)}),
                "entry 8 follows entry 8");
  ExpectInvalid(Slice(5, Id(7, 2), {Entry(8, 2), Entry(10, 2)}),
                "entry 10 follows entry 8");
}

TEST(LogSliceTest, RefusesATermThatFalls) {
  ExpectInvalid(Slice(5, Id(7, 3), {Entry(8, 2)}), "entry 8 of term 2");
  ExpectInvalid(Slice(5, Id(7, 3), {Entry(8, 4), Entry(9, 3)}),
                "entry 9 of term 3");
}

TEST(LogSliceTest, RefusesATermBeyondTheLeaders) {
  ExpectInvalid(Slice(5, Id(7, 6), {}), "previous entry of term 6");
  ExpectInvalid(Slice(5, Id(7, 3), {Entry(8, 6)}), "entry 8 of term 6");
}

TEST(LogSliceTest, RefusesTermZero) {
  ExpectInvalid(Slice(5, Id(0, 0), {Entry(1, 0)}), "entry 1 of term 0");
}

// Sums of indexes must not wrap: a peer may send any number.
TEST(LogSliceTest, RefusesIndexesBeyondTheLargest) {
  const uint64_t largest = kMaxLogIndex.value();
  EXPECT_TRUE(
      Slice(1, Id(largest - 1, 1), {Entry(largest, 1)}).Validate().ok());
  ExpectInvalid(Slice(1, Id(largest, 1), {Entry(largest + 1, 1)}),
                "index out of range");
  ExpectInvalid(Slice(1, Id(largest + 1, 1), {}), "index out of range");
  ExpectInvalid(Slice(1, Id(UINT64_MAX, 1), {Entry(0, 1)}),
                "index out of range");
}

}  // namespace
}  // namespace trimaran
