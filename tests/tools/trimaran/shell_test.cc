// Goal: `trimaran shell` reads and writes a store of one replica, stops at the
// first error of a script, and opens nothing that others have a say in.

#include <stdlib.h>

#include <filesystem>
#include <string>

#include "absl/strings/str_cat.h"
#include "gmock/gmock.h"
#include "gtest/gtest.h"
#include "tests/api/group.h"
#include "tests/tools/trimaran/program_run.h"
#include "tests/tools/trimaran/saved_database.h"

namespace trimaran::tool {
namespace {

using ::testing::HasSubstr;
using ::testing::Not;

class ShellTest : public ::testing::Test {
 protected:
  // Runs a script, whose lines end in "\n".
  Outcome Script(const std::string& lines, const std::string& options = "") {
    return Trimaran(absl::StrCat("shell ", options, store_),
                    absl::StrCat("printf '%s' '", lines, "' | "));
  }

  TestDirectory directory_;
  const std::string store_ = directory_.path("store");
};

TEST_F(ShellTest, WritesAndReads) {
  const Outcome run = Script(
      "# a remark\n"
      "put apple red\n"
      "put \"b \\xff\" \"\"\n"
      "get apple\n"
      "get pear\n"
      "scan b\n"
      "create-family pears\n"
      "family pears\n"
      "put conference green\n"
      "prefix conf\n"
      "delete conference\n"
      "scan\n"
      "families\n"
      "drop-family pears\n"
      "family default\n"
      "delete-range b c\n"
      "scan a z 1\n",
      "--create ");
  EXPECT_EQ(run.code, 0) << run.err;
  EXPECT_EQ(run.err, "");
  EXPECT_THAT(run.out, HasSubstr("  \"red\"\n  (none)\n  \"b \\xff\"  \"\"\n"));
  EXPECT_THAT(run.out, HasSubstr("  \"conference\"  \"green\"\n"));
  EXPECT_THAT(run.out, HasSubstr("  \"default\"\n  \"pears\"\n"));
  EXPECT_TRUE(run.out.ends_with("  \"apple\"  \"red\"\n")) << run.out;

  const auto database = OpenDatabase(store_);
  EXPECT_EQ(RowsOf(*database), (Rows{{"apple", "red"}}));
}

TEST_F(ShellTest, MaintainsTheStore) {
  const std::string backup = directory_.path("backup");
  const Outcome run =
      Script(absl::StrCat("put a 1\nstatus\ncheckpoint\nbackup ", backup,
                          "\nhelp\nquit\nnever reached\n"),
             "--create --json ");
  EXPECT_EQ(run.code, 0) << run.err;
  EXPECT_THAT(run.out, HasSubstr("{\"type\":\"status\",\"cluster\":"));
  EXPECT_THAT(run.out, HasSubstr("delete-range FROM TO"));
  EXPECT_EQ(Trimaran("verify --deep " + backup).code, 0);
}

TEST_F(ShellTest, FirstErrorEndsAScript) {
  const Outcome run = Script("put a 1\ngte a\nput b 2\n", "--create ");
  EXPECT_EQ(run.code, 2);
  EXPECT_THAT(run.err, HasSubstr("did you mean get?"));
  EXPECT_THAT(Script("scan\n").out, Not(HasSubstr("\"b\"")));
  EXPECT_EQ(Script("put a\n").code, 2);
  EXPECT_EQ(Script("get \"\"\n").code, 2) << "no key is empty";
  EXPECT_EQ(Script("scan a b none\n").code, 2);
  EXPECT_EQ(Script("family pears\n").code, 3);
  EXPECT_EQ(Script(absl::StrCat("backup ", store_, "\n")).code, 9);
}

TEST_F(ShellTest, ErrorsCanBePassedOver) {
  const Outcome run =
      Script("put a 1\nfamily pears\nput\nget a\n", "--create --keep-going ");
  EXPECT_EQ(run.code, 3) << "that of the first one";
  EXPECT_THAT(run.out, HasSubstr("  \"1\"\n"));
}

TEST_F(ShellTest, PasswordIsForARunningReplica) {
  const Outcome run = Script("put a 1\n", "--create --password-file none ");
  EXPECT_EQ(run.code, 2);
  EXPECT_THAT(run.err, HasSubstr("--password-file goes with --at"));
  EXPECT_FALSE(std::filesystem::exists(store_));
}

TEST_F(ShellTest, WhatCannotBeOpenedIsSaid) {
  EXPECT_EQ(Script("scan\n").code, 3) << "there is none";
  EXPECT_FALSE(std::filesystem::exists(store_));
  ASSERT_EQ(Script("put a 1\n", "--create ").code, 0);
  {
    const auto database = OpenDatabase(store_);
    EXPECT_EQ(Script("scan\n").code, 4);
  }
  Overwrite(store_ + "/FLOOR", 100, "damage");
  Overwrite(store_ + "/FLOOR", 4096 + 100, "damage");
  EXPECT_EQ(Script("scan\n").code, 5);
}

TEST_F(ShellTest, MemberOfAGroupIsNotOpenedAsIfItWereAlone) {
  Group group(3);
  CopyAsIs(group.PathOf(2), store_);
  const Outcome run = Script("put a 1\n");
  EXPECT_EQ(run.code, 11);
  EXPECT_THAT(run.err, HasSubstr("belongs to replica 2 of a group of several"));
  EXPECT_THAT(run.err, HasSubstr("--at redis://HOST:PORT"));
  EXPECT_THAT(run.err, Not(HasSubstr("options")));
}

TEST_F(ShellTest, PersonSeesAPromptAndGoesOnAfterAnError) {
  ASSERT_EQ(Script("put a 1\n", "--create ").code, 0);
  if (Shell("command -v script").code != 0) GTEST_SKIP() << "no terminals";
  const Outcome run = Shell(absl::StrCat(
      "{ echo gte a; echo get a; echo quit; } | script -qec '",
      ::getenv("TRIMARAN_BINARY"), " shell ", store_, "' /dev/null"));
  EXPECT_EQ(run.code, 0) << run.out;
  EXPECT_THAT(run.out, HasSubstr("trimaran> "));
  EXPECT_THAT(run.out, HasSubstr("did you mean get?"));
  EXPECT_THAT(run.out, HasSubstr("  \"1\""));
}

TEST_F(ShellTest, PersonCompletesACommandAndBringsOneBack) {
  ASSERT_EQ(Script("put a once\n", "--create ").code, 0);
  if (Shell("command -v script").code != 0) GTEST_SKIP() << "no terminals";
  // A tabulator, and the key with the arrow that points upwards.
  const std::string keys = R"(printf 'ge\t a\n\033[A\nquit\n')";
  const Outcome run =
      Shell(absl::StrCat(keys, " | script -qec '", ::getenv("TRIMARAN_BINARY"),
                         " shell ", store_, "' /dev/null"));
  EXPECT_EQ(run.code, 0) << run.out;
  size_t found = 0;
  for (size_t at = run.out.find("\"once\""); at != std::string::npos;
       at = run.out.find("\"once\"", at + 1)) {
    ++found;
  }
  EXPECT_EQ(found, 2u) << run.out;
}

}  // namespace
}  // namespace trimaran::tool
