// As out_of_memory_test.cc, for calls that write no rows: what they say is true
// while there is no memory, they take nothing with them that is missed later,
// and an iterator and a watcher go on where they were.

#include <atomic>
#include <cstdint>
#include <memory>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "absl/strings/str_cat.h"
#include "gtest/gtest.h"
#include "tests/api/group.h"
#include "tests/api/memory_story.h"
#include "tests/api/test_directory.h"
#include "trimaran/admin.h"
#include "trimaran/db.h"
#include "trimaran/errors.h"

namespace trimaran {
namespace {

constexpr uint64_t kRows = 20;

std::string KeyOf(uint64_t number) {
  return absl::StrCat("a key for which a string needs memory ", 100 + number);
}
std::string ValueOf(uint64_t number) {
  return absl::StrCat(std::string(300, 'v'), number);
}

Options CallOptions() {
  Options options = SmallOptions();
  // Those that are not given back are missed soon.
  options.views_max = 2;
  return options;
}

std::unique_ptr<DB> Open(const std::string& path) {
  auto opened = DB::Open(CallOptions(), path);
  EXPECT_TRUE(opened.ok()) << opened.status();
  return opened.ok() ? *std::move(opened) : nullptr;
}

// ---- Calls that are complete in themselves ----

using Answer = absl::StatusOr<std::string>;

Answer Get(DB& db, const std::string&) {
  const auto found = db.Get(KeyOf(3));
  return found.ok() ? Answer(found->value_or("none")) : found.status();
}

Answer MultiGet(DB& db, const std::string&) {
  const std::string there = KeyOf(3);
  const std::vector<std::string_view> keys = {there, "not there", there};
  const auto found = db.MultiGet(keys);
  if (!found.ok()) return found.status();
  std::string text;
  for (const auto& value : *found) text += value.value_or("none");
  return text;
}

Answer Scan(DB& db, const std::string&) {
  const auto rows = db.Scan(KeyRange::All(), {.reverse = true, .limit = 5});
  if (!rows.ok()) return rows.status();
  std::string text;
  for (; (*rows)->Valid(); (*rows)->Next()) text += (*rows)->value();
  const absl::Status status = (*rows)->status();
  return status.ok() ? Answer(text) : status;
}

Answer FamiliesAndRows(DB& db, const std::string&) {
  const auto families = db.ListColumnFamilies();
  if (!families.ok()) return families.status();
  const auto missing = db.FindColumnFamily("no family has this long name");
  if (!absl::IsNotFound(missing.status())) return missing.status();
  return families->front().name;
}

Answer CreateFamily(DB& db, const std::string& unique) {
  const auto created = db.CreateColumnFamily(unique);
  if (!created.ok()) return created.status();
  const auto dropped = db.DropColumnFamily(unique);
  return dropped.ok() ? Answer("done") : dropped.status();
}

Answer Refused(DB& db, const std::string&) {
  return absl::StrCat(
      db.Put("", "an empty key").status().ToString(),
      db.Put(ColumnFamily(77), "key", "no family").status().ToString(),
      db.Scan({.begin = "b", .end = "a"}).status().ToString());
}

Answer StatusAndMetrics(DB& db, const std::string&) {
  const auto status = db.admin().GetStatus();
  if (!status.ok()) return status.status();
  const auto metrics = db.admin().GetMetrics();
  if (!metrics.ok()) return metrics.status();
  return absl::StrCat("replica ", status->replica_id,
                      metrics->empty() ? "without metrics" : "");
}

Answer Checkpoint(DB& db, const std::string&) {
  const auto place = db.admin().Checkpoint();
  return place.ok() ? Answer("done") : place.status();
}

Answer CompactLog(DB& db, const std::string&) {
  const auto status = db.admin().GetStatus();
  if (!status.ok()) return status.status();
  const auto done = db.admin().CompactLog(status->applied.index);
  // What is told of a replica may be older than what it has done.
  if (!done.ok() && !IsCompacted(done.status())) return done.status();
  return "done";
}

Answer Verify(DB& db, const std::string&) {
  const auto result = db.admin().Verify(VerifyDepth::kFull);
  if (!result.ok()) return result.status();
  return result->damaged ? "damaged" : "whole";
}

Answer CheckConsistency(DB& db, const std::string&) {
  const auto result = db.admin().CheckConsistency();
  if (!result.ok()) return result.status();
  return result->consistent ? "consistent" : "inconsistent";
}

Answer Backup(DB& db, const std::string& unique) {
  const auto backup = db.admin().CreateBackup(unique);
  return backup.ok() ? Answer("done") : backup.status();
}

Answer Transfer(DB& db, const std::string&) {
  const absl::Status status = db.admin().TransferLeadership(1);
  return status.ok() ? Answer("done") : status;
}

struct CallCase {
  const char* name;
  Answer (*call)(DB& db, const std::string& unique);
};

class CallsTest : public testing::TestWithParam<CallCase> {
 protected:
  void Live(Lack lack) {
    const std::unique_ptr<DB> db = Open(directory_.path());
    ASSERT_NE(db, nullptr);
    for (uint64_t i = 0; i < kRows; ++i) {
      ASSERT_TRUE(db->Put(KeyOf(i), ValueOf(i)).ok());
    }
    const Answer wanted = GetParam().call(*db, Unique("first"));
    ASSERT_TRUE(wanted.ok()) << wanted.status();
    while (Attempt(*db, lack, *wanted) && !HasFailure()) {
      board_->nth = NextNth(board_->nth, kDense);
    }
    EXPECT_TRUE(db->Close().ok());
  }

  void Exhaust(Lack lack) {
    board_->nth = 1;
    ++rounds_;
    LiveUntilItSucceeds(*board_, kDense, [&] { Live(lack); });
    EXPECT_GT(board_->thrown, 0u);
  }

 private:
  // A path, or a name, that no other attempt has.
  std::string Unique(const char* what) {
    return directory_.path(absl::StrCat(
        what, rounds_, "-", board_->deaths.load(), "-", board_->nth.load()));
  }

  // False if nothing failed.
  bool Attempt(DB& db, Lack lack, const std::string& wanted) {
    const std::string unique = Unique("lack");
    Answer answer = std::string();
    bool thrown = false;
    const bool failed = CallWithoutMemory(
        *board_, lack, thrown, [&] { answer = GetParam().call(db, unique); });
    if (!thrown) {
      EXPECT_TRUE(answer.ok()) << answer.status();
      EXPECT_EQ(answer.value_or(""), wanted) << board_->nth;
    }
    const Answer again = GetParam().call(db, Unique("again"));
    EXPECT_TRUE(again.ok()) << again.status();
    EXPECT_EQ(again.value_or(""), wanted) << board_->nth;
    return failed;
  }

  static constexpr uint64_t kDense = 12;
  TestDirectory directory_;
  Shared<MemoryBoard> board_;
  int rounds_ = 0;
};

TEST_P(CallsTest, SayWhatIsTrueAndTakeNothingWithThem) {
  Exhaust(Lack::kOnce);
  Exhaust(Lack::kFromThenOn);
}

INSTANTIATE_TEST_SUITE_P(
    All, CallsTest,
    testing::Values(
        CallCase{"Get", Get}, CallCase{"MultiGet", MultiGet},
        CallCase{"Scan", Scan}, CallCase{"Families", FamiliesAndRows},
        CallCase{"CreateFamily", CreateFamily}, CallCase{"Refused", Refused},
        CallCase{"StatusAndMetrics", StatusAndMetrics},
        CallCase{"Checkpoint", Checkpoint}, CallCase{"CompactLog", CompactLog},
        CallCase{"Verify", Verify},
        CallCase{"CheckConsistency", CheckConsistency},
        CallCase{"Backup", Backup}, CallCase{"Transfer", Transfer}),
    [](const auto& one) { return one.param.name; });

// ---- What goes on from call to call ----

class PlacesTest : public testing::Test {
 protected:
  static constexpr uint64_t kDense = 1000;

  TestDirectory directory_;
  Shared<MemoryBoard> board_;
};

std::vector<std::string> KeysFrom(Iterator& rows) {
  std::vector<std::string> keys;
  for (; rows.Valid(); rows.Next()) keys.emplace_back(rows.key());
  EXPECT_TRUE(rows.status().ok()) << rows.status();
  return keys;
}

TEST_F(PlacesTest, IteratorThatCouldNotBeMovedStandsNowhereUntilItIs) {
  LiveUntilItSucceeds(*board_, kDense, [this] {
    const std::unique_ptr<DB> db = Open(directory_.path());
    std::vector<std::string> keys;
    for (uint64_t i = 0; i < kRows; ++i) {
      keys.push_back(KeyOf(i));
      ASSERT_TRUE(db->Put(keys.back(), ValueOf(i)).ok());
    }
    // Longer than any that an iterator has made room for.
    const std::string far = keys[10] + std::string(500, '!');
    for (bool failed = true; failed && !HasFailure(); ++board_->nth) {
      auto rows = db->Scan(KeyRange::All());
      ASSERT_TRUE(rows.ok()) << rows.status();
      bool thrown = false;
      failed = CallWithoutMemory(*board_, Lack::kOnce, thrown, [&] {
        (*rows)->Seek(far);
        (*rows)->Next();
      });
      EXPECT_EQ((*rows)->Valid(), !thrown);
      EXPECT_EQ((*rows)->status().code(),
                thrown ? absl::StatusCode::kResourceExhausted
                       : absl::StatusCode::kOk);
      (*rows)->Seek("");
      EXPECT_EQ(KeysFrom(**rows), keys);
    }
    EXPECT_TRUE(db->Close().ok());
  });
  EXPECT_GT(board_->thrown, 0u);
}

TEST_F(PlacesTest, WatcherTellsOfEachChangeOnce) {
  LiveUntilItSucceeds(*board_, kDense, [this] {
    const std::unique_ptr<DB> db = Open(directory_.path());
    for (bool failed = true; failed && !HasFailure(); ++board_->nth) {
      const auto first = db->Put(KeyOf(0), ValueOf(0));
      ASSERT_TRUE(first.ok()) << first.status();
      auto watcher = db->Watch(KeyRange::All(), {.from_index = first->index});
      ASSERT_TRUE(watcher.ok()) << watcher.status();
      std::vector<uint64_t> wanted = {first->index};
      for (uint64_t i = 1; i < 4; ++i) {
        wanted.push_back(db->Put(KeyOf(i), ValueOf(i)).value().index);
      }
      std::vector<uint64_t> told;
      told.reserve(wanted.size());
      const auto hear = [&] {
        while ((*watcher)->next_index() <= wanted.back()) {
          const auto batch = (*watcher)->Next(absl::ZeroDuration());
          if (!batch.ok() || batch->changes.empty()) break;
          told.push_back(batch->index);
        }
      };
      bool thrown = false;
      failed = CallWithoutMemory(*board_, Lack::kOnce, thrown, hear);
      if (thrown) {
        // Where another one would have to go on.
        EXPECT_EQ((*watcher)->next_index(),
                  told.empty() ? first->index : told.back() + 1);
      }
      hear();
      EXPECT_EQ(told, wanted);
    }
    EXPECT_TRUE(db->Close().ok());
  });
  EXPECT_GT(board_->thrown, 0u);
}

// ---- Life ----

class LifeTest : public testing::TestWithParam<Lack> {
 protected:
  static constexpr uint64_t kDense = 12;

  TestDirectory directory_;
  Shared<MemoryBoard> board_;
  // What the last one to work has done, which may be its end: the number under
  // "key", and that of what it founds; 0: nothing.
  Shared<std::atomic<uint64_t>> acknowledged_;
  Shared<std::atomic<uint64_t>> founding_;
};

// What is left of an attempt to open a database, or to make one, is in nobody's
// way.
TEST_P(LifeTest, OpenCanBeRepeated) {
  const auto live = [this](bool founds) {
    const std::string name = founds ? "new" : "old";
    Options options = CallOptions();
    options.listen = "127.0.0.1:0";
    const auto path_of = [&](uint64_t nth) {
      return directory_.path(founds ? absl::StrCat(name, nth) : name);
    };
    if (*founding_ != 0) {
      // Of one that has died of it.
      auto opened = DB::Open(options, path_of(*founding_));
      ASSERT_TRUE(opened.ok()) << opened.status() << " " << *founding_;
      EXPECT_TRUE((*opened)->Put("key", "value").ok());
    }
    while (!HasFailure()) {
      const std::string path = path_of(board_->nth);
      if (founds) *founding_ = board_->nth.load();
      if (!founds) {
        ASSERT_TRUE(Open(path)->Put("key", "value").ok());
      }
      absl::StatusOr<std::unique_ptr<DB>> opened = absl::UnknownError("");
      bool thrown = false;
      const bool failed = CallWithoutMemory(*board_, GetParam(), thrown, [&] {
        opened = DB::Open(options, path);
      });
      if (thrown) opened = DB::Open(options, path);
      ASSERT_TRUE(opened.ok()) << opened.status() << " " << board_->nth;
      if (!founds) {
        EXPECT_EQ((*opened)->Get("key").value(), "value");
      }
      ASSERT_TRUE((*opened)->Put("key", "value").ok());
      ASSERT_TRUE((*opened)->Close().ok());
      if (!failed) break;
      board_->nth = NextNth(board_->nth, kDense);
    }
  };
  for (const bool founds : {false, true}) {
    board_->nth = 1;
    *founding_ = 0;
    LiveUntilItSucceeds(*board_, kDense, [&] { live(founds); });
  }
  EXPECT_GT(board_->thrown, 0u);
}

TEST_P(LifeTest, CloseEndsTheDatabaseOrTheProcess) {
  LiveUntilItSucceeds(*board_, kDense, [this] {
    for (bool failed = true; failed && !HasFailure();) {
      const std::unique_ptr<DB> db = Open(directory_.path());
      ASSERT_NE(db, nullptr);
      const std::string before = db->Get("key").value().value_or("0");
      EXPECT_EQ(before, std::to_string(*acknowledged_));
      const std::string value = std::to_string(board_->nth);
      ASSERT_TRUE(db->Put("key", value).ok());
      *acknowledged_ = board_->nth.load();
      absl::Status closed;
      bool thrown = false;
      failed = CallWithoutMemory(*board_, GetParam(), thrown,
                                 [&] { closed = db->Close(); });
      EXPECT_TRUE(closed.ok()) << closed;
      // Once more where it had not begun.
      EXPECT_TRUE(db->Close().ok());
      EXPECT_EQ(Open(directory_.path())->Get("key").value(), value);
      board_->nth = NextNth(board_->nth, kDense);
    }
  });
  EXPECT_GT(board_->deaths, 0u);
}

INSTANTIATE_TEST_SUITE_P(All, LifeTest,
                         testing::Values(Lack::kOnce, Lack::kFromThenOn),
                         [](const auto& one) {
                           return one.param == Lack::kOnce ? "Once"
                                                           : "FromThenOn";
                         });

}  // namespace
}  // namespace trimaran
