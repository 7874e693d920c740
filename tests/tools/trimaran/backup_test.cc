// Goal: `trimaran backup` saves everything that a store knows to be committed
// and `trimaran restore` gives it back, each as a whole or not at all, and each
// says by its exit code what is wrong. Method: runs of the real program on
// databases of the public API, closed, as a crash leaves them, and at work.

#include <stdlib.h>
#include <unistd.h>

#include <algorithm>
#include <filesystem>
#include <fstream>
#include <memory>
#include <string>
#include <vector>

#include "absl/strings/str_cat.h"
#include "gmock/gmock.h"
#include "gtest/gtest.h"
#include "tests/api/group.h"
#include "tests/tools/trimaran/program_run.h"
#include "tests/tools/trimaran/saved_database.h"
#include "trimaran/admin.h"

namespace trimaran::tool {
namespace {

using ::testing::HasSubstr;
using ::testing::IsEmpty;

namespace fs = std::filesystem;

class BackupTest : public ::testing::Test {
 protected:
  void SetUp() override {
    auto opened = DB::Open(SmallOptions(), store_);
    ASSERT_TRUE(opened.ok()) << opened.status();
    db_ = *std::move(opened);
    Fill(*db_, 0, 100, 100, rows_);
  }
  void Close() {
    ASSERT_TRUE(db_->Close().ok());
    db_.reset();
  }
  Outcome Backup(const std::string& options = "") {
    return Trimaran(absl::StrCat("backup ", options, store_, " ", backup_));
  }
  Outcome Restore(const std::string& options = "--cluster=new --replica=1 ") {
    return Trimaran(absl::StrCat("restore ", options, backup_, " ", restored_));
  }
  // Whatever is beside the store, and beside the backup.
  std::vector<std::string> Names() const {
    std::vector<std::string> names;
    for (const auto& entry : fs::directory_iterator(directory_.root())) {
      names.push_back(entry.path().filename());
    }
    std::sort(names.begin(), names.end());
    return names;
  }
  void ExpectRestoredRows() {
    const auto restored = OpenDatabase(restored_);
    ASSERT_NE(restored, nullptr);
    EXPECT_EQ(Difference(RowsOf(*restored), rows_), "");
  }

  TestDirectory directory_;
  const std::string store_ = directory_.path("store");
  const std::string backup_ = directory_.path("backup");
  const std::string restored_ = directory_.path("restored");
  std::unique_ptr<DB> db_;
  Rows rows_;
};

TEST_F(BackupTest, ClosedStoreIsSavedAndRestored) {
  Close();
  const Image before = ImageOf(store_);

  const Outcome saved = Backup();

  EXPECT_EQ(saved.code, 0) << saved.err;
  EXPECT_THAT(saved.out, HasSubstr("  applied from log  0\n"));
  EXPECT_EQ(ImageOf(store_), before);
  EXPECT_EQ(Trimaran("verify --deep " + backup_).code, 0);
  const Outcome restored = Restore();
  EXPECT_EQ(restored.code, 0) << restored.err;
  EXPECT_THAT(Names(), ::testing::ElementsAre("backup", "restored", "store"));
  ExpectRestoredRows();
}

TEST_F(BackupTest, WhatACrashHasLeftInTheLogIsSavedAsWell) {
  ASSERT_TRUE(db_->admin().Checkpoint().ok());
  Fill(*db_, 100, 1000, 100, rows_);
  ASSERT_TRUE(db_->Put("last", "acknowledged").ok());
  rows_["last"] = "acknowledged";
  const std::string crashed = directory_.path("crashed");
  CopyAsIs(store_, crashed);
  const Image before = ImageOf(crashed);

  const Outcome saved =
      Trimaran(absl::StrCat("backup --json ", crashed, " ", backup_));

  EXPECT_EQ(saved.code, 0) << saved.err;
  EXPECT_NE(JsonField(saved.out, "applied_from_log"), "0");
  EXPECT_EQ(JsonField(saved.out, "undecided"), "0");
  EXPECT_EQ(ImageOf(crashed), before);
  EXPECT_EQ(Restore().code, 0);
  ExpectRestoredRows();
}

TEST_F(BackupTest, SavedStateIsThatOfTheOpenDatabase) {
  // Behind the backup nothing may be applied, and a replica that has just been
  // founded applies more than what it is asked to.
  const std::string hot_backup = directory_.path("hot");
  uint64_t applied = 0;
  do {
    fs::remove_all(hot_backup);
    const auto made = db_->admin().CreateBackup(hot_backup);
    ASSERT_TRUE(made.ok()) << made.status();
    applied = made->place.index;
  } while (db_->admin().GetStatus()->applied.index != applied);
  Close();
  const Outcome saved = Backup("--json ");
  const Outcome hot =
      Trimaran("verify --deep --json " + directory_.path("hot"));
  EXPECT_EQ(saved.code, 0) << saved.err;
  EXPECT_EQ(hot.code, 0);
  EXPECT_EQ(JsonField(saved.out, "state_hash"),
            JsonField(hot.out, "state_hash"));
  const Outcome restored = Restore("--json --cluster=new --replica=7 ");
  EXPECT_EQ(JsonField(restored.out, "from_cluster"),
            JsonField(saved.out, "cluster"));
  EXPECT_EQ(JsonField(restored.out, "rows"), JsonField(saved.out, "rows"));
  EXPECT_EQ(JsonField(restored.out, "replica"), "7");
}

TEST_F(BackupTest, BackupBecomesAGroup) {
  Close();
  ASSERT_EQ(Backup().code, 0);
  Options options = SmallOptions();
  options.cluster = "three";
  options.network = std::make_shared<InProcessNetwork>();
  std::vector<std::unique_ptr<DB>> replicas;
  for (const uint64_t id : {1u, 2u, 3u}) {
    options.founders[id] = {.name = "", .address = "here"};
  }
  for (const uint64_t id : {1u, 2u, 3u}) {
    const std::string path = directory_.path(absl::StrCat(id));
    const Outcome run = Trimaran(absl::StrCat(
        "restore --cluster three --founder 1=db1:7,first --founder 2=db2:7 "
        "--founder 3=db3:7 --replica ",
        id, " ", backup_, " ", path));
    ASSERT_EQ(run.code, 0) << run.err;
    options.replica_id = id;
    replicas.push_back(OpenDatabase(path, options));
    ASSERT_NE(replicas.back(), nullptr);
  }
  ASSERT_TRUE(replicas[1]->Put("more", "v").ok());
  rows_["more"] = "v";
  for (const auto& replica : replicas) {
    EXPECT_EQ(Difference(RowsOf(*replica), rows_), "");
  }
}

// ---- Where the log cannot be relied on ----

class LogLostTest : public BackupTest {
 protected:
  // 100 rows are in the last checkpoint, and more in the log behind it.
  void SetUp() override {
    BackupTest::SetUp();
    ASSERT_TRUE(db_->admin().Checkpoint().ok());
    Rows more;
    Fill(*db_, 100, 2000, 100, more);
    CopyAsIs(store_, crashed_);
    Close();
    fs::remove_all(store_);
    fs::rename(crashed_, store_);
  }
  void ExpectCheckpointIsSaved() {
    const Image before = ImageOf(store_);
    const Outcome refused = Backup();
    EXPECT_EQ(refused.code, 5);
    EXPECT_THAT(refused.err, HasSubstr("--without-log"));
    const Outcome saved = Backup("--without-log ");
    EXPECT_EQ(saved.code, 0) << saved.err;
    EXPECT_THAT(saved.out, HasSubstr("What was written behind entry"));
    EXPECT_EQ(ImageOf(store_), before);
    EXPECT_EQ(Restore().code, 0);
    ExpectRestoredRows();
  }
  const std::string crashed_ = directory_.path("crashed");
};

TEST_F(LogLostTest, CheckpointIsSavedWithoutALogThatIsDamaged) {
  for (const auto& segment : fs::directory_iterator(store_ + "/log")) {
    if (fs::file_size(segment) < 20000) continue;
    Overwrite(segment, 10000, "damage");
  }
  ExpectCheckpointIsSaved();
}

TEST_F(LogLostTest, CheckpointIsSavedWithoutALogThatIsGone) {
  fs::remove_all(store_ + "/log");
  ExpectCheckpointIsSaved();
}

TEST_F(LogLostTest, CheckpointIsSavedWithoutALogAndWithoutAFloor) {
  fs::remove_all(store_ + "/log");
  fs::remove(store_ + "/FLOOR");
  ExpectCheckpointIsSaved();
}

// As a disk leaves it that has lost what it had said to be durable.
TEST_F(LogLostTest, CheckpointIsSavedWithALogThatEndsBeforeIt) {
  const std::string early = directory_.path("early");
  CopyAsIs(store_, early);
  {
    const auto database = OpenDatabase(store_);
    ASSERT_NE(database, nullptr);
    Fill(*database, 0, 2200, 100, rows_);
    ASSERT_TRUE(database->Close().ok());
  }
  fs::remove_all(store_ + "/log");
  CopyAsIs(early + "/log", store_ + "/log");
  ExpectCheckpointIsSaved();
}

TEST_F(LogLostTest, StateThatIsDamagedIsRefusedAllTheSame) {
  fs::remove_all(store_ + "/log");
  for (const auto& table : fs::directory_iterator(store_ + "/kv")) {
    if (table.path().extension() != ".wt") continue;
    for (std::streamoff at = 4096 + 100;
         at < static_cast<std::streamoff>(fs::file_size(table)); at += 4096) {
      Overwrite(table, at, "damage");
    }
  }
  const Outcome run = Backup("--without-log ");
  EXPECT_EQ(run.code, 5);
  EXPECT_THAT(run.err, HasSubstr("no backup is made of it"));
  EXPECT_FALSE(fs::exists(backup_));
}

// ---- What is refused ----

TEST_F(BackupTest, WrongUsageIsTwo) {
  Close();
  EXPECT_EQ(Trimaran("backup " + store_).code, 2);
  const Outcome inside =
      Trimaran(absl::StrCat("backup ", store_, " ", store_, "/snap/b"));
  EXPECT_EQ(inside.code, 2);
  EXPECT_THAT(inside.err, HasSubstr("is within the store"));
  const Outcome saved = Backup("--json ");
  ASSERT_EQ(saved.code, 0) << saved.err;
  EXPECT_EQ(Restore("--cluster=new ").code, 2);
  EXPECT_EQ(Restore("--replica=1 ").code, 2);
  EXPECT_EQ(Restore("--cluster=new --replica=0 ").code, 2);
  EXPECT_EQ(Restore("--cluster=new --replica=1 --founder=x ").code, 2);
  EXPECT_EQ(Restore("--cluster=new --replica=1 --founder=2 ").code, 2);
  EXPECT_EQ(Restore("--cluster=new --replica=1 --founder=1 --founder=1 ").code,
            2);
  EXPECT_EQ(Restore("--cluster=new --replica=1 --founder=1 --founder=2 ").code,
            2)
      << "the others have to be found";
  const Outcome same = Restore(absl::StrCat(
      "--replica=1 --cluster=", JsonField(saved.out, "cluster"), " "));
  EXPECT_EQ(same.code, 2);
  EXPECT_THAT(same.err, HasSubstr("must be a cluster of its own"));
  EXPECT_THAT(same.err, HasSubstr("nothing was made at"));
  EXPECT_THAT(Names(), ::testing::ElementsAre("backup", "store"));
}

TEST_F(BackupTest, NothingThereIsThree) {
  EXPECT_EQ(Trimaran(absl::StrCat("backup ", restored_, " ", backup_)).code, 3);
  EXPECT_EQ(Restore().code, 3);
  Close();
  EXPECT_EQ(
      Trimaran(absl::StrCat("backup ", store_, " ", restored_, "/b")).code, 3);
  ASSERT_EQ(Backup().code, 0);
  const Outcome again =
      Trimaran(absl::StrCat("backup ", backup_, " ", restored_));
  EXPECT_EQ(again.code, 3) << "a backup is no store";
}

TEST_F(BackupTest, StoreInUseIsFour) {
  EXPECT_EQ(Backup().code, 4);
  EXPECT_FALSE(fs::exists(backup_));
}

TEST_F(BackupTest, DamageIsFive) {
  Close();
  ASSERT_EQ(Backup().code, 0);
  Overwrite(backup_ + "/chunk-000001", 100, "damage");
  EXPECT_EQ(Restore().code, 5);
  EXPECT_FALSE(fs::exists(restored_));
  fs::remove_all(backup_);
  Overwrite(store_ + "/FLOOR", 100, "damage");
  Overwrite(store_ + "/FLOOR", 4096 + 100, "damage");
  const Outcome run = Backup();
  EXPECT_EQ(run.code, 5);
  EXPECT_THAT(run.err, HasSubstr("no backup is made of it"));
  EXPECT_THAT(Names(), ::testing::ElementsAre("store"));
}

TEST_F(BackupTest, DamagedSnapshotOfAnotherTimeIsNoReasonToSaveNothing) {
  const std::string snapshot = store_ + "/snap/out-9-9";
  ASSERT_TRUE(db_->admin().CreateBackup(directory_.path("copy")).ok());
  Close();
  fs::rename(directory_.path("copy"), snapshot);
  Overwrite(snapshot + "/chunk-000001", 100, "damage");
  EXPECT_EQ(Trimaran("verify " + store_).code, 1);
  EXPECT_EQ(Backup().code, 0);
  EXPECT_EQ(Restore().code, 0);
  ExpectRestoredRows();
}

TEST_F(BackupTest, WhatIsThereIsNotTouchedAndIsNine) {
  Close();
  fs::create_directory(backup_);
  std::ofstream(backup_ + "/notes") << "mine";
  EXPECT_EQ(Backup().code, 9);
  EXPECT_EQ(Contents(backup_ + "/notes"), "mine");
  fs::remove_all(backup_);
  fs::create_directory(backup_);
  ASSERT_EQ(Backup().code, 0) << "an empty directory is free";

  fs::create_directory(restored_);
  std::ofstream(restored_ + "/notes") << "mine";
  EXPECT_EQ(Restore().code, 9);
  EXPECT_EQ(Contents(restored_ + "/notes"), "mine");
  fs::remove_all(restored_);
  fs::create_directory(restored_ + ".partial");
  std::ofstream(restored_ + ".partial/notes") << "mine";
  EXPECT_EQ(Restore().code, 9) << "that is no leftover";
  fs::remove_all(restored_ + ".partial");
  fs::create_directory(restored_);
  EXPECT_EQ(Restore().code, 0);
  EXPECT_EQ(Restore().code, 9);
}

TEST_F(BackupTest, FullDiskIsTenAndLeavesNothing) {
  Fill(*db_, 0, 3000, 4000, rows_);
  Close();
  const std::string small = directory_.path("small");
  fs::create_directory(small);
  const Outcome run = TrimaranOnSmallDisk(
      small, 70, absl::StrCat("backup ", store_, " ", small, "/b"));
  if (run.code == kNoSmallDisk) GTEST_SKIP() << "no mounts here";
  EXPECT_EQ(run.code, 10) << run.err;
  EXPECT_EQ(run.out, "");
  ASSERT_EQ(Backup().code, 0);
  for (const int megabytes : {1, 13, 16, 20, 24}) {
    const Outcome restore =
        TrimaranOnSmallDisk(small, megabytes,
                            absl::StrCat("restore --cluster=n --replica=1 ",
                                         backup_, " ", small, "/r"));
    EXPECT_EQ(restore.code, 10) << megabytes << ": " << restore.err;
    EXPECT_EQ(restore.out, "") << megabytes;
  }
}

// ---- Stopped anywhere ----

class StoppedBackupTest : public BackupTest {
 protected:
  void SetUp() override {
    BackupTest::SetUp();
    // A tenth of a second and more for each of the programs.
    ASSERT_TRUE(db_->admin().Checkpoint().ok());
    Fill(*db_, 0, 6000, 200, rows_);
    CopyAsIs(store_, crashed_);
    Close();
  }
  // Runs a command for that long. In the foreground, since `timeout` else sends
  // the signal twice, and the second one ends the program at once.
  Outcome For(int milliseconds, const std::string& signal,
              const std::string& words) {
    return Trimaran(
        words,
        absl::StrCat(
            "timeout --foreground --preserve-status --signal=", signal, " ",
            milliseconds / 1000, ".", milliseconds % 1000 < 100 ? "0" : "",
            milliseconds % 1000 < 10 ? "0" : "", milliseconds % 1000, " "));
  }

  // Of a machine that is busy, or a program that is watched.
  static constexpr int kPatienceMs = 60'000;

  const std::string crashed_ = directory_.path("crashed");
};

TEST_F(StoppedBackupTest, InterruptedThereIsNothingAndItSaysSo) {
  int interrupted = 0;
  for (int wait = 40; wait < kPatienceMs && !fs::exists(backup_);
       wait += wait / 2) {
    const Outcome run =
        For(wait, "INT", absl::StrCat("backup ", crashed_, " ", backup_));
    if (fs::exists(backup_)) break;
    EXPECT_THAT(Names(), ::testing::ElementsAre("crashed", "store"));
    if (run.err.empty()) continue;  // before it could catch the signal
    ++interrupted;
    EXPECT_EQ(run.code, 130);
    EXPECT_THAT(run.err, HasSubstr("stopped "));
    EXPECT_THAT(run.err, HasSubstr("nothing was made at"));
  }
  EXPECT_GT(interrupted, 0);
  EXPECT_EQ(Trimaran("verify --deep " + backup_).code, 0);
}

TEST_F(StoppedBackupTest, InterruptedRestoreLeavesNothing) {
  ASSERT_EQ(Trimaran(absl::StrCat("backup ", crashed_, " ", backup_)).code, 0);
  int interrupted = 0;
  for (int wait = 40; wait < kPatienceMs && !fs::exists(restored_);
       wait += wait / 2) {
    const Outcome run = For(wait, "INT",
                            absl::StrCat("restore --cluster=n --replica=1 ",
                                         backup_, " ", restored_));
    if (fs::exists(restored_)) break;
    EXPECT_THAT(Names(), ::testing::ElementsAre("backup", "crashed", "store"));
    if (run.err.empty()) continue;
    ++interrupted;
    EXPECT_EQ(run.code, 130);
    EXPECT_THAT(run.err, HasSubstr("nothing was made at"));
  }
  EXPECT_GT(interrupted, 0);
  ExpectRestoredRows();
}

TEST_F(StoppedBackupTest, KilledAnywhereItIsThereAsAWholeOrNotAtAll) {
  for (int wait = 15; wait < 4000 && !fs::exists(backup_); wait += wait / 3) {
    For(wait, "KILL", absl::StrCat("backup ", crashed_, " ", backup_));
  }
  // On a machine that is too slow for that.
  if (!fs::exists(backup_)) {
    Trimaran(absl::StrCat("backup ", crashed_, " ", backup_));
  }
  EXPECT_EQ(Trimaran("verify --deep " + backup_).code, 0);
  for (int wait = 15; wait < 4000 && !fs::exists(restored_); wait += wait / 3) {
    For(wait, "KILL",
        absl::StrCat("restore --cluster=n --replica=1 ", backup_, " ",
                     restored_));
  }
  if (!fs::exists(restored_)) {
    EXPECT_EQ(Restore().code, 0);
  }
  ExpectRestoredRows();
  EXPECT_EQ(Trimaran("verify --deep " + restored_).code, 0);
}

TEST_F(StoppedBackupTest, WhatAKillLeavesIsRemovedByTheNextAttempt) {
  For(120, "KILL", absl::StrCat("backup ", crashed_, " ", backup_));
  fs::remove_all(backup_);
  ASSERT_EQ(Trimaran(absl::StrCat("backup ", crashed_, " ", backup_)).code, 0);
  For(120, "KILL",
      absl::StrCat("restore --cluster=n --replica=1 ", backup_, " ",
                   restored_));
  fs::remove_all(restored_);
  ASSERT_EQ(Restore().code, 0);
  EXPECT_THAT(Names(),
              ::testing::ElementsAre("backup", "crashed", "restored", "store"));
}

}  // namespace
}  // namespace trimaran::tool
