// Rows through cursors: finding, walking, changing, and what a transaction
// sees.

#include "engine/wt/cursor.h"

#include <gtest/gtest.h>

#include <memory>
#include <string>

#include "tests/engine/wt/test_home.h"

namespace trimaran::wt {
namespace {

class WtCursorTest : public testing::Test {
 protected:
  WtCursorTest()
      : connection_(MustOpen(directory_.path(), HomeMode::kCreate)),
        session_(MustOpenSession(*connection_)) {
    EXPECT_EQ(session_->CreateTable("kv"), absl::OkStatus());
  }

  Cursor Open(Session& session) {
    auto cursor = session.OpenCursor("kv");
    TRIMARAN_CHECK(cursor.ok()) << cursor.status();
    return *std::move(cursor);
  }
  void Put(const Rows& rows) {
    EXPECT_EQ(PutRows(*session_, "kv", rows), absl::OkStatus());
  }

  TestDirectory directory_;
  std::unique_ptr<Connection> connection_;
  std::unique_ptr<Session> session_;
};

TEST_F(WtCursorTest, SeekFindsExactlyItsKey) {
  Put({{"b", "1"}, {"d", ""}});
  Cursor cursor = Open(*session_);

  ASSERT_TRUE(*cursor.Seek("b"));
  EXPECT_EQ(cursor.key(), "b");
  EXPECT_EQ(cursor.value(), "1");
  ASSERT_TRUE(*cursor.Seek("d"));
  EXPECT_EQ(cursor.value(), "");
  EXPECT_FALSE(*cursor.Seek("c"));
}

TEST_F(WtCursorTest, EmptyKeyIsRefused) {
  Cursor cursor = Open(*session_);
  EXPECT_EQ(cursor.Seek("").status().code(),
            absl::StatusCode::kInvalidArgument);
  auto transaction = Transaction::Begin(*session_);
  EXPECT_EQ(cursor.Put("", "1").code(), absl::StatusCode::kInvalidArgument);
  EXPECT_EQ(transaction->Commit().code(), absl::StatusCode::kInvalidArgument);
  EXPECT_EQ(connection_->Health(), absl::OkStatus());
}

TEST_F(WtCursorTest, BytesOfAnyValueAreKept) {
  std::string all;
  for (int i = 0; i < 256; ++i) all += static_cast<char>(i);
  Put({{all, all + all}, {std::string(1, '\0'), std::string(3, '\0')}});
  EXPECT_EQ(
      *ScanTable(*session_, "kv"),
      (Rows{{std::string(1, '\0'), std::string(3, '\0')}, {all, all + all}}));
}

TEST_F(WtCursorTest, KeysAreInTheOrderOfUnsignedBytes) {
  Put({{"\xff", "3"}, {"a", "1"}, {"aa", "2"}, {"\x01", "0"}});
  EXPECT_EQ(*ScanTable(*session_, "kv"),
            (Rows{{"\x01", "0"}, {"a", "1"}, {"aa", "2"}, {"\xff", "3"}}));
}

TEST_F(WtCursorTest, LargestKeyAndValueAreKept) {
  const Row row{std::string(1024 + 64, 'k'), std::string(16 << 20, 'v')};
  Put({row});
  ASSERT_EQ(connection_->checkpoints().Take(), absl::OkStatus());
  EXPECT_EQ(*ScanTable(*session_, "kv"), Rows{row});
}

TEST_F(WtCursorTest, SeekNearTellsWhereItLanded) {
  Cursor cursor = Open(*session_);
  EXPECT_EQ(*cursor.SeekNear("b"), Landing::kEmpty);

  Put({{"b", "1"}});
  EXPECT_EQ(*cursor.SeekNear("b"), Landing::kExact);
  EXPECT_EQ(*cursor.SeekNear("a"), Landing::kAfter);
  EXPECT_EQ(cursor.key(), "b");
  EXPECT_EQ(*cursor.SeekNear("c"), Landing::kBefore);
  EXPECT_EQ(cursor.key(), "b");
}

TEST_F(WtCursorTest, SeekAtOrAfterFindsTheLowerBound) {
  Put({{"b", ""}, {"d", ""}});
  Cursor cursor = Open(*session_);
  for (const auto& [key, found] :
       Rows{{"a", "b"}, {"b", "b"}, {"c", "d"}, {"d", "d"}}) {
    ASSERT_TRUE(*cursor.SeekAtOrAfter(key)) << key;
    EXPECT_EQ(cursor.key(), found) << key;
  }
  EXPECT_FALSE(*cursor.SeekAtOrAfter("e"));
}

TEST_F(WtCursorTest, SeekAtOrBeforeFindsTheLastNotBehind) {
  Put({{"b", ""}, {"d", ""}});
  Cursor cursor = Open(*session_);
  for (const auto& [key, found] :
       Rows{{"b", "b"}, {"c", "b"}, {"d", "d"}, {"e", "d"}}) {
    ASSERT_TRUE(*cursor.SeekAtOrBefore(key)) << key;
    EXPECT_EQ(cursor.key(), found) << key;
  }
  EXPECT_FALSE(*cursor.SeekAtOrBefore("a"));
}

TEST_F(WtCursorTest, WalksBothWaysAndBeginsAnewBehindTheEnd) {
  Put({{"a", ""}, {"b", ""}});
  Cursor cursor = Open(*session_);
  ASSERT_TRUE(*cursor.Next());
  EXPECT_EQ(cursor.key(), "a");
  ASSERT_TRUE(*cursor.Next());
  EXPECT_EQ(cursor.key(), "b");
  ASSERT_TRUE(*cursor.Prev());
  EXPECT_EQ(cursor.key(), "a");
  EXPECT_FALSE(*cursor.Prev());
  ASSERT_TRUE(*cursor.Prev());
  EXPECT_EQ(cursor.key(), "b");
  EXPECT_FALSE(*cursor.Next());
  ASSERT_TRUE(*cursor.Next());
  EXPECT_EQ(cursor.key(), "a");
}

TEST_F(WtCursorTest, FailedSeekLeavesItOnNoRow) {
  Put({{"a", ""}, {"b", ""}});
  Cursor cursor = Open(*session_);
  ASSERT_TRUE(*cursor.Seek("b"));
  ASSERT_FALSE(*cursor.Seek("aa"));
  ASSERT_TRUE(*cursor.Next());
  EXPECT_EQ(cursor.key(), "a");
}

TEST_F(WtCursorTest, ManyRowsScanInOrder) {
  const Rows rows = NumberedRows(0, 5000);
  Put(rows);
  EXPECT_EQ(*ScanTable(*session_, "kv"), rows);
}

TEST_F(WtCursorTest, PutOverwritesAndRemoveForgets) {
  Put({{"a", "1"}, {"b", "1"}});
  Cursor cursor = Open(*session_);
  auto transaction = Transaction::Begin(*session_);
  ASSERT_EQ(cursor.Put("a", "2"), absl::OkStatus());
  ASSERT_EQ(cursor.Remove("b"), absl::OkStatus());
  ASSERT_EQ(cursor.Remove("never there"), absl::OkStatus());
  ASSERT_EQ(transaction->Commit(), absl::OkStatus());
  EXPECT_EQ(*Scan(cursor), (Rows{{"a", "2"}}));
}

TEST_F(WtCursorTest, CursorOnNoTableIsNotFound) {
  EXPECT_EQ(session_->OpenCursor("other").status().code(),
            absl::StatusCode::kNotFound);
}

TEST_F(WtCursorTest, TransactionSeesTheMomentOfItsBegin) {
  Put({{"a", "old"}});
  const auto reader = MustOpenSession(*connection_);
  auto snapshot = Transaction::Begin(*reader);
  ASSERT_TRUE(snapshot.ok());

  Put({{"a", "new"}, {"b", "new"}});

  EXPECT_EQ(*ScanTable(*reader, "kv"), (Rows{{"a", "old"}}));
  ASSERT_EQ(snapshot->Rollback(), absl::OkStatus());
  EXPECT_EQ(*ScanTable(*reader, "kv"), (Rows{{"a", "new"}, {"b", "new"}}));
}

TEST_F(WtCursorTest, ChangesAreSeenByTheirOwnTransactionOnly) {
  const auto other = MustOpenSession(*connection_);
  Cursor cursor = Open(*session_);
  auto transaction = Transaction::Begin(*session_);
  ASSERT_EQ(cursor.Put("a", "1"), absl::OkStatus());

  EXPECT_EQ(*ScanTable(*session_, "kv"), (Rows{{"a", "1"}}));
  EXPECT_EQ(*ScanTable(*other, "kv"), Rows{});
  ASSERT_EQ(transaction->Commit(), absl::OkStatus());
  EXPECT_EQ(*ScanTable(*other, "kv"), (Rows{{"a", "1"}}));
}

TEST_F(WtCursorTest, RollbackAndDestructionTakeChangesBack) {
  Cursor cursor = Open(*session_);
  {
    auto transaction = Transaction::Begin(*session_);
    ASSERT_EQ(cursor.Put("a", "1"), absl::OkStatus());
    ASSERT_EQ(transaction->Rollback(), absl::OkStatus());
    EXPECT_FALSE(transaction->is_active());
  }
  {
    auto transaction = Transaction::Begin(*session_);
    ASSERT_EQ(cursor.Put("b", "1"), absl::OkStatus());
  }
  EXPECT_FALSE(session_->in_transaction());
  EXPECT_EQ(*Scan(cursor), Rows{});
}

TEST_F(WtCursorTest, SecondWriterOfARowIsRolledBack) {
  const auto other = MustOpenSession(*connection_);
  Cursor mine = Open(*session_);
  Cursor theirs = Open(*other);
  auto first = Transaction::Begin(*session_);
  auto second = Transaction::Begin(*other);
  ASSERT_EQ(mine.Put("a", "first"), absl::OkStatus());

  const absl::Status conflict = theirs.Put("a", "second");
  EXPECT_TRUE(IsRollback(conflict)) << conflict;
  // What a transaction could not do cannot be committed without it.
  ASSERT_EQ(theirs.Put("b", "second"), absl::OkStatus());
  EXPECT_TRUE(IsRollback(second->Commit()));
  ASSERT_EQ(first->Commit(), absl::OkStatus());

  EXPECT_EQ(connection_->Health(), absl::OkStatus());
  EXPECT_EQ(*ScanTable(*session_, "kv"), (Rows{{"a", "first"}}));
}

TEST_F(WtCursorTest, TransactionsFollowOneAnotherInASession) {
  for (int i = 0; i < 3; ++i) Put({{"a", std::to_string(i)}});
  EXPECT_EQ(*ScanTable(*session_, "kv"), (Rows{{"a", "2"}}));
}

TEST_F(WtCursorTest, MovedCursorGoesOn) {
  Put({{"a", ""}, {"b", ""}});
  Cursor first = Open(*session_);
  ASSERT_TRUE(*first.Next());
  Cursor second = std::move(first);
  EXPECT_EQ(second.key(), "a");
  ASSERT_TRUE(*second.Next());
  EXPECT_EQ(second.key(), "b");
}

using WtCursorDeathTest = WtCursorTest;

TEST_F(WtCursorDeathTest, WritingOutsideATransactionIsAProgrammersError) {
  Cursor cursor = Open(*session_);
  EXPECT_DEATH((void)cursor.Put("a", "1"), "in_transaction");
  EXPECT_DEATH((void)cursor.Remove("a"), "in_transaction");
}

TEST_F(WtCursorDeathTest, ReadingNoRowIsAProgrammersError) {
  Put({{"a", "1"}});
  Cursor cursor = Open(*session_);
  EXPECT_DEATH((void)cursor.key(), "on no row");
  {
    auto transaction = Transaction::Begin(*session_);
    ASSERT_TRUE(*cursor.Seek("a"));
  }
  EXPECT_DEATH((void)cursor.key(), "check failed");
  EXPECT_DEATH((void)cursor.value(), "check failed");
}

TEST_F(WtCursorDeathTest, TwoTransactionsInASessionAreAProgrammersError) {
  const auto transaction = Transaction::Begin(*session_);
  EXPECT_DEATH((void)Transaction::Begin(*session_), "in_transaction");
}

}  // namespace
}  // namespace trimaran::wt
