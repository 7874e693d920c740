// Goal: whoever watches hears of every change once, in order, and as it was
// done, or is told that it cannot.

#include "trimaran/watch.h"

#include <filesystem>
#include <fstream>
#include <iterator>
#include <memory>
#include <string>
#include <thread>
#include <vector>

#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "gtest/gtest.h"
#include "tests/api/group.h"
#include "tests/api/test_directory.h"
#include "tests/support/node/blocking.h"
#include "trimaran/admin.h"
#include "trimaran/db.h"
#include "trimaran/errors.h"

namespace trimaran {
namespace {

using absl::StatusCode;
using Kind = Change::Kind;

constexpr absl::Duration kLong = absl::Seconds(60);

Change PutOf(std::string key, std::string value) {
  return {.kind = Kind::kPut, .key = std::move(key), .value = std::move(value)};
}
Change DeleteOf(std::string key) {
  return {.kind = Kind::kDelete, .key = std::move(key)};
}
Change RangeOf(std::string begin, std::string end) {
  return {.kind = Kind::kDeleteRange,
          .key = std::move(begin),
          .end = std::move(end)};
}

class WatchTest : public ::testing::Test {
 protected:
  WatchTest() { Open(SmallOptions()); }

  void Open(const Options& options) {
    db_.reset();
    auto opened = DB::Open(options, directory_.path());
    ASSERT_TRUE(opened.ok()) << opened.status();
    db_ = *std::move(opened);
  }
  // With so little memory that a few writes are in the log only.
  void OpenWithLittleMemory() {
    Options options = SmallOptions();
    options.watch_bytes_max = 1024;
    Open(options);
  }
  std::unique_ptr<Watcher> Watch(const KeyRange& range = KeyRange::All(),
                                 const WatchOptions& options = {}) {
    auto watcher = db_->Watch(range, options);
    EXPECT_TRUE(watcher.ok()) << watcher.status();
    return *std::move(watcher);
  }
  // The next batch, which has to be there.
  WatchBatch Next(Watcher& watcher) {
    const auto batch = watcher.Next(kLong);
    EXPECT_TRUE(batch.ok()) << batch.status();
    return batch.value_or(WatchBatch());
  }
  CommitInfo Put(std::string_view key, std::string_view value) {
    const auto put = db_->Put(key, value);
    EXPECT_TRUE(put.ok()) << put.status();
    return put.value_or(CommitInfo());
  }
  void ExpectNothing(Watcher& watcher) {
    const auto batch = watcher.Next(absl::ZeroDuration());
    ASSERT_TRUE(batch.ok()) << batch.status();
    EXPECT_TRUE(batch->changes.empty());
  }

  TestDirectory directory_;
  std::unique_ptr<DB> db_;
};

// ---- What is told ----

TEST_F(WatchTest, ChangesComeFromNowOnInTheirOrder) {
  Put("before", "v");
  const auto watcher = Watch();
  ExpectNothing(*watcher);
  const CommitInfo put = Put("a", "1");
  ASSERT_TRUE(db_->Delete("a").ok());
  ASSERT_TRUE(db_->Delete("never there").ok());
  ASSERT_TRUE(db_->DeleteRange({.begin = "a", .end = "c"}).ok());
  const WatchBatch first = Next(*watcher);
  EXPECT_EQ(first.index, put.index);
  EXPECT_EQ(first.changes, std::vector<Change>{PutOf("a", "1")});
  EXPECT_EQ(Next(*watcher).changes, std::vector<Change>{DeleteOf("a")});
  EXPECT_EQ(Next(*watcher).changes,
            std::vector<Change>{DeleteOf("never there")});
  EXPECT_EQ(Next(*watcher).changes, std::vector<Change>{RangeOf("a", "c")});
  EXPECT_EQ(watcher->next_index(), put.index + 4);
  ExpectNothing(*watcher);
}

TEST_F(WatchTest, BatchComesAsAWhole) {
  const auto watcher = Watch();
  WriteBatch batch;
  batch.Put("a", "1");
  batch.Delete("b");
  batch.Get("a");
  batch.Put("a", "2");
  ASSERT_TRUE(db_->Write(batch).ok());
  EXPECT_EQ(
      Next(*watcher).changes,
      (std::vector<Change>{PutOf("a", "1"), DeleteOf("b"), PutOf("a", "2")}));
}

TEST_F(WatchTest, TransactionTellsWhatItsConditionsDecidedFor) {
  const auto watcher = Watch();
  for (const char* expected : {"absent", "there"}) {
    Transaction transaction;
    transaction.IfAbsent("key").then.Put("key", "absent");
    transaction.otherwise.Put("key", "there");
    ASSERT_TRUE(db_->Commit(transaction).ok());
    EXPECT_EQ(Next(*watcher).changes,
              std::vector<Change>{PutOf("key", expected)});
  }
}

TEST_F(WatchTest, RefusedWriteIsNotTold) {
  const auto watcher = Watch();
  WriteBatch batch;
  batch.Put("key", "v");
  batch.Put(ColumnFamily(4711), "key", "v");
  EXPECT_FALSE(db_->Write(batch).ok());
  Put("after", "v");
  EXPECT_EQ(Next(*watcher).changes, std::vector<Change>{PutOf("after", "v")});
}

TEST_F(WatchTest, OnlyWhatIsInTheRangeIsTold) {
  const auto range = Watch({.begin = "b", .end = "c"});
  const auto prefix = Watch(KeyRange::Prefix("ab"));
  for (const char* key : {"a", "ab", "abc", "ac", "b", "bz", "c"}) {
    Put(key, "v");
  }
  ASSERT_TRUE(db_->DeleteRange(KeyRange::All()).ok());
  for (const char* key : {"ab", "abc"}) {
    EXPECT_EQ(Next(*prefix).changes, std::vector<Change>{PutOf(key, "v")});
  }
  EXPECT_EQ(Next(*prefix).changes, std::vector<Change>{RangeOf("ab", "ac")});
  for (const char* key : {"b", "bz"}) {
    EXPECT_EQ(Next(*range).changes, std::vector<Change>{PutOf(key, "v")});
  }
  EXPECT_EQ(Next(*range).changes, std::vector<Change>{RangeOf("b", "c")});
}

TEST_F(WatchTest, EmptyBatchTellsHowFarNothingHasChanged) {
  const auto watcher = Watch(KeyRange::Prefix("watched"));
  const CommitInfo other = Put("other", "v");
  const auto nothing = watcher->Next(absl::Milliseconds(1));
  ASSERT_TRUE(nothing.ok()) << nothing.status();
  EXPECT_TRUE(nothing->changes.empty());
  // The replica may have written something of its own meanwhile.
  EXPECT_GE(nothing->index, other.index);
  EXPECT_EQ(watcher->next_index(), nothing->index + 1);
}

// ---- Families ----

TEST_F(WatchTest, FamilyIsWatchedUntilItIsDropped) {
  const auto family = db_->CreateColumnFamily("f");
  ASSERT_TRUE(family.ok());
  const auto watcher = Watch(KeyRange::All(), {.family = *family});
  const auto other = Watch();
  ASSERT_TRUE(db_->Put(*family, "key", "v").ok());
  ASSERT_TRUE(db_->DropColumnFamily("f").ok());
  Put("key", "w");
  EXPECT_EQ(Next(*watcher).changes, std::vector<Change>{PutOf("key", "v")});
  EXPECT_EQ(watcher->Next(kLong).status().code(), StatusCode::kNotFound);
  EXPECT_EQ(watcher->Next(kLong).status().code(), StatusCode::kNotFound);
  EXPECT_EQ(Next(*other).changes, std::vector<Change>{PutOf("key", "w")});
  EXPECT_EQ(db_->Watch({}, {.family = *family}).status().code(),
            StatusCode::kNotFound);
}

TEST_F(WatchTest, FamilyIsNotMistakenForOneThatHadItsName) {
  const auto old = db_->CreateColumnFamily("f");
  ASSERT_TRUE(old.ok());
  const auto begin = db_->Put(*old, "key", "old");
  ASSERT_TRUE(begin.ok());
  ASSERT_TRUE(db_->DropColumnFamily("f").ok());
  const auto family = db_->CreateColumnFamily("f");
  ASSERT_TRUE(family.ok());
  ASSERT_TRUE(db_->Put(*family, "key", "new").ok());
  const auto watcher =
      Watch({}, {.family = *family, .from_index = begin->index});
  EXPECT_EQ(Next(*watcher).changes, std::vector<Change>{PutOf("key", "new")});
  ASSERT_TRUE(db_->DropColumnFamily("f").ok());
  EXPECT_EQ(watcher->Next(kLong).status().code(), StatusCode::kNotFound);
}

// ---- Going on, and coming too late ----

TEST_F(WatchTest, AnotherWatcherGoesOnWhereOneWas) {
  auto watcher = Watch();
  for (int i = 0; i < 100; ++i) Put("key", absl::StrCat(i));
  for (int i = 0; i < 100; ++i) {
    EXPECT_EQ(Next(*watcher).changes,
              std::vector<Change>{PutOf("key", absl::StrCat(i))});
    watcher = Watch({}, {.from_index = watcher->next_index()});
  }
}

TEST_F(WatchTest, FutureIsWaitedFor) {
  const CommitInfo put = Put("key", "1");
  const auto watcher = Watch({}, {.from_index = put.index + 2});
  Put("key", "2");
  Put("key", "3");
  EXPECT_EQ(Next(*watcher).changes, std::vector<Change>{PutOf("key", "3")});
}

TEST_F(WatchTest, SlowOneReadsTheLog) {
  OpenWithLittleMemory();
  const auto watcher = Watch();
  const std::string value(500, 'v');
  for (int i = 0; i < 200; ++i) Put(absl::StrCat(i), value);
  for (int i = 0; i < 200; ++i) {
    EXPECT_EQ(Next(*watcher).changes,
              std::vector<Change>{PutOf(absl::StrCat(i), value)});
  }
}

TEST_F(WatchTest, OneThatIsTooSlowIsToldSoAndStartsOver) {
  OpenWithLittleMemory();
  const auto watcher = Watch();
  uint64_t last = 0;
  for (int i = 0; i < 20; ++i) {
    last = Put(absl::StrCat(i), std::string(500, 'v')).index;
  }
  ASSERT_TRUE(db_->admin().CompactLog(last).ok());
  const auto late = watcher->Next(kLong);
  EXPECT_EQ(late.status().code(), StatusCode::kOutOfRange) << late.status();
  EXPECT_TRUE(IsCompacted(late.status()));
  EXPECT_EQ(
      db_->Watch({}, {.from_index = watcher->next_index()}).status().code(),
      StatusCode::kOutOfRange);

  const auto rows = db_->Scan(KeyRange::All());
  ASSERT_TRUE(rows.ok()) << rows.status();
  const auto again = Watch({}, {.from_index = (*rows)->index() + 1});
  Put("after", "v");
  EXPECT_EQ(Next(*again).changes, std::vector<Change>{PutOf("after", "v")});
}

TEST_F(WatchTest, MemoryIsKeptWhateverBecomesOfTheLog) {
  const auto watcher = Watch();
  uint64_t last = 0;
  for (int i = 0; i < 20; ++i) last = Put(absl::StrCat(i), "v").index;
  ASSERT_TRUE(db_->admin().CompactLog(last).ok());
  ASSERT_TRUE(db_->admin().Checkpoint().ok());
  for (int i = 0; i < 20; ++i) {
    EXPECT_EQ(Next(*watcher).changes,
              std::vector<Change>{PutOf(absl::StrCat(i), "v")});
  }
}

TEST_F(WatchTest, WhatWasAppliedBeforeTheDatabaseWasOpenedIsNotTold) {
  const CommitInfo put = Put("key", "v");
  Open(SmallOptions());
  const auto late = db_->Watch({}, {.from_index = put.index});
  EXPECT_TRUE(IsCompacted(late.status())) << late.status();
  // Who has heard of everything goes on.
  const auto watcher = Watch({}, {.from_index = put.index + 1});
  Put("key", "w");
  EXPECT_EQ(Next(*watcher).changes, std::vector<Change>{PutOf("key", "w")});
}

TEST_F(WatchTest, WhatCannotBeWatchedIsRefused) {
  EXPECT_EQ(db_->Watch({.begin = "b", .end = "a"}).status().code(),
            StatusCode::kInvalidArgument);
  EXPECT_EQ(db_->Watch({}, {.from_index = ~uint64_t{0}}).status().code(),
            StatusCode::kInvalidArgument);
  EXPECT_EQ(db_->Watch({}, {.family = ColumnFamily(4711)}).status().code(),
            StatusCode::kNotFound);
}

// ---- Ending ----

TEST_F(WatchTest, CancelWakesWhoeverWaits) {
  const auto watcher = Watch();
  std::thread waiter([&] {
    EXPECT_EQ(watcher->Next(kLong).status().code(), StatusCode::kCancelled);
  });
  watcher->Cancel();
  waiter.join();
  Put("key", "v");
  EXPECT_EQ(watcher->Next(kLong).status().code(), StatusCode::kCancelled);
}

TEST_F(WatchTest, CloseEndsWatchersWhichMayOutliveTheDatabase) {
  const auto idle = Watch();
  const auto waiting = Watch();
  std::thread waiter([&] {
    while (true) {
      const auto batch = waiting->Next(kLong);
      if (batch.ok()) continue;
      EXPECT_EQ(batch.status().code(), StatusCode::kFailedPrecondition)
          << batch.status();
      return;
    }
  });
  Put("key", "v");
  EXPECT_TRUE(db_->Close().ok());
  waiter.join();
  EXPECT_EQ(db_->Watch({}).status().code(), StatusCode::kFailedPrecondition);
  db_.reset();
  for (Watcher* watcher : {idle.get(), waiting.get()}) {
    EXPECT_EQ(watcher->Next(kLong).status().code(),
              StatusCode::kFailedPrecondition);
    watcher->Cancel();
    EXPECT_EQ(watcher->Next(kLong).status().code(), StatusCode::kCancelled);
  }
}

TEST_F(WatchTest, FailureOfTheReplicaEndsWatchers) {
  const auto watcher = Watch();
  // The next file of the log cannot be made.
  std::filesystem::rename(directory_.path("db/log"), directory_.path("moved"));
  absl::Status failed;
  for (int i = 0; i < 1000 && failed.ok(); ++i) {
    failed = db_->Put("key", std::string(10000, 'v')).status();
  }
  ASSERT_FALSE(failed.ok());
  absl::Status ended;
  while (ended.ok()) ended = watcher->Next(kLong).status();
  EXPECT_EQ(ended, db_->admin().GetStatus()->failure);
}

TEST_F(WatchTest, DamageOfTheLogEndsWatchersThatGoBackToIt) {
  OpenWithLittleMemory();
  const CommitInfo first = Put("a", "to be damaged");
  for (int i = 0; i < 20; ++i) Put("key", std::string(1000, 'v'));
  for (const auto& file :
       std::filesystem::directory_iterator(directory_.path("db/log"))) {
    std::fstream bytes(file.path(),
                       std::ios::in | std::ios::out | std::ios::binary);
    const std::string all(std::istreambuf_iterator<char>(bytes), {});
    const size_t at = all.find("to be damaged");
    if (at == std::string::npos) continue;
    bytes.seekp(static_cast<std::streamoff>(at));
    bytes << "is";
  }
  const auto watcher = Watch({}, {.from_index = first.index});
  const auto batch = watcher->Next(kLong);
  EXPECT_EQ(batch.status().code(), StatusCode::kDataLoss) << batch.status();
  EXPECT_TRUE(IsCorruption(batch.status())) << batch.status();
  EXPECT_EQ(watcher->next_index(), first.index);
}

TEST_F(WatchTest, CallbackMayLookButNotWait) {
  const auto watcher = Watch();
  Later<bool> ended;
  db_->WriteAsync({}, [&](const auto&) {
    EXPECT_TRUE(watcher->Next(absl::ZeroDuration()).ok());
    EXPECT_EQ(watcher->Next(kLong).status().code(),
              StatusCode::kFailedPrecondition);
    ended.Set(true);
  });
  (void)ended.Wait();
}

TEST_F(WatchTest, ManyWatchersHearTheSame) {
  std::vector<std::unique_ptr<Watcher>> watchers;
  for (int i = 0; i < 200; ++i) watchers.push_back(Watch());
  std::vector<std::thread> threads;
  for (size_t i = 0; i < 8; ++i) {
    threads.emplace_back([&, i] {
      for (int row = 0; row < 20; ++row) {
        EXPECT_EQ(Next(*watchers[i]).changes.size(), 1U);
      }
    });
  }
  for (int row = 0; row < 20; ++row) Put(absl::StrCat(row), "v");
  for (std::thread& thread : threads) thread.join();
  for (size_t i = 8; i < watchers.size(); ++i) {
    for (int row = 0; row < 20; ++row) {
      EXPECT_EQ(Next(*watchers[i]).changes,
                std::vector<Change>{PutOf(absl::StrCat(row), "v")});
    }
  }
}

}  // namespace
}  // namespace trimaran
