#include "engine/engine.h"

#include <algorithm>
#include <filesystem>
#include <fstream>
#include <memory>
#include <string>
#include <utility>
#include <vector>

#include "engine/base/errors.h"
#include "engine/founding.h"
#include "engine/maintenance/state_hash.h"
#include "gmock/gmock.h"
#include "gtest/gtest.h"
#include "tests/support/engine/numbered_entries.h"
#include "tests/support/engine/sole_replica.h"
#include "tests/support/engine/temp_home.h"

namespace trimaran::engine {
namespace {

using ::testing::HasSubstr;

constexpr uint64_t kSeed = 3;

class EngineTest : public ::testing::Test {
 protected:
  void Found() {
    const absl::Status founded = FoundGroup(home_.options(), SoleStore());
    ASSERT_TRUE(founded.ok()) << founded;
  }
  std::unique_ptr<Engine> Open() { return OpenAt(home_.path()); }
  std::unique_ptr<Engine> OpenAt(const std::string& directory) {
    auto engine = Engine::Open(home_.options_at(directory));
    EXPECT_TRUE(engine.ok()) << engine.status();
    return engine.ok() ? *std::move(engine) : nullptr;
  }
  absl::Status OpenError() { return Engine::Open(home_.options()).status(); }

  // Appends and applies `count` numbered entries.
  static void Write(Engine& engine, uint64_t count) {
    auto replica = SoleReplica::Start(engine);
    ASSERT_TRUE(replica.ok()) << replica.status();
    for (uint64_t i = 0; i < count; ++i) {
      const absl::Status appended = replica->AppendNumbered(kSeed, 1);
      ASSERT_TRUE(appended.ok()) << appended;
    }
    const absl::Status applied = replica->ApplyAll();
    ASSERT_TRUE(applied.ok()) << applied;
  }
  // The same in fewer, larger batches.
  static void WriteBatches(Engine& engine, uint64_t count) {
    auto replica = SoleReplica::Start(engine);
    ASSERT_TRUE(replica.ok()) << replica.status();
    for (uint64_t i = 0; i < count; ++i) {
      const absl::Status appended =
          replica->AppendNumbered(kSeed, kNumberedKept);
      ASSERT_TRUE(appended.ok()) << appended;
    }
    const absl::Status applied = replica->ApplyAll();
    ASSERT_TRUE(applied.ok()) << applied;
  }
  static StateDigest Hash(Engine& engine) {
    auto state = engine.machine().NewExport();
    EXPECT_TRUE(state.ok()) << state.status();
    auto digest = HashState(GroupId(1), **state);
    EXPECT_TRUE(digest.ok()) << digest.status();
    return *digest;
  }
  // What a process that is killed now would leave.
  std::string CopyAsIs() {
    const std::string copy = home_.Beside("copy");
    std::filesystem::remove_all(copy);
    std::filesystem::copy(home_.path(), copy,
                          std::filesystem::copy_options::recursive);
    return copy;
  }
  std::vector<std::string> NamesInHome() {
    std::vector<std::string> names;
    for (const auto& entry :
         std::filesystem::recursive_directory_iterator(home_.path())) {
      names.push_back(entry.path().string());
    }
    return names;
  }

  TempHome home_;
};

// ---- A new store ----

// Covers: D3, D5, F6
TEST_F(EngineTest, NewGroupBeginsAtTheBootstrapPosition) {
  Found();

  const auto engine = Open();

  const auto start = engine->start_state();
  ASSERT_TRUE(start.ok()) << start.status();
  EXPECT_EQ(start->boundary, kBootstrapPosition);
  EXPECT_EQ(start->last, kBootstrapPosition.index);
  EXPECT_EQ(start->applied, kBootstrapPosition.index);
  EXPECT_EQ(start->hard_state.term, kBootstrapPosition.term);
  EXPECT_EQ(start->hard_state.commit, kBootstrapPosition.index);
  EXPECT_EQ(start->conf, SoleConf());
  EXPECT_EQ(engine->machine().applied().truncated, kBootstrapPosition);
}

// Covers: D4, D5
TEST_F(EngineTest, JoinerBeginsWithNothing) {
  const absl::Status founded =
      FoundJoiner(home_.options(), SoleStore().identity);
  ASSERT_TRUE(founded.ok()) << founded;

  const auto engine = Open();

  const auto start = engine->start_state();
  ASSERT_TRUE(start.ok()) << start.status();
  EXPECT_TRUE(start->hard_state.empty());
  EXPECT_EQ(start->last, LogIndex());
  EXPECT_EQ(start->conf, ConfState());
}

// Covers: D6
TEST_F(EngineTest, StoreIsNotFoundedTwice) {
  Found();
  {
    const auto engine = Open();
    Write(*engine, 5);
  }

  const absl::Status again = FoundGroup(home_.options(), SoleStore());

  EXPECT_EQ(again.code(), absl::StatusCode::kAlreadyExists) << again;
  EXPECT_EQ(Open()->log().state().last.id.index, LogIndex(10));
}

TEST_F(EngineTest, FoundingNeedsTheReplicaAmongTheMembers) {
  NewStore store = SoleStore();
  store.identity.replica = ReplicaId(9);

  const absl::Status refused = FoundGroup(home_.options(), store);

  EXPECT_EQ(refused.code(), absl::StatusCode::kInvalidArgument) << refused;
  EXPECT_THAT(std::string(refused.message()), HasSubstr("replica 9"));
  EXPECT_FALSE(std::filesystem::exists(home_.path()));
}

TEST_F(EngineTest, FoundingLeavesAForeignDirectoryAlone) {
  std::filesystem::create_directory(home_.path());
  std::filesystem::permissions(home_.path(), std::filesystem::perms::owner_all);
  std::ofstream(home_.path() + "/thesis.txt") << "chapter 1";

  const absl::Status refused = FoundGroup(home_.options(), SoleStore());

  EXPECT_EQ(refused.code(), absl::StatusCode::kFailedPrecondition) << refused;
  EXPECT_EQ(NamesInHome().size(), 1u);
}

// ---- Opening and closing ----

// Covers: D11, D13
TEST_F(EngineTest, CleanCloseLeavesNothingToReplay) {
  Found();
  StateDigest before;
  {
    const auto engine = Open();
    Write(*engine, 40);
    before = Hash(*engine);
    const absl::Status closed = engine->Close();
    ASSERT_TRUE(closed.ok()) << closed;
  }

  const auto engine = Open();

  EXPECT_EQ(engine->open_report().replay_entries, 0u);
  EXPECT_EQ(Hash(*engine), before);
}

// Covers: D11, D13
TEST_F(EngineTest, CrashIsReplayedFromTheLastCheckpoint) {
  Found();
  const auto engine = Open();
  Write(*engine, 30);
  const auto durable = engine->Checkpoint();
  ASSERT_TRUE(durable.ok()) << durable.status();
  Write(*engine, 12);

  const auto crashed = OpenAt(CopyAsIs());

  EXPECT_EQ(crashed->machine().applied(), *durable);
  EXPECT_EQ(crashed->open_report().replay_entries, 12u);
  const auto start = crashed->start_state();
  ASSERT_TRUE(start.ok()) << start.status();
  EXPECT_GE(start->hard_state.commit, durable->applied.id.index);
  Write(*crashed, 0);
  EXPECT_EQ(crashed->machine().applied(), engine->machine().applied());
  EXPECT_EQ(Hash(*crashed), Hash(*engine));
}

TEST_F(EngineTest, SecondOpenIsRefused) {
  Found();
  const auto engine = Open();

  EXPECT_EQ(OpenError().code(), absl::StatusCode::kUnavailable);
}

TEST_F(EngineTest, ClosedStoreCanBeOpenedAgainBeforeTheEngineIsGone) {
  Found();
  const auto engine = Open();
  ASSERT_TRUE(engine->Close().ok());

  EXPECT_NE(Open(), nullptr);
}

// Covers: D12
TEST_F(EngineTest, TwoStoresLiveSideBySide) {
  Found();
  const std::string other = home_.Beside("other");
  NewStore store = SoleStore();
  store.identity.store = StoreId(0x52);
  ASSERT_TRUE(FoundGroup(home_.options_at(other), store).ok());

  const auto first = Open();
  const auto second = OpenAt(other);
  Write(*first, 7);

  EXPECT_EQ(first->log().state().last.id.index, LogIndex(12));
  EXPECT_EQ(second->log().state().last.id.index, kBootstrapPosition.index);
}

TEST_F(EngineTest, NothingIsMadeWhereThereIsNoStore) {
  EXPECT_EQ(OpenError().code(), absl::StatusCode::kNotFound);
  EXPECT_FALSE(std::filesystem::exists(home_.path()));
}

TEST_F(EngineTest, FileInsteadOfADirectoryIsRefused) {
  std::ofstream(home_.path()) << "not a store";

  EXPECT_EQ(OpenError().code(), absl::StatusCode::kFailedPrecondition);
}

TEST_F(EngineTest, StoreOfAnotherClusterIsRefused) {
  Found();
  EngineOptions options = home_.options();
  options.expected_cluster = ClusterId{.high = 7, .low = 8};

  const absl::Status refused = Engine::Open(options).status();

  EXPECT_EQ(refused.code(), absl::StatusCode::kFailedPrecondition) << refused;
  EXPECT_THAT(std::string(refused.message()), HasSubstr("cluster"));
}

TEST_F(EngineTest, DirectoryThatOthersCanReadIsRefused) {
  Found();
  std::filesystem::permissions(home_.path(), std::filesystem::perms::group_read,
                               std::filesystem::perm_options::add);

  EXPECT_EQ(OpenError().code(), absl::StatusCode::kPermissionDenied);
}

TEST_F(EngineTest, BadOptionsAreNamed) {
  EngineOptions options = home_.options();
  options.cache_bytes = 5;
  const absl::Status refused = Engine::Open(options).status();
  EXPECT_EQ(refused.code(), absl::StatusCode::kInvalidArgument) << refused;
  EXPECT_THAT(std::string(refused.message()), HasSubstr("cache_bytes is 5"));

  options = home_.options();
  options.directory.clear();
  EXPECT_EQ(Engine::Open(options).status().code(),
            absl::StatusCode::kInvalidArgument);
}

// ---- Damage that only the whole store shows ----

// A state as it arrives from a peer, of which the log knows nothing yet.
void ImportPresentState(Engine& engine) {
  const auto state = *engine.machine().NewExport();
  const auto import = *engine.machine().NewImport();
  StateRecord record;
  while (*state->Next(record)) ASSERT_TRUE(import->Add(record).ok());
  ASSERT_TRUE(import->Finish(state->position()).ok());
}

TEST_F(EngineTest, NoStateIsDroppedBeforeLogAndStateAgree) {
  Found();
  {
    const auto engine = Open();
    Write(*engine, 20);
  }
  const std::string old = CopyAsIs();
  {
    const auto engine = Open();
    Write(*engine, 20);
    ImportPresentState(*engine);
  }
  const std::string imported = home_.path() + "/kv/kv_g2.wt";
  ASSERT_TRUE(std::filesystem::exists(imported));
  const std::string whole = home_.Beside("whole");
  std::filesystem::copy(home_.path(), whole,
                        std::filesystem::copy_options::recursive);
  for (const std::string name : {"log", "FLOOR"}) {
    std::filesystem::remove_all(home_.path() + "/" + name);
    std::filesystem::copy(old + "/" + name, home_.path() + "/" + name,
                          std::filesystem::copy_options::recursive);
  }

  EXPECT_TRUE(IsCorruption(OpenError()));

  EXPECT_TRUE(std::filesystem::exists(imported));
  EXPECT_NE(OpenAt(whole), nullptr);
  EXPECT_FALSE(std::filesystem::exists(whole + "/kv/kv_g2.wt"));
}

TEST_F(EngineTest, NoStateIsDroppedWhileTheLogOwes) {
  Found();
  {
    const auto engine = Open();
    Write(*engine, 20);
    ASSERT_TRUE(engine->Checkpoint().ok());
    ImportPresentState(*engine);
    // Durable in the log only.
    auto replica = SoleReplica::Start(*engine);
    ASSERT_TRUE(replica->AppendNumbered(kSeed, 1).ok());
  }
  // The last record of the log is lost, as if it had been torn.
  const std::string segment = home_.path() + "/log/seg-000001";
  {
    std::ifstream in(segment, std::ios::binary);
    const std::string bytes{std::istreambuf_iterator<char>(in), {}};
    const size_t record = bytes.rfind("TRrc");
    ASSERT_NE(record, std::string::npos);
    std::fstream file(segment, std::ios::in | std::ios::out | std::ios::binary);
    file.seekp(static_cast<std::streamoff>(record));
    file << std::string(64, '\0');
  }
  const std::string imported = home_.path() + "/kv/kv_g2.wt";
  {
    const auto engine = Open();
    ASSERT_TRUE(engine->log().state().owed.has_value());
    EXPECT_TRUE(std::filesystem::exists(imported));
    Write(*engine, 2);
    EXPECT_FALSE(engine->log().state().owed.has_value());
  }
  EXPECT_NE(Open(), nullptr);
  EXPECT_FALSE(std::filesystem::exists(imported));
}

TEST_F(EngineTest, StateWithoutItsLogIsRefused) {
  Found();
  {
    const auto engine = Open();
    Write(*engine, 20);
  }
  const std::string old = CopyAsIs();
  {
    const auto engine = Open();
    Write(*engine, 20);
  }
  // The log and its floor come from an old copy, the state does not.
  for (const std::string name : {"log", "FLOOR"}) {
    std::filesystem::remove_all(home_.path() + "/" + name);
    std::filesystem::copy(old + "/" + name, home_.path() + "/" + name,
                          std::filesystem::copy_options::recursive);
  }

  const absl::Status refused = OpenError();

  EXPECT_TRUE(IsCorruption(refused)) << refused;
  EXPECT_THAT(std::string(refused.message()),
              HasSubstr("ends before the applied index"));
}

TEST_F(EngineTest, EntriesThatTheLogDoesNotHoldAreNotApplied) {
  Found();
  const auto engine = Open();
  CommittedEntry entry;
  entry.entry.index = kBootstrapPosition.index + 1;
  entry.entry.term = kBootstrapPosition.term;

  const auto refused = engine->Apply({&entry, 1});

  EXPECT_EQ(refused.status().code(), absl::StatusCode::kFailedPrecondition);
  EXPECT_EQ(engine->machine().applied().applied.id, kBootstrapPosition);
}

// ---- Giving space back ----

uint64_t BytesBelow(const std::string& directory) {
  uint64_t bytes = 0;
  for (const auto& entry :
       std::filesystem::recursive_directory_iterator(directory)) {
    if (entry.is_regular_file()) bytes += entry.file_size();
  }
  return bytes;
}

// Covers: F2, F3, F7
TEST_F(EngineTest, LogIsRecycledUpToTheCheckpointOnly) {
  Found();
  const auto engine = Open();
  WriteBatches(*engine, 10);
  ASSERT_GT(engine->log().truncated(), LogIndex(150));
  while (*engine->RecycleLog()) {
  }
  EXPECT_EQ(engine->log().state().boundary.id, kBootstrapPosition)
      << "nothing is durable yet";

  ASSERT_TRUE(engine->Checkpoint().ok());
  while (*engine->RecycleLog()) {
  }

  EXPECT_GT(engine->log().state().boundary.id.index, LogIndex(50));
  EXPECT_LE(engine->log().state().boundary.id.index, engine->log().truncated());
  const auto crashed = OpenAt(CopyAsIs());
  Write(*crashed, 0);
  EXPECT_EQ(Hash(*crashed), Hash(*engine));
}

// Covers: F7
TEST_F(EngineTest, EntriesSomebodyNeedsAreRetained) {
  Found();
  const auto engine = Open();
  WriteBatches(*engine, 10);
  ASSERT_TRUE(engine->Checkpoint().ok());

  while (*engine->RecycleLog(LogIndex(10))) {
  }

  EXPECT_LT(engine->log().state().boundary.id.index, LogIndex(10));
}

// Covers: F5
TEST_F(EngineTest, BoundedHomeStopsGrowing) {
  constexpr int kRounds = 80;
  Found();
  const auto engine = Open();
  const std::string kv = home_.path() + "/kv";
  // The most in the first quarter of the rounds, and in the last.
  uint64_t first_kv = 0;
  uint64_t first_all = 0;
  uint64_t last_kv = 0;
  uint64_t last_all = 0;
  for (int round = 0; round < kRounds; ++round) {
    WriteBatches(*engine, 10);
    while (*engine->machine().CollectGarbage(1000)) {
    }
    ASSERT_TRUE(engine->Checkpoint().ok());
    while (*engine->RecycleLog()) {
    }
    if (round < kRounds / 4) {
      first_kv = std::max(first_kv, BytesBelow(kv));
      first_all = std::max(first_all, BytesBelow(home_.path()));
    } else if (round >= kRounds - kRounds / 4) {
      last_kv = std::max(last_kv, BytesBelow(kv));
      last_all = std::max(last_all, BytesBelow(home_.path()));
    }
  }

  EXPECT_LE(BytesBelow(home_.path() + "/log"),
            8 * home_.options().log_segment_bytes);
  // The rows are always the same few; the free room in files varies.
  const uint64_t varies = 6 * home_.options().log_segment_bytes;
  EXPECT_LE(last_kv, first_kv + varies);
  EXPECT_LE(last_all, first_all + varies);
}

}  // namespace
}  // namespace trimaran::engine
