// A home can be read by eyes other than ours: those of the `wt` program that
// comes with WiredTiger.

#include <gtest/gtest.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/wait.h>

#include <string>

#include "absl/strings/str_cat.h"
#include "tests/engine/wt/test_home.h"

namespace trimaran::wt {
namespace {

struct Output {
  int exit_code = -1;
  std::string text;
};

Output RunCommand(const std::string& command) {
  Output output;
  // The command is made of constants and of a path that mkdtemp made.
  FILE* const pipe = popen(command.c_str(), "r");
  if (pipe == nullptr) return output;
  char buffer[4096];
  size_t size = 0;
  while ((size = fread(buffer, 1, sizeof(buffer), pipe)) > 0) {
    output.text.append(buffer, size);
  }
  const int status = pclose(pipe);
  if (WIFEXITED(status)) output.exit_code = WEXITSTATUS(status);
  return output;
}

TEST(WtUtilityTest, ListsVerifiesAndDumpsAHome) {
  if (RunCommand("command -v wt").exit_code != 0) {
    GTEST_SKIP() << "there is no program wt (package wiredtiger)";
  }
  const TestDirectory directory;
  {
    const auto connection = MustOpen(directory.path(), HomeMode::kCreate);
    {
      const auto session = MustOpenSession(*connection);
      ASSERT_EQ(session->CreateTable("kv_g1"), absl::OkStatus());
      ASSERT_EQ(PutRows(*session, "kv_g1", {{"apple", "red"}, {"b", "blue"}}),
                absl::OkStatus());
    }
    ASSERT_EQ(connection->Close(), absl::OkStatus());
  }
  const std::string program = absl::StrCat("wt -h ", directory.path(), " ");

  const Output list = RunCommand(program + "list");
  EXPECT_EQ(list.exit_code, 0);
  EXPECT_NE(list.text.find("file:kv_g1.wt\n"), std::string::npos) << list.text;

  EXPECT_EQ(RunCommand(program + "verify file:kv_g1.wt").exit_code, 0);

  const Output dump = RunCommand(program + "dump file:kv_g1.wt");
  EXPECT_EQ(dump.exit_code, 0);
  EXPECT_NE(dump.text.find("apple\nred\nb\nblue\n"), std::string::npos)
      << dump.text;
}

}  // namespace
}  // namespace trimaran::wt
