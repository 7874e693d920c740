// Goal: a single database does what db.h says: rows, batches, transactions,
// families, and all of it again after it has been opened anew.

#include "trimaran/db.h"

#include <memory>
#include <string>
#include <vector>

#include "gtest/gtest.h"
#include "tests/api/group.h"
#include "tests/api/test_directory.h"
#include "tests/support/sanitized.h"
#include "trimaran/errors.h"

namespace trimaran {
namespace {

using Value = std::optional<std::string>;

class DbTest : public ::testing::Test {
 protected:
  DbTest() { Open(); }

  void Open() {
    auto opened = DB::Open(SmallOptions(), directory_.path());
    ASSERT_TRUE(opened.ok()) << opened.status();
    db_ = *std::move(opened);
  }
  void Reopen() {
    EXPECT_TRUE(db_->Close().ok());
    db_.reset();
    Open();
  }
  Value Get(const std::string& key) {
    const auto value = db_->Get(key);
    EXPECT_TRUE(value.ok()) << value.status();
    return value.value_or(std::nullopt);
  }

  TestDirectory directory_;
  std::unique_ptr<DB> db_;
};

TEST_F(DbTest, RowIsThereAlsoAfterReopening) {
  const auto put = db_->Put("key", "value");
  ASSERT_TRUE(put.ok()) << put.status();
  EXPECT_GT(put->index, 0U);
  EXPECT_GT(put->term, 0U);
  EXPECT_EQ(Get("key"), "value");
  EXPECT_EQ(Get("other"), std::nullopt);
  Reopen();
  EXPECT_EQ(Get("key"), "value");
}

TEST_F(DbTest, IndexOfAWriteGrows) {
  const auto first = db_->Put("key", "1");
  const auto second = db_->Put("key", "2");
  ASSERT_TRUE(first.ok() && second.ok());
  EXPECT_GT(second->index, first->index);
  Reopen();
  const auto third = db_->Put("key", "3");
  ASSERT_TRUE(third.ok());
  EXPECT_GT(third->index, second->index);
}

TEST_F(DbTest, EmptyValueIsAValue) {
  ASSERT_TRUE(db_->Put("key", "").ok());
  EXPECT_EQ(Get("key"), "");
}

TEST_F(DbTest, KeysAndValuesMayHoldAnyBytes) {
  const std::string key("\0\xff\n", 3);
  const std::string value("\0\0", 2);
  ASSERT_TRUE(db_->Put(key, value).ok());
  EXPECT_EQ(Get(key), value);
}

TEST_F(DbTest, DeletedRowIsGone) {
  ASSERT_TRUE(db_->Put("key", "value").ok());
  ASSERT_TRUE(db_->Delete("key").ok());
  EXPECT_EQ(Get("key"), std::nullopt);
  EXPECT_TRUE(db_->Delete("key").ok());
}

TEST_F(DbTest, DeletedRangeEndsBeforeItsEnd) {
  for (const char* key : {"a", "b", "c", "d"}) {
    ASSERT_TRUE(db_->Put(key, key).ok());
  }
  ASSERT_TRUE(db_->DeleteRange({.begin = "b", .end = "d"}).ok());
  EXPECT_EQ(Get("a"), "a");
  EXPECT_EQ(Get("b"), std::nullopt);
  EXPECT_EQ(Get("c"), std::nullopt);
  EXPECT_EQ(Get("d"), "d");
}

TEST_F(DbTest, BatchIsDoneInItsOrder) {
  WriteBatch batch;
  batch.Put("a", "1");
  batch.Put("b", "1");
  batch.DeleteRange("a", "b");
  batch.Put("c", "1");
  batch.Delete("c");
  ASSERT_TRUE(db_->Write(batch).ok());
  EXPECT_EQ(Get("a"), std::nullopt);
  EXPECT_EQ(Get("b"), "1");
  EXPECT_EQ(Get("c"), std::nullopt);
}

TEST_F(DbTest, BatchThatCannotBeDoneIsNotDoneAtAll) {
  WriteBatch batch;
  batch.Put("a", "1");
  batch.Put(ColumnFamily(77), "b", "1");
  const auto write = db_->Write(batch);
  EXPECT_EQ(write.status().code(), absl::StatusCode::kNotFound);
  EXPECT_EQ(OutcomeOf(write.status()), WriteOutcome::kNotApplied);
  EXPECT_EQ(Get("a"), std::nullopt);
}

TEST_F(DbTest, EmptyBatchIsAWrite) {
  const auto write = db_->Write(WriteBatch());
  ASSERT_TRUE(write.ok()) << write.status();
  EXPECT_GT(write->index, 0U);
}

TEST_F(DbTest, MultiGetAnswersInTheOrderOfTheKeys) {
  ASSERT_TRUE(db_->Put("a", "1").ok());
  ASSERT_TRUE(db_->Put("c", "3").ok());
  const std::vector<std::string_view> keys = {"c", "b", "a", "c"};
  const auto values = db_->MultiGet(keys);
  ASSERT_TRUE(values.ok()) << values.status();
  EXPECT_EQ(*values, (std::vector<Value>{"3", std::nullopt, "1", "3"}));
  EXPECT_TRUE(db_->MultiGet({}).value().empty());
}

// ---- Transactions ----

TEST_F(DbTest, TransactionDoesWhatItsConditionsDecide) {
  ASSERT_TRUE(db_->Put("stock", "7").ok());
  Transaction take;
  take.IfValueIs("stock", "7").IfAbsent("sold");
  take.then.Put("stock", "6");
  take.then.Put("sold", "1");
  take.otherwise.Get("stock");

  const auto first = db_->Commit(take);
  ASSERT_TRUE(first.ok()) << first.status();
  EXPECT_TRUE(first->succeeded);
  EXPECT_EQ(Get("stock"), "6");

  const auto second = db_->Commit(take);
  ASSERT_TRUE(second.ok()) << second.status();
  EXPECT_FALSE(second->succeeded);
  EXPECT_GT(second->commit.index, first->commit.index);
  EXPECT_EQ(second->reads, std::vector<Value>{"6"});
  EXPECT_EQ(Get("stock"), "6");
}

TEST_F(DbTest, VersionIsTheIndexOfTheLastWrite) {
  const auto put = db_->Put("key", "1");
  ASSERT_TRUE(put.ok());
  Transaction change;
  change.IfVersionIs("key", put->index).IfVersionIs("none", 0);
  change.then.Put("key", "2");
  EXPECT_TRUE(db_->Commit(change)->succeeded);
  EXPECT_FALSE(db_->Commit(change)->succeeded);
}

TEST_F(DbTest, TransactionReadsBetweenItsChanges) {
  Transaction transaction;
  transaction.then.Get("key");
  transaction.then.Put("key", "1");
  transaction.then.Get("key");
  transaction.then.Delete("key");
  const auto result = db_->Commit(transaction);
  ASSERT_TRUE(result.ok()) << result.status();
  EXPECT_EQ(result->reads, (std::vector<Value>{std::nullopt, "1"}));
  EXPECT_EQ(result->rows_deleted, 1U);
  EXPECT_FALSE(result->reads_dropped);
}

TEST_F(DbTest, ExistenceIsACondition) {
  Transaction once;
  once.IfExists("key").then.Put("seen", "1");
  EXPECT_FALSE(db_->Commit(once)->succeeded);
  ASSERT_TRUE(db_->Put("key", "").ok());
  EXPECT_TRUE(db_->Commit(once)->succeeded);
}

// ---- Column families ----

TEST_F(DbTest, FamiliesHaveKeysOfTheirOwn) {
  const auto family = db_->CreateColumnFamily("other");
  ASSERT_TRUE(family.ok()) << family.status();
  ASSERT_TRUE(db_->Put(*family, "key", "there").ok());
  ASSERT_TRUE(db_->Put("key", "here").ok());
  EXPECT_EQ(db_->Get(*family, "key").value(), "there");
  EXPECT_EQ(Get("key"), "here");

  Reopen();
  EXPECT_EQ(db_->FindColumnFamily("other").value(), *family);
  EXPECT_EQ(db_->Get(*family, "key").value(), "there");
  const auto list = db_->ListColumnFamilies();
  ASSERT_TRUE(list.ok());
  EXPECT_EQ(*list, (std::vector<DB::NamedFamily>{{"default", ColumnFamily()},
                                                 {"other", *family}}));
}

TEST_F(DbTest, DroppedFamilyIsGoneAndSoAreItsRows) {
  const auto old = db_->CreateColumnFamily("other");
  ASSERT_TRUE(old.ok());
  ASSERT_TRUE(db_->Put(*old, "key", "value").ok());
  ASSERT_TRUE(db_->DropColumnFamily("other").ok());

  EXPECT_EQ(db_->Get(*old, "key").status().code(), absl::StatusCode::kNotFound);
  EXPECT_EQ(db_->Put(*old, "key", "v").status().code(),
            absl::StatusCode::kNotFound);
  const auto now = db_->CreateColumnFamily("other");
  ASSERT_TRUE(now.ok());
  EXPECT_NE(*now, *old);
  EXPECT_EQ(db_->Get(*now, "key").value(), std::nullopt);
}

TEST_F(DbTest, FamilyErrorsAreNamed) {
  ASSERT_TRUE(db_->CreateColumnFamily("other").ok());
  const auto code = [](const auto& answer) { return answer.status().code(); };
  EXPECT_EQ(code(db_->CreateColumnFamily("other")),
            absl::StatusCode::kAlreadyExists);
  EXPECT_EQ(code(db_->CreateColumnFamily("")),
            absl::StatusCode::kInvalidArgument);
  EXPECT_EQ(code(db_->CreateColumnFamily(std::string(129, 'f'))),
            absl::StatusCode::kInvalidArgument);
  EXPECT_EQ(code(db_->DropColumnFamily("none")), absl::StatusCode::kNotFound);
  EXPECT_EQ(code(db_->DropColumnFamily("default")),
            absl::StatusCode::kInvalidArgument);
  EXPECT_EQ(code(db_->FindColumnFamily("none")), absl::StatusCode::kNotFound);
}

// However little memory there is for rows, a batch of the largest size is done.
TEST(SmallCacheTest, LargestBatchIsTakenByTheSmallestCache) {
  if (kThreadSanitized) {
    GTEST_SKIP() << "the storage library evicts more than TSan can look into";
  }
  TestDirectory directory;
  Options options;
  options.cache_bytes = uint64_t{1} << 20;
  auto db = DB::Open(options, directory.path());
  ASSERT_TRUE(db.ok()) << db.status();
  WriteBatch batch;
  for (int i = 0; i < 31; ++i) {
    batch.Put(absl::StrCat("key", i), std::string(1 << 20, 'v'));
  }
  for (int round = 0; round < 3; ++round) {
    // However slow the machine.
    const auto written = (*db)->Write(batch, {.timeout = absl::Minutes(5)});
    ASSERT_TRUE(written.ok()) << written.status();
  }
  EXPECT_TRUE((*db)->Close().ok());
  db = DB::Open(options, directory.path());
  ASSERT_TRUE(db.ok()) << db.status();
  EXPECT_EQ((*db)->Get("key30").value()->size(), size_t{1} << 20);
}

}  // namespace
}  // namespace trimaran
