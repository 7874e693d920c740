// Goal: what a crash left is removed, what somebody may need is kept, and what
// nobody needs any more is collected.

#include "engine/snapshot/snapshot_store.h"

#include <memory>
#include <string>
#include <vector>

#include "engine/base/bytes.h"
#include "engine/base/crc32c.h"
#include "engine/snapshot/snapshot_paths.h"
#include "engine/snapshot/snapshot_receiver.h"
#include "gmock/gmock.h"
#include "gtest/gtest.h"
#include "tests/engine/snapshot/test_state.h"
#include "tests/support/disk/sim_disk.h"
#include "tests/support/disk/sim_file_system.h"

namespace trimaran::engine {
namespace {

using ::testing::ElementsAre;
using ::testing::IsEmpty;
using ::testing::UnorderedElementsAre;

MonotonicTime AtHour(int64_t hours) {
  return MonotonicTime(hours * 3'600'000'000'000);
}

StoredSnapshot Stored(StoredKind kind, uint64_t index, int64_t seen_hour) {
  StoredSnapshot snapshot;
  snapshot.kind = kind;
  snapshot.position = {LogIndex(index), Term(1)};
  snapshot.id = SnapshotId(index);
  snapshot.name = kind == StoredKind::kOutgoing
                      ? OutgoingName(snapshot.position)
                      : IncomingName(snapshot.position, snapshot.id);
  snapshot.seen_at = AtHour(seen_hour);
  return snapshot;
}

GarbageFacts Facts(uint64_t truncated, uint64_t applied, int64_t hour) {
  return {LogIndex(applied), LogIndex(truncated), AtHour(hour), {}};
}

// Covers: G15
TEST(GarbageTest, SnapshotsThatNobodyNeedsAreChosen) {
  const auto kOut = StoredKind::kOutgoing;
  const auto kIn = StoredKind::kReceived;
  const auto kPart = StoredKind::kPartial;
  struct Case {
    const char* name;
    StoredSnapshot snapshot;
    GarbageFacts facts;
    bool garbage;
  };
  const std::vector<Case> cases = {
      {"the log goes on from it", Stored(kOut, 20, 0), Facts(20, 30, 1), false},
      {"the log has been compacted past it", Stored(kOut, 20, 0),
       Facts(21, 30, 1), true},
      {"received and not applied", Stored(kIn, 20, 0), Facts(5, 19, 1), false},
      {"received and applied", Stored(kIn, 20, 0), Facts(5, 20, 1), true},
      {"arriving and still wanted", Stored(kPart, 20, 0), Facts(5, 19, 1),
       false},
      {"arriving, and overtaken by the log", Stored(kPart, 20, 0),
       Facts(5, 25, 1), true},
      {"almost too old", Stored(kOut, 20, 0), Facts(5, 30, 3), false},
      {"too old", Stored(kOut, 20, 0), Facts(5, 30, 4), true},
      {"too old to be waited for", Stored(kPart, 20, 0), Facts(5, 10, 4), true},
  };
  for (const Case& one : cases) {
    EXPECT_EQ(!ChooseGarbage({one.snapshot}, one.facts, {}).empty(),
              one.garbage)
        << one.name;
  }
}

TEST(GarbageTest, TheNewestOfItsOwnAreKept) {
  const std::vector<StoredSnapshot> snapshots = {
      Stored(StoredKind::kOutgoing, 10, 0),
      Stored(StoredKind::kOutgoing, 40, 0),
      Stored(StoredKind::kOutgoing, 30, 0),
      Stored(StoredKind::kReceived, 20, 0),
      Stored(StoredKind::kOutgoing, 20, 0)};
  EXPECT_THAT(ChooseGarbage(snapshots, Facts(5, 15, 1), {}),
              UnorderedElementsAre("out-10-1", "out-20-1"));
}

TEST(GarbageTest, WhatIsInUseIsNeverGarbage) {
  GarbageFacts facts = Facts(100, 100, 100);
  facts.in_use = {"out-20-1"};
  EXPECT_THAT(ChooseGarbage({Stored(StoredKind::kOutgoing, 20, 0),
                             Stored(StoredKind::kOutgoing, 30, 0)},
                            facts, {}),
              ElementsAre("out-30-1"));
}

// Where FORMAT.md has them in a manifest.
constexpr size_t kVersionOffset = 8;
constexpr size_t kChecksumOffset = 16;

class SnapshotStoreTest : public ::testing::Test {
 protected:
  std::unique_ptr<SnapshotStore> Open(int64_t hour = 0) {
    auto store =
        SnapshotStore::Open(files_, "/store/snap", AtHour(hour), Logger());
    EXPECT_TRUE(store.ok()) << store.status();
    return *std::move(store);
  }
  void WriteOutgoing(uint64_t index) {
    TestState state;
    state.position.id.index = LogIndex(index);
    const auto written = WriteSnapshot(
        files_, "/store/snap/" + OutgoingName(state.position.id), state, {});
    ASSERT_TRUE(written.ok()) << written.status();
  }
  std::unique_ptr<SnapshotReceiver> BeginIncoming() {
    SnapshotManifest manifest;
    manifest.id = SnapshotId(0xf00);
    manifest.cluster = kTestCluster;
    manifest.group = kTestGroup;
    manifest.position = {{LogIndex(50), Term(3)}, {}};
    manifest.conf = TestState().conf;
    manifest.state = StateSummarizer(kTestGroup).Finish();
    SnapshotReceiverOptions options;
    options.cluster = kTestCluster;
    options.group = kTestGroup;
    return *SnapshotReceiver::Begin(files_, "/store/snap", manifest, options);
  }
  void MakeFile(const std::string& path) {
    ASSERT_TRUE(files_.Open(path, OpenMode::kCreate).ok());
  }
  // Says version 2, and is intact.
  void MakeManifestLater(const std::string& path) {
    std::string manifest = *ReadFile(files_, path, kManifestBytesMax);
    manifest[kVersionOffset + 3] = 2;
    std::string checksum;
    ByteWriter(checksum).WriteU32(
        ExtendCrc32c(Crc32c(manifest.substr(0, kChecksumOffset)),
                     manifest.substr(kChecksumOffset + 4)));
    manifest.replace(kChecksumOffset, 4, checksum);
    ASSERT_TRUE(WriteFileAtomically(files_, path, manifest).ok());
  }
  static std::vector<std::string> NamesOf(
      const std::vector<StoredSnapshot>& snapshots) {
    std::vector<std::string> names;
    for (const auto& snapshot : snapshots) names.push_back(snapshot.name);
    return names;
  }

  disk::SimDisk disk_{"/store"};
  disk::SimFileSystem files_{disk_};
};

TEST_F(SnapshotStoreTest, MakesItsDirectory) {
  const auto store = Open();
  EXPECT_THAT(*store->List(AtHour(0)), IsEmpty());
  EXPECT_EQ(files_.Inspect("/store/snap")->kind, FileKind::kDirectory);
}

TEST_F(SnapshotStoreTest, TellsWhatThereIs) {
  Open();
  WriteOutgoing(20);
  const auto receiver = BeginIncoming();
  auto listed = *Open(7)->List(AtHour(7));
  ASSERT_EQ(listed.size(), 2u);
  EXPECT_EQ(DebugString(listed[0]),
            "in-50-3-0000000000000f00: partial, 50/3, 0 bytes");
  EXPECT_EQ(listed[0].id, SnapshotId(0xf00));
  EXPECT_EQ(listed[1].kind, StoredKind::kOutgoing);
  EXPECT_EQ(listed[1].position, (EntryId{LogIndex(20), Term(3)}));
  EXPECT_EQ(listed[1].seen_at, AtHour(7));
  ASSERT_TRUE(receiver->Finish().ok());
  EXPECT_EQ((*Open()->List(AtHour(8)))[0].kind, StoredKind::kReceived);
}

// Covers: G15
TEST_F(SnapshotStoreTest, WhatACrashLeftIsRemovedAtTheStart) {
  Open();
  WriteOutgoing(20);
  ASSERT_TRUE(files_.CreateDirectory("/store/snap/out-30-3").ok());
  MakeFile("/store/snap/out-30-3/chunk-000001");
  MakeFile("/store/snap/out-30-3/MANIFEST.tmp");
  ASSERT_TRUE(
      files_.CreateDirectory("/store/snap/in-40-3-000000000000000a").ok());
  ASSERT_TRUE(files_.CreateDirectory("/store/snap/out-35-3").ok());
  MakeFile("/store/snap/out-35-3/MANIFEST");
  const auto store = Open();
  EXPECT_EQ(store->leftovers_removed(), 3u);
  EXPECT_THAT(*files_.List("/store/snap"), ElementsAre("out-20-3"));
}

TEST_F(SnapshotStoreTest, WhatCannotBeReadForLackOfHandlesIsKept) {
  Open();
  WriteOutgoing(20);
  disk_.Inject({.target = disk::FaultTarget::kRead,
                .path_part = "MANIFEST",
                .error = disk::FaultError::kNoSpace});
  const absl::Status status =
      SnapshotStore::Open(files_, "/store/snap", AtHour(0), Logger()).status();
  EXPECT_TRUE(absl::IsResourceExhausted(status)) << status;
  EXPECT_EQ(Open()->leftovers_removed(), 0u);
  EXPECT_THAT(*files_.List("/store/snap"), ElementsAre("out-20-3"));
}

TEST_F(SnapshotStoreTest, ASnapshotUnderAWrongNameIsRemoved) {
  Open();
  WriteOutgoing(20);
  ASSERT_TRUE(
      files_.Rename("/store/snap/out-20-3", "/store/snap/out-21-3").ok());
  EXPECT_EQ(Open()->leftovers_removed(), 1u);
  EXPECT_THAT(*files_.List("/store/snap"), IsEmpty());
}

TEST_F(SnapshotStoreTest, WhatIsNotOursIsLeftAlone) {
  Open();
  MakeFile("/store/snap/notes.txt");
  ASSERT_TRUE(files_.CreateDirectory("/store/snap/out-30-3").ok());
  MakeFile("/store/snap/out-30-3/notes.txt");
  const auto store = Open();
  EXPECT_EQ(store->leftovers_removed(), 0u);
  EXPECT_THAT(*store->List(AtHour(0)), IsEmpty());
  EXPECT_THAT(*files_.List("/store/snap"),
              ElementsAre("notes.txt", "out-30-3"));
}

TEST_F(SnapshotStoreTest, ASnapshotOfALaterVersionDoesNotKeepTheStoreShut) {
  Open();
  WriteOutgoing(20);
  WriteOutgoing(30);
  MakeManifestLater("/store/snap/out-20-3/MANIFEST");
  EXPECT_EQ(Open()->leftovers_removed(), 1u);
  EXPECT_THAT(*files_.List("/store/snap"), ElementsAre("out-30-3"));
}

TEST_F(SnapshotStoreTest, ASnapshotOfALaterVersionIsNotListed) {
  const auto store = Open();
  WriteOutgoing(20);
  WriteOutgoing(30);
  MakeManifestLater("/store/snap/out-20-3/MANIFEST");
  EXPECT_THAT(NamesOf(*store->List(AtHour(1))), ElementsAre("out-30-3"));
}

TEST_F(SnapshotStoreTest, AFileUnderTheNameOfASnapshotIsLeftAlone) {
  Open();
  MakeFile("/store/snap/out-20-3");
  const auto store = Open();
  EXPECT_EQ(store->leftovers_removed(), 0u);
  EXPECT_THAT(*store->List(AtHour(0)), IsEmpty());
  EXPECT_THAT(*files_.List("/store/snap"), ElementsAre("out-20-3"));
}

TEST_F(SnapshotStoreTest, AStrangersFileKeepsNoOtherGarbage) {
  const auto store = Open();
  for (const uint64_t index : {20u, 30u, 40u}) WriteOutgoing(index);
  MakeFile("/store/snap/out-40-3/notes.txt");
  EXPECT_EQ(*store->CollectGarbage(Facts(100, 100, 1), {}), 2u);
  EXPECT_EQ(*store->CollectGarbage(Facts(100, 100, 2), {}), 0u);
  EXPECT_THAT(*files_.List("/store/snap"), ElementsAre("out-40-3"));
}

TEST_F(SnapshotStoreTest, WhatIsBeingWrittenIsNotListedAndNotRemoved) {
  const auto store = Open();
  const auto writer =
      SnapshotWriter::Start(files_, "/store/snap/out-20-3", kTestIdentity,
                            std::make_unique<TestExport>(TestState()), {});
  ASSERT_TRUE(writer.ok());
  EXPECT_THAT(*store->List(AtHour(0)), IsEmpty());
  EXPECT_EQ(*store->CollectGarbage(Facts(100, 100, 100), {}), 0u);
  EXPECT_TRUE((*writer)->Step()->done);
  EXPECT_THAT(NamesOf(*store->List(AtHour(0))), ElementsAre("out-20-3"));
}

// Covers: G15
TEST_F(SnapshotStoreTest, GarbageIsRemovedAndTheRestStays) {
  const auto store = Open();
  for (const uint64_t index : {20u, 30u, 40u, 50u}) WriteOutgoing(index);
  EXPECT_EQ(*store->CollectGarbage(Facts(25, 60, 1), {}), 2u);
  EXPECT_THAT(NamesOf(*store->List(AtHour(1))),
              ElementsAre("out-40-3", "out-50-3"));
}

// Covers: G15
TEST_F(SnapshotStoreTest, AgeCountsFromWhenItWasSeenFirst) {
  const auto store = Open();
  WriteOutgoing(20);
  EXPECT_EQ(*store->CollectGarbage(Facts(5, 30, 10), {}), 0u);
  EXPECT_EQ(*store->CollectGarbage(Facts(5, 30, 13), {}), 0u);
  EXPECT_EQ(*store->CollectGarbage(Facts(5, 30, 14), {}), 1u);
}

}  // namespace
}  // namespace trimaran::engine
