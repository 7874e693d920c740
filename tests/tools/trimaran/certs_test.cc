// Goal: `trimaran certs` leaves the files of a cluster's members where nobody
// else can read them, and overwrites none by mistake. Method: the subcommand,
// called as the program calls it.

#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <stdlib.h>
#include <sys/stat.h>
#include <unistd.h>

#include <atomic>
#include <filesystem>
#include <fstream>
#include <iterator>
#include <set>
#include <string>
#include <string_view>
#include <vector>

#include "absl/strings/str_split.h"
#include "api/src/cluster_name.h"
#include "engine/file/posix_file_system.h"
#include "tools/trimaran/certs_command.h"

namespace trimaran::tool {
namespace {

using ::testing::ElementsAre;
using ::testing::HasSubstr;

namespace fs = std::filesystem;

std::string Contents(const fs::path& path) {
  std::ifstream in(path, std::ios::binary);
  return {std::istreambuf_iterator<char>(in), {}};
}

std::set<std::string> Names(const fs::path& directory) {
  std::set<std::string> names;
  for (const auto& entry : fs::directory_iterator(directory)) {
    names.insert(entry.path().filename());
  }
  return names;
}

uint32_t ModeOf(const fs::path& path) {
  struct stat info = {};
  EXPECT_EQ(::stat(path.c_str(), &info), 0) << path;
  return info.st_mode & 07777;
}

class CertsTest : public ::testing::Test {
 protected:
  CertsTest() {
    std::string pattern = fs::temp_directory_path() / "trimaran_certs_XXXXXX";
    root_ = ::mkdtemp(pattern.data());
  }
  ~CertsTest() override { fs::remove_all(root_); }

  // `words` are parted by blanks; "@" stands for the directory of the test.
  // What is printed goes to out_ and err_.
  ExitCode Certs(std::string words) {
    for (size_t at = 0; (at = words.find('@')) != words.npos;) {
      words.replace(at, 1, root_.string());
    }
    words = "certs " + words;
    const std::vector<std::string> parts = absl::StrSplit(words, ' ');
    const std::vector<std::string_view> views(parts.begin(), parts.end());
    const Subcommand subcommands[] = {CertsCommand()};
    FILE* const out = ::tmpfile();
    FILE* const err = ::tmpfile();
    ExitCode code = ExitCode::kOk;
    {
      Output out_writer(::fileno(out), Output::Style::kPlain);
      Output err_writer(::fileno(err), Output::Style::kPlain);
      Environment environment{files_, out_writer, err_writer, interrupted_};
      code = RunProgram(subcommands, views, environment);
    }
    out_ = Take(out);
    err_ = Take(err);
    return code;
  }

  ExitCode MakeCa() { return Certs("ca --out @/ca"); }
  ExitCode MakeNode(const std::string& more = "") {
    return Certs(
        "node --ca @/ca --cluster orders --replica 1 --host db1,::1 "
        "--out @/node" +
        more);
  }

  fs::path root_;
  std::string out_;
  std::string err_;

 private:
  static std::string Take(FILE* file) {
    std::string text(static_cast<size_t>(::lseek(::fileno(file), 0, SEEK_END)),
                     '\0');
    EXPECT_EQ(::pread(::fileno(file), text.data(), text.size(), 0),
              static_cast<ssize_t>(text.size()));
    ::fclose(file);
    return text;
  }

  engine::PosixFileSystem files_;
  std::atomic<bool> interrupted_ = false;
};

TEST_F(CertsTest, FilesAreForTheirOwnerOnly) {
  ASSERT_EQ(MakeCa(), ExitCode::kOk) << err_;
  EXPECT_THAT(out_, HasSubstr("authority-key.pem"));
  ASSERT_EQ(MakeNode(), ExitCode::kOk) << err_;
  EXPECT_THAT(
      out_, HasSubstr("trimaran://" + ClusterIdOf("orders").ToString() + "/1"));

  EXPECT_THAT(Names(root_ / "ca"),
              ElementsAre("authority-key.pem", "authority.pem"));
  EXPECT_THAT(Names(root_ / "node"),
              ElementsAre("authority.pem", "certificate.pem", "key.pem"));
  for (const char* directory : {"ca", "node"}) {
    EXPECT_EQ(ModeOf(root_ / directory), 0700u);
    for (const std::string& name : Names(root_ / directory)) {
      EXPECT_EQ(ModeOf(root_ / directory / name), 0600u) << name;
    }
  }
  // What a node gets of the authority is not its key.
  EXPECT_EQ(Contents(root_ / "node/authority.pem"),
            Contents(root_ / "ca/authority.pem"));
  EXPECT_NE(Contents(root_ / "node/key.pem"),
            Contents(root_ / "ca/authority-key.pem"));
}

TEST_F(CertsTest, NothingIsOverwrittenUnlessForced) {
  ASSERT_EQ(MakeCa(), ExitCode::kOk) << err_;
  const std::string authority = Contents(root_ / "ca/authority-key.pem");
  EXPECT_EQ(MakeCa(), ExitCode::kExists);
  EXPECT_THAT(err_, HasSubstr("--force replaces it"));
  EXPECT_EQ(Contents(root_ / "ca/authority-key.pem"), authority);

  ASSERT_EQ(MakeNode(), ExitCode::kOk) << err_;
  const std::string key = Contents(root_ / "node/key.pem");
  // One file that is there keeps all of them as they are.
  fs::remove(root_ / "node/certificate.pem");
  EXPECT_EQ(MakeNode(), ExitCode::kExists);
  EXPECT_EQ(Contents(root_ / "node/key.pem"), key);
  EXPECT_FALSE(fs::exists(root_ / "node/certificate.pem"));

  EXPECT_EQ(MakeNode(" --force"), ExitCode::kOk) << err_;
  EXPECT_NE(Contents(root_ / "node/key.pem"), key);
  EXPECT_EQ(ModeOf(root_ / "node/key.pem"), 0600u);
}

TEST_F(CertsTest, ADirectoryThatOthersMayWriteToIsNoPlace) {
  fs::create_directory(root_ / "ca");
  ASSERT_EQ(::chmod((root_ / "ca").c_str(), 0777), 0);
  EXPECT_EQ(MakeCa(), ExitCode::kPermission);
  EXPECT_THAT(err_, HasSubstr("others may write to it"));
  EXPECT_TRUE(Names(root_ / "ca").empty());
  ASSERT_EQ(::chmod((root_ / "ca").c_str(), 0755), 0);
  EXPECT_EQ(MakeCa(), ExitCode::kOk) << err_;
}

TEST_F(CertsTest, WrongUsageIsTwoAndNamesTheOption) {
  EXPECT_EQ(Certs("ca"), ExitCode::kUsage);
  EXPECT_THAT(err_, HasSubstr("--out: it is needed"));
  EXPECT_EQ(Certs("client --out @/x"), ExitCode::kUsage);
  EXPECT_THAT(err_, HasSubstr("certs makes `ca` or `node`"));
  EXPECT_EQ(Certs("ca --out @/ca --replica 1"), ExitCode::kUsage);
  EXPECT_THAT(err_, HasSubstr("it belongs to `certs node`"));
  EXPECT_EQ(Certs("ca --out @/ca --days 0"), ExitCode::kUsage);
  EXPECT_EQ(Certs("ca --out @/ca --days 36501"), ExitCode::kUsage);
  ASSERT_EQ(MakeCa(), ExitCode::kOk) << err_;
  const std::string node = "node --ca @/ca --out @/node ";
  EXPECT_EQ(Certs(node + "--replica 1 --host a"), ExitCode::kUsage);
  EXPECT_THAT(err_, HasSubstr("--cluster: it is needed"));
  EXPECT_EQ(Certs(node + "--cluster c --host a"), ExitCode::kUsage);
  EXPECT_EQ(Certs(node + "--cluster c --host a --replica 0"), ExitCode::kUsage);
  EXPECT_EQ(Certs(node + "--cluster c --host a --replica x"), ExitCode::kUsage);
  EXPECT_EQ(Certs(node + "--cluster c --replica 1"), ExitCode::kUsage);
  EXPECT_EQ(Certs(node + "--cluster c --replica 1 --host a:7400"),
            ExitCode::kUsage);
  EXPECT_THAT(err_, HasSubstr("a port does not belong to it"));
  EXPECT_FALSE(fs::exists(root_ / "node"));
}

TEST_F(CertsTest, WithoutAnAuthorityThereIsNoNode) {
  EXPECT_EQ(MakeNode(), ExitCode::kNoStore);
  EXPECT_THAT(err_, HasSubstr("there is no " + (root_ / "ca").string()));
  fs::create_directory(root_ / "ca");
  EXPECT_EQ(MakeNode(), ExitCode::kNoStore);
  EXPECT_THAT(err_, HasSubstr("ca/authority.pem"));
  EXPECT_FALSE(fs::exists(root_ / "node"));
}

}  // namespace
}  // namespace trimaran::tool
