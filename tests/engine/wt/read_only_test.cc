// Goal: looking at a home changes nothing in it, whatever state it is in.
// Method: names, contents and times of change of all files before and after.

#include <gtest/gtest.h>

#include <filesystem>
#include <fstream>
#include <iterator>
#include <map>
#include <string>
#include <string_view>

#include "absl/status/status.h"
#include "engine/wt/config.h"
#include "engine/wt/connection.h"
#include "engine/wt/wt_status.h"
#include "tests/engine/wt/test_home.h"

namespace trimaran::wt {
namespace {

struct FileImage {
  std::string content;
  std::filesystem::file_time_type changed;

  friend bool operator==(const FileImage&, const FileImage&) = default;
};

std::map<std::string, FileImage> ImageOf(const std::string& home) {
  std::map<std::string, FileImage> files;
  for (const auto& file : std::filesystem::directory_iterator(home)) {
    std::ifstream in(file.path(), std::ios::binary);
    files[file.path().filename()] = {{std::istreambuf_iterator<char>(in), {}},
                                     file.last_write_time()};
  }
  return files;
}

// A home with rows in a checkpoint, and some that came after it.
void FillHome(Connection& connection) {
  const auto session = MustOpenSession(connection);
  ASSERT_EQ(session->CreateTable("kv"), absl::OkStatus());
  ASSERT_EQ(PutRows(*session, "kv", NumberedRows(0, 2000)), absl::OkStatus());
  ASSERT_EQ(connection.checkpoints().Take(), absl::OkStatus());
  ASSERT_EQ(PutRows(*session, "kv", NumberedRows(2000, 3000)),
            absl::OkStatus());
}

Rows ReadAll(const std::string& home) {
  const auto connection = MustOpen(home, HomeMode::kReadOnly);
  const auto session = MustOpenSession(*connection);
  auto rows = ScanTable(*session, "kv");
  EXPECT_TRUE(rows.ok()) << rows.status();
  return rows.ok() ? *std::move(rows) : Rows{};
}

TEST(WtReadOnlyTest, ClosedHomeIsReadAndStaysAsItIs) {
  const TestDirectory directory;
  {
    const auto connection = MustOpen(directory.path(), HomeMode::kCreate);
    FillHome(*connection);
    ASSERT_EQ(connection->Close(), absl::OkStatus());
  }
  const auto before = ImageOf(directory.path());

  EXPECT_EQ(ReadAll(directory.path()), NumberedRows(0, 3000));

  EXPECT_EQ(ImageOf(directory.path()), before);
}

TEST(WtReadOnlyTest, HomeOfACrashShowsItsLastCheckpointAndStaysAsItIs) {
  const TestDirectory live;
  const TestDirectory crashed;
  const auto connection = MustOpen(live.path(), HomeMode::kCreate);
  FillHome(*connection);
  crashed.CopyFrom(live.path());
  const auto before = ImageOf(crashed.path());

  EXPECT_EQ(ReadAll(crashed.path()), NumberedRows(0, 2000));

  EXPECT_EQ(ImageOf(crashed.path()), before);
}

// WiredTiger would remove the one and restore from the other.
TEST(WtReadOnlyTest, HomeWithLeftoversOfACrashIsRefusedAndStaysAsItIs) {
  for (const std::string_view leftover : {kTurtleSetFile, kBackupFile}) {
    SCOPED_TRACE(leftover);
    const TestDirectory directory;
    {
      const auto connection = MustOpen(directory.path(), HomeMode::kCreate);
      FillHome(*connection);
    }
    std::ofstream(std::filesystem::path(directory.path()) / leftover) << "x";
    const auto before = ImageOf(directory.path());

    EXPECT_EQ(OpenHome(directory.path(), HomeMode::kReadOnly).status().code(),
              absl::StatusCode::kFailedPrecondition);

    EXPECT_EQ(ImageOf(directory.path()), before);
  }
}

TEST(WtReadOnlyTest, DirectoryOfLinksIsReadLikeTheHomeItself) {
  const TestDirectory home;
  {
    const auto connection = MustOpen(home.path(), HomeMode::kCreate);
    FillHome(*connection);
  }
  const TestDirectory links;
  for (const auto& file : std::filesystem::directory_iterator(home.path())) {
    std::filesystem::create_symlink(
        file.path(),
        std::filesystem::path(links.path()) / file.path().filename());
  }
  const auto before = ImageOf(home.path());

  EXPECT_EQ(ReadAll(links.path()), NumberedRows(0, 3000));

  EXPECT_EQ(ImageOf(home.path()), before);
}

TEST(WtReadOnlyTest, HomeInUseIsRefused) {
  const TestDirectory directory;
  const auto connection = MustOpen(directory.path(), HomeMode::kCreate);
  EXPECT_TRUE(IsBusy(OpenHome(directory.path(), HomeMode::kReadOnly).status()));
}

TEST(WtReadOnlyTest, DirectoryThatIsNoHomeIsRefusedAndStaysEmpty) {
  const TestDirectory directory;
  EXPECT_EQ(OpenHome(directory.path(), HomeMode::kReadOnly).status().code(),
            absl::StatusCode::kNotFound);
  EXPECT_TRUE(ImageOf(directory.path()).empty());
}

TEST(WtReadOnlyTest, TablesCannotBeMadeOrChanged) {
  const TestDirectory directory;
  {
    const auto connection = MustOpen(directory.path(), HomeMode::kCreate);
    FillHome(*connection);
  }
  const auto connection = MustOpen(directory.path(), HomeMode::kReadOnly);
  const auto session = MustOpenSession(*connection);
  EXPECT_FALSE(session->CreateTable("other").ok());
  EXPECT_FALSE(PutRows(*session, "kv", {{"k", "v"}}).ok());
}

}  // namespace
}  // namespace trimaran::wt
