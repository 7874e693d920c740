// What happens to a connection whose disk fails: the first error stays, nobody
// asks WiredTiger again, closing returns, and the home opens again as its last
// checkpoint left it.

#include "engine/wt/poison.h"

#include <gtest/gtest.h>

#include <cerrno>
#include <memory>
#include <string>
#include <utility>

#include "engine/wt/session_pool.h"
#include "tests/engine/wt/failing_disk.h"
#include "tests/engine/wt/test_home.h"

namespace trimaran::wt {
namespace {

TEST(WtPoisonLatchTest, FirstErrorStays) {
  PoisonLatch latch;
  EXPECT_FALSE(latch.poisoned());
  EXPECT_EQ(latch.status(), absl::OkStatus());

  EXPECT_EQ(latch.Poison(absl::InternalError("first")),
            absl::InternalError("first"));
  EXPECT_EQ(latch.Poison(absl::DataLossError("second")),
            absl::InternalError("first"));
  EXPECT_TRUE(latch.poisoned());
  EXPECT_EQ(latch.status(), absl::InternalError("first"));
}

TEST(WtPoisonLatchDeathTest, SuccessDoesNotPoison) {
  PoisonLatch latch;
  EXPECT_DEATH((void)latch.Poison(absl::OkStatus()), "only an error");
}

class WtPoisonTest : public testing::Test {
 protected:
  WtPoisonTest()
      : connection_(MustOpen(directory_.path(), HomeMode::kCreate)),
        session_(MustOpenSession(*connection_)) {
    EXPECT_EQ(session_->CreateTable("kv"), absl::OkStatus());
    EXPECT_EQ(PutRows(*session_, "kv", {{"a", "1"}}), absl::OkStatus());
    EXPECT_EQ(connection_->checkpoints().Take(), absl::OkStatus());
    EXPECT_EQ(PutRows(*session_, "kv", {{"a", "2"}}), absl::OkStatus());
  }
  ~WtPoisonTest() override { TheFailingDisk().Mend(); }

  // Each call returns `poison`, and none reaches the disk.
  void ExpectAllCallsFailWith(const absl::Status& poison) {
    const int failures = TheFailingDisk().failures;
    EXPECT_EQ(connection_->Health(), poison);
    EXPECT_EQ(connection_->checkpoints().Take(), poison);
    EXPECT_EQ(connection_->checkpoints().TakeNamed("snap_1"), poison);
    EXPECT_EQ(connection_->checkpoints().ListNamed().status(), poison);
    EXPECT_EQ(connection_->ReadStatistics().status(), poison);
    EXPECT_EQ(Session::Open(*connection_).status(), poison);
    EXPECT_EQ(session_->CreateTable("other"), poison);
    EXPECT_EQ(session_->DropTable("kv"), poison);
    EXPECT_EQ(session_->ListTables().status(), poison);
    EXPECT_EQ(session_->OpenCursor("kv").status(), poison);
    EXPECT_EQ(Transaction::Begin(*session_).status(), poison);
    EXPECT_EQ(session_->Reset(), poison);
    SessionPool pool(*connection_, 1);
    EXPECT_EQ(pool.Acquire().status(), poison);
    EXPECT_EQ(TheFailingDisk().failures, failures);
  }

  // After closing, the home opens in the same process, whole, at a checkpoint:
  // the last one, or that of WiredTiger's closing if it thinks itself healthy.
  void ExpectHomeReopens(const Rows& rows) {
    TheFailingDisk().Mend();
    connection_ = MustOpen(directory_.path(), HomeMode::kMustExist);
    session_ = MustOpenSession(*connection_);
    EXPECT_EQ(*ScanTable(*session_, "kv"), rows);
  }

  TestDirectory directory_;
  std::unique_ptr<Connection> connection_;
  std::unique_ptr<Session> session_;
};

TEST_F(WtPoisonTest, FailedSyncOfACheckpointIsTheEnd) {
  TheFailingDisk().sync_error = EIO;
  const absl::Status failed = connection_->checkpoints().Take();
  EXPECT_EQ(failed.code(), absl::StatusCode::kInternal) << failed;
  // A disk that works again does not bring back what was lost.
  TheFailingDisk().Mend();
  ExpectAllCallsFailWith(failed);

  session_.reset();
  EXPECT_EQ(connection_->Close(), failed);
  ExpectHomeReopens({{"a", "1"}});
}

TEST_F(WtPoisonTest, FailedWriteOfACheckpointIsTheEnd) {
  TheFailingDisk().write_error = EIO;
  const absl::Status failed = connection_->checkpoints().Take();
  EXPECT_EQ(failed.code(), absl::StatusCode::kInternal) << failed;
  ExpectAllCallsFailWith(failed);

  session_.reset();
  EXPECT_EQ(connection_->Close(), failed);
  ExpectHomeReopens({{"a", "1"}});
}

TEST_F(WtPoisonTest, FullDiskInACheckpointIsTheEnd) {
  TheFailingDisk().write_error = ENOSPC;
  const absl::Status failed = connection_->checkpoints().Take();
  EXPECT_EQ(failed.code(), absl::StatusCode::kResourceExhausted) << failed;
  ExpectAllCallsFailWith(failed);

  session_.reset();
  EXPECT_EQ(connection_->Close(), failed);
  ExpectHomeReopens({{"a", "1"}});
}

TEST_F(WtPoisonTest, CloseReturnsWhenATransactionWasUnderWay) {
  auto cursor = session_->OpenCursor("kv");
  auto transaction = Transaction::Begin(*session_);
  ASSERT_EQ(cursor->Put("b", "1"), absl::OkStatus());
  TheFailingDisk().sync_error = EIO;
  const absl::Status failed = connection_->checkpoints().Take();
  ASSERT_FALSE(failed.ok());

  EXPECT_EQ(cursor->Seek("a").status(), failed);
  EXPECT_EQ(cursor->Next().status(), failed);
  EXPECT_EQ(cursor->Put("c", "1"), failed);
  EXPECT_EQ(transaction->Commit(), failed);
  cursor->Close();
  session_.reset();
  EXPECT_EQ(connection_->Close(), failed);
  // WiredTiger could not be closed, and keeps the home for itself.
  EXPECT_TRUE(
      IsBusy(OpenHome(directory_.path(), HomeMode::kMustExist).status()));
  // For another process, which a copy stands for, it is the last checkpoint.
  const TestDirectory copy;
  copy.CopyFrom(directory_.path());
  TheFailingDisk().Mend();
  const auto connection = MustOpen(copy.path(), HomeMode::kMustExist);
  const auto session = MustOpenSession(*connection);
  EXPECT_EQ(*ScanTable(*session, "kv"), (Rows{{"a", "1"}}));
}

TEST_F(WtPoisonTest, CloseReturnsWhenCursorsWereOnRows) {
  auto cursor = session_->OpenCursor("kv");
  auto checkpoint_cursor = session_->OpenDurableCursor("kv");
  ASSERT_TRUE(*cursor->Seek("a"));
  ASSERT_TRUE(*checkpoint_cursor->Seek("a"));
  TheFailingDisk().sync_error = EIO;
  const absl::Status failed = connection_->checkpoints().Take();
  ASSERT_FALSE(failed.ok());

  cursor->Close();
  checkpoint_cursor->Close();
  session_.reset();
  EXPECT_EQ(connection_->Close(), failed);
}

TEST_F(WtPoisonTest, TransactionOfAHealthyWiredTigerIsGivenUp) {
  auto cursor = session_->OpenCursor("kv");
  auto transaction = Transaction::Begin(*session_);
  ASSERT_EQ(cursor->Put("b", "1"), absl::OkStatus());
  const absl::Status found = absl::DataLossError("checksum of a record");
  EXPECT_EQ(connection_->Poison(found), found);

  EXPECT_EQ(transaction->Commit(), found);
  cursor->Close();
  session_.reset();
  EXPECT_EQ(connection_->Close(), found);
  ExpectHomeReopens({{"a", "2"}});
}

// The cache is full of changes, and background threads have to write some out.
TEST_F(WtPoisonTest, FailedWriteOfABackgroundThreadIsTheEnd) {
  TheFailingDisk().write_error = EIO;
  absl::Status failed;
  for (int i = 0; i < 1000000 && failed.ok(); ++i) {
    failed = PutRows(*session_, "kv",
                     {{NumberedRow(i).key, std::string(20000, 'x')}});
    if (IsRollback(failed)) failed = absl::OkStatus();
  }
  EXPECT_EQ(failed.code(), absl::StatusCode::kInternal) << failed;
  ExpectAllCallsFailWith(connection_->Health());

  session_.reset();
  EXPECT_EQ(connection_->Close(), failed);
}

TEST_F(WtPoisonTest, FailedLastCheckpointIsReportedByClose) {
  TheFailingDisk().sync_error = EIO;
  session_.reset();
  const absl::Status failed = connection_->Close();
  EXPECT_EQ(failed.code(), absl::StatusCode::kInternal) << failed;
  ExpectHomeReopens({{"a", "1"}});
}

TEST_F(WtPoisonTest, ErrorFoundByAReaderPoisonsToo) {
  const absl::Status found = absl::DataLossError("checksum of a record");
  EXPECT_EQ(connection_->Poison(found), found);
  EXPECT_EQ(connection_->Poison(absl::InternalError("later")), found);
  ExpectAllCallsFailWith(found);

  session_.reset();
  EXPECT_EQ(connection_->Close(), found);
  ExpectHomeReopens({{"a", "2"}});
}

}  // namespace
}  // namespace trimaran::wt
