// Goal: what is built from the calls of the port: paths, reading a whole file,
// and replacing one in a way that no crash can halve.

#include "engine/file/file_system.h"

#include <string>

#include "engine/base/errors.h"
#include "engine/file/posix_file_system.h"
#include "gmock/gmock.h"
#include "gtest/gtest.h"
#include "tests/engine/file/temporary_directory.h"

namespace trimaran::engine {
namespace {

using ::testing::ElementsAre;
using ::testing::HasSubstr;

TEST(PathTest, JoinPutsOneSlashBetween) {
  EXPECT_EQ(JoinPath("a", "b"), "a/b");
  EXPECT_EQ(JoinPath("a/", "b"), "a/b");
  EXPECT_EQ(JoinPath("/", "b"), "/b");
}

TEST(PathTest, ParentIsTheDirectoryThatHoldsTheName) {
  EXPECT_EQ(ParentPath("a/b"), "a");
  EXPECT_EQ(ParentPath("a"), ".");
  EXPECT_EQ(ParentPath("/a"), "/");
  EXPECT_EQ(ParentPath("/a/b/"), "/a");
  EXPECT_EQ(ParentPath("a//b"), "a");
  EXPECT_EQ(ParentPath("/"), "/");
}

class WholeFileTest : public testing::Test {
 protected:
  TemporaryDirectory directory_;
  PosixFileSystem files_;
};

TEST_F(WholeFileTest, ReadReturnsWhatWasWritten) {
  const std::string path = directory_.Path("f");
  ASSERT_TRUE(WriteFileAtomically(files_, path, "some bytes").ok());

  EXPECT_EQ(ReadFile(files_, path, 10).value(), "some bytes");
}

TEST_F(WholeFileTest, ReadRefusesALargerFileAndNamesBothSizes) {
  const std::string path = directory_.Path("f");
  ASSERT_TRUE(WriteFileAtomically(files_, path, "some bytes").ok());

  const absl::Status status = ReadFile(files_, path, 9).status();

  EXPECT_TRUE(IsCorruption(status)) << status;
  EXPECT_THAT(std::string(status.message()), HasSubstr(path));
  EXPECT_THAT(std::string(status.message()), HasSubstr("10 bytes"));
  EXPECT_THAT(std::string(status.message()), HasSubstr("limit of 9"));
}

TEST_F(WholeFileTest, ReadOfNothingIsNotFound) {
  EXPECT_TRUE(absl::IsNotFound(
      ReadFile(files_, directory_.Path("absent"), 9).status()));
}

TEST_F(WholeFileTest, WriteReplacesTheOldContentAndLeavesNothingElse) {
  const std::string path = directory_.Path("f");
  ASSERT_TRUE(WriteFileAtomically(files_, path, "a longer content").ok());

  ASSERT_TRUE(WriteFileAtomically(files_, path, "short").ok());

  EXPECT_EQ(ReadFile(files_, path, 100).value(), "short");
  EXPECT_THAT(files_.List(directory_.path()).value(), ElementsAre("f"));
}

TEST_F(WholeFileTest, WriteReplacesWhatACrashLeftBehind) {
  const std::string path = directory_.Path("f");
  ASSERT_TRUE(WriteFileAtomically(files_, path + ".tmp", "half").ok());

  ASSERT_TRUE(WriteFileAtomically(files_, path, "whole").ok());

  EXPECT_EQ(ReadFile(files_, path, 100).value(), "whole");
  EXPECT_THAT(files_.List(directory_.path()).value(), ElementsAre("f"));
}

}  // namespace
}  // namespace trimaran::engine
