// Goal: a disk that becomes full neither fails a store for good where nothing
// is lost, nor keeps it from being opened. Method: whole stores on a simulated
// disk, on which WiredTiger meets what every other file meets.

#include <memory>
#include <string>
#include <utility>
#include <vector>

#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "engine/engine.h"
#include "engine/format/command.h"
#include "engine/founding.h"
#include "engine/snapshot/installer.h"
#include "engine/snapshot/snapshot_paths.h"
#include "engine/snapshot/snapshot_store.h"
#include "engine/snapshot/snapshot_writer.h"
#include "gmock/gmock.h"
#include "gtest/gtest.h"
#include "tests/support/disk/sim_disk.h"
#include "tests/support/disk/sim_file_system.h"
#include "tests/support/disk/sim_wiredtiger.h"
#include "tests/support/engine/sole_replica.h"
#include "tests/support/engine/temp_home.h"
#include "tests/support/manual_clock.h"

namespace trimaran::engine {
namespace {

using ::testing::Contains;
using ::testing::Not;

constexpr char kStore[] = "/sim/store";
constexpr char kPeer[] = "/sim/peer";
constexpr SnapshotId kSnapshot{0xabc};
constexpr uint64_t kReserveBytes = uint64_t{1} << 20;
constexpr uint64_t kPlenty = uint64_t{1} << 40;
constexpr uint64_t kRowBytes = 8000;
constexpr uint64_t kRows = 400;
// So few that WiredTiger writes them at a checkpoint, and not earlier.
constexpr uint64_t kFewRows = 50;

std::string KeyOf(uint64_t number) { return absl::StrCat("key", number); }

class FullDiskTest : public ::testing::Test {
 protected:
  EngineOptions OptionsAt(const std::string& directory) {
    EngineOptions options;
    options.directory = directory;
    options.cache_bytes = uint64_t{16} << 20;
    options.log_segment_bytes = log_segment_bytes_;
    options.reserve_bytes = reserve_bytes_;
    options.files = &files_;
    options.clock = &clock_;
    options.wiredtiger_extensions = std::string(disk::WiredTigerExtension());
    return options;
  }
  std::unique_ptr<Engine> Open(const std::string& directory) {
    auto engine = Engine::Open(OptionsAt(directory));
    EXPECT_TRUE(engine.ok()) << engine.status();
    return engine.ok() ? *std::move(engine) : nullptr;
  }
  void Found(const std::string& directory) {
    const absl::Status founded = FoundGroup(OptionsAt(directory), SoleStore());
    ASSERT_TRUE(founded.ok()) << founded;
  }

  static void Write(Engine& engine, uint64_t rows) {
    auto replica = SoleReplica::Start(engine);
    ASSERT_TRUE(replica.ok()) << replica.status();
    const std::string value(kRowBytes, 'v');
    for (uint64_t row = 0; row < rows; ++row) {
      EntryEncoder encoder;
      const std::string key = KeyOf(row);
      const WriteCommand write{{}, {PutOp{kDefaultFamily, key, value}}, {}};
      ASSERT_TRUE(encoder.Add({std::nullopt, write}).ok());
      std::vector<LogEntry> entries;
      entries.push_back({replica->last().index + 1, replica->term(),
                         EntryType::kNormal, Payload(encoder.Take())});
      const absl::Status appended = replica->Append(std::move(entries));
      ASSERT_TRUE(appended.ok()) << appended;
    }
    const absl::Status applied = replica->ApplyAll();
    ASSERT_TRUE(applied.ok()) << applied;
  }
  // Until no entry fits any more, and none gets another segment. Returns the
  // last one.
  static uint64_t FillLog(Engine& engine) {
    auto replica = SoleReplica::Start(engine);
    EXPECT_TRUE(replica.ok()) << replica.status();
    while (true) {
      const absl::Status appended =
          replica->Append({{replica->last().index + 1, replica->term(),
                            EntryType::kNormal, Payload()}});
      if (appended.ok()) continue;
      EXPECT_TRUE(absl::IsResourceExhausted(appended)) << appended;
      return replica->last().index.value();
    }
  }
  static bool Has(Engine& engine, uint64_t row) {
    std::string value;
    const auto found = engine.machine().Get(kDefaultFamily, KeyOf(row), value);
    EXPECT_TRUE(found.ok()) << found.status();
    return found.ok() && *found;
  }

  // A snapshot of another replica that has written kRows rows, as it lies in
  // the store's directory when it has been received. Returns its path.
  std::string ReceiveSnapshot(Engine& store) {
    Found(kPeer);
    const auto peer = Open(kPeer);
    Write(*peer, kRows);
    auto state = peer->machine().NewExport();
    EXPECT_TRUE(state.ok()) << state.status();
    std::string path = store.snapshots().PathOf(
        IncomingName((*state)->position().id, kSnapshot));
    auto writer = SnapshotWriter::Start(
        files_, path,
        {kSnapshot, store.identity().cluster, store.identity().group},
        *std::move(state), SnapshotWriterOptions());
    EXPECT_TRUE(writer.ok()) << writer.status();
    while (!(*writer)->progress().done) {
      const auto step = (*writer)->Step();
      EXPECT_TRUE(step.ok()) << step.status();
      if (!step.ok()) break;
    }
    return path;
  }

  absl::StatusOr<std::unique_ptr<Installer>> StartInstall(
      Engine& store, const std::string& path) {
    return Installer::Start(files_, path,
                            {.machine = &store.machine(),
                             .log = &store.log(),
                             .cluster = store.identity().cluster,
                             .group = store.identity().group});
  }
  absl::Status Install(Engine& store, const std::string& path) {
    auto installer = StartInstall(store, path);
    if (!installer.ok()) return installer.status();
    while ((*installer)->stage() != InstallStage::kCleaned) {
      const auto stage = (*installer)->Step();
      if (!stage.ok()) return stage.status();
    }
    return absl::OkStatus();
  }

  uint64_t UsedBytes() {
    disk_.SetCapacity(kPlenty);
    return kPlenty - disk_.FreeBytes().value();
  }
  size_t Tables() {
    const std::vector<std::string> names =
        files_.List(absl::StrCat(kStore, "/kv")).value();
    size_t count = 0;
    for (const std::string& name : names) {
      if (absl::StartsWith(name, "kv_g")) ++count;
    }
    return count;
  }

  template <typename Take>
  auto TakeAsRoomGrows(Engine& store, const std::string& what,
                       const Take& take);
  uint64_t ReserveBytes() {
    return files_.Inspect(JoinPath(kStore, "RESERVE"))->size_bytes;
  }

  uint64_t reserve_bytes_ = 0;
  uint64_t log_segment_bytes_ = uint64_t{64} << 10;
  disk::SimDisk disk_{"/sim"};
  disk::WiredTigerMount mount_{disk_};
  disk::SimFileSystem files_{disk_};
  ManualClock clock_;
};

TEST_F(FullDiskTest, AnInstallationWithoutRoomIsTriedAgainAndTakesNone) {
  Found(kStore);
  const auto store = Open(kStore);
  const std::string path = ReceiveSnapshot(*store);
  disk_.SetCapacity(UsedBytes() + kRows * kRowBytes / 2);

  for (int attempt = 0; attempt < 5; ++attempt) {
    const absl::Status full = Install(*store, path);
    ASSERT_TRUE(absl::IsResourceExhausted(full)) << full;
    ASSERT_TRUE(store->failure().ok()) << store->failure();
    EXPECT_LE(Tables(), 2u);
  }
  EXPECT_FALSE(Has(*store, 0));

  disk_.SetCapacity(kPlenty);
  const absl::Status installed = Install(*store, path);
  ASSERT_TRUE(installed.ok()) << installed;
  EXPECT_TRUE(Has(*store, kRows - 1));
}

TEST_F(FullDiskTest, ImportsThatAreGivenUpDoNotGather) {
  Found(kStore);
  const auto store = Open(kStore);
  const std::string path = ReceiveSnapshot(*store);
  for (int attempt = 0; attempt < 5; ++attempt) {
    auto installer = StartInstall(*store, path);
    ASSERT_TRUE(installer.ok()) << installer.status();
    while ((*installer)->stage() != InstallStage::kImported) {
      ASSERT_TRUE((*installer)->Step().ok());
    }
    EXPECT_EQ(Tables(), 2u);
  }
}

TEST_F(FullDiskTest, RoomThatGoesDuringAnImportIsMissedInTime) {
  Found(kStore);
  const auto store = Open(kStore);
  const std::string path = ReceiveSnapshot(*store);
  auto installer = StartInstall(*store, path);
  ASSERT_TRUE(installer.ok()) << installer.status();
  ASSERT_TRUE((*installer)->Step().ok());
  ASSERT_TRUE((*installer)->Step().ok());
  disk_.SetCapacity(UsedBytes() + kRows * kRowBytes / 2);

  EXPECT_TRUE(absl::IsResourceExhausted((*installer)->Step().status()));
  installer->reset();
  EXPECT_TRUE(store->failure().ok()) << store->failure();

  // Not even enough to begin, or to drop what is left.
  disk_.SetCapacity(UsedBytes());
  EXPECT_TRUE(absl::IsResourceExhausted(Install(*store, path)));
  EXPECT_TRUE(store->failure().ok()) << store->failure();

  disk_.SetCapacity(kPlenty);
  const absl::Status installed = Install(*store, path);
  ASSERT_TRUE(installed.ok()) << installed;
  EXPECT_TRUE(Has(*store, kRows - 1));
}

// ---- Checkpoints ----

// `take` with nothing left, with what WiredTiger writes beside the rows, and
// with room for some of them; in the end there is enough.
template <typename Take>
auto FullDiskTest::TakeAsRoomGrows(Engine& store, const std::string& what,
                                   const Take& take) {
  constexpr uint64_t kBeside = uint64_t{1} << 20;
  const uint64_t used = UsedBytes();
  for (const uint64_t free :
       {uint64_t{0}, kBeside, kBeside + kFewRows * kRowBytes / 2}) {
    disk_.SetCapacity(used + free);
    const absl::Status refused = take().status();
    EXPECT_TRUE(absl::IsResourceExhausted(refused)) << refused;
    EXPECT_TRUE(absl::StrContains(
        refused.message(), absl::StrCat("no room for ", what,
                                        " in /sim/store/kv: the file system "
                                        "has ",
                                        free, " bytes")))
        << refused;
    EXPECT_TRUE(store.failure().ok()) << store.failure();
  }
  EXPECT_TRUE(Has(store, kFewRows - 1));
  disk_.SetCapacity(used + kBeside + 2 * kFewRows * kRowBytes);
  return take();
}

TEST_F(FullDiskTest, AnExportWithoutRoomIsRefusedAndHarmless) {
  Found(kStore);
  const auto store = Open(kStore);
  Write(*store, kFewRows);
  const auto state = TakeAsRoomGrows(
      *store, "an export", [&] { return store->machine().NewExport(); });
  ASSERT_TRUE(state.ok()) << state.status();
  EXPECT_EQ((*state)->position().id, store->machine().applied().applied.id);
}

TEST_F(FullDiskTest, ACheckpointWithoutRoomIsRefusedAndHarmless) {
  Found(kStore);
  const auto store = Open(kStore);
  Write(*store, kFewRows);
  const auto state = TakeAsRoomGrows(*store, "a checkpoint",
                                     [&] { return store->Checkpoint(); });
  ASSERT_TRUE(state.ok()) << state.status();
  EXPECT_EQ(*state, store->machine().applied());
}

// ---- Opening ----

TEST_F(FullDiskTest, AStoreOpensOnADiskThatIsFull) {
  reserve_bytes_ = kReserveBytes;
  Found(kStore);
  {
    const auto store = Open(kStore);
    Write(*store, 3);
    ASSERT_TRUE(store->Close().ok());
  }
  EXPECT_EQ(ReserveBytes(), kReserveBytes);
  disk_.SetCapacity(UsedBytes());
  {
    const auto store = Open(kStore);
    ASSERT_NE(store, nullptr);
    EXPECT_TRUE(Has(*store, 2));
  }
  // There was no room to make it again.
  EXPECT_EQ(ReserveBytes(), 0u);
  disk_.SetCapacity(kPlenty);
  Open(kStore);
  EXPECT_EQ(ReserveBytes(), kReserveBytes);
}

// An ordinary segment is larger than the reserve.
TEST_F(FullDiskTest, AStoreWhoseLogWaitsForASegmentOpensOnAFullDisk) {
  reserve_bytes_ = kReserveBytes;
  log_segment_bytes_ = 2 * kReserveBytes;
  Found(kStore);
  uint64_t last = 0;
  disk::DiskState killed = [&] {
    const auto store = Open(kStore);
    Write(*store, 3);
    EXPECT_TRUE(store->Checkpoint().ok());
    disk_.SetCapacity(UsedBytes());
    last = FillLog(*store);
    return disk_.TakeState();
  }();
  disk::SimDisk after("/after", std::move(killed));
  const disk::WiredTigerMount mount(after);
  disk::SimFileSystem files(after);
  after.SetCapacity(kPlenty);
  after.SetCapacity(kPlenty - after.FreeBytes().value());
  EngineOptions options = OptionsAt("/after/store");
  options.files = &files;

  for (int opens = 0; opens < 3; ++opens) {
    const auto store = Engine::Open(options);
    ASSERT_TRUE(store.ok()) << store.status();
    EXPECT_EQ((*store)->log().state().last.id.index, LogIndex(last));
    EXPECT_TRUE(Has(**store, 2));
    const absl::Status closed = (*store)->Close();
    EXPECT_TRUE(closed.ok()) << closed;
  }

  after.SetCapacity(kPlenty);
  const auto store = Engine::Open(options);
  ASSERT_TRUE(store.ok()) << store.status();
  Write(**store, 300);
  EXPECT_TRUE(Has(**store, 299));
}

// Nothing but this open can give back what the import has taken.
TEST_F(FullDiskTest, WhatAnImportHasLeftOnAFullDiskIsRemoved) {
  reserve_bytes_ = kReserveBytes;
  Found(kStore);
  disk::DiskState killed = [&] {
    const auto store = Open(kStore);
    const std::string path = ReceiveSnapshot(*store);
    auto installer = StartInstall(*store, path);
    EXPECT_TRUE(installer.ok()) << installer.status();
    for (int step = 0; step < 3; ++step) EXPECT_TRUE((*installer)->Step().ok());
    return disk_.TakeState();
  }();
  disk::SimDisk after("/after", std::move(killed));
  const disk::WiredTigerMount mount(after);
  disk::SimFileSystem files(after);
  after.SetCapacity(kPlenty);
  const uint64_t used = kPlenty - after.FreeBytes().value();
  after.SetCapacity(used);
  EngineOptions options = OptionsAt("/after/store");
  options.files = &files;

  const auto store = Engine::Open(options);

  ASSERT_TRUE(store.ok()) << store.status();
  EXPECT_GT(after.FreeBytes().value(), kRowBytes * 100);
  EXPECT_EQ(files.Inspect("/after/store/RESERVE")->size_bytes, kReserveBytes);
}

TEST_F(FullDiskTest, AReserveThatCannotBeMadeOrGivenUpKeepsNobodyOut) {
  reserve_bytes_ = kReserveBytes;
  Found(kStore);
  for (const disk::FaultTarget target :
       {disk::FaultTarget::kCreate, disk::FaultTarget::kWrite,
        disk::FaultTarget::kSync, disk::FaultTarget::kRename}) {
    disk_.Inject({.target = target, .path_part = "RESERVE"});
    EXPECT_NE(Open(kStore), nullptr);
    EXPECT_EQ(ReserveBytes(), 0u);
    EXPECT_THAT(files_.List(kStore).value(), Not(Contains("RESERVE.tmp")));
  }
  EXPECT_NE(Open(kStore), nullptr);
  EXPECT_EQ(ReserveBytes(), kReserveBytes);

  // Full enough for it to be given up, and not so full as to need that.
  disk_.SetCapacity(UsedBytes() + kReserveBytes - 1);
  disk_.Inject({.target = disk::FaultTarget::kRemove, .path_part = "RESERVE"});
  EXPECT_NE(Open(kStore), nullptr);
  EXPECT_EQ(ReserveBytes(), kReserveBytes);
}

// What fills the disk before the next open may leave no room for another one.
TEST_F(FullDiskTest, AReserveOutlivesACrash) {
  reserve_bytes_ = kReserveBytes;
  Found(kStore);
  const auto store = Open(kStore);
  const disk::DiskImage image = disk_.AfterCrash(disk::kNothingSurvives, 0);
  const auto reserve = image.files.find("store/RESERVE");
  ASSERT_NE(reserve, image.files.end());
  EXPECT_EQ(reserve->second.size(), kReserveBytes);
}

TEST_F(FullDiskTest, AReserveThatACrashHasCutIsMadeAgain) {
  reserve_bytes_ = kReserveBytes;
  Found(kStore);
  for (const char* const name : {"RESERVE", "RESERVE.tmp"}) {
    Open(kStore);
    const std::string path = JoinPath(kStore, name);
    files_.Remove(JoinPath(kStore, "RESERVE")).IgnoreError();
    ASSERT_TRUE(files_.Open(path, OpenMode::kCreate).ok());
    Open(kStore);
    EXPECT_EQ(ReserveBytes(), kReserveBytes);
    EXPECT_THAT(files_.List(kStore).value(), Not(Contains("RESERVE.tmp")));
  }
}

}  // namespace
}  // namespace trimaran::engine
