// Runs every scenario of tests/scripts/raft. What a scenario covers, and why
// its output is right, is said in the scenario; TRIMARAN_REWRITE=1 replaces
// the expected outputs by the actual ones, to be reviewed line by line.

#include <cstdlib>
#include <string>
#include <vector>

#include "gtest/gtest.h"
#include "tests/support/script/foreign.h"
#include "tests/support/script/runner.h"

namespace trimaran::script {
namespace {

constexpr char kDirectory[] = "tests/scripts/raft";

// Tests run in the root of the source tree.
std::vector<std::string> Stories() {
  const auto files = ScriptFilesIn(kDirectory);
  return files.ok() ? *files : std::vector<std::string>();
}

// The name of the file without folder and extension.
std::string NameOf(const ::testing::TestParamInfo<std::string>& info) {
  const size_t begin = info.param.find_last_of('/') + 1;
  return info.param.substr(begin, info.param.find_last_of('.') - begin);
}

class RaftScriptTest : public ::testing::TestWithParam<std::string> {};

TEST_P(RaftScriptTest, PrintsWhatItExpects) {
  const absl::Status status =
      RunScriptFile(GetParam(), FileModeFromEnvironment());
  EXPECT_TRUE(status.ok()) << status.message();
}

INSTANTIATE_TEST_SUITE_P(Stories, RaftScriptTest,
                         ::testing::ValuesIn(Stories()), NameOf);

TEST(RaftScriptsTest, AreFoundInTheSourceTree) {
  const auto files = ScriptFilesIn(kDirectory);
  ASSERT_TRUE(files.ok()) << files.status().message()
                          << "; run this in the root of the source tree";
  EXPECT_GE(files->size(), 40u);
}

// Scenarios of other implementations are not part of this repository. Where
// somebody has a directory of them, what they say about states is compared.
TEST(ForeignScriptsTest, EndInTheStatesThatTheyDescribe) {
  const char* directory = std::getenv("TRIMARAN_FOREIGN_SCRIPTS");
  if (directory == nullptr || std::string(directory).empty()) {
    GTEST_SKIP() << "TRIMARAN_FOREIGN_SCRIPTS names no directory";
  }
  const auto files = ScriptFilesIn(directory);
  ASSERT_TRUE(files.ok()) << files.status().message();
  for (const std::string& path : *files) {
    const auto script = ReadScript(path);
    ASSERT_TRUE(script.ok()) << script.status().message();
    const absl::Status status = CheckForeignScript(*script);
    EXPECT_TRUE(status.ok()) << status.message();
  }
}

}  // namespace
}  // namespace trimaran::script
