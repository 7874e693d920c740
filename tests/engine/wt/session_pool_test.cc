#include "engine/wt/session_pool.h"

#include <gtest/gtest.h>

#include <memory>
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

TEST_F(WtSessionPoolTest, LeaseReadsAndItsSessionStaysOpenForTheNext) {
  SessionPool pool(*connection_, 1);
  const Session* session = nullptr;
  {
    auto lease = pool.Acquire();
    ASSERT_TRUE(lease.ok()) << lease.status();
    session = &**lease;
    Cursor cursor = *(*lease)->OpenCursor("kv");
    ASSERT_TRUE(*cursor.Seek("a"));
    EXPECT_EQ(cursor.value(), "1");
  }
  const auto lease = pool.Acquire();
  EXPECT_EQ(&**lease, session);
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
    Cursor cursor = *(*lease)->OpenCursor("kv");
    ASSERT_TRUE(*cursor.Seek("a"));
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
    Cursor cursor = *(*lease)->OpenCursor("kv");
    ASSERT_TRUE(*cursor.Seek("a"));
  }
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
