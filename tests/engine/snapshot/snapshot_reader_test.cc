// Goal: damage anywhere in a finished snapshot is found and named, and its
// records can be walked over from any key.

#include "engine/snapshot/snapshot_reader.h"

#include <memory>
#include <string>

#include "engine/base/errors.h"
#include "engine/snapshot/snapshot_paths.h"
#include "gmock/gmock.h"
#include "gtest/gtest.h"
#include "tests/engine/snapshot/test_state.h"
#include "tests/support/disk/sim_disk.h"
#include "tests/support/disk/sim_file_system.h"

namespace trimaran::engine {
namespace {

using ::testing::HasSubstr;

constexpr char kDirectory[] = "/snap/out-20-3";

class SnapshotReaderTest : public ::testing::Test {
 protected:
  SnapshotReaderTest() : state_(MakeTestState(60, 50, random_)) {
    SnapshotWriterOptions options;
    options.chunk_bytes_target = 1000;
    EXPECT_TRUE(WriteSnapshot(files_, kDirectory, state_, options).ok());
  }

  std::unique_ptr<SnapshotReader> Open() {
    auto reader = SnapshotReader::Open(files_, kDirectory);
    EXPECT_TRUE(reader.ok()) << reader.status();
    return *std::move(reader);
  }

  static std::string PathOf(std::string_view name) {
    return JoinPath(kDirectory, name);
  }

  void Replace(std::string_view name, std::string_view content) {
    ASSERT_TRUE(WriteFileAtomically(files_, PathOf(name), content).ok());
  }
  std::string Content(std::string_view name) {
    return *ReadFile(files_, PathOf(name), kManifestBytesMax);
  }

  disk::SimDisk disk_{"/snap"};
  disk::SimFileSystem files_{disk_};
  SeededRandom random_{3};
  TestState state_;
};

TEST_F(SnapshotReaderTest, ADirectoryWithoutAManifestIsNoSnapshot) {
  ASSERT_TRUE(files_.Remove(PathOf(kManifestFile)).ok());
  for (const char* directory : {kDirectory, "/snap/nothing"}) {
    const absl::Status status =
        SnapshotReader::Open(files_, directory).status();
    EXPECT_TRUE(absl::IsNotFound(status)) << status;
    EXPECT_THAT(std::string(status.message()), HasSubstr(directory));
  }
}

TEST_F(SnapshotReaderTest, ADamagedManifestIsNamed) {
  const std::string good = Content(kManifestFile);
  for (const std::string& bad :
       {std::string(), good.substr(1), good.substr(0, good.size() - 1),
        good + "x", std::string(good.size(), '\0'),
        std::string(kManifestBytesMax + 1, 'x')}) {
    Replace(kManifestFile, bad);
    const absl::Status status =
        SnapshotReader::Open(files_, kDirectory).status();
    EXPECT_TRUE(IsCorruption(status)) << status;
    EXPECT_THAT(std::string(status.message()),
                HasSubstr(PathOf(kManifestFile)));
  }
}

TEST_F(SnapshotReaderTest, ADamagedChunkIsNamed) {
  const auto reader = Open();
  const std::string name = ChunkFileName(1);
  const std::string good = Content(name);
  std::string flipped = good;
  flipped[40] = static_cast<char>(flipped[40] ^ 4);
  for (const std::string& bad :
       {flipped, good.substr(0, good.size() / 2), good + "x",
        std::string(good.size(), '\0'), Content(ChunkFileName(0))}) {
    Replace(name, bad);
    EXPECT_TRUE(reader->ReadChunk(0).ok());
    for (const absl::Status& status :
         {reader->ReadChunk(1).status(), reader->VerifyAll()}) {
      EXPECT_TRUE(IsCorruption(status)) << status;
      EXPECT_THAT(std::string(status.message()), HasSubstr(PathOf(name)));
    }
  }
  ASSERT_TRUE(files_.Remove(PathOf(name)).ok());
  const absl::Status missing = reader->VerifyAll();
  EXPECT_TRUE(IsCorruption(missing));
  EXPECT_THAT(std::string(missing.message()), HasSubstr("missing"));
}

TEST_F(SnapshotReaderTest, AFailingDiskIsNotCalledDamage) {
  disk_.Inject({.target = disk::FaultTarget::kRead, .path_part = "chunk-"});
  const absl::Status status = Open()->VerifyAll();
  EXPECT_EQ(status.code(), absl::StatusCode::kInternal) << status;
}

TEST_F(SnapshotReaderTest, ALackOfHandlesOrMemoryIsNotCalledDamage) {
  for (const std::string& file :
       {ChunkFileName(1), std::string(kManifestFile)}) {
    disk_.Inject({.target = disk::FaultTarget::kRead,
                  .path_part = file,
                  .error = disk::FaultError::kNoSpace});
    const auto reader = SnapshotReader::Open(files_, kDirectory);
    const absl::Status status =
        reader.ok() ? (*reader)->VerifyAll() : reader.status();
    EXPECT_TRUE(absl::IsResourceExhausted(status)) << status;
    EXPECT_THAT(std::string(status.message()), HasSubstr(file));
  }
  EXPECT_TRUE(Open()->VerifyAll().ok());
}

TEST_F(SnapshotReaderTest, AChunkThatThereIsNotCannotBeAskedFor) {
  const auto reader = Open();
  const absl::Status status = reader->ReadChunk(reader->chunk_count()).status();
  EXPECT_TRUE(absl::IsInvalidArgument(status));
}

TEST_F(SnapshotReaderTest, WalksOnBehindAnyKey) {
  const auto reader = Open();
  ASSERT_GT(reader->chunk_count(), 3u);
  SnapshotExport records(*reader);
  std::vector<std::string> keys = {"", std::string("\xff")};
  for (const auto& [key, value] : state_.records) {
    keys.push_back(key);
    keys.push_back(key + "x");
    keys.push_back(key.substr(0, key.size() - 1));
  }
  for (const std::string& key : keys) {
    ASSERT_TRUE(records.SkipTo(key).ok());
    const auto rest = ReadAll(records);
    ASSERT_TRUE(rest.ok());
    EXPECT_EQ(*rest,
              RecordMap(state_.records.upper_bound(key), state_.records.end()));
  }
}

TEST_F(SnapshotReaderTest, AnExportSaysWhatItIsOf) {
  const auto reader = Open();
  const SnapshotExport records(*reader);
  EXPECT_EQ(records.position(), state_.position);
  EXPECT_EQ(records.conf(), state_.conf);
}

}  // namespace
}  // namespace trimaran::engine
