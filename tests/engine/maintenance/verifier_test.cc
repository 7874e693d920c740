// Goal: a verification finds nothing in a sound store, names what is damaged in
// any other, and writes nothing (Verify compares every byte). Method: stores
// that a real engine made, one part of them damaged or replaced at a time.

#include "engine/maintenance/verifier.h"

#include <algorithm>
#include <filesystem>
#include <fstream>
#include <string>
#include <utility>

#include "engine/base/bytes.h"
#include "engine/base/crc32c.h"
#include "engine/base/errors.h"
#include "engine/founding.h"
#include "engine/home/home_paths.h"
#include "engine/log/floor.h"
#include "engine/log/segment_log.h"
#include "engine/maintenance/state_hash.h"
#include "engine/snapshot/snapshot_paths.h"
#include "engine/snapshot/snapshot_writer.h"
#include "engine/store_parts.h"
#include "gmock/gmock.h"
#include "gtest/gtest.h"
#include "tests/engine/maintenance/store_on_disk.h"

namespace trimaran::engine {
namespace {

using ::testing::HasSubstr;
using ::testing::IsEmpty;
using ::testing::Not;

namespace fs = std::filesystem;

constexpr uint64_t kFirstRecord = 4096;

class VerifierTest : public StoreOnDiskTest {
 protected:
  // All of it in one segment of the log, the last record one of ten entries.
  void MakeSmallClosedStore() {
    const auto engine = MakeStore();
    WritePuts(*engine, 10);
    WritePuts(*engine, 10);
    EXPECT_TRUE(engine->Close().ok());
  }

  uint64_t LastByteOf(const std::string& name) {
    const std::string bytes = ImageOf(home_.path()).at(PathOf(name));
    return bytes.find_last_not_of('\0');
  }

  // Writes the floor anew, changed.
  template <typename Change>
  void ChangeFloor(Change change) {
    const std::string path = PathOf(kFloorFile);
    const auto floor = FloorFile::Open(home_.files(), path, OpenMode::kRead);
    ASSERT_TRUE(floor.ok()) << floor.status();
    FloorState state = floor->state();
    change(state);
    const absl::Status made = FloorFile::Create(home_.files(), path, state);
    ASSERT_TRUE(made.ok()) << made;
  }

  // An intact manifest of version 2, for FORMAT.md has the version at 8 and the
  // checksum, of what stands before and behind it, at 16.
  void SayLaterVersion(const std::string& manifest) {
    std::string bytes = *ReadFile(home_.files(), manifest, kManifestBytesMax);
    bytes[11] = 2;
    std::string checksum;
    ByteWriter(checksum).WriteU32(
        ExtendCrc32c(Crc32c(bytes.substr(0, 16)), bytes.substr(20)));
    bytes.replace(16, 4, checksum);
    ASSERT_TRUE(WriteFileAtomically(home_.files(), manifest, bytes).ok());
  }

  // A snapshot of the open store in its own directory. Returns its name.
  std::string MakeSnapshot(Engine& engine) {
    auto state = engine.machine().NewExport();
    EXPECT_TRUE(state.ok()) << state.status();
    const std::string name = OutgoingName((*state)->position().id);
    SnapshotWriterOptions options;
    options.free_bytes_min = 0;
    auto writer = SnapshotWriter::Start(
        home_.files(), PathOf(JoinPath(kSnapshotDirectory, name)),
        {SnapshotId(7), SoleStore().identity.cluster, GroupId(1)},
        *std::move(state), options);
    EXPECT_TRUE(writer.ok()) << writer.status();
    while (!(*writer)->progress().done) {
      const auto stepped = (*writer)->Step();
      EXPECT_TRUE(stepped.ok()) << stepped.status();
      if (!stepped.ok()) break;
    }
    return JoinPath(kSnapshotDirectory, name);
  }
  // The same of one that it makes, and closes.
  std::string MakeStoreWithSnapshot() {
    const auto engine = MakeStore();
    WritePuts(*engine, 10);
    std::string name = MakeSnapshot(*engine);
    EXPECT_TRUE(engine->Close().ok());
    return name;
  }
};

// ---- Sound stores ----

TEST_F(VerifierTest, CleanlyClosedStoreHasNoFindings) {
  StateDigest before;
  {
    const auto engine = MakeStore();
    WriteNumbered(*engine, 60);
    MakeSnapshot(*engine);
    auto state = engine->machine().NewExport();
    ASSERT_TRUE(state.ok()) << state.status();
    before = *HashState(GroupId(1), **state);
    state->reset();
    ASSERT_TRUE(engine->Close().ok());
  }

  for (const VerifyDepth depth :
       {VerifyDepth::kQuick, VerifyDepth::kFull, VerifyDepth::kDeep}) {
    const auto found = Verify(depth);
    EXPECT_THAT(FindingsOf(found), IsEmpty());
    ASSERT_TRUE(found.ok());
    EXPECT_FALSE(found->report.damaged());
    for (const char* const check :
         {"identity", "floor", "log", "state", "agreement", "snapshots"}) {
      ASSERT_NE(found->report.Find(check), nullptr) << check;
      EXPECT_FALSE(found->report.Find(check)->skipped()) << check;
    }
    if (depth == VerifyDepth::kQuick) {
      EXPECT_FALSE(found->digest.has_value());
    } else {
      EXPECT_EQ(found->digest, before);
    }
  }
}

TEST_F(VerifierTest, WhatACrashLeavesHasNoDamage) {
  const auto engine = MakeStore();
  WriteNumbered(*engine, 30);
  ASSERT_TRUE(engine->Checkpoint().ok());
  WriteNumbered(*engine, 30);
  const std::string crashed = CopyAsIs();
  const Image before = ImageOf(crashed);

  const auto found = VerifyStoredStore(stored_at(crashed), VerifyOptions());

  EXPECT_THAT(FindingsOf(found), IsEmpty());
  ASSERT_TRUE(found.ok());
  EXPECT_EQ(found->digest->position.id.index, LogIndex(35));
  EXPECT_THAT(found->report.Find("agreement")->summary(),
              HasSubstr("applied 35 of 65"));
  EXPECT_TRUE(ImageOf(crashed) == before);
}

// ---- Nothing to verify ----

TEST_F(VerifierTest, NoStoreIsNotFound) {
  const auto nowhere = VerifyStoredStore(stored(), VerifyOptions());
  EXPECT_EQ(nowhere.status().code(), absl::StatusCode::kNotFound)
      << FindingsOf(nowhere);

  fs::create_directory(home_.path());
  std::ofstream(PathOf("notes")) << "somebody's";
  const auto empty = Verify();
  EXPECT_EQ(empty.status().code(), absl::StatusCode::kNotFound)
      << FindingsOf(empty);
}

// ---- Identity and floor ----

TEST_F(VerifierTest, DamagedIdentityIsDamageAndTheLogIsStillRead) {
  MakeClosedStore();
  Flip(kIdentityFile, 20);

  const auto found = Verify();

  EXPECT_THAT(FindingsOf(found), HasSubstr("identity: damage: STORE: "));
  ASSERT_TRUE(found.ok());
  EXPECT_FALSE(found->report.Find("log")->damaged());
  EXPECT_GT(found->report.Find("log")->examined(), 0u);
  EXPECT_TRUE(found->report.Find("state")->skipped());
  EXPECT_TRUE(found->report.Find("agreement")->skipped());
}

TEST_F(VerifierTest, MissingIdentityIsDamage) {
  MakeClosedStore();
  fs::remove(PathOf(kIdentityFile));

  EXPECT_THAT(FindingsOf(Verify()), HasSubstr("identity: damage: STORE: "));
}

TEST_F(VerifierTest, OneDamagedFloorSlotIsAWarning) {
  MakeClosedStore();
  Flip(kFloorFile, 60);

  const auto found = Verify();

  EXPECT_EQ(FindingsOf(found),
            "floor: warning: FLOOR: one of its two slots is damaged\n");
  EXPECT_FALSE(found->report.damaged());
}

TEST_F(VerifierTest, FloorWithoutAnIntactSlotIsDamage) {
  MakeClosedStore();
  Flip(kFloorFile, 60);
  Flip(kFloorFile, kFloorSlotBytes + 60);

  EXPECT_THAT(FindingsOf(Verify()), HasSubstr("floor: damage: FLOOR: "));
}

TEST_F(VerifierTest, LogBelowItsFloorIsDamage) {
  MakeClosedStore();
  ChangeFloor(
      [](FloorState& floor) { floor.last.index = floor.last.index + 1; });

  EXPECT_THAT(FindingsOf(Verify()),
              HasSubstr("log: damage: the log: has lost what it had "
                        "acknowledged: "));
}

TEST_F(VerifierTest, FloorOfAnotherStoreIsDamage) {
  MakeClosedStore();
  ChangeFloor([](FloorState& floor) { floor.store = StoreId(0x52); });

  EXPECT_THAT(FindingsOf(Verify()),
              HasSubstr("floor: damage: FLOOR: is of store 0000000000000052"));
}

// ---- The log ----

TEST_F(VerifierTest, DamagedRecordAmidTheLogIsDamage) {
  MakeSmallClosedStore();
  const std::string segment = FirstSegment();
  Flip(segment, kFirstRecord + 64);

  const auto found = Verify();

  EXPECT_THAT(FindingsOf(found), HasSubstr("log: damage: log: "));
  EXPECT_THAT(FindingsOf(found), HasSubstr(segment));
  ASSERT_TRUE(found.ok());
  EXPECT_TRUE(found->report.Find("agreement")->skipped());
  EXPECT_FALSE(found->report.Find("state")->damaged()) << FindingsOf(found);
  EXPECT_THAT(FindingsOf(found), Not(HasSubstr("state: ")));
}

TEST_F(VerifierTest, DamagedLastRecordIsANoteAndMissedByFloorAndState) {
  MakeSmallClosedStore();
  const std::string segment = FirstSegment();
  Flip(segment, LastByteOf(segment));

  const std::string found = FindingsOf(Verify());

  EXPECT_THAT(found, HasSubstr("log: note: the last record: was torn"));
  EXPECT_THAT(found, HasSubstr("log: damage: the log: has lost what it had "));
  EXPECT_THAT(found, HasSubstr("agreement: damage: the log and the state: "));
  EXPECT_THAT(found, HasSubstr("the log ends before the applied index"));
}

TEST_F(VerifierTest, DamagedHeaderOfTheNewestSegmentIsANote) {
  const auto engine = MakeStore();
  WriteNumbered(*engine, 200);
  ASSERT_TRUE(engine->Close().ok());
  const std::string newest = NewestSegment();
  ASSERT_NE(newest, FirstSegment());
  Flip(newest, 30);

  EXPECT_EQ(FindingsOf(Verify()),
            "log: note: the newest segment: has a damaged header, which the "
            "next open writes again\n");
}

TEST_F(VerifierTest, DamagedHeaderOfAnotherSegmentIsDamage) {
  const auto engine = MakeStore();
  WriteNumbered(*engine, 200);
  ASSERT_TRUE(engine->Close().ok());
  ASSERT_NE(NewestSegment(), FirstSegment());
  Flip(FirstSegment(), 30);

  EXPECT_THAT(FindingsOf(Verify()), HasSubstr("log: damage: log: "));
}

TEST_F(VerifierTest, LogOfAnotherStoreIsDamage) {
  MakeClosedStore();
  NewStore other = SoleStore();
  other.identity.store = StoreId(0x52);
  const std::string directory = home_.Beside("other");
  ASSERT_TRUE(FoundGroup(home_.options_at(directory), other).ok());
  TakeFrom(directory, kLogDirectory);

  EXPECT_THAT(FindingsOf(Verify()),
              HasSubstr("log: damage: log: is of store 0000000000000052, and "
                        "the directory of 0000000000000051"));
}

TEST_F(VerifierTest, LogOfAGenerationThatIsNotThereIsDamage) {
  MakeClosedStore();
  {
    auto opened =
        SegmentLog::Open(LogOptions(home_.options(), SoleStore().identity));
    ASSERT_TRUE(opened.ok()) << opened.status();
    const LogState state = opened->log->state();
    const absl::Status reset =
        opened->log->Reset({state.last, state.hard_state, 2});
    ASSERT_TRUE(reset.ok()) << reset;
    ASSERT_TRUE(opened->log->Flush().ok());
  }

  const std::string found = FindingsOf(Verify());

  EXPECT_THAT(found, HasSubstr("state: damage: kv: there is no kv_g2.wt"));
  // The only state there is must not be called a leftover.
  EXPECT_THAT(found, Not(HasSubstr("left over")));
}

// ---- The state ----

TEST_F(VerifierTest, MissingTableIsDamage) {
  MakeClosedStore();
  fs::remove(PathOf("kv/kv_g1.wt"));

  EXPECT_THAT(FindingsOf(Verify()), HasSubstr("state: damage: kv: "));
}

TEST_F(VerifierTest, DamagedTableIsDamage) {
  MakeClosedStore();
  // Every page, the first block of the file as well.
  const uint64_t size = fs::file_size(PathOf("kv/kv_g1.wt"));
  for (uint64_t at = 1000; at < size; at += 4096) Flip("kv/kv_g1.wt", at);

  const auto found = Verify();

  EXPECT_THAT(FindingsOf(found), HasSubstr("state: damage: "));
  ASSERT_TRUE(found.ok());
  EXPECT_FALSE(found->digest.has_value());
}

TEST_F(VerifierTest, MissingStateIsDamage) {
  MakeClosedStore();
  fs::remove_all(PathOf(kStateDirectory));

  EXPECT_THAT(FindingsOf(Verify()), HasSubstr("state: damage: kv: "));
}

TEST_F(VerifierTest, UnknownTableIsAWarningAndAnotherGenerationANote) {
  MakeClosedStore();
  MakeTables({"strange", "kv_g9"});

  const auto found = Verify();

  EXPECT_EQ(FindingsOf(found),
            "state: note: generation 9: is left over, and the next open "
            "removes it\n"
            "state: warning: table strange: is none of a store's\n");
}

// ---- Log and state together ----

TEST_F(VerifierTest, OldLogWithANewStateIsDamage) {
  auto engine = MakeStore();
  WritePuts(*engine, 10);
  ASSERT_TRUE(engine->Close().ok());
  const std::string old = CopyAsIs();
  engine = Open();
  WritePuts(*engine, 10);
  ASSERT_TRUE(engine->Close().ok());
  TakeFrom(old, kLogDirectory);
  TakeFrom(old, kFloorFile);

  const auto found = Verify();

  EXPECT_THAT(FindingsOf(found),
              HasSubstr("agreement: damage: the log and the state: "));
  EXPECT_THAT(FindingsOf(found),
              HasSubstr("the log ends before the applied index"));
  ASSERT_TRUE(found.ok());
  EXPECT_FALSE(found->report.Find("log")->damaged());
  EXPECT_FALSE(found->report.Find("state")->damaged());
}

// ---- Snapshots ----

TEST_F(VerifierTest, DamagedChunkIsDamageExceptToAQuickLook) {
  const std::string snapshot = MakeStoreWithSnapshot();
  Flip(JoinPath(snapshot, ChunkFileName(0)), 50);

  const std::string found = FindingsOf(Verify(VerifyDepth::kFull));
  EXPECT_THAT(found, HasSubstr("snapshots: damage: chunk-000001: "));
  EXPECT_THAT(found, HasSubstr(snapshot));
  EXPECT_THAT(FindingsOf(Verify(VerifyDepth::kDeep)),
              HasSubstr("snapshots: damage: chunk-000001: "));
  EXPECT_THAT(FindingsOf(Verify(VerifyDepth::kQuick)), IsEmpty());
}

TEST_F(VerifierTest, MissingChunkIsDamage) {
  const std::string snapshot = MakeStoreWithSnapshot();
  fs::remove(PathOf(JoinPath(snapshot, ChunkFileName(0))));

  EXPECT_THAT(FindingsOf(Verify()),
              HasSubstr("snapshots: damage: chunk-000001: "));
}

TEST_F(VerifierTest, DamagedManifestIsDamage) {
  const std::string snapshot = MakeStoreWithSnapshot();
  Flip(JoinPath(snapshot, kManifestFile), 30);

  EXPECT_THAT(FindingsOf(Verify()), HasSubstr("snapshots: damage: out-15-6: "));
}

TEST_F(VerifierTest, UnfinishedSnapshotIsANoteAndAForeignNameAWarning) {
  const std::string snapshot = MakeStoreWithSnapshot();
  fs::remove(PathOf(JoinPath(snapshot, kManifestFile)));
  fs::create_directory(PathOf("snap/holiday"));

  EXPECT_EQ(FindingsOf(Verify()),
            "snapshots: warning: holiday: has no name of a snapshot\n"
            "snapshots: note: out-15-6: is not finished\n");
}

TEST_F(VerifierTest, SnapshotOfALaterVersionIsANoteAndBreaksNothingOff) {
  const std::string manifest = JoinPath(MakeStoreWithSnapshot(), kManifestFile);
  SayLaterVersion(PathOf(manifest));
  const std::string snapshot(ParentPath(PathOf(manifest)));

  EXPECT_EQ(FindingsOf(Verify()),
            "snapshots: note: out-15-6: is of a later version, and the next "
            "open removes it\n");
  EXPECT_TRUE(IsNewerFormat(
      VerifySnapshot(home_.files(), snapshot, VerifyOptions()).status()));
}

TEST_F(VerifierTest, OneSnapshotIsVerifiedByItself) {
  const std::string snapshot = PathOf(MakeStoreWithSnapshot());
  VerifyOptions deep;
  deep.depth = VerifyDepth::kDeep;

  const auto sound = VerifySnapshot(home_.files(), snapshot, deep);
  EXPECT_THAT(FindingsOf(sound), IsEmpty());
  ASSERT_TRUE(sound.ok());
  const auto store = Verify();
  ASSERT_TRUE(store.ok());
  EXPECT_EQ(sound->digest, store->digest);

  EXPECT_EQ(VerifySnapshot(home_.files(), PathOf("snap"), deep).status().code(),
            absl::StatusCode::kNotFound);
}

TEST_F(VerifierTest, VerificationOfSnapshotsCanBeCancelled) {
  MakeStoreWithSnapshot();
  VerifyOptions options;
  options.progress = [](const WorkProgress& progress) {
    EXPECT_LE(progress.done, progress.total);
    EXPECT_GT(progress.bytes, 0u);
    return progress.step != "snapshots";
  };

  const auto cancelled = VerifyStoredStore(stored(), options);

  EXPECT_EQ(cancelled.status().code(), absl::StatusCode::kCancelled)
      << FindingsOf(cancelled);
}

}  // namespace
}  // namespace trimaran::engine
