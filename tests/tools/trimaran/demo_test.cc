// Goal: `trimaran demo` tells its story to the end, keeps what it was told to
// keep, and leaves nothing else, also when it is interrupted.

#include <filesystem>
#include <fstream>
#include <string>
#include <vector>

#include "absl/strings/str_cat.h"
#include "gmock/gmock.h"
#include "gtest/gtest.h"
#include "tests/api/test_directory.h"
#include "tests/tools/trimaran/program_run.h"

namespace trimaran::tool {
namespace {

using ::testing::ElementsAre;
using ::testing::HasSubstr;

namespace fs = std::filesystem;

class DemoTest : public ::testing::Test {
 protected:
  DemoTest() { fs::create_directory(temporary_); }

  // With a temporary place of its own.
  std::string Environment() const {
    return absl::StrCat("TMPDIR=", temporary_, " ");
  }

  TestDirectory directory_;
  const std::string temporary_ = directory_.path("temporary");
  const std::string kept_ = directory_.path("kept");
};

TEST_F(DemoTest, TellsItsStoryAndLeavesNothing) {
  const Outcome run = Trimaran("demo --quick", Environment());
  EXPECT_EQ(run.code, 0) << run.err;
  EXPECT_THAT(run.out, HasSubstr("was elected leader"));
  EXPECT_THAT(run.out, HasSubstr("all three hold the same"));
  EXPECT_THAT(run.out, HasSubstr("Everything held."));
  EXPECT_TRUE(fs::is_empty(temporary_));
}

TEST_F(DemoTest, ItsStoresStayInADirectoryThatIsNamed) {
  const Outcome run =
      Trimaran(absl::StrCat("demo --quick --directory ", kept_, "/"));
  EXPECT_EQ(run.code, 0) << run.err;
  for (const char* replica : {"/1", "/2", "/3"}) {
    EXPECT_EQ(Trimaran(absl::StrCat("verify --quick ", kept_, replica)).code, 0)
        << replica;
  }
  EXPECT_EQ(Trimaran("demo --quick --directory " + kept_).code, 9);
}

TEST_F(DemoTest, InterruptedItLeavesNothing) {
  const Outcome temporary = InterruptedTrimaran("demo", Environment());
  EXPECT_EQ(temporary.code, 130);
  EXPECT_TRUE(fs::is_empty(temporary_));
  const Outcome named = InterruptedTrimaran("demo --directory " + kept_);
  EXPECT_EQ(named.code, 130);
  EXPECT_FALSE(fs::exists(kept_));
}

TEST_F(DemoTest, InterruptedItRemovesNothingButItsOwn) {
  fs::create_directory(kept_);
  const Outcome run = Shell(absl::StrCat(
      "timeout 60 $TRIMARAN_BINARY demo --directory ", kept_,
      " | { head -n 1 >/dev/null; touch ", kept_, "/somebody-elses; }"));
  EXPECT_EQ(run.err, "");
  ASSERT_TRUE(fs::exists(kept_));
  std::vector<std::string> names;
  for (const auto& entry : fs::directory_iterator(kept_)) {
    names.push_back(entry.path().filename());
  }
  EXPECT_THAT(names, ElementsAre("somebody-elses"));
}

// In a place so deep that the names of a store's files are too long.
TEST_F(DemoTest, ThatCannotBeToldLeavesNothing) {
  constexpr size_t path_bytes = 4080;
  constexpr size_t name_bytes_max = 255;
  fs::create_directory(kept_);
  std::string deep = kept_;
  while (deep.size() + 1 < path_bytes) {
    size_t name_bytes = path_bytes - deep.size() - 1;
    if (name_bytes > name_bytes_max) name_bytes = name_bytes_max / 2;
    absl::StrAppend(&deep, "/", std::string(name_bytes, 'd'));
    fs::create_directory(deep);
  }
  const Outcome run = Trimaran("demo --quick --directory " + deep);
  EXPECT_NE(run.code, 0);
  EXPECT_TRUE(fs::is_empty(deep)) << run.err;
}

TEST_F(DemoTest, WhoDoesNotReadOnEndsIt) {
  const Outcome run = Shell(absl::StrCat(Environment(),
                                         "timeout 60 $TRIMARAN_BINARY demo | "
                                         "head -n 2"));
  EXPECT_EQ(run.err, "");
  EXPECT_TRUE(fs::is_empty(temporary_));
}

TEST_F(DemoTest, WrongUsageIsTwo) {
  EXPECT_EQ(Trimaran("demo here").code, 2);
  EXPECT_EQ(Trimaran("demo --directory=").code, 2);
  EXPECT_EQ(Trimaran(absl::StrCat("demo --directory ", kept_, "/a/b")).code, 3);
}

}  // namespace
}  // namespace trimaran::tool
