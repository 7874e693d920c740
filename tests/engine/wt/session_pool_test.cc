#include "engine/wt/session_pool.h"

#include <gtest/gtest.h>

#include <memory>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "tests/engine/wt/test_home.h"

namespace trimaran::wt {
namespace {

class WtSessionPoolTest : public testing::Test {
 protected:
  WtSessionPoolTest()
      : connection_(MustOpen(directory_.path(), HomeMode::kCreate)) {
    const auto session = MustOpenSession(*connection_);
    EXPECT_EQ(session->CreateTable("kv"), absl::OkStatus());
    EXPECT_EQ(PutRows(*session, "kv", {{"a", "1"}}), absl::OkStatus());
  }

  TestDirectory directory_;
  std::unique_ptr<Connection> connection_;
};

TEST_F(WtSessionPoolTest, LeaseReadsAndComesBackWithItsCursor) {
  SessionPool pool(*connection_, 1);
  Cursor* first = nullptr;
  {
    auto lease = pool.Acquire();
    ASSERT_TRUE(lease.ok()) << lease.status();
    first = *(*lease)->CachedCursor("kv");
    ASSERT_TRUE(*first->Seek("a"));
    EXPECT_EQ(first->value(), "1");
  }
  auto lease = pool.Acquire();
  EXPECT_EQ(*(*lease)->CachedCursor("kv"), first);
}

TEST_F(WtSessionPoolTest, ExhaustedPoolNamesItsLimitAndRecovers) {
  SessionPool pool(*connection_, 2);
  auto first = pool.Acquire();
  auto second = pool.Acquire();
  ASSERT_TRUE(first.ok());
  ASSERT_TRUE(second.ok());

  const absl::Status refused = pool.Acquire().status();
  EXPECT_EQ(refused.code(), absl::StatusCode::kResourceExhausted);
  EXPECT_NE(std::string(refused.message()).find("all 2 "), std::string::npos)
      << refused;

  { const SessionPool::Lease returned = *std::move(first); }
  EXPECT_TRUE(pool.Acquire().ok());
}

TEST_F(WtSessionPoolTest, MovedLeaseIsReturnedOnce) {
  SessionPool pool(*connection_, 2);
  auto first = pool.Acquire();
  auto second = pool.Acquire();
  *first = *std::move(second);
  // The session that `first` had is free again, the other one is not.
  const auto third = pool.Acquire();
  EXPECT_TRUE(third.ok());
  EXPECT_FALSE(pool.Acquire().ok());
}

TEST_F(WtSessionPoolTest, ReturnedSessionPinsNothing) {
  SessionPool pool(*connection_, 1);
  {
    auto lease = pool.Acquire();
    ASSERT_TRUE(*(*(*lease)->CachedCursor("kv"))->Seek("a"));
  }
  const auto writer = MustOpenSession(*connection_);
  for (int i = 0; i < 10; ++i) {
    ASSERT_EQ(PutRows(*writer, "kv", {NumberedRow(i)}), absl::OkStatus());
  }
  ASSERT_EQ(connection_->checkpoints().Take(), absl::OkStatus());
  EXPECT_LE(connection_->ReadStatistics()->pinned_transactions, 1u);
}

TEST_F(WtSessionPoolTest, ManyLeasesOfOneSessionStayUsable) {
  SessionPool pool(*connection_, 1);
  for (int i = 0; i < 1000; ++i) {
    auto lease = pool.Acquire();
    ASSERT_TRUE(lease.ok()) << lease.status();
    ASSERT_TRUE(*(*(*lease)->CachedCursor("kv"))->Seek("a"));
  }
}

TEST_F(WtSessionPoolTest, RetiredTableCanBeDropped) {
  SessionPool pool(*connection_, 2);
  const auto dropper = MustOpenSession(*connection_);
  auto busy = pool.Acquire();
  ASSERT_TRUE((*busy)->CachedCursor("kv").ok());
  {
    const auto idle = pool.Acquire();
    ASSERT_TRUE((*idle)->CachedCursor("kv").ok());
  }

  pool.RetireTable("kv");
  EXPECT_TRUE(IsBusy(dropper->DropTable("kv")));
  { const SessionPool::Lease returned = *std::move(busy); }
  EXPECT_EQ(dropper->DropTable("kv"), absl::OkStatus());
}

TEST_F(WtSessionPoolTest, RetiringOneTableKeepsTheOthers) {
  const auto session = MustOpenSession(*connection_);
  ASSERT_EQ(session->CreateTable("other"), absl::OkStatus());
  SessionPool pool(*connection_, 1);
  Cursor* kept = nullptr;
  {
    auto lease = pool.Acquire();
    ASSERT_TRUE((*lease)->CachedCursor("kv").ok());
    kept = *(*lease)->CachedCursor("other");
  }
  pool.RetireTable("kv");
  auto lease = pool.Acquire();
  EXPECT_EQ(*(*lease)->CachedCursor("other"), kept);
}

using WtSessionPoolDeathTest = WtSessionPoolTest;

TEST_F(WtSessionPoolDeathTest, LeaseLeavesNothingOpen) {
  SessionPool pool(*connection_, 1);
  EXPECT_DEATH(
      {
        auto lease = pool.Acquire();
        auto transaction = Transaction::Begin(**lease);
        { const SessionPool::Lease returned = *std::move(lease); }
      },
      "left open by a lease");
  EXPECT_DEATH(
      {
        auto lease = pool.Acquire();
        auto cursor = (*lease)->OpenCursor("kv");
        { const SessionPool::Lease returned = *std::move(lease); }
      },
      "left open by a lease");
}

}  // namespace
}  // namespace trimaran::wt
