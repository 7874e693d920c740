// Goal: whatever is asked, and whatever happens meanwhile, a call ends in time
// and says what became of it.

#include <atomic>
#include <filesystem>
#include <functional>
#include <memory>
#include <stdexcept>
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

class CallTest : public ::testing::Test {
 protected:
  CallTest() { Open(SmallOptions()); }

  void Open(const Options& options) {
    db_.reset();
    auto opened = DB::Open(options, directory_.path());
    ASSERT_TRUE(opened.ok()) << opened.status();
    db_ = *std::move(opened);
  }
  // A write is refused with `code`, and says that it was not done.
  template <typename Answer>
  void ExpectNotApplied(const Answer& answer, StatusCode code) {
    EXPECT_EQ(answer.status().code(), code) << answer.status();
    EXPECT_EQ(OutcomeOf(answer.status()), WriteOutcome::kNotApplied);
  }

  TestDirectory directory_;
  std::unique_ptr<DB> db_;
};

WriteBatch BatchOf(const std::string& key, const std::string& value) {
  WriteBatch batch;
  batch.Put(key, value);
  return batch;
}

// ---- Limits ----

TEST_F(CallTest, KeysHaveLimits) {
  const std::string longest(1024, 'k');
  const std::string too_long(1025, 'k');
  EXPECT_TRUE(db_->Put(longest, "v").ok());
  EXPECT_EQ(db_->Get(longest).value(), "v");
  ExpectNotApplied(db_->Put(too_long, "v"), StatusCode::kInvalidArgument);
  ExpectNotApplied(db_->Put("", "v"), StatusCode::kInvalidArgument);
  ExpectNotApplied(db_->Delete(""), StatusCode::kInvalidArgument);
  EXPECT_EQ(db_->Get("").status().code(), StatusCode::kInvalidArgument);
  EXPECT_EQ(db_->Get(too_long).status().code(), StatusCode::kInvalidArgument);
  const std::vector<std::string_view> keys = {"a", ""};
  EXPECT_EQ(db_->MultiGet(keys).status().code(), StatusCode::kInvalidArgument);
  Transaction empty_key;
  empty_key.IfExists("");
  ExpectNotApplied(db_->Commit(empty_key), StatusCode::kInvalidArgument);
}

TEST_F(CallTest, ValuesHaveLimits) {
  const std::string largest(size_t{16} << 20, 'v');
  ASSERT_TRUE(db_->Put("key", largest).ok());
  EXPECT_EQ(db_->Get("key").value()->size(), largest.size());
  const auto put = db_->Put("key", absl::StrCat(largest, "v"));
  ExpectNotApplied(put, StatusCode::kInvalidArgument);
  EXPECT_TRUE(absl::StrContains(put.status().message(), "16777216"))
      << put.status();
}

TEST_F(CallTest, BatchesHaveLimits) {
  WriteBatch many;
  for (int i = 0; i < 65536; ++i) many.Put(absl::StrCat(i), "v");
  EXPECT_EQ(db_->Write(many).status(), absl::OkStatus());
  many.Put("key", "v");
  ExpectNotApplied(db_->Write(many), StatusCode::kInvalidArgument);

  WriteBatch large;
  const std::string value(size_t{15} << 20, 'v');
  for (const char* key : {"a", "b"}) large.Put(key, value);
  EXPECT_EQ(db_->Write(large).status(), absl::OkStatus());
  large.Put("c", value);
  ExpectNotApplied(db_->Write(large), StatusCode::kInvalidArgument);
}

TEST_F(CallTest, RangesMustBeRanges) {
  ExpectNotApplied(db_->DeleteRange({.begin = "b", .end = "a"}),
                   StatusCode::kInvalidArgument);
  EXPECT_TRUE(db_->DeleteRange(KeyRange::All()).ok());
}

TEST_F(CallTest, TransactionWithoutConditionsHasNoOtherwise) {
  Transaction transaction;
  transaction.otherwise.Put("key", "v");
  ExpectNotApplied(db_->Commit(transaction), StatusCode::kInvalidArgument);
}

TEST_F(CallTest, UnknownFamilyIsNamed) {
  const ColumnFamily none(4711);
  ExpectNotApplied(db_->Put(none, "key", "v"), StatusCode::kNotFound);
  ExpectNotApplied(db_->Delete(none, "key"), StatusCode::kNotFound);
  ExpectNotApplied(db_->DeleteRange(none, {}), StatusCode::kNotFound);
  EXPECT_EQ(db_->Get(none, "key").status().code(), StatusCode::kNotFound);
  EXPECT_EQ(db_->Get(ColumnFamily(0), "key").status().code(),
            StatusCode::kNotFound);
  const std::vector<std::string_view> keys = {"key"};
  EXPECT_EQ(db_->MultiGet(none, keys).status().code(), StatusCode::kNotFound);
}

// ---- Deadlines ----

TEST_F(CallTest, NoTimeIsNotEnoughForAWrite) {
  for (const absl::Duration timeout :
       {absl::ZeroDuration(), -absl::Seconds(1), -absl::InfiniteDuration()}) {
    const WriteOptions none{.timeout = timeout};
    ExpectNotApplied(db_->Put("key", "v", none), StatusCode::kDeadlineExceeded);
    Later<absl::Status> answered;
    db_->WriteAsync(
        BatchOf("key", "v"),
        [&](const auto& answer) { answered.Set(answer.status()); }, none);
    EXPECT_EQ(answered.Wait().code(), StatusCode::kDeadlineExceeded);
  }
  EXPECT_EQ(db_->Get("key").value(), std::nullopt);
  const WriteOptions ever{.timeout = absl::InfiniteDuration()};
  EXPECT_TRUE(db_->Put("key", "v", ever).ok());
}

TEST_F(CallTest, BoundedStalenessIsNotNegative) {
  EXPECT_EQ(
      db_->Get("key", ReadOptions::Bounded(-absl::Seconds(1))).status().code(),
      StatusCode::kInvalidArgument);
}

TEST_F(CallTest, EveryReadLevelIsServedByASingleReplica) {
  const auto put = db_->Put("key", "v");
  ASSERT_TRUE(put.ok());
  for (const ReadOptions& options :
       {ReadOptions(), ReadOptions::Lease(), ReadOptions::Local(),
        ReadOptions::AtLeast(put->index),
        ReadOptions::Bounded(absl::ZeroDuration())}) {
    EXPECT_EQ(db_->Get("key", options).value(), "v");
  }
}

// A callback that holds up the loop, as a slow disk would.
class Obstacle {
 public:
  explicit Obstacle(DB& db) {
    db.WriteAsync(BatchOf("obstacle", "v"), [this](const auto& answer) {
      EXPECT_TRUE(answer.ok()) << answer.status();
      begun_.Set(true);
      (void)may_end_.Wait();
      ended_.Set(true);
    });
    (void)begun_.Wait();
  }
  ~Obstacle() {
    may_end_.Set(true);
    (void)ended_.Wait();
  }

 private:
  Later<bool> begun_;
  Later<bool> may_end_;
  Later<bool> ended_;
};

TEST_F(CallTest, CallEndsInTimeThoughTheLoopIsHeldUp) {
  {
    const Obstacle obstacle(*db_);
    const auto put = db_->Put("key", "v", {.timeout = absl::Milliseconds(30)});
    ExpectNotApplied(put, StatusCode::kDeadlineExceeded);
    const auto get = db_->Get("key", {.level = ReadLevel::kAtLeast,
                                      .index = 1000000,
                                      .timeout = absl::Milliseconds(30)});
    EXPECT_EQ(get.status().code(), StatusCode::kDeadlineExceeded);
  }
  EXPECT_TRUE(db_->Put("other", "v").ok());
  EXPECT_EQ(db_->Get("key").value(), std::nullopt);
}

TEST_F(CallTest, FullQueueRefusesInTime) {
  Options options = SmallOptions();
  options.write_queue_bytes_max = 4096;
  Open(options);
  std::atomic<int> refused = 0;
  std::atomic<int> done = 0;
  {
    const Obstacle obstacle(*db_);
    for (int i = 0; i < 10; ++i) {
      db_->WriteAsync(BatchOf(absl::StrCat(i), std::string(1000, 'v')),
                      [&](const auto& answer) {
                        ++(answer.ok() ? done : refused);
                        if (!answer.ok()) {
                          ExpectNotApplied(answer,
                                           StatusCode::kResourceExhausted);
                        }
                      });
    }
    EXPECT_GT(refused, 0);
    const auto put = db_->Put("key", std::string(4000, 'v'),
                              {.timeout = absl::Milliseconds(30)});
    ExpectNotApplied(put, StatusCode::kResourceExhausted);
  }
  EXPECT_TRUE(db_->Put("key", std::string(4000, 'v')).ok());
  EXPECT_EQ(refused + done, 10);
  EXPECT_GT(done, 0);
}

// ---- Callbacks ----

TEST_F(CallTest, CallbacksComeInTheOrderOfTheWrites) {
  std::vector<int> order;
  Later<bool> last;
  for (int i = 0; i < 100; ++i) {
    db_->WriteAsync(BatchOf("key", absl::StrCat(i)),
                    [&order, &last, i](const auto& answer) {
                      EXPECT_TRUE(answer.ok()) << answer.status();
                      order.push_back(i);
                      if (i == 99) last.Set(true);
                    });
  }
  (void)last.Wait();
  ASSERT_EQ(order.size(), 100U);
  for (int i = 0; i < 100; ++i) EXPECT_EQ(order[static_cast<size_t>(i)], i);
  EXPECT_EQ(db_->Get("key").value(), "99");
}

TEST_F(CallTest, TransactionWithACallback) {
  Transaction once;
  once.IfAbsent("key").then.Put("key", "v");
  for (const bool expected : {true, false}) {
    Later<bool> succeeded;
    db_->CommitAsync(once, [&](absl::StatusOr<CommitResult> answer) {
      ASSERT_TRUE(answer.ok()) << answer.status();
      succeeded.Set(answer->succeeded);
    });
    EXPECT_EQ(succeeded.Wait(), expected);
  }
}

TEST_F(CallTest, CallbackMayGoOnButNotWait) {
  Later<bool> ended;
  db_->WriteAsync(BatchOf("key", "1"), [&](const auto& first) {
    EXPECT_TRUE(first.ok()) << first.status();
    EXPECT_EQ(db_->Get("key").value(), "1");
    ExpectNotApplied(db_->Put("key", "2"), StatusCode::kFailedPrecondition);
    EXPECT_EQ(db_->Get("key", ReadOptions::AtLeast(1000000)).status().code(),
              StatusCode::kFailedPrecondition);
    EXPECT_EQ(db_->Close().code(), StatusCode::kFailedPrecondition);
    db_->WriteAsync(BatchOf("key", "3"), [&](const auto& second) {
      EXPECT_TRUE(second.ok()) << second.status();
      ended.Set(true);
    });
  });
  (void)ended.Wait();
  EXPECT_EQ(db_->Get("key").value(), "3");
}

TEST_F(CallTest, TryingAgainWithoutEndUsesUpNoStack) {
  Later<bool> ended;
  int left = 1000;
  const std::function<void(const absl::StatusOr<CommitInfo>&)> told =
      [&](const absl::StatusOr<CommitInfo>& answer) {
        thread_local bool inside = false;
        EXPECT_FALSE(inside);
        ExpectNotApplied(answer, StatusCode::kDeadlineExceeded);
        inside = true;
        if (--left == 0) {
          ended.Set(true);
        } else {
          db_->WriteAsync(BatchOf("key", "v"), told,
                          {.timeout = absl::ZeroDuration()});
        }
        inside = false;
      };
  db_->WriteAsync(BatchOf("key", "v"), told, {.timeout = absl::ZeroDuration()});
  (void)ended.Wait();
}

// Two databases, whose callbacks come at once, for no time is left.
TEST_F(CallTest, CallbackWithinACallbackMayWaitForNeither) {
  TestDirectory directory;
  const auto other = DB::Open(SmallOptions(), directory.path());
  ASSERT_TRUE(other.ok()) << other.status();
  const WriteOptions no_time{.timeout = absl::ZeroDuration()};
  const WriteBatch batch = BatchOf("key", "v");
  int calls = 0;
  const auto inner = [&](const absl::StatusOr<CommitInfo>& answer) {
    ++calls;
    ExpectNotApplied(answer, StatusCode::kDeadlineExceeded);
    EXPECT_EQ(db_->Close().code(), StatusCode::kFailedPrecondition);
    EXPECT_EQ((*other)->Close().code(), StatusCode::kFailedPrecondition);
  };
  const auto outer = [&](const absl::StatusOr<CommitInfo>&) {
    (*other)->WriteAsync(batch, inner, no_time);
    ++calls;
    EXPECT_EQ(db_->Close().code(), StatusCode::kFailedPrecondition);
    EXPECT_TRUE((*other)->Put("may", "wait").ok());
  };
  db_->WriteAsync(batch, outer, no_time);
  EXPECT_EQ(calls, 2);
  EXPECT_TRUE(db_->Put("key", "v").ok());
}

TEST_F(CallTest, CallbackThatThrowsIsLoggedAndTheDatabaseGoesOn) {
  Later<std::string> logged;
  Options options = SmallOptions();
  options.log = [&](LogSeverity severity, std::string_view,
                    std::string_view message) {
    if (severity == LogSeverity::kError) logged.Set(std::string(message));
  };
  Open(options);
  db_->WriteAsync(BatchOf("key", "v"), [](const auto&) {
    throw std::runtime_error("thrown by a callback");
  });
  EXPECT_TRUE(absl::StrContains(logged.Wait(), "thrown by a callback"));
  EXPECT_TRUE(db_->Put("key", "w").ok());
}

// ---- Failing ----

TEST_F(CallTest, AfterTheStorageHasFailedNothingIsAcknowledged) {
  ASSERT_TRUE(db_->Put("before", "v").ok());
  // The directory of the log is gone from under it: the next segment file
  // cannot be made.
  std::filesystem::rename(directory_.path("db/log"), directory_.path("moved"));
  absl::Status failed;
  int acknowledged = 0;
  while (failed.ok() && acknowledged < 1000) {
    failed =
        db_->Put(absl::StrCat(acknowledged), std::string(10000, 'v')).status();
    if (failed.ok()) ++acknowledged;
  }
  ASSERT_FALSE(failed.ok());
  EXPECT_EQ(OutcomeOf(failed), WriteOutcome::kUnknown) << failed;

  // For good, for everybody, and without a crash.
  const absl::Status later = db_->Put("later", "v").status();
  EXPECT_FALSE(later.ok());
  EXPECT_EQ(OutcomeOf(later), WriteOutcome::kNotApplied) << later;
  EXPECT_FALSE(db_->Get("before").ok());
  EXPECT_FALSE(db_->admin().GetStatus()->failure.ok());
  Later<absl::Status> closed;
  db_->WriteAsync({}, [&](const auto& answer) {
    EXPECT_FALSE(answer.ok());
    closed.Set(db_->Close());
  });
  EXPECT_FALSE(closed.Wait().ok());
  db_.reset();

  // What was acknowledged is there again.
  std::filesystem::rename(directory_.path("moved"), directory_.path("db/log"));
  Open(SmallOptions());
  EXPECT_EQ(db_->Get("before").value(), "v");
  for (int i = 0; i < acknowledged; ++i) {
    EXPECT_TRUE(db_->Get(absl::StrCat(i)).value().has_value()) << i;
  }
}

// ---- Closing ----

// Covers: E21
TEST_F(CallTest, AfterCloseEverythingIsRefused) {
  ASSERT_TRUE(db_->Close().ok());
  EXPECT_TRUE(db_->Close().ok());
  constexpr StatusCode kClosed = StatusCode::kFailedPrecondition;
  ExpectNotApplied(db_->Put("key", "v"), kClosed);
  ExpectNotApplied(db_->Delete("key"), kClosed);
  ExpectNotApplied(db_->DeleteRange({}), kClosed);
  ExpectNotApplied(db_->Write({}), kClosed);
  ExpectNotApplied(db_->Commit({}), kClosed);
  ExpectNotApplied(db_->CreateColumnFamily("name"), kClosed);
  ExpectNotApplied(db_->DropColumnFamily("name"), kClosed);
  EXPECT_EQ(db_->Get("key").status().code(), kClosed);
  EXPECT_EQ(db_->MultiGet({}).status().code(), kClosed);
  EXPECT_EQ(db_->Scan({}).status().code(), kClosed);
  EXPECT_EQ(db_->ListColumnFamilies().status().code(), kClosed);
  EXPECT_EQ(db_->FindColumnFamily("default").status().code(), kClosed);
  Later<absl::Status> answered;
  db_->WriteAsync({}, [&](const auto& answer) {
    EXPECT_TRUE(db_->Close().ok());
    answered.Set(answer.status());
  });
  EXPECT_EQ(answered.Wait().code(), kClosed);
}

// Covers: E21
TEST_F(CallTest, CloseAnswersWhoeverWaits) {
  Group group(3);
  ASSERT_TRUE(group.at(1).Put("key", "v").ok());
  group.Stop(2);
  group.Stop(3);
  std::atomic<int> answered = 0;
  for (int i = 0; i < 10; ++i) {
    group.at(1).WriteAsync(
        BatchOf(absl::StrCat(i), "v"), [&](const auto& answer) {
          EXPECT_FALSE(answer.ok());
          EXPECT_NE(OutcomeOf(answer.status()), WriteOutcome::kApplied);
          ++answered;
        });
  }
  std::thread reader([&group] { EXPECT_FALSE(group.at(1).Get("key").ok()); });
  EXPECT_TRUE(group.at(1).Close().ok());
  EXPECT_EQ(answered, 10);
  reader.join();
}

TEST_F(CallTest, CloseMayRaceWithEverything) {
  std::atomic<bool> closed = false;
  std::atomic<int> calls = 0;
  std::vector<std::thread> threads;
  for (int thread = 0; thread < 4; ++thread) {
    threads.emplace_back([&, thread] {
      while (!closed) {
        const std::string key = absl::StrCat(thread, "-", ++calls);
        (void)db_->Put(key, "v");
        (void)db_->Get(key);
        db_->WriteAsync(BatchOf(key, "w"), [](const auto&) {});
        if (auto rows = db_->Scan(KeyRange::All(), {.limit = 3}); rows.ok()) {
          for (; (*rows)->Valid(); (*rows)->Next()) continue;
        }
        if (auto watcher = db_->Watch(KeyRange::All()); watcher.ok()) {
          (void)(*watcher)->Next(absl::Milliseconds(1));
        }
      }
    });
  }
  while (calls < 200) std::this_thread::yield();
  std::thread second([this] { EXPECT_TRUE(db_->Close().ok()); });
  EXPECT_TRUE(db_->Close().ok());
  closed = true;
  second.join();
  for (std::thread& thread : threads) thread.join();
  EXPECT_EQ(db_->Get("key").status().code(), StatusCode::kFailedPrecondition);
}

TEST_F(CallTest, WritesThatAreUnderWayComeToTheirEnd) {
  std::atomic<int> done = 0;
  for (int i = 0; i < 100; ++i) {
    db_->WriteAsync(BatchOf(absl::StrCat(i), "v"), [&](const auto& answer) {
      EXPECT_TRUE(answer.ok()) << answer.status();
      ++done;
    });
  }
  db_.reset();
  EXPECT_EQ(done, 100);
  Open(SmallOptions());
  EXPECT_EQ(db_->Get("99").value(), "v");
}

TEST_F(CallTest, ManyThreadsWriteAndReadAtOnce) {
  std::vector<std::thread> threads;
  for (int thread = 0; thread < 8; ++thread) {
    threads.emplace_back([this, thread] {
      for (int i = 0; i < 50; ++i) {
        const std::string key = absl::StrCat(thread, "-", i);
        const auto put = db_->Put(key, key);
        EXPECT_TRUE(put.ok()) << put.status();
        EXPECT_EQ(db_->Get(key).value(), key);
      }
    });
  }
  for (std::thread& thread : threads) thread.join();
  int rows = 0;
  const auto all = db_->Scan(KeyRange::All());
  for (; (*all)->Valid(); (*all)->Next()) ++rows;
  EXPECT_EQ(rows, 400);
}

}  // namespace
}  // namespace trimaran
