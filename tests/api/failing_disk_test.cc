// Goal: what users see of a disk that fails, and of a log that is compacted
// whenever it is looked at. Method: this program's own pread and fdatasync,
// which the library and WiredTiger call instead of the system's.

#include <sys/syscall.h>
#include <unistd.h>

#include <atomic>
#include <cerrno>
#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <thread>
#include <utility>

#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "gtest/gtest.h"
#include "tests/api/group.h"
#include "tests/api/test_directory.h"
#include "tests/support/node/blocking.h"
#include "trimaran/admin.h"
#include "trimaran/db.h"
#include "trimaran/errors.h"

namespace trimaran {
namespace {

std::atomic<bool> syncs_fail = false;
std::atomic<bool> reads_fail = false;
// Called before reads, by one of them at a time.
std::atomic<const std::function<void()>*> before_read = nullptr;
std::atomic<bool> in_before_read = false;

int FailWithEio() {
  errno = EIO;
  return -1;
}

void CallBeforeRead() {
  if (in_before_read.exchange(true)) return;
  const std::function<void()>* const call = before_read.load();
  if (call != nullptr) (*call)();
  in_before_read = false;
}

}  // namespace
}  // namespace trimaran

// WiredTiger, a shared library, is to find them.
#define TRIMARAN_FOR_ALL extern "C" __attribute__((visibility("default")))

TRIMARAN_FOR_ALL int fdatasync(int file) {
  if (trimaran::syncs_fail) return trimaran::FailWithEio();
  return static_cast<int>(syscall(SYS_fdatasync, file));
}

TRIMARAN_FOR_ALL ssize_t pread(int file, void* bytes, size_t count,
                               off_t offset) {
  trimaran::CallBeforeRead();
  if (trimaran::reads_fail) return trimaran::FailWithEio();
  return syscall(SYS_pread64, file, bytes, count, offset);
}

namespace trimaran {
namespace {

class FailingDiskTest : public testing::Test {
 protected:
  FailingDiskTest() { Open(); }
  ~FailingDiskTest() override {
    syncs_fail = false;
    reads_fail = false;
    before_read = nullptr;
  }

  absl::Status TryOpen() {
    auto opened = DB::Open(SmallOptions(), directory_.path());
    if (opened.ok()) db_ = *std::move(opened);
    return opened.status();
  }
  void Open() {
    const absl::Status opened = TryOpen();
    ASSERT_TRUE(opened.ok()) << opened;
  }

  TestDirectory directory_;
  std::unique_ptr<DB> db_;
};

TEST_F(FailingDiskTest, WriteThatIsNotSyncedIsUnknownAndTheLast) {
  ASSERT_TRUE(db_->Put("before", "1").ok());
  syncs_fail = true;
  const absl::Status failed = db_->Put("during", "2").status();
  EXPECT_EQ(failed.code(), absl::StatusCode::kUnknown) << failed;
  EXPECT_TRUE(IsOutcomeUnknown(failed)) << failed;
  syncs_fail = false;

  // The next sync may succeed, and say nothing of what the last one lost.
  const absl::Status after = db_->Put("after", "3").status();
  EXPECT_EQ(OutcomeOf(after), WriteOutcome::kNotApplied) << after;
  const auto status = db_->admin().GetStatus();
  ASSERT_TRUE(status.ok()) << status.status();
  EXPECT_EQ(status->failure.code(), absl::StatusCode::kInternal)
      << status->failure;
  EXPECT_TRUE(absl::StrContains(status->failure.message(), "fdatasync"))
      << status->failure;

  db_->Close().IgnoreError();
  Open();
  EXPECT_EQ(db_->Get("before").value(), "1");
  EXPECT_EQ(db_->Get("after").value(), std::nullopt);
  EXPECT_TRUE(db_->Put("after", "4").ok());
}

TEST_F(FailingDiskTest, DirectoryThatCannotBeReadDoesNotOpen) {
  ASSERT_TRUE(db_->Put("key", "value").ok());
  ASSERT_TRUE(db_->Close().ok());
  reads_fail = true;
  const absl::Status unread = TryOpen();
  EXPECT_EQ(unread.code(), absl::StatusCode::kInternal) << unread;
  EXPECT_FALSE(IsCorruption(unread)) << unread;
  EXPECT_TRUE(absl::StrContains(unread.message(), directory_.path())) << unread;
  reads_fail = false;
  Open();
  EXPECT_EQ(db_->Get("key").value(), "value");
}

TEST_F(FailingDiskTest, VerificationOfALogThatDoesNotRestIsAborted) {
  for (int i = 0; i < 10; ++i) {
    ASSERT_TRUE(db_->Put(absl::StrCat("key", i), "value").ok());
  }
  std::atomic<int> compactions = 0;
  const WriteOptions soon{.timeout = absl::Seconds(5)};
  const std::function<void()> compact = [&] {
    // Whoever reads may be a lane, which must not wait for itself.
    std::thread([&] {
      const auto put = db_->Put("key", "value", soon);
      if (put.ok() && db_->admin().CompactLog(put->index, soon).ok()) {
        ++compactions;
      }
    }).join();
  };
  before_read = &compact;
  const auto verified = db_->admin().Verify(VerifyDepth::kQuick);
  before_read = nullptr;
  // Nobody uses it any more.
  ASSERT_TRUE(Eventually([] { return !in_before_read.exchange(true); }));
  in_before_read = false;
  EXPECT_TRUE(absl::IsAborted(verified.status())) << verified.status();
  EXPECT_GE(compactions, 4);

  const auto again = db_->admin().Verify(VerifyDepth::kQuick);
  EXPECT_TRUE(again.ok()) << again.status();
}

}  // namespace
}  // namespace trimaran
