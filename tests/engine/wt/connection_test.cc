// Opening and closing a home, and what must never open.

#include "engine/wt/connection.h"

#include <gtest/gtest.h>
#include <stdlib.h>

#include <filesystem>
#include <fstream>
#include <string>

#include "engine/base/errors.h"
#include "engine/wt/config.h"
#include "tests/engine/wt/test_home.h"

namespace trimaran::wt {
namespace {

// A closed home with one table and one row.
void MakeHome(const std::string& path) {
  const auto connection = MustOpen(path, HomeMode::kCreate);
  {
    const auto session = MustOpenSession(*connection);
    ASSERT_EQ(session->CreateTable("kv"), absl::OkStatus());
    ASSERT_EQ(PutRows(*session, "kv", {{"k", "v"}}), absl::OkStatus());
  }
  ASSERT_EQ(connection->Close(), absl::OkStatus());
}

TEST(WtConnectionTest, NewHomeIsEmpty) {
  const TestDirectory directory;
  const auto connection = MustOpen(directory.path(), HomeMode::kCreate);
  const auto session = MustOpenSession(*connection);
  const auto tables = session->ListTables();
  ASSERT_TRUE(tables.ok()) << tables.status();
  EXPECT_TRUE(tables->empty());
}

TEST(WtConnectionTest, ClosedHomeOpensWithItsRows) {
  const TestDirectory directory;
  MakeHome(directory.path());

  const auto connection = MustOpen(directory.path(), HomeMode::kMustExist);
  const auto session = MustOpenSession(*connection);
  EXPECT_EQ(*ScanTable(*session, "kv"), (Rows{{"k", "v"}}));
}

TEST(WtConnectionTest, DestructorClosesAsWell) {
  const TestDirectory directory;
  MakeHome(directory.path());
  { const auto connection = MustOpen(directory.path(), HomeMode::kMustExist); }
  EXPECT_TRUE(OpenHome(directory.path(), HomeMode::kMustExist).ok());
}

TEST(WtConnectionTest, EmptyDirectoryIsNoHome) {
  const TestDirectory directory;
  const auto connection = OpenHome(directory.path(), HomeMode::kMustExist);
  EXPECT_EQ(connection.status().code(), absl::StatusCode::kNotFound);
  EXPECT_NE(std::string(connection.status().message()).find(directory.path()),
            std::string::npos)
      << connection.status();
  EXPECT_TRUE(std::filesystem::is_empty(directory.path()));
}

TEST(WtConnectionTest, AbsentDirectoryIsNotMade) {
  const TestDirectory directory;
  const std::string path = directory.path() + "/absent";
  EXPECT_EQ(OpenHome(path, HomeMode::kCreate).status().code(),
            absl::StatusCode::kNotFound);
  EXPECT_FALSE(std::filesystem::exists(path));
}

// WiredTiger by itself would rename the rest out of the way and start empty.
TEST(WtConnectionTest, HomeWithoutItsTurtleIsRefusedAndLeftAlone) {
  const TestDirectory directory;
  MakeHome(directory.path());
  directory.Remove(kTurtleFile);

  EXPECT_EQ(OpenHome(directory.path(), HomeMode::kMustExist).status().code(),
            absl::StatusCode::kNotFound);

  EXPECT_TRUE(directory.Contains(kMetadataFile));
  EXPECT_FALSE(directory.Contains("WiredTiger.wt.1"));
}

TEST(WtConnectionTest, CallerSaysWhetherTheTurtleExists) {
  const TestDirectory directory;
  MakeHome(directory.path());
  ConnectionOptions options;
  options.home = directory.path();
  std::string asked;
  options.file_exists = [&](const std::string& path) -> absl::StatusOr<bool> {
    asked = path;
    return false;
  };
  EXPECT_EQ(Connection::Open(options).status().code(),
            absl::StatusCode::kNotFound);
  EXPECT_EQ(asked, directory.path() + "/WiredTiger.turtle");
}

TEST(WtConnectionTest, EmptyTurtleIsAnError) {
  const TestDirectory directory;
  MakeHome(directory.path());
  std::ofstream(directory.path() + "/WiredTiger.turtle", std::ios::trunc);

  const auto connection = OpenHome(directory.path(), HomeMode::kMustExist);
  ASSERT_FALSE(connection.ok());
  EXPECT_TRUE(IsCorruption(connection.status())) << connection.status();
}

TEST(WtConnectionTest, DamagedMetadataIsAnError) {
  const TestDirectory directory;
  MakeHome(directory.path());
  const std::string path = directory.path() + "/WiredTiger.wt";
  std::filesystem::resize_file(path, 0);
  std::filesystem::resize_file(path, 32768);

  const auto connection = OpenHome(directory.path(), HomeMode::kMustExist);
  ASSERT_FALSE(connection.ok());
  EXPECT_TRUE(IsCorruption(connection.status())) << connection.status();
}

TEST(WtConnectionTest, SecondOpenOfAHomeIsRefused) {
  const TestDirectory directory;
  MakeHome(directory.path());
  const auto first = MustOpen(directory.path(), HomeMode::kMustExist);

  const auto second = OpenHome(directory.path(), HomeMode::kMustExist);
  EXPECT_TRUE(IsBusy(second.status())) << second.status();

  const auto session = MustOpenSession(*first);
  EXPECT_EQ(*ScanTable(*session, "kv"), (Rows{{"k", "v"}}));
}

TEST(WtConnectionTest, EnvironmentDoesNotChangeSettings) {
  const TestDirectory directory;
  ASSERT_EQ(setenv("WIREDTIGER_CONFIG", "log=(enabled=true)", 1), 0);
  const auto connection = MustOpen(directory.path(), HomeMode::kCreate);
  ASSERT_EQ(unsetenv("WIREDTIGER_CONFIG"), 0);
  EXPECT_FALSE(directory.Contains("WiredTigerLog.0000000001"));
}

TEST(WtConnectionTest, NothingButNamedFilesIsInAHome) {
  const TestDirectory directory;
  MakeHome(directory.path());
  for (const auto& entry :
       std::filesystem::directory_iterator(directory.path())) {
    const std::string name = entry.path().filename();
    EXPECT_TRUE(name == kTurtleFile || name == kMetadataFile ||
                name == kVersionFile || name == kLockFile ||
                name == kLookasideFile || name == TableFileName("kv"))
        << name;
  }
}

TEST(WtConnectionTest, SessionsHaveALimitThatTheErrorNames) {
  const TestDirectory directory;
  ConnectionOptions options;
  options.home = directory.path();
  options.mode = HomeMode::kCreate;
  options.sessions_max = 2;
  auto connection = Connection::Open(options);
  ASSERT_TRUE(connection.ok()) << connection.status();

  // The checkpoint lane has one.
  auto first = MustOpenSession(**connection);
  const absl::Status refused = Session::Open(**connection).status();
  EXPECT_EQ(refused.code(), absl::StatusCode::kResourceExhausted);
  EXPECT_NE(std::string(refused.message()).find("all 2 sessions"),
            std::string::npos)
      << refused;

  first.reset();
  EXPECT_TRUE(Session::Open(**connection).ok());
  EXPECT_EQ((*connection)->Health(), absl::OkStatus());
}

TEST(WtConnectionDeathTest, ClosingBeforeItsSessionsIsAProgrammersError) {
  const TestDirectory directory;
  const auto connection = MustOpen(directory.path(), HomeMode::kCreate);
  const auto session = MustOpenSession(*connection);
  EXPECT_DEATH((void)connection->Close(), "still open");
}

TEST(WtConnectionTest, StatisticsTellOfDirtyBytesAndCheckpoints) {
  const TestDirectory directory;
  const auto connection = MustOpen(directory.path(), HomeMode::kCreate);
  const auto session = MustOpenSession(*connection);
  ASSERT_EQ(session->CreateTable("kv"), absl::OkStatus());
  ASSERT_EQ(PutRows(*session, "kv", NumberedRows(0, 1000)), absl::OkStatus());

  const auto before = connection->ReadStatistics();
  ASSERT_TRUE(before.ok()) << before.status();
  EXPECT_EQ(before->cache_bytes_max, 16u << 20);
  EXPECT_GT(before->cache_bytes_dirty, 100000u);
  EXPECT_GE(before->cache_bytes_used, before->cache_bytes_dirty);
  EXPECT_EQ(before->lookaside_inserts, 0u);

  ASSERT_EQ(connection->checkpoints().Take(), absl::OkStatus());
  const auto after = connection->ReadStatistics();
  ASSERT_TRUE(after.ok()) << after.status();
  EXPECT_LT(after->cache_bytes_dirty, before->cache_bytes_dirty);
  EXPECT_GT(after->checkpoints, before->checkpoints);
}

TEST(WtConnectionTest, StatisticsTellOfAReaderThatStays) {
  const TestDirectory directory;
  const auto connection = MustOpen(directory.path(), HomeMode::kCreate);
  const auto reader = MustOpenSession(*connection);
  const auto writer = MustOpenSession(*connection);
  ASSERT_EQ(writer->CreateTable("kv"), absl::OkStatus());

  auto pinned = Transaction::Begin(*reader);
  ASSERT_TRUE(pinned.ok());
  for (int i = 0; i < 10; ++i) {
    ASSERT_EQ(PutRows(*writer, "kv", {NumberedRow(i)}), absl::OkStatus());
  }
  EXPECT_GE(connection->ReadStatistics()->pinned_transactions, 10u);

  ASSERT_EQ(pinned->Rollback(), absl::OkStatus());
  ASSERT_EQ(connection->checkpoints().Take(), absl::OkStatus());
  EXPECT_LE(connection->ReadStatistics()->pinned_transactions, 1u);
}

}  // namespace
}  // namespace trimaran::wt
