// Goal: what an operator asks of a replica is done, and shows in its status.

#include "trimaran/admin.h"

#include <atomic>
#include <filesystem>
#include <fstream>
#include <future>
#include <memory>
#include <string>
#include <thread>
#include <vector>

#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "gtest/gtest.h"
#include "tests/api/group.h"
#include "tests/api/test_directory.h"
#include "tests/support/node/blocking.h"
#include "trimaran/db.h"
#include "trimaran/errors.h"

namespace trimaran {
namespace {

using absl::StatusCode;

// ---- One replica ----

class AdminTest : public ::testing::Test {
 protected:
  AdminTest() { db_ = Open(SmallOptions(), "db"); }

  std::unique_ptr<DB> Open(const Options& options, const std::string& name) {
    auto opened = DB::Open(options, directory_.path(name));
    EXPECT_TRUE(opened.ok()) << opened.status();
    return *std::move(opened);
  }
  Admin& admin() { return db_->admin(); }
  ReplicaStatus Status() {
    auto status = admin().GetStatus();
    EXPECT_TRUE(status.ok()) << status.status();
    return *std::move(status);
  }
  CommitInfo Fill(int rows) {
    CommitInfo last;
    for (int i = 0; i < rows; ++i) {
      const auto put = db_->Put(absl::StrCat("key", i), std::string(100, 'v'));
      EXPECT_TRUE(put.ok()) << put.status();
      last = put.value_or(CommitInfo());
    }
    return last;
  }

  TestDirectory directory_;
  std::unique_ptr<DB> db_;
};

TEST_F(AdminTest, StatusTellsWhoAndHowFar) {
  const auto put = db_->Put("key", "v");
  ASSERT_TRUE(put.ok());
  const ReplicaStatus status = Status();
  EXPECT_EQ(status.cluster.size(), 32U);
  EXPECT_EQ(status.replica_id, 1U);
  EXPECT_NE(status.store_id, 0U);
  EXPECT_EQ(status.role, ReplicaRole::kLeader);
  EXPECT_EQ(status.leader, 1U);
  ASSERT_EQ(status.members.size(), 1U);
  EXPECT_EQ(status.members[0].id, 1U);
  EXPECT_TRUE(status.members[0].voter);
  EXPECT_EQ(status.applied, (LogPlace{put->index, put->term}));
  EXPECT_GE(status.commit, put->index);
  EXPECT_GE(status.last.index, status.commit);
  EXPECT_EQ(status.missing_up_to, std::nullopt);
  EXPECT_TRUE(status.failure.ok()) << status.failure;
}

TEST_F(AdminTest, StatusSaysHowOldItIs) {
  ASSERT_TRUE(db_->Put("key", "v").ok());
  EXPECT_LT(Status().age, absl::Seconds(2));
  // The callback holds the replica up, as a disk would that does not answer.
  std::promise<void> called;
  std::promise<void> seen;
  WriteBatch batch;
  batch.Put("key", "w");
  db_->WriteAsync(batch, [&](const absl::StatusOr<CommitInfo>&) {
    called.set_value();
    seen.get_future().wait();
  });
  called.get_future().wait();
  EXPECT_TRUE(
      Eventually([&] { return Status().age >= absl::Milliseconds(500); }));
  seen.set_value();
}

TEST_F(AdminTest, MetricsAreOneSamplePerLine) {
  ASSERT_TRUE(db_->Put("key", "v").ok());
  const auto metrics = admin().GetMetrics();
  ASSERT_TRUE(metrics.ok()) << metrics.status();
  EXPECT_TRUE(absl::StrContains(*metrics, "\ntrimaran_is_leader 1\n"));
  EXPECT_TRUE(absl::StrContains(*metrics, "\ntrimaran_up 1\n"));
  EXPECT_TRUE(absl::StrContains(*metrics,
                                "# TYPE trimaran_log_writes_total counter\n"));
  EXPECT_TRUE(
      absl::StrContains(*metrics, "\ntrimaran_peer_active{peer=\"1\"} 1\n"));
}

TEST_F(AdminTest, CheckpointCoversWhatWasApplied) {
  const CommitInfo last = Fill(10);
  const auto place = admin().Checkpoint();
  ASSERT_TRUE(place.ok()) << place.status();
  EXPECT_EQ(place->index, last.index);
  EXPECT_EQ(Status().checkpoint, *place);
}

TEST_F(AdminTest, CompactedLogIsForgottenAndTheRowsAreThere) {
  const CommitInfo last = Fill(100);
  const auto compacted = admin().CompactLog(last.index);
  ASSERT_TRUE(compacted.ok()) << compacted.status();
  EXPECT_EQ(Status().truncated, (LogPlace{last.index, last.term}));
  EXPECT_EQ(admin().CompactLog(last.index - 1).status().code(),
            StatusCode::kOutOfRange);
  const auto beyond = admin().CompactLog(compacted->index + 1);
  EXPECT_EQ(beyond.status().code(), StatusCode::kFailedPrecondition);
  EXPECT_EQ(OutcomeOf(beyond.status()), WriteOutcome::kNotApplied);
  ASSERT_TRUE(admin().Checkpoint().ok());

  ASSERT_TRUE(db_->Close().ok());
  db_ = Open(SmallOptions(), "db");
  EXPECT_TRUE(db_->Get("key99").value().has_value());
  EXPECT_EQ(Status().truncated, (LogPlace{last.index, last.term}));
}

TEST(UpkeepTest, LogIsCompactedWhenItReachesBackTooFar) {
  TestDirectory directory;
  Options options = SmallOptions();
  options.log_writes_max = 100;
  const auto db = DB::Open(options, directory.path());
  ASSERT_TRUE(db.ok()) << db.status();
  for (int i = 0; i < 300; ++i) {
    ASSERT_TRUE((*db)->Put(absl::StrCat(i), "v").ok());
  }
  EXPECT_TRUE(Eventually(
      [&] { return (*db)->admin().GetStatus()->truncated.index > 100; }));
}

TEST(UpkeepTest, CheckpointsComeAsOftenAsTheOptionsSay) {
  TestDirectory directory;
  Options options = SmallOptions();
  options.checkpoint_bytes = uint64_t{1} << 20;
  const auto db = DB::Open(options, directory.path());
  ASSERT_TRUE(db.ok()) << db.status();
  const uint64_t before = (*db)->admin().GetStatus()->checkpoint.index;
  for (int i = 0; i < 20; ++i) {
    ASSERT_TRUE((*db)->Put("key", std::string(100'000, 'v')).ok());
  }
  EXPECT_TRUE(Eventually(
      [&] { return (*db)->admin().GetStatus()->checkpoint.index > before; }));
}

TEST(UpkeepTest, WritesAreRefusedWhereTheDiskHasTooLittleRoom) {
  TestDirectory directory;
  Options options = SmallOptions();
  // More than there is anywhere.
  options.free_bytes_min = uint64_t{1} << 60;
  const auto db = DB::Open(options, directory.path());
  ASSERT_TRUE(db.ok()) << db.status();
  absl::Status refused;
  EXPECT_TRUE(Eventually([&] {
    refused = (*db)->Put("key", "v").status();
    return !refused.ok();
  }));
  EXPECT_EQ(refused.code(), absl::StatusCode::kResourceExhausted) << refused;
  EXPECT_EQ(OutcomeOf(refused), WriteOutcome::kNotApplied);
  EXPECT_TRUE((*db)->Get("key").ok());
}

TEST_F(AdminTest, OpenDatabaseCanBeVerified) {
  Fill(10);
  for (const VerifyDepth depth : {VerifyDepth::kQuick, VerifyDepth::kFull}) {
    const auto result = admin().Verify(depth);
    ASSERT_TRUE(result.ok()) << result.status();
    EXPECT_FALSE(result->damaged);
    EXPECT_GT(result->examined, 0U);
  }
}

TEST_F(AdminTest, ClosedDirectoryCanBeVerified) {
  Fill(10);
  EXPECT_EQ(VerifyDirectory(directory_.path("db"), VerifyDepth::kFull)
                .status()
                .code(),
            StatusCode::kUnavailable);
  ASSERT_TRUE(db_->Close().ok());
  const auto result =
      VerifyDirectory(directory_.path("db"), VerifyDepth::kFull);
  ASSERT_TRUE(result.ok()) << result.status();
  EXPECT_FALSE(result->damaged);
  EXPECT_EQ(VerifyDirectory(directory_.path("none"), VerifyDepth::kFull)
                .status()
                .code(),
            StatusCode::kNotFound);
}

TEST_F(AdminTest, DamageIsFound) {
  Fill(10);
  ASSERT_TRUE(db_->Close().ok());
  for (const auto& file :
       std::filesystem::directory_iterator(directory_.path("db/log"))) {
    std::fstream bytes(file.path(),
                       std::ios::in | std::ios::out | std::ios::binary);
    bytes.seekp(0);
    bytes << "damaged!";
  }
  const auto result =
      VerifyDirectory(directory_.path("db"), VerifyDepth::kQuick);
  ASSERT_TRUE(result.ok()) << result.status();
  EXPECT_TRUE(result->damaged);
  EXPECT_FALSE(result->findings.empty());
}

TEST_F(AdminTest, BackupBecomesADatabaseOfItsOwn) {
  const CommitInfo last = Fill(50);
  const std::string backup = directory_.path("backup");
  const auto info = admin().CreateBackup(backup);
  ASSERT_TRUE(info.ok()) << info.status();
  EXPECT_EQ(info->place, (LogPlace{last.index, last.term}));
  EXPECT_GE(info->rows, 50U);
  ASSERT_TRUE(db_->Put("after", "the backup").ok());
  const absl::Status again = admin().CreateBackup(backup).status();
  EXPECT_EQ(again.code(), StatusCode::kAlreadyExists);
  EXPECT_EQ(OutcomeOf(again), WriteOutcome::kNotApplied);

  const std::string restored_path = directory_.path("restored");
  ASSERT_TRUE(RestoreFromBackup(SmallOptions(), backup, restored_path).ok());
  EXPECT_EQ(RestoreFromBackup(SmallOptions(), backup, restored_path).code(),
            StatusCode::kAlreadyExists);
  const auto restored = Open(SmallOptions(), "restored");
  EXPECT_EQ(restored->Get("key49").value(), std::string(100, 'v'));
  EXPECT_EQ(restored->Get("after").value(), std::nullopt);
  EXPECT_NE(restored->admin().GetStatus()->cluster, Status().cluster);
  ASSERT_TRUE(restored->Put("more", "v").ok());
}

TEST_F(AdminTest, BackupIsNotRestoredIntoItsOwnCluster) {
  Fill(1);
  const std::string backup = directory_.path("backup");
  ASSERT_TRUE(admin().CreateBackup(backup).ok());
  Options options = SmallOptions();
  options.cluster = Status().cluster;
  EXPECT_EQ(
      RestoreFromBackup(options, backup, directory_.path("restored")).code(),
      StatusCode::kInvalidArgument);
  EXPECT_FALSE(RestoreFromBackup(SmallOptions(), directory_.path("none"),
                                 directory_.path("restored"))
                   .ok());
}

TEST_F(AdminTest, BackupBecomesAGroup) {
  Fill(10);
  const std::string backup = directory_.path("backup");
  ASSERT_TRUE(admin().CreateBackup(backup).ok());
  Options options = SmallOptions();
  options.cluster = "restored";
  options.network = std::make_shared<InProcessNetwork>();
  for (uint64_t id = 1; id <= 3; ++id) options.founders[id] = {};
  std::vector<std::unique_ptr<DB>> replicas;
  for (uint64_t id = 1; id <= 3; ++id) {
    options.replica_id = id;
    const absl::Status restored =
        RestoreFromBackup(options, backup, directory_.path(absl::StrCat(id)));
    ASSERT_TRUE(restored.ok()) << restored;
    replicas.push_back(Open(options, absl::StrCat(id)));
  }
  const auto put = replicas[0]->Put("more", "v");
  ASSERT_TRUE(put.ok()) << put.status();
  for (const auto& replica : replicas) {
    EXPECT_EQ(replica->Get("key9").value(), std::string(100, 'v'));
    EXPECT_EQ(replica->Get("more").value(), "v");
  }
}

// More than there are sessions of the storage library.
TEST_F(AdminTest, ManyVerificationsLeaveRoomForReads) {
  WriteBatch batch;
  for (int i = 0; i < 9000; ++i) batch.Put(absl::StrCat(i), "v");
  ASSERT_TRUE(db_->Write(batch).ok());
  std::vector<std::thread> callers;
  std::atomic<int> verified = 0;
  for (int i = 0; i < 120; ++i) {
    callers.emplace_back([&] {
      const auto result = admin().Verify(VerifyDepth::kFull);
      EXPECT_TRUE(result.ok()) << result.status();
      ++verified;
    });
  }
  while (verified < 120) {
    const auto value = db_->Get("7");
    EXPECT_TRUE(value.ok()) << value.status();
  }
  for (std::thread& caller : callers) caller.join();
}

TEST_F(AdminTest, LongWorkEndsAtItsDeadline) {
  Fill(10);
  EXPECT_EQ(admin().Checkpoint(absl::ZeroDuration()).status().code(),
            StatusCode::kDeadlineExceeded);
  const std::string backup = directory_.path("backup");
  const absl::Status late =
      admin().CreateBackup(backup, absl::ZeroDuration()).status();
  EXPECT_EQ(late.code(), StatusCode::kDeadlineExceeded);
  EXPECT_EQ(OutcomeOf(late), WriteOutcome::kNotApplied);
  // It was not begun.
  EXPECT_TRUE(admin().CreateBackup(backup).ok());
}

TEST_F(AdminTest, CloseEndsLongWorkWhetherOrNotSomebodyWaitsForIt) {
  WriteBatch batch;
  for (int i = 0; i < 100; ++i) {
    batch.Put(absl::StrCat(i), std::string(100000, 'v'));
  }
  for (int round = 0; round < 5; ++round) {
    ASSERT_TRUE(db_->Write(batch).ok());
    const std::string backup = directory_.path(absl::StrCat("backup", round));
    // Given up at once, while its first step is about to begin; or, where this
    // thread is the slower one, done.
    (void)admin().CreateBackup(backup, absl::Nanoseconds(1));
    (void)admin().Checkpoint(absl::Nanoseconds(1));
    std::thread waiter([&] {
      // It ends in time, is stopped, or comes too late.
      (void)admin().CreateBackup(absl::StrCat(backup, "-2"));
    });
    EXPECT_TRUE(db_->Close().ok());
    waiter.join();
    db_ = Open(SmallOptions(), "db");
  }
}

TEST_F(AdminTest, CallbackMayLookButNotWait) {
  Later<bool> ended;
  db_->WriteAsync({}, [&](const auto&) {
    EXPECT_TRUE(admin().GetStatus().ok());
    EXPECT_EQ(admin().Checkpoint().status().code(),
              StatusCode::kFailedPrecondition);
    EXPECT_EQ(admin().TransferLeadership(1).code(),
              StatusCode::kFailedPrecondition);
    ended.Set(true);
  });
  (void)ended.Wait();
}

TEST_F(AdminTest, AfterCloseEverythingIsRefused) {
  ASSERT_TRUE(db_->Close().ok());
  constexpr StatusCode kClosed = StatusCode::kFailedPrecondition;
  EXPECT_EQ(admin().GetStatus().status().code(), kClosed);
  EXPECT_EQ(admin().GetMetrics().status().code(), kClosed);
  EXPECT_EQ(admin().TransferLeadership(1).code(), kClosed);
  EXPECT_EQ(admin().AddLearner(2, {}).code(), kClosed);
  EXPECT_EQ(admin().Promote(2).code(), kClosed);
  EXPECT_EQ(admin().Remove(2).code(), kClosed);
  EXPECT_EQ(admin().UpdateMember(1, {}).code(), kClosed);
  EXPECT_EQ(admin().Checkpoint().status().code(), kClosed);
  EXPECT_EQ(admin().CompactLog(1).status().code(), kClosed);
  EXPECT_EQ(admin().CreateBackup("backup").status().code(), kClosed);
  EXPECT_EQ(admin().Verify(VerifyDepth::kQuick).status().code(), kClosed);
}

TEST_F(AdminTest, SingleReplicaKeepsItsOnlyVoter) {
  EXPECT_EQ(admin().Remove(1).code(), StatusCode::kFailedPrecondition);
  EXPECT_EQ(admin().Remove(2).code(), StatusCode::kNotFound);
  EXPECT_EQ(admin().AddLearner(1, {}).code(), StatusCode::kAlreadyExists);
  EXPECT_EQ(admin().Promote(1).code(), StatusCode::kFailedPrecondition);
}

// ---- A group ----

uint64_t LeaderOf(Group& group, uint64_t asked) {
  EXPECT_TRUE(group.at(asked).Put("who leads", "v").ok());
  return group.at(asked).admin().GetStatus()->leader;
}

TEST(GroupAdminTest, LeadershipGoesToTheSuccessor) {
  Group group(3);
  const uint64_t leader = LeaderOf(group, 1);
  const uint64_t successor = leader % 3 + 1;
  const uint64_t third = successor % 3 + 1;
  const absl::Status refused = group.at(third).admin().TransferLeadership(1);
  EXPECT_TRUE(IsNotLeader(refused)) << refused;
  const absl::Status moved =
      group.at(leader).admin().TransferLeadership(successor);
  ASSERT_TRUE(moved.ok()) << moved;
  EXPECT_EQ(LeaderOf(group, third), successor);
}

TEST(GroupAdminTest, LeaderThatClosesHandsItsOfficeOn) {
  Group group(3);
  const uint64_t leader = LeaderOf(group, 1);
  const uint64_t other = leader % 3 + 1;
  group.Stop(leader);
  const auto status = group.at(other).admin().GetStatus();
  ASSERT_TRUE(status.ok());
  EXPECT_NE(LeaderOf(group, other), leader);
}

TEST(GroupAdminTest, MembersComeAndGo) {
  Group group(3);
  const uint64_t leader = LeaderOf(group, 1);
  Admin& admin = group.at(leader).admin();
  Admin& other = group.at(leader % 3 + 1).admin();
  EXPECT_TRUE(IsNotLeader(other.AddLearner(4, {})));
  EXPECT_TRUE(IsNotLeader(other.Remove(1)));
  EXPECT_TRUE(IsNotLeader(other.Promote(4)));

  const MemberInfo info{.name = "newcomer", .address = "there"};
  const absl::Status added = admin.AddLearner(4, info);
  ASSERT_TRUE(added.ok()) << added;
  ReplicaStatus status = *admin.GetStatus();
  ASSERT_EQ(status.members.size(), 4U);
  EXPECT_EQ(status.members[3].info, info);
  EXPECT_FALSE(status.members[3].voter);
  // It has never been heard of.
  EXPECT_EQ(admin.Promote(4).code(), StatusCode::kFailedPrecondition);

  const MemberInfo moved{.name = "newcomer", .address = "elsewhere"};
  ASSERT_TRUE(other.UpdateMember(4, moved).ok());
  EXPECT_EQ(other.GetStatus()->members[3].info, moved);
  // What is left out is not forgotten.
  ASSERT_TRUE(other.UpdateMember(4, {.name = "four", .address = ""}).ok());
  const WriteOptions soon{.timeout = absl::Milliseconds(100)};
  EXPECT_FALSE(admin.AddVoter(4, {.name = "4", .address = ""}, soon).ok());
  const MemberInfo kept{.name = "4", .address = "elsewhere"};
  EXPECT_EQ(admin.GetStatus()->members[3].info, kept);
  EXPECT_EQ(other.UpdateMember(5, moved).code(), StatusCode::kNotFound);

  const absl::Status removed = admin.Remove(4);
  ASSERT_TRUE(removed.ok()) << removed;
  EXPECT_EQ(admin.GetStatus()->members.size(), 3U);
}

TEST(GroupAdminTest, GroupGoesOnWithoutARemovedVoter) {
  Group group(3);
  const uint64_t leader = LeaderOf(group, 1);
  const uint64_t removed = leader % 3 + 1;
  const uint64_t stays = removed % 3 + 1;
  ASSERT_TRUE(group.at(leader).admin().Remove(removed).ok());
  group.Stop(removed);
  EXPECT_TRUE(group.at(stays).Put("key", "v").ok());
  EXPECT_EQ(group.at(leader).Get("key").value(), "v");
}

TEST(GroupAdminTest, LeaderKnowsHowFarTheOthersAre) {
  Group group(3);
  const uint64_t leader = LeaderOf(group, 1);
  const auto put = group.at(leader).Put("key", "v");
  ASSERT_TRUE(put.ok());
  const ReplicaStatus status = *group.at(leader).admin().GetStatus();
  EXPECT_EQ(status.peers.size(), 3U);
  EXPECT_TRUE(group.at(leader % 3 + 1).admin().GetStatus()->peers.empty());
}

}  // namespace
}  // namespace trimaran
