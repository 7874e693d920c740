// Goal: the limit of range deletions, which takes more rows than a test wants
// to make, over rows that are only said to be there.

#include "engine/kv/write_executor.h"

#include <gtest/gtest.h>

#include <string>

#include "engine/format/limits.h"

namespace trimaran::engine {
namespace {

using Code = absl::StatusCode;

// Every range has so many rows; what is done to them is counted.
class CountedRows final : public RowTransaction {
 public:
  explicit CountedRows(uint64_t rows) : rows_(rows) {}

  absl::StatusOr<bool> Get(std::string_view, std::string_view&) override {
    return false;
  }
  absl::Status Put(std::string_view, std::string_view) override {
    ++writes_;
    return absl::OkStatus();
  }
  absl::StatusOr<bool> Remove(std::string_view) override {
    ++writes_;
    return false;
  }
  absl::StatusOr<uint64_t> CountRange(const KeyRange&,
                                      uint64_t count_max) override {
    return std::min(rows_, count_max);
  }
  absl::StatusOr<uint64_t> RemoveRange(const KeyRange&,
                                       uint64_t count_max) override {
    ++writes_;
    return std::min(rows_, count_max);
  }

  int writes() const { return writes_; }

 private:
  const uint64_t rows_;
  int writes_ = 0;
};

CommandResult Execute(const std::vector<Operation>& operations,
                      CountedRows& rows) {
  WriteExecutor executor{GroupId(1)};
  const auto result = executor.Execute({{}, operations, {}}, LogIndex(9),
                                       FamilyCatalog(), rows);
  EXPECT_TRUE(result.ok()) << result.status();
  return *result;
}

const DeleteRangeOp kEverything{kDefaultFamily, "", ""};

TEST(WriteExecutorTest, RangeDeletionOfAsManyRowsAsCanBe) {
  CountedRows rows(kDeleteRangeRowsMax);
  const CommandResult result = Execute({kEverything}, rows);
  EXPECT_TRUE(result.status.ok());
  EXPECT_EQ(result.value, kDeleteRangeRowsMax);
}

TEST(WriteExecutorTest, RangeDeletionOfOneRowMoreChangesNothing) {
  CountedRows rows(kDeleteRangeRowsMax + 1);
  const CommandResult result =
      Execute({PutOp{kDefaultFamily, "k", "v"}, kEverything}, rows);
  EXPECT_EQ(result.status.code(), Code::kResourceExhausted);
  EXPECT_NE(result.status.message().find("1000000"), std::string::npos);
  EXPECT_EQ(result.index, LogIndex(9));
  EXPECT_EQ(rows.writes(), 0);
}

TEST(WriteExecutorTest, RangeDeletionsOfOneCommandAreAddedUp) {
  CountedRows half(kDeleteRangeRowsMax / 2);
  EXPECT_TRUE(Execute({kEverything, kEverything}, half).status.ok());
  CountedRows again(kDeleteRangeRowsMax / 2);
  EXPECT_EQ(
      Execute({kEverything, kEverything, kEverything}, again).status.code(),
      Code::kResourceExhausted);
  EXPECT_EQ(again.writes(), 0);
}

}  // namespace
}  // namespace trimaran::engine
