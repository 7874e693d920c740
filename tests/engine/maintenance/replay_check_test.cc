// Goal: the log leads to the state that the running store has, however it is
// cut into batches, and whatever it does not lead to is found. Method: stores
// of a real engine, replayed from what a crash leaves and from exports.

#include "engine/maintenance/replay_check.h"

#include <filesystem>
#include <memory>
#include <string>
#include <utility>

#include "absl/strings/str_cat.h"
#include "engine/base/absl_compat.h"
#include "engine/home/home_paths.h"
#include "engine/kv/wt_state_machine.h"
#include "engine/store_parts.h"
#include "gmock/gmock.h"
#include "gtest/gtest.h"
#include "tests/engine/maintenance/store_on_disk.h"

namespace trimaran::engine {
namespace {

using ::testing::HasSubstr;
using ::testing::IsEmpty;

class ReplayCheckTest : public StoreOnDiskTest {
 protected:
  StateDigest Hash(Engine& engine) {
    auto state = engine.machine().NewExport();
    EXPECT_TRUE(state.ok()) << state.status();
    const auto digest = HashState(GroupId(1), **state);
    EXPECT_TRUE(digest.ok()) << digest.status();
    return *digest;
  }

  // An empty directory for a replay.
  std::string Scratch() {
    std::string path = home_.Beside(absl::StrCat("scratch-", ++scratches_));
    std::filesystem::create_directory(path);
    return path;
  }
  std::unique_ptr<WtStateMachine> ScratchMachine() {
    EngineOptions options = home_.options_at(Scratch());
    std::filesystem::create_directory(
        JoinPath(options.directory, kStateDirectory));
    auto machine = WtStateMachine::Create(
        MachineOptions(options, SoleStore().identity), InitialState());
    EXPECT_TRUE(machine.ok()) << machine.status();
    return *std::move(machine);
  }

  absl::StatusOr<CheckResult> Replay(const std::string& directory,
                                     const VerifyOptions& options = {}) {
    StoredReplay replay;
    replay.store = stored_at(directory);
    replay.scratch = Scratch();
    replay.change_conf = change_conf();
    return ReplayStoredStore(replay, options);
  }
  ConfChanger change_conf() {
    return [this](const ConfState&, const LogEntry&) {
      ++conf_changes_;
      return SoleConf();
    };
  }
  ReplayPlan PlanTo(Engine& engine, LogIndex last) {
    ReplayPlan plan;
    plan.group = GroupId(1);
    plan.log = &engine.log();
    plan.last = last;
    plan.batch_entries = 7;
    plan.change_conf = change_conf();
    return plan;
  }

  int scratches_ = 0;
  int conf_changes_ = 0;
};

// ---- Stores that nobody has open ----

TEST_F(ReplayCheckTest, CrashedStoreIsRebuiltAsItWas) {
  const auto engine = MakeStore();
  WriteNumbered(*engine, 50);
  ASSERT_TRUE(engine->Checkpoint().ok());
  WriteNumbered(*engine, 400);
  const std::string crashed = CopyAsIs();
  const Image before = ImageOf(crashed);

  const auto result = Replay(crashed);

  ASSERT_TRUE(result.ok()) << result.status();
  EXPECT_THAT(FindingsOf(*result), IsEmpty());
  EXPECT_THAT(result->summary(), HasSubstr("entries 56 to 455 in two ways"));
  EXPECT_THAT(result->summary(),
              HasSubstr(absl::StrCat(
                  "hash ", ToAbsl(ToString(Hash(*engine).summary.hash)))));
  EXPECT_EQ(result->examined(), 800u);
  EXPECT_TRUE(ImageOf(crashed) == before) << "the replay has written";
}

TEST_F(ReplayCheckTest, CleanlyClosedStoreHasNothingToReplay) {
  MakeClosedStore();

  const auto result = Replay(home_.path());

  ASSERT_TRUE(result.ok()) << result.status();
  EXPECT_THAT(FindingsOf(*result), IsEmpty());
  EXPECT_EQ(result->examined(), 0u);
}

TEST_F(ReplayCheckTest, LogThatDoesNotReachBackToTheStateIsFound) {
  const auto engine = MakeStore();
  const std::string old = CopyAsIs();
  for (int round = 0; round < 20; ++round) WriteNumbered(*engine, 50);
  ASSERT_TRUE(engine->Checkpoint().ok());
  bool more = true;
  while (more) {
    const auto recycled = engine->RecycleLog();
    ASSERT_TRUE(recycled.ok()) << recycled.status();
    more = *recycled;
  }
  ASSERT_GT(engine->log().state().boundary.id.index, LogIndex(5));
  ASSERT_TRUE(engine->Close().ok());
  TakeFrom(old, kStateDirectory);

  const auto result = Replay(home_.path());

  ASSERT_TRUE(result.ok()) << result.status();
  EXPECT_TRUE(result->damaged());
  EXPECT_THAT(FindingsOf(*result), HasSubstr("damage: the replay: "));
  EXPECT_THAT(FindingsOf(*result), HasSubstr("entry 6"));
  EXPECT_THAT(FindingsOf(Verify()),
              HasSubstr("entries after the applied index are missing"));
}

TEST_F(ReplayCheckTest, DamagedLogIsFound) {
  const auto engine = MakeStore();
  WritePuts(*engine, 10);
  ASSERT_TRUE(engine->Close().ok());
  Flip(FirstSegment(), 4096 + 64);

  const auto result = Replay(home_.path());

  ASSERT_TRUE(result.ok()) << result.status();
  EXPECT_THAT(FindingsOf(*result), HasSubstr("damage: the replay: "));
}

TEST_F(ReplayCheckTest, MembershipChangesGoToTheCaller) {
  const auto engine = MakeStore();
  WriteEntry(*engine, EntryType::kConfChange, Payload("change"));

  const auto result = Replay(CopyAsIs());

  ASSERT_TRUE(result.ok()) << result.status();
  EXPECT_THAT(FindingsOf(*result), IsEmpty());
  EXPECT_EQ(conf_changes_, 2) << "once in each of the two ways";
}

TEST_F(ReplayCheckTest, ReplayCanBeCancelled) {
  MakeClosedStore();
  VerifyOptions options;
  options.progress = [](const WorkProgress& progress) {
    EXPECT_EQ(progress.step, "replay");
    return false;
  };

  EXPECT_EQ(Replay(home_.path(), options).status().code(),
            absl::StatusCode::kCancelled);
}

TEST_F(ReplayCheckTest, ScratchThatCannotBeUsedIsNoDamageOfTheStore) {
  MakeClosedStore();
  StoredReplay replay;
  replay.store = stored();
  replay.scratch = home_.Beside("not/there");

  const auto result = ReplayStoredStore(replay, VerifyOptions());

  EXPECT_FALSE(result.ok()) << FindingsOf(*result);
}

// ---- One state from another ----

TEST_F(ReplayCheckTest, StateIsRebuiltFromAnEarlierOne) {
  const auto engine = MakeStore();
  WritePuts(*engine, 20);
  auto early = engine->machine().NewExport();
  ASSERT_TRUE(early.ok()) << early.status();
  WritePuts(*engine, 100);
  const auto scratch = ScratchMachine();

  const auto rebuilt =
      RebuildState(**early, PlanTo(*engine, LogIndex(125)), *scratch);
  early->reset();

  ASSERT_TRUE(rebuilt.ok()) << rebuilt.status();
  EXPECT_EQ(*rebuilt, Hash(*engine));
}

TEST_F(ReplayCheckTest, StateOfAnEarlierEntryDiffersInItsRows) {
  const auto engine = MakeStore();
  WritePuts(*engine, 20);
  auto early = engine->machine().NewExport();
  ASSERT_TRUE(early.ok()) << early.status();
  WritePuts(*engine, 10);
  const auto scratch = ScratchMachine();

  const auto rebuilt =
      RebuildState(**early, PlanTo(*engine, LogIndex(30)), *scratch);
  early->reset();

  ASSERT_TRUE(rebuilt.ok()) << rebuilt.status();
  CheckResult result("replay");
  CompareDigests(Hash(*engine), *rebuilt, result);
  EXPECT_THAT(FindingsOf(result),
              HasSubstr("the rebuilt state: is at entry 30 "));
  EXPECT_THAT(FindingsOf(result),
              HasSubstr("family 1: was rebuilt with other rows"));
  EXPECT_THAT(FindingsOf(result), HasSubstr("has hash "));
}

TEST_F(ReplayCheckTest, StateLaterThanItsEndIsRefused) {
  const auto engine = MakeStore();
  WritePuts(*engine, 20);
  auto state = engine->machine().NewExport();
  ASSERT_TRUE(state.ok()) << state.status();
  const auto scratch = ScratchMachine();

  const auto rebuilt =
      RebuildState(**state, PlanTo(*engine, LogIndex(24)), *scratch);
  state->reset();

  EXPECT_EQ(rebuilt.status().code(), absl::StatusCode::kFailedPrecondition);
}

TEST_F(ReplayCheckTest, EntriesThatTheLogDoesNotHaveAreCorruption) {
  const auto engine = MakeStore();
  WritePuts(*engine, 20);
  auto state = engine->machine().NewExport();
  ASSERT_TRUE(state.ok()) << state.status();
  WritePuts(*engine, 20);

  const auto beyond =
      RebuildState(**state, PlanTo(*engine, LogIndex(46)), *ScratchMachine());
  EXPECT_EQ(beyond.status().code(), absl::StatusCode::kDataLoss)
      << beyond.status();

  state = engine->machine().NewExport();
  ASSERT_TRUE(state.ok()) << state.status();
  WritePuts(*engine, 20);
  engine->log().Compact(LogIndex(50));
  const auto compacted =
      RebuildState(**state, PlanTo(*engine, LogIndex(65)), *ScratchMachine());
  EXPECT_EQ(compacted.status().code(), absl::StatusCode::kDataLoss)
      << compacted.status();
  state->reset();
}

// ---- Differences ----

TEST(CompareDigestsTest, EqualOnesDoNotDiffer) {
  const StateDigest digest{{{LogIndex(9), Term(2)}, ChainValue{7}}, {}};
  CheckResult result("replay");
  CompareDigests(digest, digest, result);
  EXPECT_THAT(FindingsOf(result), IsEmpty());
}

TEST(CompareDigestsTest, FamilyThatWasNotRebuiltIsNamed) {
  StateDigest expected{{{LogIndex(9), Term(2)}, ChainValue{7}}, {}};
  expected.summary.families.resize(1);
  expected.summary.families[0].family = FamilyId(3);
  StateDigest rebuilt = expected;
  rebuilt.summary.families.clear();
  CheckResult result("replay");
  CompareDigests(expected, rebuilt, result);
  EXPECT_THAT(FindingsOf(result), HasSubstr("family 3: was not rebuilt"));
}

TEST(CompareDigestsTest, FamilyThatNeverWasIsNamed) {
  StateDigest expected{{{LogIndex(9), Term(2)}, ChainValue{7}}, {}};
  StateDigest rebuilt = expected;
  rebuilt.summary.families.resize(1);
  rebuilt.summary.families[0].family = FamilyId(3);
  CheckResult result("replay");
  CompareDigests(expected, rebuilt, result);
  EXPECT_THAT(FindingsOf(result),
              HasSubstr("family 3: was rebuilt, and is not in the state"));
}

}  // namespace
}  // namespace trimaran::engine
