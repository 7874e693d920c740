// Goal: what a directory is can be told from its names alone, and nothing that
// may hold data passes for scrap.

#include "engine/home/home_kind.h"

#include <string>
#include <vector>

#include "gmock/gmock.h"
#include "gtest/gtest.h"

namespace trimaran::engine {
namespace {

using ::testing::HasSubstr;

HomeKind Classify(std::vector<std::string> names) {
  return ClassifyHome(names);
}
std::string TextOf(const absl::Status& status) {
  return std::string(status.message());
}

TEST(ClassifyHomeTest, NothingButALockIsEmpty) {
  EXPECT_EQ(Classify({}), HomeKind::kEmpty);
  EXPECT_EQ(Classify({"LOCK"}), HomeKind::kEmpty);
}

TEST(ClassifyHomeTest, IdentityMakesAHome) {
  EXPECT_EQ(Classify({"STORE"}), HomeKind::kHome);
  EXPECT_EQ(
      Classify({"FLOOR", "LOCK", "RESERVE", "STORE", "kv", "log", "snap"}),
      HomeKind::kHome);
  // The mark is what a crash may leave after the identity was written.
  EXPECT_EQ(Classify({"FOUNDING", "STORE", "kv"}), HomeKind::kHome);
  EXPECT_EQ(Classify({"STORE", "notes.txt"}), HomeKind::kHome);
}

TEST(ClassifyHomeTest, MarkWithoutIdentityIsUnfinished) {
  EXPECT_EQ(Classify({"FOUNDING"}), HomeKind::kUnfinished);
  EXPECT_EQ(Classify({"FLOOR", "FLOOR.tmp", "FOUNDING", "LOCK", "STORE.tmp",
                      "kv", "log", "snap"}),
            HomeKind::kUnfinished);
}

TEST(ClassifyHomeTest, DataWithoutMarkAndIdentityIsNotScrap) {
  EXPECT_EQ(Classify({"kv"}), HomeKind::kIdentityLost);
  EXPECT_EQ(Classify({"FLOOR", "LOCK", "kv", "log", "snap"}),
            HomeKind::kIdentityLost);
  EXPECT_EQ(Classify({"STORE.tmp"}), HomeKind::kIdentityLost);
  EXPECT_EQ(Classify({"RESERVE", "RESERVE.tmp"}), HomeKind::kIdentityLost);
}

TEST(ClassifyHomeTest, AnyOtherNameIsSomebodyElses) {
  EXPECT_EQ(Classify({"notes.txt"}), HomeKind::kForeign);
  EXPECT_EQ(Classify({"lost+found"}), HomeKind::kForeign);
  EXPECT_EQ(Classify({"FOUNDING", "notes.txt"}), HomeKind::kForeign);
  EXPECT_EQ(Classify({"kv", "log", "notes.txt"}), HomeKind::kForeign);
  EXPECT_EQ(Classify({"kv.tmp"}), HomeKind::kForeign);
  EXPECT_EQ(Classify({".tmp"}), HomeKind::kForeign);
  EXPECT_EQ(Classify({"store"}), HomeKind::kForeign);
}

constexpr PathInfo kPrivate = {FileKind::kDirectory, 0, true, 0700};

TEST(HomeAccessTest, OwnPrivateDirectoryIsFine) {
  EXPECT_TRUE(CheckIsDirectory("/d", kPrivate).ok());
  EXPECT_TRUE(CheckIsPrivate("/d", kPrivate).ok());
}

TEST(HomeAccessTest, OnlyADirectoryCanBeAHome) {
  PathInfo info = kPrivate;
  info.kind = FileKind::kFile;
  EXPECT_EQ(TextOf(CheckIsDirectory("/d", info)),
            "/d cannot be a data directory: it is a file");
  info.kind = FileKind::kOther;
  EXPECT_THAT(TextOf(CheckIsDirectory("/d", info)), HasSubstr("symbolic link"));
}

TEST(HomeAccessTest, EveryWayInForOthersIsRefusedByMode) {
  for (const uint32_t mode :
       {0750u, 0770u, 0701u, 0710u, 0777u, 0500u, 0600u}) {
    PathInfo info = kPrivate;
    info.mode = mode;
    const absl::Status status = CheckIsPrivate("/d", info);
    EXPECT_TRUE(absl::IsPermissionDenied(status)) << status;
  }
  PathInfo info = kPrivate;
  info.mode = 0755;
  EXPECT_EQ(TextOf(CheckIsPrivate("/d", info)),
            "data directory /d has mode 0755; nobody but its owner may reach "
            "into it: chmod 0700");
}

TEST(HomeAccessTest, DirectoryOfAnotherUserIsRefused) {
  PathInfo info = kPrivate;
  info.owned = false;
  EXPECT_TRUE(absl::IsPermissionDenied(CheckIsPrivate("/d", info)));
}

}  // namespace
}  // namespace trimaran::engine
