// Goal: an image can be taken to a real directory and back.

#include "tests/support/disk/disk_image.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <filesystem>
#include <string>

namespace trimaran::disk {
namespace {

DiskImage SomeFiles() {
  DiskImage image;
  image.directories = {"d", "d/empty"};
  image.files["a"] = FileBytes(std::string("\0binary\n", 8));
  image.files["d/b"] = FileBytes(std::string(10000, 'b'));
  return image;
}

TEST(DiskImageTest, SavedAndLoadedImageIsTheSame) {
  const std::string path = testing::TempDir() + "trimaran_disk_image";
  std::filesystem::remove_all(path);
  ASSERT_TRUE(SaveImage(SomeFiles(), path).ok());
  const auto loaded = LoadImage(path);
  ASSERT_TRUE(loaded.ok()) << loaded.status();
  EXPECT_EQ(*loaded, SomeFiles());
  EXPECT_FALSE(SaveImage(SomeFiles(), path).ok()) << "not empty any more";
  std::filesystem::remove_all(path);
  EXPECT_FALSE(LoadImage(path).ok());
}

TEST(DiskImageTest, FilesAreFoundByAPartOfTheirPath) {
  EXPECT_THAT(FilesMatching(SomeFiles(), "d/"), testing::ElementsAre("d/b"));
}

}  // namespace
}  // namespace trimaran::disk
