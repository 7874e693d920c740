// Several threads at one connection, each with sessions of its own. Run with
// ThreadSanitizer it shows that the wrapper adds no race.

#include <gtest/gtest.h>

#include <atomic>
#include <string>
#include <thread>
#include <vector>

#include "engine/wt/session_pool.h"
#include "tests/engine/wt/test_home.h"

namespace trimaran::wt {
namespace {

constexpr int kRounds = 300;

// Moves one from a row to another, over and over, so that the sum of the two
// tells a reader whether it saw half of a transaction.
absl::Status MoveOnce(SessionPool& pool, const std::string& from,
                      const std::string& to) {
  TRIMARAN_ASSIGN_OR_RETURN(const SessionPool::Lease lease, pool.Acquire());
  TRIMARAN_ASSIGN_OR_RETURN(Cursor cursor, lease->OpenCursor("kv"));
  TRIMARAN_ASSIGN_OR_RETURN(Transaction transaction,
                            Transaction::Begin(*lease));
  TRIMARAN_RETURN_IF_ERROR(cursor.Seek(from).status());
  const int left = std::stoi(std::string(cursor.value())) - 1;
  TRIMARAN_RETURN_IF_ERROR(cursor.Seek(to).status());
  const int right = std::stoi(std::string(cursor.value())) + 1;
  TRIMARAN_RETURN_IF_ERROR(cursor.Put(from, std::to_string(left)));
  TRIMARAN_RETURN_IF_ERROR(cursor.Put(to, std::to_string(right)));
  return transaction.Commit();
}

absl::StatusOr<int> Sum(SessionPool& pool) {
  TRIMARAN_ASSIGN_OR_RETURN(const SessionPool::Lease lease, pool.Acquire());
  TRIMARAN_ASSIGN_OR_RETURN(Cursor cursor, lease->OpenCursor("kv"));
  TRIMARAN_ASSIGN_OR_RETURN(const Transaction transaction,
                            Transaction::Begin(*lease));
  TRIMARAN_ASSIGN_OR_RETURN(const Rows rows, Scan(cursor));
  int sum = 0;
  for (const Row& row : rows) sum += std::stoi(row.value);
  return sum;
}

TEST(WtConcurrencyTest, WritersReadersAndCheckpointsDoNotDisturbEachOther) {
  const TestDirectory directory;
  const auto connection = MustOpen(directory.path(), HomeMode::kCreate);
  {
    const auto session = MustOpenSession(*connection);
    ASSERT_EQ(session->CreateTable("kv"), absl::OkStatus());
    ASSERT_EQ(PutRows(*session, "kv", {{"a", "500"}, {"b", "500"}}),
              absl::OkStatus());
  }
  SessionPool pool(*connection, 8);
  std::atomic<int> committed = 0;
  std::atomic<bool> stop = false;

  auto write = [&](const std::string& from, const std::string& to) {
    for (int i = 0; i < kRounds; ++i) {
      const absl::Status status = MoveOnce(pool, from, to);
      if (status.ok()) ++committed;
      EXPECT_TRUE(status.ok() || IsRollback(status)) << status;
    }
  };
  auto read = [&] {
    while (!stop) {
      const auto sum = Sum(pool);
      ASSERT_TRUE(sum.ok()) << sum.status();
      ASSERT_EQ(*sum, 1000);
    }
  };
  auto checkpoint = [&] {
    while (!stop) {
      ASSERT_EQ(connection->checkpoints().Take(), absl::OkStatus());
    }
  };
  std::vector<std::thread> background;
  background.emplace_back(read);
  background.emplace_back(read);
  background.emplace_back(checkpoint);
  std::thread first(write, "a", "b");
  std::thread second(write, "b", "a");
  first.join();
  second.join();
  stop = true;
  for (std::thread& thread : background) thread.join();

  EXPECT_GT(committed, 0);
  EXPECT_EQ(*Sum(pool), 1000);
  EXPECT_EQ(connection->Health(), absl::OkStatus());
}

TEST(WtConcurrencyTest, PoolOfOneIsHeldByOneAtATime) {
  const TestDirectory directory;
  const auto connection = MustOpen(directory.path(), HomeMode::kCreate);
  SessionPool pool(*connection, 1);
  std::atomic<int> holders = 0;
  std::atomic<int> held = 0;
  auto lease_often = [&] {
    for (int i = 0; i < kRounds; ++i) {
      const auto lease = pool.Acquire();
      if (!lease.ok()) continue;
      EXPECT_EQ(++holders, 1);
      ++held;
      --holders;
    }
  };
  std::thread first(lease_often);
  std::thread second(lease_often);
  first.join();
  second.join();
  EXPECT_GT(held, 0);
}

}  // namespace
}  // namespace trimaran::wt
