// Goal: a manifest comes back as it was written, nothing that was changed on
// the way is taken for one, and what its maker got wrong is found.

#include "engine/format/manifest_codec.h"

#include <functional>
#include <string>
#include <vector>

#include "absl/strings/escaping.h"
#include "engine/base/absl_compat.h"
#include "engine/base/bytes.h"
#include "engine/base/crc32c.h"
#include "engine/base/errors.h"
#include "gmock/gmock.h"
#include "gtest/gtest.h"

namespace trimaran::engine {
namespace {

using ::testing::HasSubstr;

SnapshotManifest SmallManifest() {
  SnapshotManifest manifest;
  manifest.id = SnapshotId(0x1122334455667788);
  manifest.cluster = {1, 2};
  manifest.group = GroupId(3);
  manifest.position = {{LogIndex(20), Term(4)}, ChainValue{5}};
  manifest.conf.voters = {ReplicaId(1), ReplicaId(2)};
  manifest.conf.learners = {ReplicaId(9)};
  manifest.state.families = {{FamilyId(), "", 2, 60, {6, 7}},
                             {FamilyId(1), "default", 3, 40, {8, 9}}};
  manifest.state.rows = 5;
  manifest.state.bytes = 100;
  manifest.state.hash = {10, 11};
  manifest.chunks = {{4, 90, 0xaabbccdd}, {1, 50, 0x01020304}};
  return manifest;
}

// The frame around a body that need not be a manifest.
std::string Framed(std::string_view body, uint32_t version) {
  std::string out;
  ByteWriter writer(out);
  writer.WriteBytes("TRIMSNAP");
  writer.WriteU32(version);
  writer.WriteU32(static_cast<uint32_t>(body.size()));
  writer.WriteU32(ExtendCrc32c(Crc32c(out), body));
  writer.WriteBytes(body);
  return out;
}

TEST(ManifestCodecTest, ComesBackAsItWasWritten) {
  const SnapshotManifest manifest = SmallManifest();
  const auto decoded = DecodeManifest(EncodeManifest(manifest));
  ASSERT_TRUE(decoded.ok()) << decoded.status();
  EXPECT_EQ(*decoded, manifest);
}

TEST(ManifestCodecTest, TheBytesNeverChange) {
  EXPECT_EQ(
      absl::BytesToHexString(EncodeManifest(SmallManifest())),
      // Magic, version, size of the body, checksum.
      "5452494d534e4150"
      "00000001"
      "00000098"
      "bd74e1f7"
      // The snapshot, the cluster, the group.
      "098877665544332211"
      "110100000000000000"
      "190200000000000000"
      "2003"
      // The position and the chain; the members.
      "2a0408141004"
      "310500000000000000"
      "3a070a0201021a0109"
      // Rows, bytes and hash of the state.
      "40054864"
      "510a00000000000000"
      "590b00000000000000"
      // Family 0, and "default".
      "62161802203c290600000000000000310700000000000000"
      "62210801120764656661756c7418032028290800000000000000310900000000000000"
      // Rows, bytes and checksums of the chunks.
      "6a020401"
      "72025a32"
      "7a08ddccbbaa04030201");
}

TEST(ManifestCodecTest, EveryFlippedBitIsNoticed) {
  const std::string good = EncodeManifest(SmallManifest());
  for (size_t bit = 0; bit < 8 * good.size(); ++bit) {
    std::string bad = good;
    bad[bit / 8] = static_cast<char>(bad[bit / 8] ^ (1 << (bit % 8)));
    EXPECT_TRUE(IsCorruption(DecodeManifest(bad).status())) << "bit " << bit;
  }
}

TEST(ManifestCodecTest, EveryCutAndEveryAdditionIsNoticed) {
  const std::string good = EncodeManifest(SmallManifest());
  for (size_t size = 0; size < good.size(); ++size) {
    EXPECT_TRUE(IsCorruption(DecodeManifest(good.substr(0, size)).status()));
  }
  EXPECT_TRUE(IsCorruption(DecodeManifest(good + '\0').status()));
}

TEST(ManifestCodecTest, ANewerFormatIsNamedAndNotCalledDamage) {
  const absl::Status status = DecodeManifest(Framed("new", 2)).status();
  EXPECT_TRUE(IsNewerFormat(status)) << status;
  EXPECT_THAT(std::string(status.message()), HasSubstr("version 2"));
}

TEST(ManifestCodecTest, VersionZeroAndABodyThatIsNoMessageAreDamage) {
  EXPECT_TRUE(IsCorruption(DecodeManifest(Framed("", 0)).status()));
  EXPECT_TRUE(IsCorruption(DecodeManifest(Framed("\xff\xff", 1)).status()));
  EXPECT_TRUE(IsCorruption(DecodeManifest(Framed("", 1)).status()));
}

TEST(ManifestCodecTest, MoreBytesThanTheLimitAreNotEvenLookedAt) {
  const absl::Status status =
      DecodeManifest(std::string(kManifestBytesMax + 1, 'x')).status();
  EXPECT_TRUE(IsCorruption(status));
  EXPECT_THAT(std::string(status.message()), HasSubstr("16777217"));
}

TEST(ManifestTest, TheLargestManifestFitsItsLimit) {
  SnapshotManifest manifest = SmallManifest();
  manifest.chunks.assign(kSnapshotChunksMax,
                         {kChunkBytesMax / 3, kChunkBytesMax, 0xffffffff});
  const uint64_t chunk_rows = kChunkBytesMax / 3 * kSnapshotChunksMax;
  manifest.state.families[1].rows = chunk_rows - 2;
  manifest.state.families[1].bytes = chunk_rows;
  manifest.state.rows = chunk_rows;
  manifest.state.bytes = chunk_rows + 60;
  const std::string encoded = EncodeManifest(manifest);
  EXPECT_LE(encoded.size(), kManifestBytesMax);
  const auto decoded = DecodeManifest(encoded);
  ASSERT_TRUE(decoded.ok()) << decoded.status();
  EXPECT_EQ(*decoded, manifest);
}

TEST(ManifestTest, WhatContradictsItselfIsRefused) {
  struct Case {
    const char* message;
    std::function<void(SnapshotManifest&)> spoil;
  };
  const std::vector<Case> cases = {
      {"no id", [](auto& m) { m.id = SnapshotId(); }},
      {"no cluster", [](auto& m) { m.cluster = ClusterId(); }},
      {"no group", [](auto& m) { m.group = GroupId(); }},
      {"no position", [](auto& m) { m.position.id.index = LogIndex(); }},
      {"no position", [](auto& m) { m.position.id.term = Term(); }},
      {"no position", [](auto& m) { m.position.id.index = kMaxLogIndex + 1; }},
      {"sorted", [](auto& m) { m.conf.voters = {ReplicaId()}; }},
      {"no voters", [](auto& m) { m.conf = ConfState(); }},
      {"out of order",
       [](auto& m) { m.state.families.erase(m.state.families.begin()); }},
      {"out of order",
       [](auto& m) { m.state.families.push_back(m.state.families[1]); }},
      {"name of 0 bytes", [](auto& m) { m.state.families[1].name = ""; }},
      {"name of 129 bytes",
       [](auto& m) { m.state.families[1].name = std::string(129, 'n'); }},
      {"name of another",
       [](auto& m) {
         m.state.families.push_back({FamilyId(2), "default", 0, 0, {}});
       }},
      {"41 rows of 40", [](auto& m) { m.state.families[1].rows = 41; }},
      {"the state 6 rows", [](auto& m) { m.state.rows = 6; }},
      {"101", [](auto& m) { m.state.bytes = 101; }},
      {"chunks have 6 rows", [](auto& m) { m.chunks[0].rows = 5; }},
      {"0 rows", [](auto& m) { m.chunks[0].rows = 0; }},
      {"91 rows in 90", [](auto& m) { m.chunks[0].rows = 91; }},
      {"the limit is", [](auto& m) { m.chunks[0].bytes = kChunkBytesMax + 1; }},
      {"the limit is",
       [](auto& m) {
         m.chunks.assign(kSnapshotChunksMax + 1, {1, 1, 0});
       }},
  };
  ASSERT_TRUE(ValidateManifest(SmallManifest()).ok());
  for (const Case& one : cases) {
    SnapshotManifest manifest = SmallManifest();
    one.spoil(manifest);
    const absl::Status status = ValidateManifest(manifest);
    EXPECT_TRUE(IsCorruption(status)) << one.message;
    EXPECT_THAT(std::string(status.message()), HasSubstr(one.message));
  }
}

TEST(ManifestTest, PrintsWhatItIsOf) {
  const std::string text = DebugString(SmallManifest());
  EXPECT_THAT(text, HasSubstr("snapshot 1122334455667788 of group 3"));
  EXPECT_THAT(text, HasSubstr("at 20/4, voters=(1 2) learners=(9)"));
  EXPECT_THAT(text, HasSubstr("2 chunks of 140 bytes"));
}

}  // namespace
}  // namespace trimaran::engine
