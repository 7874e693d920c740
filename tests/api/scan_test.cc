// Goal: an iterator walks over the rows that were there when it was made, in
// either direction, within its range and limit, and ends when it has to.

#include <memory>
#include <string>
#include <utility>
#include <vector>

#include "gtest/gtest.h"
#include "tests/api/group.h"
#include "tests/api/test_directory.h"
#include "trimaran/db.h"

namespace trimaran {
namespace {

class ScanTest : public ::testing::Test {
 protected:
  ScanTest() { Open(SmallOptions()); }

  void Open(const Options& options) {
    db_.reset();
    auto opened = DB::Open(options, directory_.path());
    ASSERT_TRUE(opened.ok()) << opened.status();
    db_ = *std::move(opened);
    for (const char* key : {"a", "b1", "b2", "b3", "c"}) {
      ASSERT_TRUE(db_->Put(key, key).ok());
    }
  }
  std::unique_ptr<Iterator> Scan(const KeyRange& range,
                                 const ScanOptions& options = {}) {
    auto rows = db_->Scan(range, options);
    EXPECT_TRUE(rows.ok()) << rows.status();
    return *std::move(rows);
  }
  // The keys that are left, one after the other.
  static std::string Keys(Iterator& rows) {
    std::string keys;
    for (; rows.Valid(); rows.Next()) {
      EXPECT_EQ(rows.key(), rows.value());
      keys.append(rows.key()).append(" ");
    }
    EXPECT_TRUE(rows.status().ok()) << rows.status();
    return keys;
  }
  std::string KeysOf(const KeyRange& range, const ScanOptions& options = {}) {
    return Keys(*Scan(range, options));
  }

  TestDirectory directory_;
  std::unique_ptr<DB> db_;
};

TEST_F(ScanTest, RowsComeInTheOrderOfTheirKeys) {
  EXPECT_EQ(KeysOf(KeyRange::All()), "a b1 b2 b3 c ");
}

TEST_F(ScanTest, RangeHoldsItsBeginAndNotItsEnd) {
  EXPECT_EQ(KeysOf({.begin = "b1", .end = "b3"}), "b1 b2 ");
  EXPECT_EQ(KeysOf({.begin = "b2", .end = ""}), "b2 b3 c ");
  EXPECT_EQ(KeysOf({.begin = "", .end = "b2"}), "a b1 ");
  EXPECT_EQ(KeysOf({.begin = "b2", .end = "b2"}), "");
  EXPECT_EQ(KeysOf({.begin = "x", .end = "y"}), "");
}

TEST_F(ScanTest, PrefixIsARange) {
  EXPECT_EQ(KeysOf(KeyRange::Prefix("b")), "b1 b2 b3 ");
  EXPECT_EQ(KeysOf(KeyRange::Prefix("")), "a b1 b2 b3 c ");
  EXPECT_EQ(KeyRange::Prefix("a\xff").end, "b");
  EXPECT_EQ(KeyRange::Prefix("\xff\xff").end, "");
}

TEST_F(ScanTest, ReverseBeginsAtTheEnd) {
  EXPECT_EQ(KeysOf(KeyRange::All(), {.reverse = true}), "c b3 b2 b1 a ");
  EXPECT_EQ(KeysOf(KeyRange::Prefix("b"), {.reverse = true}), "b3 b2 b1 ");
}

TEST_F(ScanTest, LimitEndsTheScan) {
  EXPECT_EQ(KeysOf(KeyRange::All(), {.limit = 2}), "a b1 ");
  EXPECT_EQ(KeysOf(KeyRange::All(), {.reverse = true, .limit = 1}), "c ");
  EXPECT_EQ(KeysOf(KeyRange::All(), {.limit = 5}), "a b1 b2 b3 c ");
}

TEST_F(ScanTest, SeekGoesOnInTheDirectionOfTheScan) {
  const auto forward = Scan(KeyRange::Prefix("b"));
  forward->Seek("b11");
  EXPECT_EQ(Keys(*forward), "b2 b3 ");
  forward->Seek("a");
  EXPECT_EQ(Keys(*forward), "b1 b2 b3 ");

  const auto backward = Scan(KeyRange::Prefix("b"), {.reverse = true});
  backward->Seek("b21");
  EXPECT_EQ(Keys(*backward), "b2 b1 ");
  backward->Seek("x");
  EXPECT_EQ(Keys(*backward), "b3 b2 b1 ");
}

TEST_F(ScanTest, RowsCarryTheIndexOfTheirWrite) {
  const auto put = db_->Put("b2", "b2");
  ASSERT_TRUE(put.ok());
  const auto rows = Scan({.begin = "b2", .end = ""});
  ASSERT_TRUE(rows->Valid());
  EXPECT_EQ(rows->version(), put->index);
  EXPECT_EQ(rows->index(), put->index);
}

TEST_F(ScanTest, NothingThatIsWrittenMeanwhileIsSeen) {
  const auto rows = Scan(KeyRange::All());
  ASSERT_TRUE(db_->Put("b", "new").ok());
  ASSERT_TRUE(db_->Put("c", "changed").ok());
  ASSERT_TRUE(db_->DeleteRange({.begin = "b2", .end = ""}).ok());
  EXPECT_EQ(Keys(*rows), "a b1 b2 b3 c ");
  EXPECT_EQ(KeysOf({.begin = "b1", .end = ""}), "b1 ");
}

TEST_F(ScanTest, RangeThatEndsBeforeItBeginsIsRefused) {
  EXPECT_EQ(db_->Scan({.begin = "b", .end = "a"}).status().code(),
            absl::StatusCode::kInvalidArgument);
}

TEST_F(ScanTest, UnknownFamilyIsRefused) {
  EXPECT_EQ(
      db_->Scan(KeyRange::All(), {.family = ColumnFamily(99)}).status().code(),
      absl::StatusCode::kNotFound);
}

TEST_F(ScanTest, TooManyAtATimeAreRefused) {
  Options options = SmallOptions();
  options.views_max = 2;
  Open(options);
  const auto first = Scan(KeyRange::All());
  auto second = Scan(KeyRange::All());
  EXPECT_EQ(db_->Scan(KeyRange::All()).status().code(),
            absl::StatusCode::kResourceExhausted);
  EXPECT_EQ(db_->MultiGet({}).status().code(),
            absl::StatusCode::kResourceExhausted);
  second.reset();
  EXPECT_TRUE(db_->Scan(KeyRange::All()).ok());
}

TEST_F(ScanTest, TooOldAnIteratorEndsAndSaysSo) {
  Options options = SmallOptions();
  options.view_age_max = absl::Nanoseconds(1);
  Open(options);
  const auto rows = db_->Scan(KeyRange::All());
  // It may have been too old before it was made.
  const absl::Status status =
      rows.ok() ? ((*rows)->Next(), (*rows)->status()) : rows.status();
  EXPECT_EQ(status.code(), absl::StatusCode::kAborted) << status;
}

TEST_F(ScanTest, CloseEndsAnIteratorWhichMayOutliveTheDatabase) {
  const auto rows = Scan(KeyRange::All());
  ASSERT_TRUE(rows->Valid());
  EXPECT_TRUE(db_->Close().ok());
  EXPECT_FALSE(rows->Valid());
  EXPECT_EQ(rows->status().code(), absl::StatusCode::kFailedPrecondition);
  db_.reset();
  rows->Next();
  rows->Seek("a");
  EXPECT_FALSE(rows->Valid());
}

}  // namespace
}  // namespace trimaran
