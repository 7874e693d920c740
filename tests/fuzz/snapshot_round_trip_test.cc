// Goal: no bytes make a receiver take what no sender makes. Method: manifests
// and chunks are made at random, changed in a few places, and given to the
// checks of snapshot_fuzz.cc, which abort, and so are the inputs that are worth
// keeping. The seed is printed in blocks, a file by its name.

#include "tests/fuzz/snapshot_round_trip.h"

#include <cstdint>
#include <iostream>
#include <string>

#include "engine/base/bytes.h"
#include "engine/base/random.h"
#include "engine/format/manifest_codec.h"
#include "gtest/gtest.h"
#include "tests/fuzz/kept_inputs.h"

namespace trimaran::engine {
namespace {

// An abort leaves no more than the last block of seeds printed.
constexpr uint64_t kSeedsPerBlock = 1000;
constexpr uint64_t kSeeds = 5000;
// Magic, version, size and checksum.
constexpr size_t kManifestFrameBytes = 20;

void PrintSeed(uint64_t seed) {
  if (seed % kSeedsPerBlock == 0) std::cout << "seeds from " << seed << '\n';
}

std::string RandomBytes(SeededRandom& random, uint64_t size_max) {
  std::string bytes;
  for (uint64_t left = random.Uniform(size_max + 1); left > 0; --left) {
    bytes += static_cast<char>(random.Uniform(256));
  }
  return bytes;
}

std::string ManifestBody(SeededRandom& random) {
  SnapshotManifest manifest;
  manifest.id = SnapshotId(random.Next() | 1);
  manifest.cluster = {random.Next(), random.Next() | 1};
  manifest.group = GroupId(1 + random.Uniform(300));
  manifest.position = {
      {LogIndex(1 + random.Uniform(1000)), Term(1 + random.Uniform(1000))},
      ChainValue{random.Next()}};
  for (uint64_t i = 0; i <= random.Uniform(5); ++i) {
    manifest.conf.voters.emplace_back(1 + i * 100);
  }
  StateSummary& state = manifest.state;
  state.families.push_back({});
  for (uint64_t i = 1; i <= random.Uniform(4); ++i) {
    const uint64_t rows = random.Uniform(500);
    state.families.push_back({FamilyId(i),
                              "family" + std::to_string(i),
                              rows,
                              rows * 7,
                              {random.Next(), random.Next()}});
    state.rows += rows;
    state.bytes += rows * 7;
  }
  for (uint64_t left = state.rows; left > 0;) {
    const uint64_t rows = 1 + random.Uniform(left);
    manifest.chunks.push_back(
        {rows, 40 + rows * 8, static_cast<uint32_t>(random.Next())});
    left -= rows;
  }
  return EncodeManifest(manifest).substr(kManifestFrameBytes);
}

std::string ChunkBody(SeededRandom& random, uint32_t& rows) {
  std::string body;
  ByteWriter writer(body);
  for (rows = 0; rows < 1 + random.Uniform(5); ++rows) {
    const std::string key = "k" + RandomBytes(random, 20);
    const std::string value = RandomBytes(random, 200);
    writer.WriteVarint64(key.size());
    writer.WriteVarint64(value.size());
    writer.WriteBytes(key);
    writer.WriteBytes(value);
  }
  return body;
}

void Damage(SeededRandom& random, std::string& bytes) {
  for (uint64_t left = 1 + random.Uniform(3); left > 0; --left) {
    const size_t at = random.Uniform(bytes.size() + 1);
    switch (random.Uniform(3)) {
      case 0:
        bytes.insert(at, 1, static_cast<char>(random.Uniform(256)));
        break;
      case 1:
        bytes.erase(at, 1 + random.Uniform(3));
        break;
      default:
        if (at < bytes.size()) {
          bytes[at] = static_cast<char>(bytes[at] ^ (1 << random.Uniform(8)));
        }
    }
  }
}

TEST(SnapshotRoundTripTest, ManifestsAreTakenAndWhatIsLikeThemIsSafe) {
  uint64_t refused = 0;
  for (uint64_t seed = 0; seed < kSeeds; ++seed) {
    PrintSeed(seed);
    SeededRandom random(seed);
    std::string body = ManifestBody(random);
    ASSERT_TRUE(CheckManifestBodyRoundTrip(body)) << "seed " << seed;
    Damage(random, body);
    if (!CheckManifestBodyRoundTrip(body)) ++refused;
  }
  EXPECT_GT(refused, kSeeds / 4);
}

TEST(SnapshotRoundTripTest, ChunksAreTakenAndWhatIsLikeThemIsSafe) {
  uint64_t refused = 0;
  for (uint64_t seed = 0; seed < kSeeds; ++seed) {
    PrintSeed(seed);
    SeededRandom random(seed);
    uint32_t rows = 0;
    std::string body = ChunkBody(random, rows);
    ASSERT_TRUE(CheckChunkRoundTrip(body, rows)) << "seed " << seed;
    Damage(random, body);
    if (!CheckChunkRoundTrip(body, rows)) ++refused;
  }
  EXPECT_GT(refused, kSeeds / 10);
}

TEST(SnapshotRoundTripTest, KeptInputs) {
  const auto inputs = KeptInputs("snapshot");
  ASSERT_FALSE(inputs.empty());
  for (const auto& [name, input] : inputs) {
    std::cout << name << '\n' << std::flush;
    CheckSnapshotInput(input);
  }
}

TEST(SnapshotRoundTripTest, RandomBytesAreSafe) {
  for (uint64_t seed = 0; seed < kSeeds; ++seed) {
    PrintSeed(seed);
    SeededRandom random(seed);
    CheckSnapshotInput(RandomBytes(random, 100));
  }
}

}  // namespace
}  // namespace trimaran::engine
