#include "engine/founding.h"

#include <filesystem>
#include <fstream>
#include <iterator>
#include <memory>
#include <string>
#include <utility>

#include "engine/base/errors.h"
#include "engine/engine.h"
#include "engine/maintenance/state_hash.h"
#include "engine/maintenance/stored_parts.h"
#include "engine/snapshot/backup.h"
#include "gmock/gmock.h"
#include "gtest/gtest.h"
#include "tests/support/engine/sole_replica.h"
#include "tests/support/engine/temp_home.h"

namespace trimaran::engine {
namespace {

using ::testing::HasSubstr;

constexpr uint64_t kSeed = 5;

// A store with some history, and a backup of it that was taken in the middle.
class BackupTest : public ::testing::Test {
 protected:
  void SetUp() override {
    ASSERT_TRUE(FoundGroup(home_.options(), SoleStore()).ok());
    auto engine = Engine::Open(home_.options());
    ASSERT_TRUE(engine.ok()) << engine.status();
    auto replica = SoleReplica::Start(**engine);
    ASSERT_TRUE(replica.ok()) << replica.status();
    Write(*replica, 30);
    auto state = (*engine)->machine().NewExport();
    ASSERT_TRUE(state.ok()) << state.status();
    position_ = (*state)->position();
    auto writer = BackupWriter::Start(home_.files(), backup_,
                                      {.id = SnapshotId(77),
                                       .cluster = SoleStore().identity.cluster,
                                       .group = GroupId(1)},
                                      *std::move(state),
                                      {.writer = {.free_bytes_min = 0}});
    ASSERT_TRUE(writer.ok()) << writer.status();
    // Writing goes on meanwhile, and is not in the backup.
    Write(*replica, 10);
    while (true) {
      const auto progress = (*writer)->Step();
      ASSERT_TRUE(progress.ok()) << progress.status();
      if (progress->done) break;
    }
  }

  static void Write(SoleReplica& replica, uint64_t count) {
    for (uint64_t i = 0; i < count; ++i) {
      ASSERT_TRUE(replica.AppendNumbered(kSeed, 1).ok());
    }
    ASSERT_TRUE(replica.ApplyAll().ok());
  }

  static NewStore Restored() {
    NewStore store;
    store.identity = {.cluster = {.high = 0xd1, .low = 0xd2},
                      .store = StoreId(0x99),
                      .group = GroupId(1),
                      .replica = ReplicaId(4)};
    store.conf.voters = {ReplicaId(4)};
    store.members[ReplicaId(4)] = {
        .store = StoreId(0x99), .name = "four", .address = "localhost:4"};
    return store;
  }
  absl::Status Restore(const NewStore& store) {
    return FoundFromBackup(home_.options_at(target_), store, backup_).status();
  }

  TempHome home_;
  const std::string backup_ = home_.Beside("backup");
  const std::string target_ = home_.Beside("restored");
  LogPosition position_;
};

TEST_F(BackupTest, RestoredStoreGoesOnWithTheDataAndNewMembers) {
  const absl::Status restored = Restore(Restored());
  ASSERT_TRUE(restored.ok()) << restored;

  auto engine = Engine::Open(home_.options_at(target_));
  ASSERT_TRUE(engine.ok()) << engine.status();

  EXPECT_EQ((*engine)->identity(), Restored().identity);
  EXPECT_EQ((*engine)->machine().applied().applied, position_);
  const RegionState region = (*engine)->machine().region();
  EXPECT_EQ(region.conf, Restored().conf);
  EXPECT_EQ(region.members, Restored().members);
  const auto start = (*engine)->start_state();
  ASSERT_TRUE(start.ok()) << start.status();
  EXPECT_EQ(start->boundary, position_.id);
  EXPECT_EQ(start->hard_state.commit, position_.id.index);
  auto replica = SoleReplica::Start(**engine);
  ASSERT_TRUE(replica.ok()) << replica.status();
  LogEntry next;
  next.index = position_.id.index + 1;
  next.term = replica->term();
  ASSERT_TRUE(replica->Append({next}).ok());
  ASSERT_TRUE(replica->ApplyAll().ok());
  EXPECT_EQ((*engine)->machine().applied().applied.id, next.id());
}

TEST_F(BackupTest, RestoredRowsAreThoseOfTheBackup) {
  // A store that stopped where the backup was taken.
  const std::string twin = home_.Beside("twin");
  ASSERT_TRUE(FoundGroup(home_.options_at(twin), SoleStore()).ok());
  auto original = Engine::Open(home_.options_at(twin));
  ASSERT_TRUE(original.ok()) << original.status();
  auto replica = SoleReplica::Start(**original);
  ASSERT_TRUE(replica.ok()) << replica.status();
  Write(*replica, 30);
  ASSERT_TRUE(Restore(Restored()).ok());
  auto restored = Engine::Open(home_.options_at(target_));
  ASSERT_TRUE(restored.ok()) << restored.status();

  auto wanted = (*original)->machine().NewView();
  auto found = (*restored)->machine().NewView();
  ASSERT_TRUE(wanted.ok() && found.ok());
  EXPECT_EQ((*found)->position(), (*wanted)->position());
  ASSERT_EQ((*restored)->machine().families(),
            (*original)->machine().families());
  for (const Family& family : (*original)->machine().families()) {
    auto a = (*wanted)->NewIterator(family.id, {});
    auto b = (*found)->NewIterator(family.id, {});
    ASSERT_TRUE(a.ok() && b.ok());
    (*b)->SeekToFirst();
    for ((*a)->SeekToFirst(); (*a)->valid(); (*a)->Next(), (*b)->Next()) {
      ASSERT_TRUE((*b)->valid());
      EXPECT_EQ((*b)->key(), (*a)->key());
      EXPECT_EQ((*b)->value(), (*a)->value());
      EXPECT_EQ((*b)->version(), (*a)->version());
    }
    EXPECT_FALSE((*b)->valid());
  }
}

TEST_F(BackupTest, SameClusterIsRefused) {
  NewStore store = Restored();
  store.identity.cluster = SoleStore().identity.cluster;

  const absl::Status refused = Restore(store);

  EXPECT_EQ(refused.code(), absl::StatusCode::kInvalidArgument) << refused;
  EXPECT_THAT(std::string(refused.message()),
              HasSubstr("must be a cluster of its own"));
  EXPECT_FALSE(std::filesystem::exists(target_));
}

TEST_F(BackupTest, ExistingStoreIsNotOverwritten) {
  const auto refused = FoundFromBackup(home_.options_at(home_.Beside("other")),
                                       Restored(), home_.Beside("nowhere"))
                           .status();
  EXPECT_EQ(refused.code(), absl::StatusCode::kNotFound) << refused;

  ASSERT_TRUE(Restore(Restored()).ok());
  EXPECT_EQ(Restore(Restored()).code(), absl::StatusCode::kAlreadyExists);
}

TEST_F(BackupTest, DamagedBackupLeavesNoStoreAndCanBeRepeated) {
  std::string chunk;
  for (const auto& entry : std::filesystem::directory_iterator(backup_)) {
    const std::string name = entry.path().filename().string();
    if (name.starts_with("chunk")) chunk = entry.path().string();
  }
  ASSERT_FALSE(chunk.empty());
  std::string bytes;
  {
    std::ifstream in(chunk, std::ios::binary);
    bytes.assign(std::istreambuf_iterator<char>(in), {});
  }
  std::string damaged = bytes;
  damaged[damaged.size() / 2] ^= 1;
  std::ofstream(chunk, std::ios::binary) << damaged;

  const absl::Status refused = Restore(Restored());

  EXPECT_TRUE(IsCorruption(refused)) << refused;
  EXPECT_EQ(Engine::Open(home_.options_at(target_)).status().code(),
            absl::StatusCode::kNotFound);
  std::ofstream(chunk, std::ios::binary) << bytes;
  const absl::Status repeated = Restore(Restored());
  EXPECT_TRUE(repeated.ok()) << repeated;
}

// ---- From a store that nobody has open ----

class FoundFromStoredTest : public ::testing::Test {
 protected:
  // A store of which 20 entries are applied, and 10 more are in the log only.
  void SetUp() override {
    ASSERT_TRUE(FoundGroup(home_.options(), SoleStore()).ok());
    const auto engine = Engine::Open(home_.options());
    ASSERT_TRUE(engine.ok()) << engine.status();
    auto replica = SoleReplica::Start(**engine);
    ASSERT_TRUE(replica.ok()) << replica.status();
    ASSERT_TRUE(replica->AppendNumbered(kSeed, 20).ok());
    ASSERT_TRUE(replica->ApplyAll().ok());
    ASSERT_TRUE(replica->AppendNumbered(kSeed, 10).ok());
    last_ = replica->last();
    ASSERT_TRUE((*engine)->Close().ok());
  }

  static NewStore Successor() {
    NewStore store;
    store.identity = {.cluster = {.high = 0xe1, .low = 0xe2},
                      .store = StoreId(0x98),
                      .group = GroupId(1),
                      .replica = ReplicaId(7)};
    store.conf.voters = {ReplicaId(7), ReplicaId(8)};
    return store;
  }
  absl::StatusOr<StateDigest> FoundSuccessor(const NewStore& store,
                                             const WorkWatcher& watcher = {}) {
    StoredStore old;
    old.files = &home_.files();
    old.directory = home_.path();
    const auto parts = OpenStoredParts(old);
    EXPECT_TRUE(parts.ok()) << parts.status();
    return FoundFromStored(
        home_.options_at(target_), store,
        {.parts = &*parts,
         .last = last_.index,
         .change_conf = [](const ConfState&,
                           const LogEntry&) { return SoleConf(); }},
        watcher);
  }

  TempHome home_;
  const std::string target_ = home_.Beside("successor");
  EntryId last_;
};

TEST_F(FoundFromStoredTest, GoesOnFromTheEndOfTheLogWithNewMembers) {
  const auto digest = FoundSuccessor(Successor());
  ASSERT_TRUE(digest.ok()) << digest.status();

  const auto engine = Engine::Open(home_.options_at(target_));
  ASSERT_TRUE(engine.ok()) << engine.status();

  EXPECT_EQ((*engine)->machine().applied().applied.id, last_);
  EXPECT_EQ((*engine)->log().state().boundary.id, last_);
  EXPECT_EQ((*engine)->machine().region().conf, Successor().conf);
  const auto state = (*engine)->machine().NewExport();
  ASSERT_TRUE(state.ok()) << state.status();
  EXPECT_EQ(*HashState(GroupId(1), **state), *digest);
}

TEST_F(FoundFromStoredTest, StateIsThatOfTheOldStoreButForItsMembers) {
  const auto digest = FoundSuccessor(Successor());
  ASSERT_TRUE(digest.ok()) << digest.status();
  const auto old = Engine::Open(home_.options());
  ASSERT_TRUE(old.ok()) << old.status();
  auto replica = SoleReplica::Start(**old);
  ASSERT_TRUE(replica->ApplyAll().ok());
  const auto state = (*old)->machine().NewExport();
  const auto expected = HashState(GroupId(1), **state);

  EXPECT_EQ(digest->position, expected->position);
  ASSERT_EQ(digest->summary.families.size(), expected->summary.families.size());
  ASSERT_GT(digest->summary.rows, 0u);
  for (size_t i = 1; i < digest->summary.families.size(); ++i) {
    EXPECT_EQ(digest->summary.families[i], expected->summary.families[i]);
  }
}

TEST_F(FoundFromStoredTest, ClusterOfTheOldStoreIsRefused) {
  NewStore same = Successor();
  same.identity.cluster = SoleStore().identity.cluster;
  const auto refused = FoundSuccessor(same);
  EXPECT_EQ(refused.status().code(), absl::StatusCode::kInvalidArgument);
  EXPECT_FALSE(std::filesystem::exists(target_));
}

TEST_F(FoundFromStoredTest, StoppedAnywhereThereIsNoStore) {
  int told = 0;
  ASSERT_TRUE(FoundSuccessor(Successor(), [&](const WorkProgress&) {
                ++told;
                return true;
              }).ok());
  ASSERT_GE(told, 3);
  for (int stop = 0; stop < told; ++stop) {
    std::filesystem::remove_all(target_);
    int left = stop;
    const auto stopped = FoundSuccessor(
        Successor(), [&](const WorkProgress&) { return left-- > 0; });
    EXPECT_TRUE(absl::IsCancelled(stopped.status())) << stopped.status();
    EXPECT_TRUE(
        absl::IsNotFound(Engine::Open(home_.options_at(target_)).status()));
  }
}

}  // namespace
}  // namespace trimaran::engine
