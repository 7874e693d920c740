// Goal: the limit of range deletions, which takes more rows than a test wants
// to make, over rows that are only said to be there; and what long commands do
// to rows that are only in memory.

#include "engine/kv/write_executor.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <array>
#include <iterator>
#include <map>
#include <string>
#include <utility>
#include <vector>

#include "engine/base/random.h"
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

// Rows of a map; what is done to them is counted.
class MapRows final : public RowTransaction {
 public:
  using Map = std::map<std::string, std::string, std::less<>>;

  absl::StatusOr<bool> Get(std::string_view key,
                           std::string_view& value) override {
    const auto row = rows_.find(key);
    if (row == rows_.end()) return false;
    value = row->second;
    return true;
  }
  absl::Status Put(std::string_view key, std::string_view value) override {
    ++writes_;
    rows_.insert_or_assign(std::string(key), std::string(value));
    return absl::OkStatus();
  }
  absl::StatusOr<bool> Remove(std::string_view key) override {
    const bool existed = rows_.erase(std::string(key)) > 0;
    if (existed) ++writes_;
    return existed;
  }
  absl::StatusOr<uint64_t> CountRange(const KeyRange& range,
                                      uint64_t count_max) override {
    const auto [first, end] = PlacesOf(range);
    return std::min(count_max,
                    static_cast<uint64_t>(std::distance(first, end)));
  }
  absl::StatusOr<uint64_t> RemoveRange(const KeyRange& range,
                                       uint64_t count_max) override {
    auto [first, end] = PlacesOf(range);
    uint64_t count = 0;
    for (; first != end && count < count_max; ++count, ++writes_) {
      first = rows_.erase(first);
    }
    return count;
  }

  const Map& rows() const { return rows_; }
  int TakeWrites() { return std::exchange(writes_, 0); }

 private:
  std::pair<Map::iterator, Map::iterator> PlacesOf(const KeyRange& range) {
    const auto first = rows_.lower_bound(range.begin);
    if (range.end.empty()) return {first, rows_.end()};
    if (range.end <= range.begin) return {first, first};
    return {first, rows_.lower_bound(range.end)};
  }

  Map rows_;
  int writes_ = 0;
};

CommandResult ExecuteAll(const std::vector<Operation>& operations,
                         MapRows& rows) {
  WriteExecutor executor{GroupId(1)};
  const auto result = executor.Execute({{}, operations, {}}, LogIndex(9),
                                       FamilyCatalog(), rows);
  EXPECT_TRUE(result.ok()) << result.status();
  return *result;
}

// WiredTiger takes time that grows with the square of how often one transaction
// changes a row.
TEST(WriteExecutorTest, LongCommandChangesARowOnce) {
  const std::vector<Operation> turns[] = {
      {PutOp{kDefaultFamily, "k", "v"}},
      {PutOp{kDefaultFamily, "k", "v"}, GetOp{kDefaultFamily, "k"}},
      {PutOp{kDefaultFamily, "k", "v"}, DeleteOp{kDefaultFamily, "k"}},
      {PutOp{kDefaultFamily, "k", "v"}, DeleteRangeOp{kDefaultFamily, "a", ""}},
  };
  for (const std::vector<Operation>& turn : turns) {
    MapRows rows;
    ExecuteAll({PutOp{kDefaultFamily, "k", "before"}}, rows);
    rows.TakeWrites();
    std::vector<Operation> operations;
    while (operations.size() < 1000) {
      operations.insert(operations.end(), turn.begin(), turn.end());
    }
    ExecuteAll(operations, rows);
    EXPECT_LE(rows.TakeWrites(), 2);
  }
}

Operation AnyOperation(Random& random) {
  static constexpr std::array<std::string_view, 6> keys = {"a", "b",  "bb",
                                                           "c", "cc", "d"};
  const std::string_view key = keys[random.Uniform(keys.size())];
  const std::string_view other = keys[random.Uniform(keys.size())];
  switch (random.Uniform(5)) {
    case 0:
      return DeleteOp{kDefaultFamily, key};
    case 1:
      return GetOp{kDefaultFamily, key};
    case 2:
      if (random.OneIn(3)) return DeleteRangeOp{kDefaultFamily, key, ""};
      return DeleteRangeOp{kDefaultFamily, std::min(key, other),
                           std::max(key, other)};
    default:
      return PutOp{kDefaultFamily, key, other};
  }
}

TEST(WriteExecutorTest, LongCommandDoesWhatItsOperationsDoOneByOne) {
  SeededRandom random(5);
  MapRows at_once;
  MapRows one_by_one;
  for (int round = 0; round < 200; ++round) {
    std::vector<Operation> operations;
    const uint64_t count = 9 + random.Uniform(40);
    while (operations.size() < count) {
      operations.push_back(AnyOperation(random));
    }
    CommandResult expected = ExecuteAll({}, one_by_one);
    for (const Operation& operation : operations) {
      CommandResult part = ExecuteAll({operation}, one_by_one);
      expected.value += part.value;
      std::move(part.reads.begin(), part.reads.end(),
                std::back_inserter(expected.reads));
    }

    ASSERT_EQ(ExecuteAll(operations, at_once), expected);
    ASSERT_EQ(at_once.rows(), one_by_one.rows());
  }
}

}  // namespace
}  // namespace trimaran::engine
