// Goal: an installation does each step on its lane, waits for the applier, and
// ends in one of three ways: the new state, no change, or no replica. Method:
// lanes that run by hand, a real log on a simulated disk, a model of the state
// machine.

#include "replication/node/snapshot_install.h"

#include <memory>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "engine/base/errors.h"
#include "engine/snapshot/snapshot_paths.h"
#include "engine/snapshot/snapshot_writer.h"
#include "gtest/gtest.h"
#include "tests/engine/snapshot/install_home.h"
#include "tests/engine/snapshot/test_state.h"
#include "tests/replication/node/manual_lane.h"
#include "tests/replication/node/snapshot_home.h"
#include "tests/support/manual_clock.h"

namespace trimaran {
namespace {

using engine::kSnapshotAt;

class SnapshotInstallTest : public ::testing::Test {
 protected:
  SnapshotInstallTest() {
    env_.store = &store_;
    env_.lanes = {.raft = &raft_,
                  .log = &log_,
                  .apply = &apply_,
                  .maintenance = &maintenance_};
    env_.clock = &clock_;
    errands_.emplace(raft_, [this] { ++reports_; });
    applier_.emplace(
        store_, env_.lanes, clock_,
        Applier::Host{
            .change_members = nullptr,
            .applied = [this](auto, auto) { install_->OnApplierIdle(); },
            .failed = nullptr});
    install_.emplace(
        options_, env_, *errands_, *applier_,
        SnapshotInstall::Host{
            .done = [this](LogIndex index, const absl::Status& result) {
              EXPECT_EQ(index, kSnapshotAt.index);
              EXPECT_FALSE(result_.has_value()) << "told twice";
              result_ = result;
            }});
  }

  void Begin() {
    install_->Begin({.id = kSnapshotAt, .conf = {}}, ReceivedName(),
                    HardState{Term(5), ReplicaId(2), kSnapshotAt.index});
  }
  // All that can be done without time.
  void RunAll() {
    while (raft_.RunOne() || log_.RunOne() || apply_.RunOne() ||
           maintenance_.RunOne()) {
      continue;
    }
  }
  // Runs tasks of the maintenance lane until another lane has something to do.
  void RunImport() {
    while (log_.idle() && apply_.idle() &&
           (raft_.RunOne() || maintenance_.RunOne())) {
      continue;
    }
  }
  uint64_t generation() { return store_.home().log().state().generation; }

  HomeStore store_;
  ManualClock clock_;
  ManualLane raft_;
  ManualLane log_;
  ManualLane apply_;
  ManualLane maintenance_;
  NodeEnvironment env_;
  NodeOptions options_;
  int reports_ = 0;
  std::optional<Errands> errands_;
  std::optional<Applier> applier_;
  std::optional<SnapshotInstall> install_;
  std::optional<absl::Status> result_;
};

// Covers: G10
TEST_F(SnapshotInstallTest, ReplacesStateAndLogWithTheHardStateOfTheCore) {
  Begin();
  RunImport();
  // All is imported, and nothing has changed.
  EXPECT_EQ(generation(), 1u);
  EXPECT_FALSE(log_.idle());
  ASSERT_TRUE(log_.RunOne());
  EXPECT_EQ(generation(), 2u);
  EXPECT_EQ(store_.machine().generation(), 1u);
  EXPECT_FALSE(result_.has_value());

  RunAll();
  ASSERT_TRUE(result_.has_value());
  EXPECT_TRUE(result_->ok()) << *result_;
  EXPECT_EQ(store_.machine().generation(), 2u);
  EXPECT_EQ(store_.home().log().state().hard_state,
            (HardState{Term(5), ReplicaId(2), kSnapshotAt.index}));
  EXPECT_TRUE(store_.home().files().List("/store/snap")->empty());
  EXPECT_EQ(errands_->running(), 0u);
}

TEST_F(SnapshotInstallTest, WaitsForWhatIsBeingApplied) {
  std::vector<LogEntry> entries =
      engine::PutEntries(engine::kCommon + 1, engine::kCommon + 2, Term(1));
  applier_->Submit(std::move(entries));
  ASSERT_TRUE(applier_->busy());
  Begin();
  EXPECT_TRUE(maintenance_.idle());
  // What comes meanwhile has to wait as well.
  applier_->Submit(
      engine::PutEntries(engine::kCommon + 2, engine::kCommon + 3, Term(1)));
  ASSERT_TRUE(apply_.RunOne());
  ASSERT_TRUE(raft_.RunOne());
  EXPECT_FALSE(applier_->busy());
  EXPECT_FALSE(maintenance_.idle());
  // As the core has it done before it says that a snapshot is to be installed.
  applier_->ForgetQueued();
  RunAll();
  ASSERT_TRUE(result_.has_value());
  EXPECT_TRUE(result_->ok()) << *result_;
}

TEST_F(SnapshotInstallTest, WithoutRoomItIsTriedAgainForAsLongAsItTakes) {
  // The switch needs a new segment of the log.
  store_.home().disk().SetCapacity(0);
  absl::Status full;
  for (LogIndex next = engine::kTailEnd + 1; full.ok(); ++next) {
    const auto entries = engine::PutEntries(next, next + 1, Term(1));
    full = store_.home().log().Append({entries, std::nullopt, true});
  }
  ASSERT_TRUE(absl::IsResourceExhausted(full)) << full;
  Begin();
  for (int i = 0; i < 3; ++i) {
    RunAll();
    EXPECT_FALSE(result_.has_value());
    EXPECT_TRUE(install_->active());
    // Not before its time.
    install_->Tick();
    EXPECT_TRUE(maintenance_.idle());
    if (i == 2) store_.home().disk().SetCapacity(uint64_t{1} << 30);
    clock_.Advance(options_.snapshots.retry_after);
    install_->Tick();
  }
  RunAll();
  ASSERT_TRUE(result_.has_value());
  EXPECT_TRUE(result_->ok()) << *result_;
  EXPECT_EQ(store_.machine().generation(), generation());
  EXPECT_EQ(store_.home().records(), engine::RecordsOf(engine::NewState()));
}

TEST_F(SnapshotInstallTest, DamagedSnapshotEndsTheReplicaAndChangesNothing) {
  // Not by operator+, of which g++ 12 warns wrongly when it optimizes.
  std::string chunk(engine::kReceivedPath);
  chunk += "/chunk-000002";
  {
    auto file = store_.home().files().Open(chunk, engine::OpenMode::kReadWrite);
    ASSERT_TRUE(file.ok()) << file.status();
    ASSERT_TRUE((*file)->Write(40, "#").ok());
  }
  Begin();
  RunAll();
  ASSERT_TRUE(result_.has_value());
  EXPECT_TRUE(IsCorruption(*result_)) << *result_;
  EXPECT_EQ(generation(), 1u);
  EXPECT_EQ(store_.machine().generation(), 1u);
  EXPECT_EQ(errands_->running(), 0u);
}

// Another leader's, which did not all arrive, say, or was damaged since.
TEST_F(SnapshotInstallTest, OtherSnapshotOfTheSamePositionIsLeftAlone) {
  std::string other("/store/snap/");
  other += engine::IncomingName(kSnapshotAt, engine::SnapshotId(0xaaa));
  engine::TestState state;
  state.position.id = kSnapshotAt;
  auto writer = engine::SnapshotWriter::Start(
      store_.files(), other,
      {.id = engine::SnapshotId(0xaaa),
       .cluster = engine::kTestCluster,
       .group = engine::kTestGroup},
      std::make_unique<engine::TestExport>(state), {});
  ASSERT_TRUE(writer.ok()) << writer.status();
  while (!(*writer)->progress().done) ASSERT_TRUE((*writer)->Step().ok());

  Begin();
  RunAll();
  ASSERT_TRUE(result_.has_value());
  EXPECT_TRUE(result_->ok()) << *result_;
  EXPECT_EQ(store_.home().records(), engine::RecordsOf(engine::NewState()));
  EXPECT_TRUE(store_.files().List(other).ok());
}

TEST_F(SnapshotInstallTest, SnapshotOfAnotherPositionEndsTheReplica) {
  install_->Begin({.id = {kSnapshotAt.index, Term(3)}, .conf = {}},
                  ReceivedName(), std::nullopt);
  RunAll();
  ASSERT_TRUE(result_.has_value());
  EXPECT_TRUE(absl::IsFailedPrecondition(*result_)) << *result_;
  EXPECT_EQ(generation(), 1u);
}

TEST_F(SnapshotInstallTest, SnapshotThatIsNotThereEndsTheReplica) {
  install_->Begin({.id = kSnapshotAt, .conf = {}},
                  engine::IncomingName(kSnapshotAt, engine::SnapshotId(1)),
                  std::nullopt);
  RunAll();
  ASSERT_TRUE(result_.has_value());
  EXPECT_TRUE(absl::IsNotFound(*result_)) << *result_;
  EXPECT_EQ(generation(), 1u);
}

TEST_F(SnapshotInstallTest, StopWhileItImportsGivesUpAndChangesNothing) {
  Begin();
  // Opened; the first step is on its way.
  ASSERT_TRUE(maintenance_.RunOne());
  ASSERT_TRUE(raft_.RunOne());
  ASSERT_FALSE(maintenance_.idle());
  install_->Stop();
  EXPECT_FALSE(result_.has_value()) << "its step is still under way";
  RunAll();
  ASSERT_TRUE(result_.has_value());
  EXPECT_TRUE(absl::IsCancelled(*result_)) << *result_;
  EXPECT_EQ(generation(), 1u);
  EXPECT_EQ(errands_->running(), 0u);
}

TEST_F(SnapshotInstallTest, StopBehindTheSwitchActivatesFirst) {
  Begin();
  RunImport();
  ASSERT_TRUE(log_.RunOne());
  install_->Stop();
  RunAll();
  ASSERT_TRUE(result_.has_value());
  EXPECT_TRUE(result_->ok()) << *result_;
  EXPECT_EQ(generation(), 2u);
  EXPECT_EQ(store_.machine().generation(), 2u);
  // What is left is removed when the store is opened again.
  EXPECT_FALSE(store_.home().files().List("/store/snap")->empty());
  EXPECT_EQ(errands_->running(), 0u);
}

}  // namespace
}  // namespace trimaran
