// Goal: whatever the program finds in its way, it harms nothing and says by its
// exit code what it was. Method: runs of the real program.

#include <string>

#include "absl/strings/str_cat.h"
#include "absl/strings/str_replace.h"
#include "gtest/gtest.h"
#include "tests/api/test_directory.h"
#include "tests/tools/trimaran/program_run.h"

namespace trimaran::tool {
namespace {

class ErrorPathsTest : public ::testing::Test {
 protected:
  void SetUp() override {
    ASSERT_EQ(Run("shell --create @store", "echo put apple red | ").code, 0);
  }

  // "@" before a name is the directory of the test.
  Outcome Run(const std::string& words, const std::string& prefix = "") {
    return Trimaran(WithPaths(words), prefix);
  }
  std::string WithPaths(const std::string& words) const {
    return absl::StrReplaceAll(words, {{"@", directory_.root() + "/"}});
  }

  TestDirectory directory_;
};

// Without its standard descriptors a program gets their numbers for its files.
TEST_F(ErrorPathsTest, WhatIsPrintedNeverGoesIntoAStore) {
  for (const char* closed : {">&-", ">&- 2>&-"}) {
    const Image before = ImageOf(directory_.path("store"));
    for (const char* words : {"dump @store ", "verify @store "}) {
      EXPECT_EQ(Run(absl::StrCat(words, closed)).code, 8) << words << closed;
    }
    EXPECT_TRUE(ImageOf(directory_.path("store")) == before) << closed;
    EXPECT_EQ(Run(absl::StrCat("shell @store ", closed), "echo status | ").code,
              8);
    EXPECT_EQ(Shell(WithPaths("grep -rla 'commit  ' @store")).out, "")
        << closed;
    EXPECT_EQ(Run("verify @store").code, 0) << closed;
  }
}

TEST_F(ErrorPathsTest, WhatIsReadIsNeverAFileOfTheStore) {
  const Outcome run = Run("shell @store <&-");
  EXPECT_EQ(run.code, 0) << run.err;
  EXPECT_EQ(run.err, "");
}

}  // namespace
}  // namespace trimaran::tool
