// What is durable and when, seen by copying the files of a home while it is
// open: the copy is what a killed process would leave.

#include <gtest/gtest.h>
#include <sys/resource.h>

#include <memory>
#include <string>
#include <vector>

#include "engine/wt/checkpoint_lane.h"
#include "tests/engine/wt/test_home.h"

namespace trimaran::wt {
namespace {

class WtCheckpointTest : public testing::Test {
 protected:
  WtCheckpointTest()
      : connection_(MustOpen(directory_.path(), HomeMode::kCreate)),
        session_(MustOpenSession(*connection_)) {
    EXPECT_EQ(session_->CreateTable("kv"), absl::OkStatus());
  }

  CheckpointLane& lane() { return connection_->checkpoints(); }
  void Put(const Rows& rows) {
    EXPECT_EQ(PutRows(*session_, "kv", rows), absl::OkStatus());
  }
  // The rows of `table` that a crash at this moment would leave.
  absl::StatusOr<Rows> RowsAfterCrash(std::string_view table) {
    const TestDirectory copy;
    copy.CopyFrom(directory_.path());
    TRIMARAN_ASSIGN_OR_RETURN(const auto connection,
                              OpenHome(copy.path(), HomeMode::kMustExist));
    TRIMARAN_ASSIGN_OR_RETURN(const auto session, Session::Open(*connection));
    return ScanTable(*session, table);
  }

  TestDirectory directory_;
  std::unique_ptr<Connection> connection_;
  std::unique_ptr<Session> session_;
};

TEST_F(WtCheckpointTest, CrashLeavesTheLastCheckpoint) {
  Put({{"a", "1"}});
  ASSERT_EQ(lane().Take(), absl::OkStatus());
  Put({{"a", "2"}, {"b", "2"}});

  EXPECT_EQ(*RowsAfterCrash("kv"), (Rows{{"a", "1"}}));
  ASSERT_EQ(lane().Take(), absl::OkStatus());
  EXPECT_EQ(*RowsAfterCrash("kv"), (Rows{{"a", "2"}, {"b", "2"}}));
}

// WiredTiger would panic over the first file that it cannot open.
TEST_F(WtCheckpointTest, WithoutDescriptorsItIsNotBegun) {
  ASSERT_EQ(session_->CreateTable("old"), absl::OkStatus());
  Put({{"a", "1"}});
  struct rlimit before = {};
  ASSERT_EQ(::getrlimit(RLIMIT_NOFILE, &before), 0);
  struct rlimit none = before;
  none.rlim_cur = 0;
  ASSERT_EQ(::setrlimit(RLIMIT_NOFILE, &none), 0);

  const absl::Status checkpoint = lane().Take();
  const absl::Status created = session_->CreateTable("new");
  const absl::Status dropped = session_->DropTable("old");

  ASSERT_EQ(::setrlimit(RLIMIT_NOFILE, &before), 0);
  for (const absl::Status& status : {checkpoint, created, dropped}) {
    EXPECT_TRUE(absl::IsResourceExhausted(status)) << status;
  }
  EXPECT_EQ(connection_->Health(), absl::OkStatus());
  EXPECT_EQ(session_->CreateTable("new"), absl::OkStatus());
  EXPECT_EQ(session_->DropTable("old"), absl::OkStatus());
  ASSERT_EQ(lane().Take(), absl::OkStatus());
  EXPECT_EQ(*RowsAfterCrash("kv"), (Rows{{"a", "1"}}));
}

TEST_F(WtCheckpointTest, AllTablesAreOfOneMoment) {
  ASSERT_EQ(session_->CreateTable("other"), absl::OkStatus());
  Put({{"a", "1"}});
  ASSERT_EQ(PutRows(*session_, "other", {{"a", "1"}}), absl::OkStatus());
  ASSERT_EQ(lane().Take(), absl::OkStatus());
  Put({{"a", "2"}});
  ASSERT_EQ(PutRows(*session_, "other", {{"a", "2"}}), absl::OkStatus());

  EXPECT_EQ(*RowsAfterCrash("kv"), *RowsAfterCrash("other"));
}

TEST_F(WtCheckpointTest, UncommittedChangesAreInNoCheckpoint) {
  Put({{"a", "1"}});
  const auto other = MustOpenSession(*connection_);
  auto cursor = other->OpenCursor("kv");
  auto transaction = Transaction::Begin(*other);
  ASSERT_EQ(cursor->Put("b", "1"), absl::OkStatus());
  ASSERT_EQ(lane().Take(), absl::OkStatus());

  EXPECT_EQ(*RowsAfterCrash("kv"), (Rows{{"a", "1"}}));
}

TEST_F(WtCheckpointTest, CreatedTableSurvivesACrashEmpty) {
  ASSERT_EQ(session_->CreateTable("young"), absl::OkStatus());
  ASSERT_EQ(PutRows(*session_, "young", {{"a", "1"}}), absl::OkStatus());
  EXPECT_EQ(*RowsAfterCrash("young"), Rows{});
}

TEST_F(WtCheckpointTest, DroppedTableStaysDroppedAfterACrash) {
  ASSERT_EQ(lane().Take(), absl::OkStatus());
  ASSERT_EQ(session_->DropTable("kv"), absl::OkStatus());
  EXPECT_EQ(RowsAfterCrash("kv").status().code(), absl::StatusCode::kNotFound);
  EXPECT_FALSE(directory_.Contains("kv.wt"));
}

TEST_F(WtCheckpointTest, CloseIsACheckpoint) {
  Put({{"a", "1"}});
  session_.reset();
  ASSERT_EQ(connection_->Close(), absl::OkStatus());
  EXPECT_EQ(*RowsAfterCrash("kv"), (Rows{{"a", "1"}}));
}

TEST_F(WtCheckpointTest, DurableCursorReadsWhatACrashWouldLeave) {
  Put({{"a", "1"}});
  ASSERT_EQ(lane().Take(), absl::OkStatus());
  Put({{"a", "2"}});
  {
    auto durable = session_->OpenDurableCursor("kv");
    ASSERT_TRUE(durable.ok()) << durable.status();
    EXPECT_EQ(*Scan(*durable), (Rows{{"a", "1"}}));
  }
  ASSERT_EQ(lane().Take(), absl::OkStatus());
  auto durable = session_->OpenDurableCursor("kv");
  EXPECT_EQ(*Scan(*durable), (Rows{{"a", "2"}}));
}

TEST_F(WtCheckpointTest, TableWithoutCheckpointHasNoDurableCursor) {
  Put({{"a", "1"}});
  EXPECT_EQ(session_->OpenDurableCursor("kv").status().code(),
            absl::StatusCode::kNotFound);
  ASSERT_EQ(lane().Take(), absl::OkStatus());
  EXPECT_TRUE(session_->OpenDurableCursor("kv").ok());
}

TEST_F(WtCheckpointTest, BulkLoadIsDurableAfterTheNextCheckpointOnly) {
  const Rows rows = NumberedRows(0, 3000);
  ASSERT_EQ(session_->CreateTable("bulk"), absl::OkStatus());
  {
    auto loader = session_->OpenBulkLoader("bulk");
    ASSERT_TRUE(loader.ok()) << loader.status();
    for (const Row& row : rows) {
      ASSERT_EQ(loader->Add(row.key, row.value), absl::OkStatus());
    }
    ASSERT_EQ(loader->Finish(), absl::OkStatus());
  }
  EXPECT_EQ(*ScanTable(*session_, "bulk"), rows);
  EXPECT_EQ(*RowsAfterCrash("bulk"), Rows{});

  ASSERT_EQ(lane().Take(), absl::OkStatus());
  EXPECT_EQ(*RowsAfterCrash("bulk"), rows);
}

TEST_F(WtCheckpointTest, BulkLoadRefusesKeysOutOfOrder) {
  ASSERT_EQ(session_->CreateTable("bulk"), absl::OkStatus());
  auto loader = session_->OpenBulkLoader("bulk");
  ASSERT_EQ(loader->Add("b", ""), absl::OkStatus());
  EXPECT_EQ(loader->Add("a", "").code(), absl::StatusCode::kInvalidArgument);
  EXPECT_EQ(loader->Add("b", "").code(), absl::StatusCode::kInvalidArgument);
  EXPECT_EQ(loader->Add("c", ""), absl::OkStatus());
  EXPECT_EQ(loader->Finish(), absl::OkStatus());
  EXPECT_EQ(connection_->Health(), absl::OkStatus());
}

TEST_F(WtCheckpointTest, CheckpointPassesOverATableThatIsBeingLoaded) {
  Put({{"a", "1"}});
  ASSERT_EQ(session_->CreateTable("bulk"), absl::OkStatus());
  auto loader = session_->OpenBulkLoader("bulk");
  ASSERT_EQ(loader->Add("a", ""), absl::OkStatus());
  EXPECT_EQ(lane().Take(), absl::OkStatus());
  EXPECT_EQ(*RowsAfterCrash("kv"), (Rows{{"a", "1"}}));
  EXPECT_EQ(*RowsAfterCrash("bulk"), Rows{});
}

TEST_F(WtCheckpointTest, TableThatIsBeingLoadedIsNobodyElses) {
  ASSERT_EQ(session_->CreateTable("bulk"), absl::OkStatus());
  auto loader = session_->OpenBulkLoader("bulk");
  const auto other = MustOpenSession(*connection_);
  EXPECT_TRUE(IsBusy(other->OpenCursor("bulk").status()));
  EXPECT_TRUE(IsBusy(other->DropTable("bulk")));
}

TEST_F(WtCheckpointTest, NamedCheckpointIsOneMomentForAsLongAsItIsRead) {
  ASSERT_EQ(session_->CreateTable("other"), absl::OkStatus());
  const Rows rows = NumberedRows(0, 500);
  Put(rows);
  ASSERT_EQ(PutRows(*session_, "other", rows), absl::OkStatus());
  ASSERT_EQ(lane().TakeNamed("snap_1"), absl::OkStatus());

  auto first = session_->OpenCheckpointCursor("kv", "snap_1");
  ASSERT_TRUE(first.ok()) << first.status();
  for (int round = 0; round < 3; ++round) {
    Put(NumberedRows(round * 400, round * 400 + 1000));
    Put({{"key1000001", "changed"}});
    ASSERT_EQ(lane().Take(), absl::OkStatus());
  }
  auto second = session_->OpenCheckpointCursor("other", "snap_1");

  EXPECT_EQ(*Scan(*first), rows);
  EXPECT_EQ(*Scan(*second), rows);
}

TEST_F(WtCheckpointTest, NamedCheckpointCannotBeTakenAnewOrDroppedWhileRead) {
  Put({{"a", "1"}});
  ASSERT_EQ(lane().TakeNamed("snap_1"), absl::OkStatus());
  {
    const auto cursor = session_->OpenCheckpointCursor("kv", "snap_1");
    Put({{"a", "2"}});
    EXPECT_TRUE(IsBusy(lane().TakeNamed("snap_1")));
    const std::vector<std::string> names = {"snap_1"};
    EXPECT_TRUE(IsBusy(lane().DropNamed(names)));
  }
  EXPECT_EQ(connection_->Health(), absl::OkStatus());
  EXPECT_EQ(lane().TakeNamed("snap_1"), absl::OkStatus());
  const auto cursor = session_->OpenCheckpointCursor("kv", "snap_1");
  EXPECT_EQ(*Scan(const_cast<Cursor&>(*cursor)), (Rows{{"a", "2"}}));
}

TEST_F(WtCheckpointTest, NamesAreListedAndDroppedAlsoAfterARestart) {
  Put({{"a", "1"}});
  ASSERT_EQ(lane().TakeNamed("snap_2"), absl::OkStatus());
  Put({{"a", "2"}});
  ASSERT_EQ(lane().TakeNamed("snap_10"), absl::OkStatus());
  session_.reset();
  ASSERT_EQ(connection_->Close(), absl::OkStatus());
  connection_ = MustOpen(directory_.path(), HomeMode::kMustExist);

  EXPECT_EQ(*lane().ListNamed(),
            (std::vector<std::string>{"snap_10", "snap_2"}));
  const std::vector<std::string> names = {"snap_2", "never_taken"};
  ASSERT_EQ(lane().DropNamed(names), absl::OkStatus());
  EXPECT_EQ(*lane().ListNamed(), (std::vector<std::string>{"snap_10"}));
  const auto session = MustOpenSession(*connection_);
  EXPECT_EQ(session->OpenCheckpointCursor("kv", "snap_2").status().code(),
            absl::StatusCode::kNotFound);
}

TEST_F(WtCheckpointTest, TableYoungerThanTheCheckpointIsNotInIt) {
  ASSERT_EQ(lane().TakeNamed("snap_1"), absl::OkStatus());
  ASSERT_EQ(session_->CreateTable("young"), absl::OkStatus());
  EXPECT_EQ(session_->OpenCheckpointCursor("young", "snap_1").status().code(),
            absl::StatusCode::kNotFound);
}

TEST_F(WtCheckpointTest, TableCannotBeDroppedWhileACursorIsOpen) {
  Put({{"a", "1"}});
  const auto other = MustOpenSession(*connection_);
  {
    const auto cursor = other->OpenCursor("kv");
    EXPECT_TRUE(IsBusy(session_->DropTable("kv")));
  }
  ASSERT_EQ(lane().TakeNamed("snap_1"), absl::OkStatus());
  {
    const auto cursor = other->OpenCheckpointCursor("kv", "snap_1");
    EXPECT_TRUE(IsBusy(session_->DropTable("kv")));
  }
  EXPECT_EQ(*ScanTable(*session_, "kv"), (Rows{{"a", "1"}}));
  EXPECT_EQ(session_->DropTable("kv"), absl::OkStatus());
  EXPECT_EQ(connection_->Health(), absl::OkStatus());
}

TEST_F(WtCheckpointTest, TablesAreListedCreatedOnceAndDroppedOnce) {
  ASSERT_EQ(session_->CreateTable("kv_g2"), absl::OkStatus());
  EXPECT_EQ(*session_->ListTables(), (std::vector<std::string>{"kv", "kv_g2"}));
  EXPECT_EQ(session_->CreateTable("kv").code(),
            absl::StatusCode::kAlreadyExists);
  EXPECT_EQ(session_->DropTable("kv"), absl::OkStatus());
  EXPECT_EQ(session_->DropTable("kv").code(), absl::StatusCode::kNotFound);
  EXPECT_EQ(*session_->ListTables(), (std::vector<std::string>{"kv_g2"}));
  EXPECT_EQ(connection_->Health(), absl::OkStatus());
}

TEST_F(WtCheckpointTest, DroppedNameCanBeCreatedAgain) {
  Put({{"a", "1"}});
  ASSERT_EQ(session_->DropTable("kv"), absl::OkStatus());
  ASSERT_EQ(session_->CreateTable("kv"), absl::OkStatus());
  EXPECT_EQ(*ScanTable(*session_, "kv"), Rows{});
}

}  // namespace
}  // namespace trimaran::wt
