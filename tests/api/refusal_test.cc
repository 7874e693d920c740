// Goal: each error that the headers promise is what a caller gets, and leaves
// everything as it was.

#include <sys/stat.h>
#include <unistd.h>

#include <atomic>
#include <filesystem>
#include <fstream>
#include <memory>
#include <string>
#include <thread>
#include <vector>

#include "absl/strings/str_cat.h"
#include "engine/file/posix_file_system.h"
#include "engine/file/work_directory.h"
#include "gtest/gtest.h"
#include "tests/api/group.h"
#include "tests/api/test_directory.h"
#include "tests/support/node/blocking.h"
#include "trimaran/admin.h"
#include "trimaran/db.h"
#include "trimaran/errors.h"

namespace trimaran {
namespace {

using absl::StatusCode;

class RefusalTest : public ::testing::Test {
 protected:
  RefusalTest() { Open(SmallOptions()); }

  void Open(const Options& options) {
    db_.reset();
    auto opened = DB::Open(options, directory_.path());
    ASSERT_TRUE(opened.ok()) << opened.status();
    db_ = *std::move(opened);
  }

  TestDirectory directory_;
  std::unique_ptr<DB> db_;
};

// ---- Limits ----

TEST_F(RefusalTest, FamiliesHaveALimit) {
  for (int i = 1; i < 1024; ++i) {
    const auto family = db_->CreateColumnFamily(absl::StrCat(i));
    ASSERT_TRUE(family.ok()) << family.status();
  }
  const auto family = db_->CreateColumnFamily("one too many");
  EXPECT_EQ(family.status().code(), StatusCode::kResourceExhausted);
  EXPECT_EQ(OutcomeOf(family.status()), WriteOutcome::kNotApplied);
  ASSERT_TRUE(db_->DropColumnFamily("7").ok());
  EXPECT_TRUE(db_->CreateColumnFamily("just enough").ok());
}

TEST_F(RefusalTest, RangeOfMoreRowsThanAMillionIsNotDeleted) {
  for (int batch = 0; batch < 16; ++batch) {
    WriteBatch rows;
    for (int i = 0; i < 65536; ++i) rows.Put(absl::StrCat(batch, "-", i), "");
    ASSERT_TRUE(db_->Write(rows, {.timeout = absl::Seconds(60)}).ok());
  }
  const WriteOptions patient{.timeout = absl::Seconds(60)};
  const auto all = db_->DeleteRange(KeyRange::All(), patient);
  EXPECT_EQ(all.status().code(), StatusCode::kResourceExhausted);
  EXPECT_EQ(OutcomeOf(all.status()), WriteOutcome::kNotApplied);
  EXPECT_TRUE(db_->Get("15-65535").value().has_value());
  EXPECT_TRUE(db_->DeleteRange(KeyRange::Prefix("15-"), patient).ok());
  EXPECT_EQ(db_->Get("15-65535").value(), std::nullopt);
}

// ---- Time ----

TEST_F(RefusalTest, ReadThatNeedsNobodyNeedsNoTime) {
  ASSERT_TRUE(db_->Put("key", "v").ok());
  ReadOptions none;
  none.timeout = absl::ZeroDuration();
  EXPECT_EQ(db_->Get("key", none).value(), "v");
}

TEST(GroupRefusalTest, NoTimeIsNotEnoughToAskTheOthers) {
  Group group(3);
  ASSERT_TRUE(group.at(1).Put("key", "v").ok());
  for (const absl::Duration timeout :
       {absl::ZeroDuration(), -absl::Seconds(1), -absl::InfiniteDuration()}) {
    ReadOptions none;
    none.timeout = timeout;
    for (uint64_t id = 1; id <= 3; ++id) {
      EXPECT_EQ(group.at(id).Get("key", none).status().code(),
                StatusCode::kDeadlineExceeded);
      EXPECT_EQ(
          group.at(id).Scan(KeyRange::All(), {.read = none}).status().code(),
          StatusCode::kDeadlineExceeded);
    }
    none.level = ReadLevel::kLocal;
    EXPECT_TRUE(group.at(1).Get("key", none).ok());
  }
}

TEST(GroupRefusalTest, DefaultTimeoutIsForCallsThatNameNone) {
  Options options = SmallOptions();
  options.default_timeout = absl::Milliseconds(50);
  Group group(3, options);
  group.Stop(2);
  group.Stop(3);
  // As long as it leads, it takes the write, and does not know the end of it.
  ASSERT_TRUE(Eventually([&] {
    const auto status = group.at(1).admin().GetStatus();
    return status.ok() && status->leader == 0;
  }));
  const auto put = group.at(1).Put("key", "v");
  EXPECT_EQ(put.status().code(), StatusCode::kDeadlineExceeded);
  EXPECT_EQ(OutcomeOf(put.status()), WriteOutcome::kNotApplied);
  EXPECT_EQ(group.at(1).Get("key").status().code(),
            StatusCode::kDeadlineExceeded);
}

TEST(GroupRefusalTest, LeaseReadsSeeWhatWasAcknowledged) {
  Options options = SmallOptions();
  options.lease_reads = true;
  Group group(3, options);
  for (int i = 0; i < 30; ++i) {
    const uint64_t writer = static_cast<uint64_t>(i) % 3 + 1;
    ASSERT_TRUE(group.at(writer).Put("key", absl::StrCat(i)).ok());
    const auto value =
        group.at(writer % 3 + 1).Get("key", ReadOptions::Lease());
    ASSERT_TRUE(value.ok()) << value.status();
    EXPECT_EQ(*value, absl::StrCat(i));
  }
}

// ---- Callbacks ----

TEST_F(RefusalTest, CallbackMayThrowAnything) {
  Later<bool> logged;
  Options options = SmallOptions();
  options.log = [&](LogSeverity severity, std::string_view, std::string_view) {
    if (severity == LogSeverity::kError) logged.Set(true);
  };
  Open(options);
  Transaction transaction;
  transaction.then.Put("key", "v");
  db_->CommitAsync(transaction, [](const auto&) { throw 7; });
  EXPECT_TRUE(logged.Wait());
  EXPECT_EQ(db_->Get("key").value(), "v");
}

TEST_F(RefusalTest, CallbackThatHoldsUpTheLoopHoldsUpNobodyForGood) {
  Later<bool> may_end;
  Later<bool> begun;
  db_->WriteAsync({}, [&](const auto&) {
    begun.Set(true);
    (void)may_end.Wait();
  });
  (void)begun.Wait();
  const auto put = db_->Put("key", "v", {.timeout = absl::Milliseconds(10)});
  EXPECT_FALSE(put.ok());
  EXPECT_EQ(db_->Get("key", ReadOptions::Local()).value(), std::nullopt);
  std::thread closer([this] { EXPECT_TRUE(db_->Close().ok()); });
  may_end.Set(true);
  closer.join();
}

// ---- The directory ----

TEST_F(RefusalTest, DirectoryThatIsRemovedEndsTheDatabaseAndNotTheProcess) {
  ASSERT_TRUE(db_->Put("before", "v").ok());
  std::filesystem::remove_all(directory_.path());
  absl::Status failed;
  for (int i = 0; i < 1000 && failed.ok(); ++i) {
    failed = db_->Put(absl::StrCat(i), std::string(10000, 'v')).status();
  }
  EXPECT_FALSE(failed.ok());
  EXPECT_FALSE(db_->Put("later", "v").ok());
  EXPECT_FALSE(db_->admin().GetStatus()->failure.ok());
  EXPECT_FALSE(db_->admin().Checkpoint().ok());
  EXPECT_FALSE(db_->Close().ok());
  // There is nothing any more, so that a new one may be made.
  Open(SmallOptions());
  EXPECT_EQ(db_->Get("before").value(), std::nullopt);
}

TEST_F(RefusalTest, DirectoryOfOthersIsNotVerified) {
  ASSERT_TRUE(db_->Close().ok());
  ASSERT_EQ(chmod(directory_.root().c_str(), 0755), 0);
  // Nothing is forbidden to root, who becomes somebody else for a while. For
  // everybody else it has to be forbidden.
  const uid_t self = geteuid();
  constexpr uid_t kNobody = 65534;
  if (self == 0) {
    ASSERT_EQ(seteuid(kNobody), 0);
  } else {
    ASSERT_EQ(chmod(directory_.path().c_str(), 0000), 0);
  }
  EXPECT_EQ(
      VerifyDirectory(directory_.path(), VerifyDepth::kQuick).status().code(),
      StatusCode::kPermissionDenied);
  if (self == 0) {
    ASSERT_EQ(seteuid(self), 0);
  } else {
    ASSERT_EQ(chmod(directory_.path().c_str(), 0700), 0);
  }
}

TEST_F(RefusalTest, OnlyADatabaseCanBeVerified) {
  const auto code_of = [this](const std::string& name) {
    return VerifyDirectory(directory_.path(name), VerifyDepth::kQuick)
        .status()
        .code();
  };
  EXPECT_EQ(code_of("none"), StatusCode::kNotFound);
  std::filesystem::create_directory(directory_.path("empty"));
  EXPECT_EQ(code_of("empty"), StatusCode::kNotFound);
  std::filesystem::create_directory(directory_.path("foreign"));
  std::ofstream(directory_.path("foreign/letter")) << "text";
  EXPECT_EQ(code_of("foreign"), StatusCode::kFailedPrecondition);
  EXPECT_EQ(code_of("foreign/letter"), StatusCode::kFailedPrecondition);
}

TEST_F(RefusalTest, LogThatIsCompactedMeanwhileIsNoDamage) {
  for (int i = 0; i < 2000; ++i) {
    ASSERT_TRUE(db_->Put(absl::StrCat(i), std::string(100, 'v')).ok());
  }
  std::atomic<bool> stop = false;
  std::thread compactor([&] {
    while (!stop) {
      const auto put = db_->Put("key", "v");
      if (put.ok()) (void)db_->admin().CompactLog(put->index);
    }
  });
  for (int i = 0; i < 50; ++i) {
    const auto verified = db_->admin().Verify(VerifyDepth::kFull);
    if (verified.ok()) {
      EXPECT_FALSE(verified->damaged);
    } else {
      EXPECT_EQ(verified.status().code(), StatusCode::kAborted)
          << verified.status();
    }
  }
  stop = true;
  compactor.join();
  const auto verified = db_->admin().Verify(VerifyDepth::kFull);
  ASSERT_TRUE(verified.ok()) << verified.status();
  EXPECT_FALSE(verified->damaged);
}

// ---- Backups ----

class RestoreTest : public RefusalTest {
 protected:
  RestoreTest() {
    EXPECT_TRUE(db_->Put("key", std::string(1000, 'v')).ok());
    EXPECT_TRUE(db_->admin().CreateBackup(backup_).ok());
  }
  absl::Status Restore(const Options& options) {
    return RestoreFromBackup(options, backup_, restored_);
  }

  const std::string backup_ = directory_.path("backup");
  const std::string restored_ = directory_.path("restored");
};

TEST_F(RestoreTest, OptionsAreLookedAt) {
  Options options = SmallOptions();
  options.views_max = 0;
  EXPECT_EQ(Restore(options).code(), StatusCode::kInvalidArgument);
  options = SmallOptions();
  options.join = true;
  options.cluster = "c";
  options.network = std::make_shared<InProcessNetwork>();
  EXPECT_EQ(Restore(options).code(), StatusCode::kInvalidArgument);
  EXPECT_FALSE(std::filesystem::exists(restored_));
}

TEST_F(RestoreTest, DamagedBackupMakesNoDatabase) {
  int damaged = 0;
  for (const auto& file : std::filesystem::directory_iterator(backup_)) {
    if (file.file_size() < 500) continue;
    std::fstream bytes(file.path(),
                       std::ios::in | std::ios::out | std::ios::binary);
    bytes.seekp(static_cast<std::streamoff>(file.file_size() / 2));
    bytes << "damaged!";
    ++damaged;
  }
  ASSERT_GT(damaged, 0);
  const absl::Status status = Restore(SmallOptions());
  EXPECT_TRUE(IsCorruption(status)) << status;
  Options existing = SmallOptions();
  existing.create_if_missing = false;
  EXPECT_FALSE(DB::Open(existing, restored_).ok());
}

TEST_F(RestoreTest, BackupsAreNotWrittenIntoNothing) {
  EXPECT_EQ(
      db_->admin().CreateBackup(directory_.path("no/such")).status().code(),
      StatusCode::kNotFound);
  EXPECT_FALSE(
      RestoreFromBackup(SmallOptions(), backup_, directory_.path("no/such"))
          .ok());
}

TEST_F(RefusalTest, NamesOfBackupsHaveALimit) {
  // 255 bytes of the file system, with ".partial".
  const std::string longest(247, 'b');
  const absl::Status refused =
      db_->admin().CreateBackup(directory_.path(longest + "b")).status();
  EXPECT_EQ(refused.code(), StatusCode::kInvalidArgument) << refused;
  EXPECT_EQ(OutcomeOf(refused), WriteOutcome::kNotApplied);
  const auto made = db_->admin().CreateBackup(directory_.path(longest));
  EXPECT_TRUE(made.ok()) << made.status();
}

TEST_F(RefusalTest, PlaceOfABackupIsForOneAtATime) {
  const std::string backup = directory_.path("backup");
  engine::PosixFileSystem files;
  auto other = engine::WorkDirectory::Make(files, backup + ".partial");
  ASSERT_TRUE(other.ok()) << other.status();
  const absl::Status refused = db_->admin().CreateBackup(backup).status();
  EXPECT_EQ(refused.code(), StatusCode::kUnavailable) << refused;
  EXPECT_EQ(OutcomeOf(refused), WriteOutcome::kNotApplied);
  EXPECT_FALSE(std::filesystem::exists(backup));
  other->reset();
  const auto made = db_->admin().CreateBackup(backup);
  EXPECT_TRUE(made.ok()) << made.status();
}

// ---- Members ----

uint64_t LeaderOf(Group& group) {
  EXPECT_TRUE(group.at(1).Put("who leads", "v").ok());
  return group.at(1).admin().GetStatus()->leader;
}

TEST(GroupRefusalTest, LeadershipIsNotForEverybody) {
  Group group(3);
  const uint64_t leader = LeaderOf(group);
  Admin& admin = group.at(leader).admin();
  const WriteOptions soon{.timeout = absl::Milliseconds(300)};
  ASSERT_TRUE(admin.AddLearner(4, {}).ok());
  for (const uint64_t nobody : {uint64_t{0}, uint64_t{4}, uint64_t{17}}) {
    const absl::Status refused = admin.TransferLeadership(nobody, soon);
    EXPECT_EQ(refused.code(), StatusCode::kInvalidArgument) << refused;
    EXPECT_EQ(OutcomeOf(refused), WriteOutcome::kNotApplied);
  }
  EXPECT_EQ(LeaderOf(group), leader);
  const uint64_t absent = leader % 3 + 1;
  group.network().Isolate(absent);
  const absl::Status late = admin.TransferLeadership(absent, soon);
  EXPECT_EQ(late.code(), StatusCode::kDeadlineExceeded) << late;
  // The others have not lost their leader by that.
  EXPECT_TRUE(group.at(absent % 3 + 1).Put("key", "v").ok());
}

TEST(GroupRefusalTest, WhoeverElseComesToLeadIsNamed) {
  Options options = SmallOptions();
  // A transfer is given up after so long.
  options.election_timeout = absl::Seconds(2);
  Group group(3, options);
  const uint64_t leader = LeaderOf(group);
  const uint64_t absent = leader % 3 + 1;
  const uint64_t other = absent % 3 + 1;
  DB& db = group.at(leader);
  group.network().Isolate(absent);
  // It lacks something, so that it cannot be asked to lead yet.
  ASSERT_TRUE(db.Put("key", "v").ok());
  absl::Status displaced;
  std::thread waiter([&] {
    displaced = db.admin().TransferLeadership(
        absent, {.timeout = absl::InfiniteDuration()});
  });
  // Nothing is written while leadership is on its way.
  EXPECT_TRUE(Eventually([&] {
    return !db.Put("key", "w", {.timeout = absl::Milliseconds(300)}).ok();
  }));
  const absl::Status taken = db.admin().TransferLeadership(other);
  EXPECT_TRUE(taken.ok()) << taken;
  waiter.join();
  EXPECT_EQ(displaced.code(), StatusCode::kUnavailable) << displaced;
  EXPECT_FALSE(IsNotLeader(displaced)) << displaced;
  EXPECT_EQ(displaced.message(),
            absl::StrCat("replica ", other, " leads instead"));
}

TEST(GroupRefusalTest, OneChangeOfMembersAtATime) {
  Options options = SmallOptions();
  options.election_timeout = absl::Seconds(1);
  Group group(3, options);
  const uint64_t leader = LeaderOf(group);
  const uint64_t first = leader % 3 + 1;
  const uint64_t second = first % 3 + 1;
  group.network().Isolate(first);
  group.network().Isolate(second);
  Admin& admin = group.at(leader).admin();
  const WriteOptions soon{.timeout = absl::Milliseconds(50)};
  const absl::Status begun = admin.Remove(first, soon);
  EXPECT_TRUE(IsOutcomeUnknown(begun)) << begun;
  const absl::Status refused = admin.Remove(second, soon);
  EXPECT_EQ(refused.code(), StatusCode::kUnavailable) << refused;
  EXPECT_FALSE(IsNotLeader(refused)) << refused;
  EXPECT_EQ(OutcomeOf(refused), WriteOutcome::kNotApplied);
}

TEST(GroupRefusalTest, WhoIsAddedTwiceOrTooLargeIsRefused) {
  Group group(3);
  Admin& admin = group.at(LeaderOf(group)).admin();
  EXPECT_EQ(admin.AddLearner(2, {}).code(), StatusCode::kAlreadyExists);
  EXPECT_EQ(admin.AddLearner(4, {.name = std::string(257, 'n')}).code(),
            StatusCode::kInvalidArgument);
  EXPECT_EQ(admin.AddLearner(0, {}).code(), StatusCode::kInvalidArgument);
  EXPECT_EQ(admin.UpdateMember(2, {.address = std::string(513, 'a')}).code(),
            StatusCode::kInvalidArgument);
  EXPECT_EQ(admin.GetStatus()->members.size(), 3U);
}

}  // namespace
}  // namespace trimaran
