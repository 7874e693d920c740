// Goal: the content of a simulated file behaves as an array of bytes, and its
// copies do not change with it.
// Method: the same random writes and sizes on a string.

#include "tests/support/disk/file_bytes.h"

#include <gtest/gtest.h>

#include <algorithm>

#include "engine/base/random.h"

namespace trimaran::disk {
namespace {

TEST(FileBytesTest, ReadsWhatWasWrittenAcrossPages) {
  FileBytes bytes;
  const std::string data(10000, 'x');
  bytes.Write(100, data);
  EXPECT_EQ(bytes.size(), 10100u);
  EXPECT_EQ(bytes.Slice(0, 100), std::string(100, '\0'));
  EXPECT_EQ(bytes.Slice(100, 20000), data);
  EXPECT_EQ(bytes.Slice(10100, 1), "");
}

TEST(FileBytesTest, WhatWasCutOffIsZeroWhenTheFileGrowsAgain) {
  FileBytes bytes("abcdef");
  bytes.Resize(2);
  bytes.Resize(6);
  EXPECT_EQ(bytes.ToString(), std::string("ab\0\0\0\0", 6));
}

TEST(FileBytesTest, CopyKeepsTheContentOfItsMoment) {
  FileBytes bytes("old");
  const FileBytes copy = bytes;
  bytes.Write(0, "new");
  EXPECT_EQ(copy.ToString(), "old");
  EXPECT_EQ(bytes.ToString(), "new");
  EXPECT_FALSE(copy == bytes);
}

TEST(FileBytesTest, HoleEqualsZerosThatWereWritten) {
  FileBytes hole;
  hole.Resize(5000);
  EXPECT_EQ(hole, FileBytes(std::string(5000, '\0')));
}

TEST(FileBytesTest, RandomChangesDoToAStringWhatTheyDoToAFile) {
  constexpr uint64_t kSeed = 7;
  SCOPED_TRACE(kSeed);
  SeededRandom random(kSeed);
  std::string model;
  FileBytes bytes;
  for (int step = 0; step < 500; ++step) {
    const size_t offset = static_cast<size_t>(random.Uniform(20000));
    if (random.OneIn(4)) {
      model.resize(offset);
      bytes.Resize(offset);
    } else {
      const std::string data(static_cast<size_t>(random.Uniform(9000)),
                             static_cast<char>('a' + step % 26));
      if (!data.empty()) {
        model.resize(std::max(model.size(), offset + data.size()));
        model.replace(offset, data.size(), data);
      }
      bytes.Write(offset, data);
    }
    ASSERT_EQ(bytes.ToString(), model) << "step " << step;
  }
}

}  // namespace
}  // namespace trimaran::disk
