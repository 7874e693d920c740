// Goal: a data directory says for ever whose it is; damage, a later version and
// a directory of somebody else are three different refusals.

#include "engine/home/store_identity.h"

#include <string>
#include <string_view>

#include "absl/strings/escaping.h"
#include "engine/base/crc32c.h"
#include "engine/base/errors.h"
#include "engine/home/home_paths.h"
#include "gmock/gmock.h"
#include "gtest/gtest.h"
#include "tests/support/disk/sim_disk.h"
#include "tests/support/disk/sim_file_system.h"

namespace trimaran::engine {
namespace {

using ::testing::HasSubstr;

constexpr StoreIdentity kIdentity = {{0x0102030405060708, 0x090a0b0c0d0e0f10},
                                     StoreId(0xa1a2a3a4a5a6a7a8),
                                     GroupId(7),
                                     ReplicaId(3)};
// The bytes were worked out by a second implementation.
constexpr std::string_view kIdentityHex =
    "5452494d4152414e00000001"
    "0102030405060708090a0b0c0d0e0f10"
    "a1a2a3a4a5a6a7a8000000000000000700000000000000038649badc";

std::string FromHex(std::string_view hex) {
  return absl::HexStringToBytes({hex.data(), hex.size()});
}
std::string TextOf(const absl::Status& status) {
  return std::string(status.message());
}

class StoreIdentityTest : public testing::Test {
 protected:
  StoreIdentityTest() { EXPECT_TRUE(files_.CreateDirectory(home_).ok()); }

  void Store(std::string_view bytes) {
    ASSERT_TRUE(
        WriteFileAtomically(files_, JoinPath(home_, kIdentityFile), bytes)
            .ok());
  }

  disk::SimDisk disk_{"/sim"};
  disk::SimFileSystem files_{disk_};
  const std::string home_ = "/sim/home";
};

TEST_F(StoreIdentityTest, HasTheBytesThatTheFormatPromises) {
  const std::string bytes = EncodeIdentity(kIdentity);
  EXPECT_EQ(absl::BytesToHexString(bytes), kIdentityHex);
}

TEST_F(StoreIdentityTest, ComesBackAsItWasWritten) {
  ASSERT_TRUE(WriteIdentity(files_, home_, kIdentity).ok());
  const auto identity = ReadIdentity(files_, home_);
  ASSERT_TRUE(identity.ok()) << identity.status();
  EXPECT_EQ(*identity, kIdentity);
}

TEST_F(StoreIdentityTest, IsDurableOnceItIsWritten) {
  ASSERT_TRUE(files_.SyncDirectory("/sim").ok());
  ASSERT_TRUE(WriteIdentity(files_, home_, kIdentity).ok());
  disk::SimDisk after("/after", disk_.AfterCrash(disk::kNothingSurvives, 1));
  disk::SimFileSystem files(after);
  const auto identity = ReadIdentity(files, "/after/home");
  ASSERT_TRUE(identity.ok()) << identity.status();
  EXPECT_EQ(*identity, kIdentity);
}

TEST_F(StoreIdentityTest, IsWrittenOnce) {
  ASSERT_TRUE(WriteIdentity(files_, home_, kIdentity).ok());
  StoreIdentity other = kIdentity;
  other.store = StoreId(1);
  EXPECT_TRUE(absl::IsAlreadyExists(WriteIdentity(files_, home_, other)));
  EXPECT_EQ(*ReadIdentity(files_, home_), kIdentity);
}

TEST_F(StoreIdentityTest, AbsenceIsNoDamage) {
  const absl::Status status = ReadIdentity(files_, home_).status();
  EXPECT_TRUE(absl::IsNotFound(status)) << status;
  EXPECT_THAT(TextOf(status), HasSubstr("/sim/home/STORE"));
}

TEST_F(StoreIdentityTest, EveryFlippedBitIsNoticed) {
  const std::string bytes = FromHex(kIdentityHex);
  for (size_t bit = 0; bit < bytes.size() * 8; ++bit) {
    std::string damaged = bytes;
    damaged[bit / 8] = static_cast<char>(damaged[bit / 8] ^ (1 << bit % 8));
    EXPECT_TRUE(IsCorruption(DecodeIdentity(damaged).status())) << bit;
  }
}

TEST_F(StoreIdentityTest, EveryWrongLengthIsNoticed) {
  const std::string bytes = FromHex(kIdentityHex);
  for (size_t size = 0; size < bytes.size(); ++size) {
    EXPECT_TRUE(IsCorruption(DecodeIdentity(bytes.substr(0, size)).status()));
  }
  EXPECT_TRUE(IsCorruption(DecodeIdentity(bytes + '\0').status()));
}

TEST_F(StoreIdentityTest, DamageNamesTheFile) {
  for (const std::string& damaged :
       {std::string(), std::string(56, '\0'), std::string(10000, 'x')}) {
    Store(damaged);
    const absl::Status status = ReadIdentity(files_, home_).status();
    EXPECT_TRUE(IsCorruption(status)) << status;
    EXPECT_THAT(TextOf(status), HasSubstr("/sim/home/STORE"));
  }
}

// A frame of this version and these fields, with a right checksum.
std::string Framed(uint8_t version, std::string_view fields) {
  std::string bytes = "TRIMARAN" + std::string(3, '\0');
  bytes += static_cast<char>(version);
  bytes += fields;
  const uint32_t checksum = Crc32c(bytes);
  for (const int shift : {24, 16, 8, 0}) {
    bytes += static_cast<char>(checksum >> shift);
  }
  return bytes;
}

TEST_F(StoreIdentityTest, LackOfHandlesOrMemoryIsNotCalledDamage) {
  ASSERT_TRUE(WriteIdentity(files_, home_, kIdentity).ok());
  disk_.Inject({.target = disk::FaultTarget::kRead,
                .path_part = std::string(kIdentityFile),
                .error = disk::FaultError::kNoSpace});
  const absl::Status status = ReadIdentity(files_, home_).status();
  EXPECT_TRUE(absl::IsResourceExhausted(status)) << status;
}

TEST_F(StoreIdentityTest, LaterVersionIsRefusedByVersion) {
  Store(Framed(2, "what a later version may write, of any length"));
  const absl::Status status = ReadIdentity(files_, home_).status();
  EXPECT_TRUE(IsNewerFormat(status)) << status;
  EXPECT_EQ(TextOf(status),
            "/sim/home/STORE: the data directory has format version 2; this "
            "program reads version 1");
}

TEST_F(StoreIdentityTest, IntactNonsenseIsRefused) {
  EXPECT_TRUE(
      IsCorruption(DecodeIdentity(Framed(1, std::string(40, '\0'))).status()));
  EXPECT_TRUE(
      IsCorruption(DecodeIdentity(Framed(1, std::string(41, 'x'))).status()));
  EXPECT_TRUE(
      IsCorruption(DecodeIdentity(Framed(0, std::string(40, 'x'))).status()));
  EXPECT_TRUE(DecodeIdentity(Framed(1, std::string(40, 'x'))).ok());
}

TEST_F(StoreIdentityTest, DirectoryOfAnotherClusterIsRefusedByName) {
  const absl::Status status = CheckIdentity(
      home_, kIdentity, {ClusterId{1, 2}, kIdentity.group, kIdentity.replica});
  EXPECT_EQ(status.code(), absl::StatusCode::kFailedPrecondition);
  EXPECT_EQ(TextOf(status),
            "data directory /sim/home belongs to cluster "
            "0102030405060708090a0b0c0d0e0f10, not to cluster "
            "00000000000000010000000000000002");
}

TEST_F(StoreIdentityTest, DirectoryOfAnotherReplicaIsRefusedByName) {
  EXPECT_TRUE(CheckIdentity(home_, kIdentity,
                            {kIdentity.cluster, GroupId(7), ReplicaId(3)})
                  .ok());
  EXPECT_EQ(
      TextOf(CheckIdentity(home_, kIdentity,
                           {kIdentity.cluster, GroupId(7), ReplicaId(4)})),
      "data directory /sim/home belongs to replica 3, not to replica 4");
  EXPECT_EQ(
      TextOf(CheckIdentity(home_, kIdentity,
                           {kIdentity.cluster, GroupId(8), ReplicaId(3)})),
      "data directory /sim/home belongs to group 7, not to group 8");
}

TEST(StoreIdentityDeathTest, NamelessIdentityIsAProgrammersError) {
  StoreIdentity identity = kIdentity;
  identity.store = StoreId();
  EXPECT_DEATH(EncodeIdentity(identity), "without a name");
}

}  // namespace
}  // namespace trimaran::engine
