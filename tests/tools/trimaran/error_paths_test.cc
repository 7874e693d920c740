// Goal: whatever subcommand is given a path that is not what it wants, or a
// place where it can or may do nothing, says so in a line and by the exit code
// that README.md promises, and leaves nothing behind. Method: runs of the real
// program.

#include <algorithm>
#include <cstdint>
#include <filesystem>
#include <fstream>
#include <ios>
#include <string>
#include <vector>

#include "absl/strings/str_cat.h"
#include "absl/strings/str_replace.h"
#include "engine/base/bytes.h"
#include "engine/base/crc32c.h"
#include "gmock/gmock.h"
#include "gtest/gtest.h"
#include "tests/api/test_directory.h"
#include "tests/tools/trimaran/program_run.h"
#include "trimaran/db.h"

namespace trimaran::tool {
namespace {

using ::testing::HasSubstr;
using ::testing::Not;

namespace fs = std::filesystem;

class ErrorPathsTest : public ::testing::Test {
 protected:
  // Beside each other: a store, a backup of it, and a file.
  void SetUp() override {
    ASSERT_EQ(Run("shell --create @store", "echo put apple red | ").code, 0);
    ASSERT_EQ(Run("backup @store @backup").code, 0);
    std::ofstream(directory_.path("file")) << "text";
    names_ = Names();
  }

  // "@" before a name is the directory of the test.
  Outcome Run(const std::string& words, const std::string& prefix = "") {
    return Trimaran(WithPaths(words), prefix);
  }
  std::string WithPaths(const std::string& words) const {
    return absl::StrReplaceAll(words, {{"@", directory_.root() + "/"}});
  }
  // The words and their exit code, and a part of what is said.
  struct Case {
    std::string words;
    int code;
    std::string said;
  };
  void Expect(const std::vector<Case>& cases, const std::string& prefix = "") {
    for (const Case& wanted : cases) {
      const Outcome run = Run(wanted.words, prefix);
      EXPECT_EQ(run.code, wanted.code) << wanted.words << ": " << run.err;
      EXPECT_EQ(run.out, "") << wanted.words;
      EXPECT_THAT(run.err, HasSubstr(WithPaths(wanted.said))) << wanted.words;
      EXPECT_EQ(std::count(run.err.begin(), run.err.end(), '\n'), 1)
          << wanted.words << ": " << run.err;
    }
    EXPECT_EQ(Names(), names_);
  }
  std::vector<std::string> Names() const {
    std::vector<std::string> names;
    for (const auto& entry : fs::directory_iterator(directory_.root())) {
      names.push_back(entry.path().filename());
    }
    std::sort(names.begin(), names.end());
    return names;
  }

  TestDirectory directory_;
  std::vector<std::string> names_;
};

// Of the subcommands that make something: at `out`, behind their other words.
std::vector<std::string> Makers(const std::string& out) {
  return {"backup @store " + out,
          "restore --cluster n --replica 1 @backup " + out,
          "recover --apply --token t --cluster n --replica 1 --out " + out +
              " @store",
          "bench " + out,
          "demo --directory " + out,
          "certs ca --out " + out};
}

TEST_F(ErrorPathsTest, AFileForADirectoryIsThree) {
  Expect(
      {{"dump @file", 3, "is a file, and no chunk"},
       {"verify @file", 3, "is a file, and no chunk"},
       {"status @file", 3, "is a file, and no chunk"},
       {"backup @file @b", 3, "is a file, and no chunk"},
       {"restore --cluster n --replica 1 @file @r", 3, "@file is no directory"},
       {"recover --plan --cluster n @file", 3, "is a file, and no chunk"},
       {"certs node --ca @file --cluster n --replica 1 --host h --out @n", 3,
        "@file is no directory"}});
}

TEST_F(ErrorPathsTest, WhatIsToBeInAFileOrNowhereIsThree) {
  for (const std::string& words : Makers("@file/new")) {
    Expect({{words, 3, "@file is no directory"}});
  }
  for (const std::string& words : Makers("@nowhere/new")) {
    Expect({{words, 3, "there is no @nowhere"}});
  }
}

TEST_F(ErrorPathsTest, WhatIsToReplaceAFileIsNine) {
  for (const std::string& words : Makers("@file")) {
    Expect({{words, 9, "@file"}});
  }
}

TEST_F(ErrorPathsTest, AnEmptyPathIsSaidToBeEmpty) {
  Expect(
      {{"dump ''", 3, "the path is empty"},
       {"backup @store ''", 3, "the path is empty"},
       {"restore --cluster n --replica 1 @backup ''", 3, "the path is empty"},
       {"bench ''", 3, "the path is empty"},
       {"demo --directory ''", 2, "--directory: it is needed"},
       {"shell --create ''", 2, "directory is empty"}});
}

TEST_F(ErrorPathsTest, WhatIsNoDataDirectoryIsNotServed) {
  const std::string serve = "serve --redis 127.0.0.1:0 --directory ";
  Expect({{serve + "@file", 11, "it is a file"},
          {serve + "@backup", 11, "is no data directory"},
          {serve + "@store --id 2", 11, "belongs to replica 1"},
          {serve + "@nowhere/new", 3,
           "No such file or directory: its parent directory @nowhere is "
           "missing"},
          {"shell --create @nowhere/new", 3,
           "its parent directory @nowhere is missing"},
          {"shell @file", 11, "it is a file"},
          {"shell @backup", 11, "is no data directory"}});
}

TEST_F(ErrorPathsTest, ABackupBehindALinkIsRestored) {
  fs::create_symlink(directory_.path("backup"), directory_.path("link"));
  fs::create_directory(directory_.path("place"));
  fs::create_symlink(directory_.path("place"), directory_.path("there"));
  const Outcome run =
      Run("restore --cluster n --replica 1 @link @there/restored");
  EXPECT_EQ(run.code, 0) << run.err;
  EXPECT_TRUE(fs::exists(directory_.path("place/restored")));
}

TEST_F(ErrorPathsTest, WhatMayNotBeDoneIsSeven) {
  const auto nobody = AsNobody();
  if (!nobody.has_value()) GTEST_SKIP() << "no setpriv";
  // Everybody may look into it, and nobody but root may change it.
  fs::permissions(directory_.root(),
                  fs::perms::owner_read | fs::perms::owner_exec |
                      fs::perms::group_exec | fs::perms::others_exec);
  for (const char* store : {"store", "backup"}) {
    fs::permissions(directory_.path(store), fs::perms::none);
  }
  Expect(
      {{"dump @store", 7, "Permission denied"},
       {"verify @store", 7, "Permission denied"},
       {"status @store", 7, "Permission denied"},
       {"backup @store @b", 7, "Permission denied"},
       {"restore --cluster n --replica 1 @backup @r", 7, "Permission denied"},
       {"recover --plan --cluster n @store", 7, "Permission denied"},
       {"shell --create @new", 7, "Permission denied"},
       {"bench @new", 7, "Permission denied"},
       {"demo --directory @new", 7, "Permission denied"},
       {"certs ca --out @new", 7, "Permission denied"},
       {"serve --redis 127.0.0.1:0 --directory @new", 7, "Permission denied"}},
      *nobody);
  for (const char* store : {"store", "backup"}) {
    fs::permissions(directory_.path(store), fs::perms::owner_all);
  }
  fs::permissions(directory_.root(), fs::perms::owner_all);
}

TEST_F(ErrorPathsTest, AFullDiskIsTen) {
  fs::create_directory(directory_.path("small"));
  const std::string small = directory_.path("small");
  const auto on_small_disk = [&](const std::string& words) {
    return TrimaranOnSmallDisk(small, 2, WithPaths(words));
  };
  if (on_small_disk("--help").code == kNoSmallDisk) {
    GTEST_SKIP() << "no mounts here";
  }
  for (const char* words :
       {"bench @small/b", "demo --quick --directory @small/d"}) {
    const Outcome run = on_small_disk(words);
    EXPECT_EQ(run.code, 10) << words << ": " << run.err;
  }
  // Half a story is nothing to look at.
  EXPECT_THAT(on_small_disk("demo --quick --directory @small/d").out,
              Not(HasSubstr("\nd\n")));
  EXPECT_EQ(on_small_disk("shell --create @small/s </dev/null").code, 10);
  EXPECT_EQ(
      on_small_disk("serve --redis 127.0.0.1:0 --directory @small/s").code, 10);
}

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

TEST_F(ErrorPathsTest, AReaderThatHasGoneAwayHidesNoDamage) {
  Overwrite(directory_.path("store") + "/FLOOR", 100, "damage");
  Overwrite(directory_.path("store") + "/FLOOR", 4096 + 100, "damage");
  const Outcome run = Shell(WithPaths(
      "{ $TRIMARAN_BINARY verify @store; echo ended with $? >&2; } | true"));
  EXPECT_EQ(run.err, "ended with 1\n");
}

TEST_F(ErrorPathsTest, OutputThatCannotBeWrittenIsEight) {
  for (const char* words :
       {"verify @store", "status @store", "backup @store @b",
        "recover --plan --cluster n @store", "certs ca --out @ca", "--help"}) {
    const Outcome run = Run(absl::StrCat(words, " >/dev/full"));
    EXPECT_EQ(run.code, 8) << words;
    EXPECT_THAT(run.err, HasSubstr("No space left")) << words;
  }
}

// ---- Directories that are not as they should be ----

// Of the subcommands that read a directory, or host what is in it.
std::vector<std::string> Readers(const std::string& store) {
  return {"dump " + store,
          "verify " + store,
          "status " + store,
          "backup " + store + " @other",
          "recover --plan --cluster n " + store,
          "shell " + store,
          "serve --redis 127.0.0.1:0 --directory " + store};
}

TEST_F(ErrorPathsTest, NewerFormatIsSixToAll) {
  const fs::path file = directory_.path("store/STORE");
  // The version, in a file that is intact.
  std::string identity = Contents(file).substr(0, 52);
  identity[11] = 2;
  const uint32_t checksum = Crc32c(identity);
  ByteWriter(identity).WriteU32(checksum);
  Overwrite(file, 0, identity);
  for (const std::string& words : Readers("@store")) {
    const Outcome run = Run(words, "echo get a | ");
    EXPECT_EQ(run.code, 6) << words << ": " << run.err;
    EXPECT_THAT(run.err, HasSubstr("format version 2")) << words;
    EXPECT_EQ(Names(), names_);
  }
}

TEST_F(ErrorPathsTest, DamageIsFiveToWhoeverNeedsWhatIsDamaged) {
  const std::string bytes(64, 'x');
  for (const std::streamoff slot : {0, 4096}) {
    Overwrite(directory_.path("store/FLOOR"), slot, bytes);
  }
  for (const std::string& words :
       {std::string("backup @store @other"), std::string("shell @store"),
        std::string("serve --redis 127.0.0.1:0 --directory @store")}) {
    const Outcome run = Run(words, "echo get a | ");
    EXPECT_EQ(run.code, 5) << words << ": " << run.err;
    EXPECT_THAT(run.err, HasSubstr("FLOOR")) << words;
    EXPECT_EQ(Names(), names_);
  }
}

TEST_F(ErrorPathsTest, ServeOfWhatAnotherProcessHasOpenIsFour) {
  const auto db = DB::Open({}, directory_.path("store"));
  ASSERT_TRUE(db.ok()) << db.status();
  const Outcome run = Run("serve --redis 127.0.0.1:0 --directory @store");
  EXPECT_EQ(run.code, 4) << run.err;
  EXPECT_THAT(run.err, HasSubstr(WithPaths("@store")));
}

}  // namespace
}  // namespace trimaran::tool
