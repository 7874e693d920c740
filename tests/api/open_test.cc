// Goal: opening says what is wrong with the options or the directory, by name,
// and changes nothing where it refuses.

#include <sys/stat.h>
#include <unistd.h>

#include <atomic>
#include <filesystem>
#include <fstream>
#include <memory>
#include <string>

#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "engine/base/crc32c.h"
#include "gtest/gtest.h"
#include "tests/api/group.h"
#include "tests/api/test_directory.h"
#include "trimaran/db.h"
#include "trimaran/errors.h"

namespace trimaran {
namespace {

using absl::StatusCode;

// ---- Options ----

Options GroupOptions() {
  Options options = SmallOptions();
  options.cluster = "c";
  options.network = std::make_shared<InProcessNetwork>();
  options.founders = {{1, {}}, {2, {}}, {3, {}}};
  return options;
}

// The message names the field.
void ExpectRefused(const Options& options, const std::string& field) {
  const absl::Status status = ValidateOptions(options);
  EXPECT_EQ(status.code(), StatusCode::kInvalidArgument) << status;
  EXPECT_TRUE(absl::StrContains(status.message(), field)) << status;
  EXPECT_EQ(DB::Open(options, "/nowhere/at/all").status(), status);
}

TEST(OptionsTest, DefaultsAreComplete) {
  EXPECT_TRUE(ValidateOptions(Options()).ok());
  EXPECT_TRUE(ValidateOptions(GroupOptions()).ok());
}

TEST(OptionsTest, GroupMustBeDescribedAsAWhole) {
  Options options;
  options.replica_id = 0;
  ExpectRefused(options, "replica_id");
  options = GroupOptions();
  options.replica_id = 4;
  ExpectRefused(options, "replica_id is 4");
  options = GroupOptions();
  options.network = nullptr;
  ExpectRefused(options, "network");
  options = GroupOptions();
  options.cluster.clear();
  ExpectRefused(options, "cluster");
  options.cluster.assign(1025, 'c');
  ExpectRefused(options, "cluster");
  options = GroupOptions();
  options.founders[0] = {};
  ExpectRefused(options, "founders");
  options = GroupOptions();
  options.founders[2].name.assign(257, 'n');
  ExpectRefused(options, "founders[2].name");
  options = GroupOptions();
  options.founders[3].address.assign(513, 'a');
  ExpectRefused(options, "founders[3].address");
  options = GroupOptions();
  for (uint64_t id = 1; id <= 10; ++id) options.founders[id] = {};
  ExpectRefused(options, "founders.size() is 10");
  options = GroupOptions();
  options.join = true;
  ExpectRefused(options, "join");
}

// Whoever only asks learns what Open would say.
TEST(OptionsTest, AddressesAreReadBeforeAPortIsOpened) {
  Options options = GroupOptions();
  options.network = nullptr;
  for (auto& [id, info] : options.founders) info.address = "10.0.0.1:7000";
  for (const std::string listen : {"7000", "host", "host:70000", "[::1:7"}) {
    options.listen = listen;
    ExpectRefused(options, "listen");
  }
  options.listen = "10.0.0.1:7000";
  ExpectRefused(options, "set tls, or insecure");
  options.insecure = true;
  EXPECT_TRUE(ValidateOptions(options).ok());
  options.listen = "0.0.0.0:7000";
  EXPECT_TRUE(ValidateOptions(options).ok()) << "founders say where it is";
  options.advertise = "0.0.0.0:7000";
  ExpectRefused(options, "advertise is 0.0.0.0:7000");
  options.advertise = "host:0";
  ExpectRefused(options, "advertise has port 0");
  options.advertise.clear();
  options.founders[2].address = "10.0.0.2";
  ExpectRefused(options, "founders[2].address: ");
  options.founders[2].address = "10.0.0.2:0";
  ExpectRefused(options, "founders[2].address has port 0");
  options.founders.clear();
  options.join = true;
  ExpectRefused(options, "listen is 0.0.0.0:7000, which nobody can dial");
}

TEST(OptionsTest, WhatHasNoLengthIsALimitAsWell) {
  Options options;
  options.default_timeout = -absl::InfiniteDuration();
  ExpectRefused(options, "default_timeout");
  options = Options();
  options.view_age_max = absl::InfiniteDuration();
  EXPECT_TRUE(ValidateOptions(options).ok());
  options.heartbeat_interval = absl::InfiniteDuration();
  ExpectRefused(options, "heartbeat_interval");
  options = Options();
  options.election_timeout = absl::InfiniteDuration();
  ExpectRefused(options, "election_timeout");
}

TEST(OptionsTest, NetworkIsSaidOnceAndAsAWhole) {
  Options options = GroupOptions();
  options.listen = "127.0.0.1:7000";
  ExpectRefused(options, "listen and network");
  options.network = nullptr;
  ExpectRefused(options, "founders[2].address");
  for (auto& [id, info] : options.founders) info.address = "127.0.0.1:7000";
  EXPECT_TRUE(ValidateOptions(options).ok());
  // Its own is the one that it listens on.
  options.founders[1].address.clear();
  EXPECT_TRUE(ValidateOptions(options).ok());
  options.advertise.assign(513, 'a');
  ExpectRefused(options, "advertise");
  options.advertise.clear();
  const TlsFiles files = {
      .authority = "ca", .certificate = "certificate", .key = "key"};
  for (const auto file :
       {&TlsFiles::authority, &TlsFiles::certificate, &TlsFiles::key}) {
    options.tls = files;
    (*options.tls).*file = "";
    ExpectRefused(options, "tls needs the names of three files");
  }
  options.tls = files;
  EXPECT_TRUE(ValidateOptions(options).ok());
  options.insecure = true;
  ExpectRefused(options, "insecure");

  for (const auto& set : {
           +[](Options& alone) { alone.insecure = true; },
           +[](Options& alone) { alone.advertise = "host:1"; },
           +[](Options& alone) { alone.tls = TlsFiles(); },
       }) {
    Options alone;
    set(alone);
    ExpectRefused(alone, "without listen");
  }
}

TEST(OptionsTest, JoinerNeedsToKnowWhom) {
  Options options;
  options.join = true;
  ExpectRefused(options, "network");
  options.network = std::make_shared<InProcessNetwork>();
  ExpectRefused(options, "cluster");
  options.cluster = "c";
  EXPECT_TRUE(ValidateOptions(options).ok());
}

// ---- The directory ----

class OpenTest : public ::testing::Test {
 protected:
  absl::Status Open(const Options& options = SmallOptions()) {
    return DB::Open(options, directory_.path()).status();
  }

  TestDirectory directory_;
};

TEST_F(OpenTest, NothingIsMadeUnlessAllowed) {
  Options options = SmallOptions();
  options.create_if_missing = false;
  EXPECT_EQ(Open(options).code(), StatusCode::kNotFound);
  EXPECT_FALSE(std::filesystem::exists(directory_.path()));
  ASSERT_TRUE(Open().ok());
  EXPECT_TRUE(Open(options).ok());
}

TEST_F(OpenTest, ParentIsNotMade) {
  EXPECT_EQ(
      DB::Open(SmallOptions(), directory_.path("no/such")).status().code(),
      StatusCode::kNotFound);
  EXPECT_EQ(DB::Open(SmallOptions(), "").status().code(),
            StatusCode::kInvalidArgument);
}

TEST_F(OpenTest, DirectoryIsOpenOnceAtATime) {
  const auto first = DB::Open(SmallOptions(), directory_.path());
  ASSERT_TRUE(first.ok()) << first.status();
  EXPECT_EQ(Open().code(), StatusCode::kUnavailable);
  ASSERT_TRUE((*first)->Put("key", "still works").ok());
  ASSERT_TRUE((*first)->Close().ok());
  EXPECT_TRUE(Open().ok());
}

TEST_F(OpenTest, FileIsNoDirectory) {
  std::ofstream(directory_.path()) << "text";
  EXPECT_EQ(Open().code(), StatusCode::kFailedPrecondition);
}

TEST_F(OpenTest, ForeignDirectoryIsLeftAlone) {
  ASSERT_EQ(mkdir(directory_.path().c_str(), 0700), 0);
  std::ofstream(directory_.path("db/letter")) << "text";
  EXPECT_EQ(Open().code(), StatusCode::kFailedPrecondition);
  EXPECT_TRUE(std::filesystem::exists(directory_.path("db/letter")));
}

TEST_F(OpenTest, DirectoryThatOthersCanReachIntoIsRefused) {
  ASSERT_EQ(mkdir(directory_.path().c_str(), 0700), 0);
  ASSERT_EQ(chmod(directory_.path().c_str(), 0755), 0);
  EXPECT_EQ(Open().code(), StatusCode::kPermissionDenied);
}

TEST_F(OpenTest, DirectoryThatCannotBeReachedIsRefused) {
  ASSERT_EQ(chmod(directory_.root().c_str(), 0500), 0);
  // Nothing is forbidden to root, who becomes somebody else for a while.
  const uid_t self = geteuid();
  constexpr uid_t kNobody = 65534;
  if (self == 0) {
    ASSERT_EQ(seteuid(kNobody), 0);
  }
  EXPECT_EQ(Open().code(), StatusCode::kPermissionDenied);
  if (self == 0) {
    ASSERT_EQ(seteuid(self), 0);
  }
  ASSERT_EQ(chmod(directory_.root().c_str(), 0700), 0);
}

TEST_F(OpenTest, DirectoryOfAnotherClusterOrReplicaIsRefused) {
  Options options = SmallOptions();
  options.cluster = "one";
  ASSERT_TRUE(Open(options).ok());
  EXPECT_TRUE(Open().ok());
  options.cluster = "another";
  EXPECT_EQ(Open(options).code(), StatusCode::kFailedPrecondition);
  options.cluster = "one";
  options.replica_id = 2;
  const absl::Status status = Open(options);
  EXPECT_EQ(status.code(), StatusCode::kFailedPrecondition);
  EXPECT_TRUE(absl::StrContains(status.message(), "replica 1")) << status;
}

TEST_F(OpenTest, ClusterIdMayBeGivenAsItIs) {
  Options options = SmallOptions();
  options.cluster = "000000000000000a000000000000000B";
  ASSERT_TRUE(Open(options).ok());
  options.cluster = "000000000000000A000000000000000b";
  EXPECT_TRUE(Open(options).ok());
  options.cluster = "000000000000000A000000000000000c";
  const absl::Status status = Open(options);
  EXPECT_EQ(status.code(), StatusCode::kFailedPrecondition);
  EXPECT_TRUE(
      absl::StrContains(status.message(), "000000000000000a000000000000000b"))
      << status;
}

TEST_F(OpenTest, MemberOfAGroupNeedsItsNetwork) {
  Options options = GroupOptions();
  ASSERT_TRUE(Open(options).ok());
  options = SmallOptions();
  options.cluster = "c";
  const absl::Status status = Open(options);
  EXPECT_EQ(status.code(), StatusCode::kFailedPrecondition);
  EXPECT_TRUE(absl::StrContains(status.message(), "network")) << status;
}

TEST_F(OpenTest, NetworkHasEachReplicaOnceAndOneCluster) {
  Options options = GroupOptions();
  const auto first = DB::Open(options, directory_.path("first"));
  ASSERT_TRUE(first.ok()) << first.status();
  EXPECT_EQ(DB::Open(options, directory_.path("second")).status().code(),
            StatusCode::kFailedPrecondition);
  options.cluster = "d";
  options.replica_id = 2;
  EXPECT_EQ(DB::Open(options, directory_.path("third")).status().code(),
            StatusCode::kFailedPrecondition);
  ASSERT_TRUE((*first)->Close().ok());
  options = GroupOptions();
  EXPECT_TRUE(DB::Open(options, directory_.path("second")).ok());
}

TEST_F(OpenTest, DamageIsNamed) {
  ASSERT_TRUE(Open().ok());
  std::ofstream(directory_.path("db/STORE")) << "not what was written";
  const absl::Status status = Open();
  EXPECT_TRUE(IsCorruption(status)) << status;
  EXPECT_EQ(status.code(), StatusCode::kDataLoss);
}

TEST_F(OpenTest, NewerFormatIsRefused) {
  ASSERT_TRUE(Open().ok());
  // The file that tells the version, as a later version might write it.
  std::string bytes = "TRIMARAN" + std::string(3, '\0') + "\x63 and more";
  const uint32_t checksum = Crc32c(bytes);
  for (const int shift : {24, 16, 8, 0}) {
    bytes += static_cast<char>(checksum >> shift);
  }
  std::ofstream(directory_.path("db/STORE"), std::ios::binary) << bytes;
  const absl::Status status = Open();
  EXPECT_TRUE(IsNewerFormat(status)) << status;
  EXPECT_EQ(status.code(), StatusCode::kFailedPrecondition);
}

TEST_F(OpenTest, LostIdentityIsNotAnEmptyDirectory) {
  ASSERT_TRUE(Open().ok());
  ASSERT_TRUE(std::filesystem::remove(directory_.path("db/STORE")));
  EXPECT_TRUE(IsCorruption(Open()));
}

TEST_F(OpenTest, JoinerMakesNothingEitherUnlessAllowed) {
  Options options = SmallOptions();
  options.join = true;
  options.cluster = "c";
  options.network = std::make_shared<InProcessNetwork>();
  options.create_if_missing = false;
  EXPECT_EQ(Open(options).code(), StatusCode::kNotFound);
  EXPECT_FALSE(std::filesystem::exists(directory_.path()));
}

TEST_F(OpenTest, HowADirectoryWasMadeDoesNotMatterLater) {
  Options options = GroupOptions();
  ASSERT_TRUE(Open(options).ok());
  options.founders.clear();
  EXPECT_TRUE(Open(options).ok());
  options.join = true;
  EXPECT_TRUE(Open(options).ok());
}

TEST_F(OpenTest, MessagesBelowTheirSeverityAreNotMade) {
  for (const LogSeverity least : {LogSeverity::kInfo, LogSeverity::kError}) {
    std::atomic<int> messages = 0;
    Options options = SmallOptions();
    options.log_severity_min = least;
    options.log = [&](LogSeverity severity, std::string_view component,
                      std::string_view message) {
      EXPECT_GE(severity, least) << component << ": " << message;
      ++messages;
    };
    ASSERT_TRUE(Open(options).ok());
    EXPECT_EQ(messages > 0, least == LogSeverity::kInfo);
  }
}

TEST_F(OpenTest, FailedOpenLeavesNothingOpen) {
  Options options = SmallOptions();
  options.replica_id = 1;
  ASSERT_TRUE(Open(options).ok());
  options.replica_id = 7;
  EXPECT_FALSE(Open(options).ok());
  options.replica_id = 1;
  EXPECT_TRUE(Open(options).ok());
}

}  // namespace
}  // namespace trimaran
