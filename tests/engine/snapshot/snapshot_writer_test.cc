// Goal: what was exported is what can be read, for states of every shape; a
// snapshot that is not finished does not exist; pace, pauses and giving up are
// the caller's.

#include "engine/snapshot/snapshot_writer.h"

#include <initializer_list>
#include <memory>
#include <string>

#include "absl/strings/str_cat.h"
#include "engine/base/errors.h"
#include "engine/format/limits.h"
#include "engine/snapshot/snapshot_paths.h"
#include "engine/snapshot/snapshot_reader.h"
#include "gmock/gmock.h"
#include "gtest/gtest.h"
#include "tests/engine/snapshot/test_state.h"
#include "tests/support/disk/sim_disk.h"
#include "tests/support/disk/sim_file_system.h"

namespace trimaran::engine {
namespace {

using ::testing::ElementsAre;
using ::testing::HasSubstr;

constexpr char kDirectory[] = "/snap/out-20-3";

class SnapshotWriterTest : public ::testing::Test {
 protected:
  static SnapshotWriterOptions SmallChunks() {
    SnapshotWriterOptions options;
    options.chunk_bytes_target = 1000;
    return options;
  }

  absl::StatusOr<std::unique_ptr<SnapshotWriter>> Start(
      const TestState& state, const SnapshotWriterOptions& options) {
    return SnapshotWriter::Start(files_, kDirectory, kTestIdentity,
                                 std::make_unique<TestExport>(state), options);
  }

  bool Exists(std::string_view path) {
    return files_.Inspect(path)->kind != FileKind::kAbsent;
  }

  // Reads the snapshot back, having verified it.
  RecordMap ReadBack() {
    auto reader = SnapshotReader::Open(files_, kDirectory);
    EXPECT_TRUE(reader.ok()) << reader.status();
    if (!reader.ok()) return {};
    EXPECT_TRUE((*reader)->VerifyAll().ok()) << (*reader)->VerifyAll();
    SnapshotExport records(**reader);
    return ReadAll(records).value_or(RecordMap());
  }

  disk::SimDisk disk_{"/snap"};
  disk::SimFileSystem files_{disk_};
  SeededRandom random_{17};
};

// Covers: G12
TEST_F(SnapshotWriterTest, StatesOfEveryShapeComeBack) {
  TestState empty;
  TestState no_rows;
  no_rows.AddFamily(1, "default");
  TestState many_families;
  for (uint64_t family = 1; family <= 300; ++family) {
    many_families.AddFamily(family, absl::StrCat("family", family));
    if (family % 2 == 0) many_families.AddRow(family, "k", "v");
  }
  TestState huge = MakeTestState(3, 50, random_);
  huge.AddRow(1, std::string(kKeyBytesMax, 'm'),
              std::string(kValueBytesMax, 'h'));
  const TestState plain = MakeTestState(500, 60, random_);
  for (const TestState* state : std::initializer_list<const TestState*>{
           &empty, &no_rows, &many_families, &huge, &plain}) {
    const auto manifest =
        WriteSnapshot(files_, kDirectory, *state, SmallChunks());
    ASSERT_TRUE(manifest.ok()) << manifest.status();
    EXPECT_EQ(ReadBack(), state->records);
    EXPECT_EQ(manifest->state.rows, state->records.size());
    ASSERT_TRUE(RemoveSnapshot(files_, kDirectory).ok());
  }
}

// Covers: G9
TEST_F(SnapshotWriterTest, TheManifestIsOfTheExportedPositionAndMembers) {
  const TestState state = MakeTestState(10, 10, random_);
  ASSERT_TRUE(WriteSnapshot(files_, kDirectory, state, SmallChunks()).ok());
  const auto reader = SnapshotReader::Open(files_, kDirectory);
  ASSERT_TRUE(reader.ok());
  const SnapshotManifest& manifest = (*reader)->manifest();
  EXPECT_EQ(manifest.position, state.position);
  EXPECT_EQ(manifest.conf, state.conf);
  EXPECT_EQ(manifest.id, kTestIdentity.id);
  EXPECT_EQ(manifest.cluster, kTestCluster);
  EXPECT_EQ(manifest.group, kTestGroup);
}

// Covers: G12
TEST_F(SnapshotWriterTest, TheManifestListsFamiliesSizesAndChecksums) {
  TestState state;
  state.AddFamily(1, "default");
  state.AddFamily(2, "lock");
  state.AddRow(1, "k", "value");
  ASSERT_TRUE(WriteSnapshot(files_, kDirectory, state, SmallChunks()).ok());
  const auto reader = SnapshotReader::Open(files_, kDirectory);
  ASSERT_TRUE(reader.ok());
  const auto& families = (*reader)->manifest().state.families;
  ASSERT_EQ(families.size(), 3u);
  EXPECT_EQ(families[1].name, "default");
  EXPECT_EQ(families[1].rows, 1u);
  EXPECT_EQ(families[1].bytes, 3u + 1u + 1u + 5u);
  EXPECT_NE(families[1].hash, families[2].hash);
  EXPECT_EQ(families[2].name, "lock");
  EXPECT_EQ(families[2].rows, 0u);
}

// Covers: G12
TEST_F(SnapshotWriterTest, ItDoesNotExistUntilItIsDone) {
  const TestState state = MakeTestState(100, 50, random_);
  auto writer = Start(state, SmallChunks());
  ASSERT_TRUE(writer.ok());
  while (!(*writer)->progress().done) {
    EXPECT_TRUE(
        absl::IsNotFound(SnapshotReader::Open(files_, kDirectory).status()));
    ASSERT_TRUE((*writer)->Step().ok());
  }
  EXPECT_TRUE(SnapshotReader::Open(files_, kDirectory).ok());
}

TEST_F(SnapshotWriterTest, EachStepWritesOneChunkAndCountsIt) {
  const TestState state = MakeTestState(100, 50, random_);
  auto writer = Start(state, SmallChunks());
  ASSERT_TRUE(writer.ok());
  uint64_t chunks = 0;
  for (auto progress = (*writer)->Step(); !progress->done;
       progress = (*writer)->Step()) {
    ASSERT_TRUE(progress.ok());
    EXPECT_EQ(progress->chunks, ++chunks);
    EXPECT_EQ(files_.List(kDirectory)->size(), chunks);
    EXPECT_LE(
        files_.Inspect(JoinPath(kDirectory, ChunkFileName(0)))->size_bytes,
        1000u);
  }
  EXPECT_GT(chunks, 5u);
  EXPECT_EQ((*writer)->progress().rows, state.records.size());
  EXPECT_EQ(
      (*writer)->progress().bytes,
      (*writer)->manifest().chunk_bytes() +
          files_.Inspect(JoinPath(kDirectory, kManifestFile))->size_bytes);
  EXPECT_TRUE((*writer)->Step()->done) << "a step more changes nothing";
}

TEST_F(SnapshotWriterTest, GivenUpItLeavesNothing) {
  auto writer = Start(MakeTestState(100, 50, random_), SmallChunks());
  ASSERT_TRUE(writer.ok());
  ASSERT_TRUE((*writer)->Step().ok());
  EXPECT_TRUE((*writer)->Cancel().ok());
  EXPECT_FALSE(Exists(kDirectory));
  EXPECT_TRUE(absl::IsCancelled((*writer)->Step().status()));
}

TEST_F(SnapshotWriterTest, DestroyedUnfinishedItLeavesNothing) {
  {
    auto writer = Start(MakeTestState(100, 50, random_), SmallChunks());
    ASSERT_TRUE(writer.ok());
    ASSERT_TRUE((*writer)->Step().ok());
  }
  EXPECT_FALSE(Exists(kDirectory));
}

TEST_F(SnapshotWriterTest, GivingUpAfterTheEndKeepsIt) {
  auto writer = Start(TestState(), SmallChunks());
  ASSERT_TRUE(writer.ok());
  ASSERT_TRUE((*writer)->Step()->done);
  EXPECT_TRUE((*writer)->Cancel().ok());
  writer->reset();
  EXPECT_TRUE(Exists(kDirectory));
}

TEST_F(SnapshotWriterTest, AFullDiskIsToldAndNothingStays) {
  disk_.SetCapacity(10'000);
  SnapshotWriterOptions options = SmallChunks();
  options.free_bytes_min = 8'000;
  auto writer = Start(MakeTestState(100, 50, random_), options);
  ASSERT_TRUE(writer.ok());
  absl::Status status;
  while (status.ok()) status = (*writer)->Step().status();
  EXPECT_TRUE(absl::IsResourceExhausted(status));
  EXPECT_THAT(std::string(status.message()), HasSubstr("8000 must stay free"));
  EXPECT_FALSE(Exists(kDirectory));
  EXPECT_EQ((*writer)->Step().status(), status) << "the error stays";
}

TEST_F(SnapshotWriterTest, AnErrorOfTheExportIsPassedOn) {
  auto state = std::make_unique<TestExport>(MakeTestState(100, 50, random_));
  state->FailAt(60, absl::InternalError("device"));
  auto writer = SnapshotWriter::Start(files_, kDirectory, kTestIdentity,
                                      std::move(state), SmallChunks());
  ASSERT_TRUE(writer.ok());
  absl::Status status;
  while (status.ok()) status = (*writer)->Step().status();
  EXPECT_EQ(status, absl::InternalError("device"));
  EXPECT_FALSE(Exists(kDirectory));
}

TEST_F(SnapshotWriterTest, WhatIsNoStateBecomesNoSnapshot) {
  TestState state;
  state.AddRow(1, "k", "of a family that has no record");
  const auto manifest = WriteSnapshot(files_, kDirectory, state, SmallChunks());
  EXPECT_TRUE(IsCorruption(manifest.status())) << manifest.status();
  EXPECT_FALSE(Exists(kDirectory));
}

TEST_F(SnapshotWriterTest, AStateWithoutMembersBecomesNoSnapshot) {
  TestState state;
  state.conf = ConfState();
  const auto manifest = WriteSnapshot(files_, kDirectory, state, SmallChunks());
  EXPECT_TRUE(IsCorruption(manifest.status()));
  EXPECT_FALSE(Exists(kDirectory));
}

TEST_F(SnapshotWriterTest, WhatIsThereIsNotTouched) {
  ASSERT_TRUE(WriteSnapshot(files_, kDirectory, TestState(), {}).ok());
  const auto names = *files_.List(kDirectory);
  EXPECT_TRUE(absl::IsAlreadyExists(Start(TestState(), {}).status()));
  EXPECT_EQ(*files_.List(kDirectory), names);
}

TEST_F(SnapshotWriterTest, OptionsThatCannotBeAreRefused) {
  SnapshotWriterOptions options;
  options.chunk_bytes_target = kChunkBytesTargetMax + 1;
  EXPECT_TRUE(absl::IsInvalidArgument(Start(TestState(), options).status()));
  options.chunk_bytes_target = 0;
  EXPECT_TRUE(absl::IsInvalidArgument(Start(TestState(), options).status()));
  SnapshotIdentity nobody = kTestIdentity;
  nobody.id = SnapshotId();
  EXPECT_TRUE(absl::IsInvalidArgument(
      SnapshotWriter::Start(files_, kDirectory, nobody,
                            std::make_unique<TestExport>(TestState()), {})
          .status()));
  EXPECT_FALSE(Exists(kDirectory));
}

}  // namespace
}  // namespace trimaran::engine
