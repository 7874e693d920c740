// Goal: each kind of damage changes what it says and nothing else.

#include "tests/support/disk/damage.h"

#include <gtest/gtest.h>

#include <string>

namespace trimaran::disk {
namespace {

DiskImage TwoPages() {
  DiskImage image;
  image.files["a"] = FileBytes(std::string(4096, 'x') + std::string(100, 'y'));
  image.files["b"] = FileBytes("other");
  return image;
}

TEST(DamageTest, FlippedBitIsTheOnlyDifference) {
  DiskImage image = TwoPages();
  FlipBit(image, "a", 10, 0);
  EXPECT_EQ(image.files["a"].Slice(9, 3), "xyx");
  FlipBit(image, "a", 10, 0);
  EXPECT_EQ(image, TwoPages());
}

TEST(DamageTest, ZeroedPageEndsWithTheFile) {
  DiskImage image = TwoPages();
  ZeroPage(image, "a", 4100);
  EXPECT_EQ(image.files["a"].ToString(),
            std::string(4096, 'x') + std::string(100, '\0'));
}

TEST(DamageTest, CutAndDeletedFiles) {
  DiskImage image = TwoPages();
  CutFile(image, "a", 5);
  EXPECT_EQ(image.files["a"].ToString(), "xxxxx");
  DeleteFile(image, "a");
  EXPECT_EQ(image.files.size(), 1u);
}

TEST(DamageTest, SwappedPagesKeepTheSize) {
  DiskImage image = TwoPages();
  SwapPages(image, "a", {0, 1});
  EXPECT_EQ(
      image.files["a"].ToString(),
      std::string(100, 'y') + std::string(3996, 'x') + std::string(100, 'x'));
}

TEST(DamageTest, MisdirectedPageIsThatOfTheOtherPlace) {
  DiskImage image;
  image.files["a"].Write(0, std::string(2 * kPageBytes, 'a'));
  image.files["b"].Write(0, std::string(kPageBytes + 10, 'b'));

  CopyPage(image, {"a", 1}, {"b", 1});
  EXPECT_EQ(image.files["b"].size(), kPageBytes + 10);
  EXPECT_EQ(image.files["b"].Slice(kPageBytes, 20), std::string(10, 'a'));
  EXPECT_EQ(image.files["b"].Slice(0, kPageBytes),
            std::string(kPageBytes, 'b'));
}

TEST(DamageTest, LostWriteLeavesTheOldPage) {
  DiskImage older;
  older.files["a"].Write(0, std::string(2 * kPageBytes, 'o'));
  DiskImage image;
  image.files["a"].Write(0, std::string(2 * kPageBytes + 5, 'n'));

  RestorePage(image, {"a", 1}, older);
  EXPECT_EQ(image.files["a"].size(), 2 * kPageBytes + 5);
  EXPECT_EQ(image.files["a"].Slice(0, kPageBytes),
            std::string(kPageBytes, 'n'));
  EXPECT_EQ(image.files["a"].Slice(kPageBytes, kPageBytes),
            std::string(kPageBytes, 'o'));
}

TEST(DamageTest, RestoredFileIsTheOldOneOrGone) {
  DiskImage image = TwoPages();
  DiskImage older;
  older.files["a"] = FileBytes("old");
  RestoreFile(image, "a", older);
  RestoreFile(image, "b", older);
  EXPECT_EQ(image, older);
}

}  // namespace
}  // namespace trimaran::disk
