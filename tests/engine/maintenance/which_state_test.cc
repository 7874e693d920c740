// Goal: which of several tables is the state is told right where the log cannot
// say it: it is lost, or of an earlier time.

#include <cstdint>
#include <filesystem>
#include <memory>
#include <string>
#include <utility>

#include "engine/engine.h"
#include "engine/home/home_paths.h"
#include "engine/kv/transfer.h"
#include "engine/maintenance/state_hash.h"
#include "engine/maintenance/verifier.h"
#include "engine/snapshot/installer.h"
#include "gmock/gmock.h"
#include "gtest/gtest.h"
#include "tests/engine/maintenance/store_on_disk.h"

namespace trimaran::engine {
namespace {

using ::testing::HasSubstr;

namespace fs = std::filesystem;

class WhichStateTest : public StoreOnDiskTest {
 protected:
  // Imports the state of the store into itself; `count` records of it at most.
  std::unique_ptr<StateImport> ImportInto(Engine& engine, uint64_t count) {
    auto from = engine.machine().NewExport();
    auto import = engine.machine().NewImport();
    EXPECT_TRUE(from.ok() && import.ok());
    StateRecord record;
    while (count-- > 0 && *(*from)->Next(record)) {
      const absl::Status added = (*import)->Add(record);
      EXPECT_TRUE(added.ok()) << added;
    }
    return *std::move(import);
  }
  void Install(Engine& engine) {
    const LogPosition position = engine.machine().applied().applied;
    const auto import = ImportInto(engine, 1000);
    ASSERT_TRUE(import->Finish(position).ok());
    const HardState hard_state =
        HardStateAfterInstall(engine.log().state().hard_state, position.id);
    ASSERT_TRUE(
        engine.log().Reset({position, hard_state, import->generation()}).ok());
    ASSERT_TRUE(engine.machine().SwitchTo(import->generation()).ok());
  }
  // What is left when it is killed behind a checkpoint as of an export, which
  // drops no table.
  std::string KillAndCopy(std::unique_ptr<Engine> engine) {
    EXPECT_TRUE(engine->machine().NewExport().ok());
    std::string copy = CopyAsIs();
    engine.reset();
    return copy;
  }
  // The store becomes what that is, without log and floor.
  void LoseLog(const std::string& copy) {
    TakeFrom(copy, kStateDirectory);
    fs::remove_all(PathOf(kLogDirectory));
    fs::remove(PathOf(kFloorFile));
  }
};

// A half would be read as a state without any damage.
TEST_F(WhichStateTest, HalfAnImportIsNotTakenForTheState) {
  auto engine = MakeStore();
  WritePuts(*engine, 20);
  ASSERT_TRUE(engine->Close().ok());
  const StateDigest whole = *Verify()->digest;
  engine = Open();
  { const auto half = ImportInto(*engine, 10); }
  LoseLog(KillAndCopy(std::move(engine)));

  const auto found = Verify();

  ASSERT_TRUE(found.ok()) << found.status();
  EXPECT_FALSE(found->report.Find("state")->damaged()) << FindingsOf(found);
  EXPECT_THAT(FindingsOf(found), HasSubstr("generation 2"));
  EXPECT_EQ(found->generation, 1u);
  EXPECT_EQ(found->digest, whole);
}

// As an import leaves it that was cut off by a crash.
TEST_F(WhichStateTest, EmptyTableIsNotTakenForTheState) {
  MakeClosedStore();
  const StateDigest whole = *Verify()->digest;
  MakeTables({"kv_g9"});
  LoseLog(CopyAsIs());

  const auto found = Verify();

  ASSERT_TRUE(found.ok()) << found.status();
  EXPECT_FALSE(found->report.Find("state")->damaged()) << FindingsOf(found);
  EXPECT_EQ(found->digest, whole);
}

TEST_F(WhichStateTest, StateThatWasInstalledIsTakenBeforeTheOneThatItReplaced) {
  auto engine = MakeStore();
  WritePuts(*engine, 20);
  Install(*engine);
  WritePuts(*engine, 5);
  const LogPosition position = engine->machine().applied().applied;
  LoseLog(KillAndCopy(std::move(engine)));

  const auto found = Verify();

  ASSERT_TRUE(found.ok()) << found.status();
  EXPECT_EQ(found->generation, 2u);
  ASSERT_TRUE(found->digest.has_value()) << FindingsOf(found);
  EXPECT_EQ(found->digest->position, position);
}

TEST_F(WhichStateTest, FloorNamesTheStateWhereTheLogIsOfBeforeIt) {
  auto engine = MakeStore();
  WritePuts(*engine, 20);
  ASSERT_TRUE(engine->Close().ok());
  const std::string old = CopyAsIs();
  engine = Open();
  Install(*engine);
  ASSERT_TRUE(engine->Close().ok());
  const StateDigest whole = *Verify()->digest;
  TakeFrom(old, kLogDirectory);

  const auto found = Verify();

  ASSERT_TRUE(found.ok()) << found.status();
  EXPECT_FALSE(found->report.Find("state")->damaged()) << FindingsOf(found);
  EXPECT_THAT(FindingsOf(found), HasSubstr("different generations"));
  EXPECT_EQ(found->digest, whole);
}

}  // namespace
}  // namespace trimaran::engine
