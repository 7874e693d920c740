// Goal: WiredTiger runs on a simulated disk, and after a crash is its last
// checkpoint, wherever the crash comes.
// Method: raw calls, since this is about the disk and not about the wrapper.

#include "tests/support/disk/sim_wiredtiger.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <wiredtiger.h>

#include <string>

#include "tests/support/disk/sim_disk.h"
#include "tests/support/disk/timeline.h"

namespace trimaran::disk {
namespace {

constexpr char kHome[] = "/sim/kv";
constexpr char kTable[] = "file:t.wt";

std::string OpenConfig(bool create) {
  return std::string(create ? "create," : "") +
         "config_base=false,log=(enabled=false),mmap=false,"
         "file_manager=(close_idle_time=0),extensions=[" +
         std::string(WiredTigerExtension()) + "]";
}

int Silent(WT_EVENT_HANDLER*, WT_SESSION*, int, const char*) { return 0; }
WT_EVENT_HANDLER kSilent = {Silent, nullptr, nullptr, nullptr};

// A home with one open session.
class Home {
 public:
  explicit Home(bool create) {
    error_ = wiredtiger_open(kHome, &kSilent, OpenConfig(create).c_str(),
                             &connection_);
    if (error_ == 0) {
      error_ =
          connection_->open_session(connection_, nullptr, nullptr, &session_);
    }
  }
  ~Home() {
    if (connection_ != nullptr) connection_->close(connection_, nullptr);
  }
  Home(const Home&) = delete;
  Home& operator=(const Home&) = delete;

  int error() const { return error_; }

  int CreateTable() {
    return session_->create(session_, kTable,
                            "key_format=Q,value_format=Q,log=(enabled=false)");
  }
  int Checkpoint() { return session_->checkpoint(session_, nullptr); }

  // Sets rows 0 to 99 to `value` in one transaction.
  int PutAll(uint64_t value) {
    WT_CURSOR* cursor = nullptr;
    int error =
        session_->open_cursor(session_, kTable, nullptr, nullptr, &cursor);
    if (error != 0) return error;
    error = session_->begin_transaction(session_, "isolation=snapshot");
    for (uint64_t key = 0; key < 100 && error == 0; ++key) {
      cursor->set_key(cursor, key);
      cursor->set_value(cursor, value);
      error = cursor->insert(cursor);
    }
    if (error == 0) error = session_->commit_transaction(session_, nullptr);
    cursor->close(cursor);
    return error;
  }

  // The value that all rows have; 0 if there are none, -1 if they differ.
  int64_t Value() {
    WT_CURSOR* cursor = nullptr;
    if (session_->open_cursor(session_, kTable, nullptr, nullptr, &cursor) !=
        0) {
      return 0;
    }
    int64_t common = 0;
    int rows = 0;
    for (; cursor->next(cursor) == 0; ++rows) {
      uint64_t value = 0;
      cursor->get_value(cursor, &value);
      if (rows > 0 && common != static_cast<int64_t>(value)) common = -1;
      if (rows == 0) common = static_cast<int64_t>(value);
    }
    cursor->close(cursor);
    return rows == 0 || rows == 100 ? common : -1;
  }

 private:
  WT_CONNECTION* connection_ = nullptr;
  WT_SESSION* session_ = nullptr;
  int error_ = 0;
};

// Five checkpoints of five values; each is marked when it is done.
Recording RecordCheckpoints() {
  SimDisk disk("/sim");
  WiredTigerMount mount(disk);
  EXPECT_TRUE(disk.MakeDirectory(kHome).ok());
  EXPECT_TRUE(disk.Sync(*disk.Open("/sim")).ok());
  {
    Home home(true);
    EXPECT_EQ(home.error(), 0);
    EXPECT_EQ(home.CreateTable(), 0);
    for (uint64_t value = 1; value <= 5; ++value) {
      EXPECT_EQ(home.PutAll(value), 0);
      disk.Mark("begun", value);
      EXPECT_EQ(home.Checkpoint(), 0);
      disk.Mark("done", value);
    }
  }
  return disk.TakeRecording();
}

int64_t LastMarked(const Recording& recording, size_t position,
                   std::string_view name) {
  int64_t value = 0;
  for (const Marker& marker : recording.markers) {
    if (marker.position <= position && marker.name == name) {
      value = static_cast<int64_t>(marker.value);
    }
  }
  return value;
}

TEST(SimWiredTigerTest, ReopensWhatWasClosed) {
  const Recording recording = RecordCheckpoints();
  Timeline timeline(recording);
  SimDisk disk("/sim", timeline.ImageAfter(recording.operations.size(),
                                           kNothingSurvives, 0));
  WiredTigerMount mount(disk);
  Home home(false);
  ASSERT_EQ(home.error(), 0);
  EXPECT_EQ(home.Value(), 5);
}

TEST(SimWiredTigerTest, CrashLeavesTheLastCheckpoint) {
  const Recording recording = RecordCheckpoints();
  Timeline timeline(recording);
  size_t first = 0;
  while (LastMarked(recording, first, "done") == 0) ++first;
  const size_t end = recording.operations.size();
  const size_t step = std::max<size_t>(1, (end - first) / 12);
  for (size_t count = first; count < end; count += step) {
    for (const Survival survival : {kNothingSurvives, kSeededSurvivals[3]}) {
      SCOPED_TRACE(count);
      SCOPED_TRACE(SurvivalName(survival));
      SimDisk disk("/sim", timeline.ImageAfter(count, survival, 1));
      WiredTigerMount mount(disk);
      Home home(false);
      ASSERT_EQ(home.error(), 0);
      const int64_t value = home.Value();
      EXPECT_GE(value, LastMarked(recording, count, "done"));
      EXPECT_LE(value, LastMarked(recording, count, "begun"));
    }
  }
}

TEST(SimWiredTigerTest, HomeIsLockedWhileItIsOpen) {
  SimDisk disk("/sim");
  WiredTigerMount mount(disk);
  ASSERT_TRUE(disk.MakeDirectory(kHome).ok());
  Home home(true);
  ASSERT_EQ(home.error(), 0);
  const auto lock_file = disk.Open("/sim/kv/WiredTiger.lock");
  ASSERT_TRUE(lock_file.ok());
  EXPECT_TRUE(absl::IsUnavailable(disk.Lock(*lock_file)));
}

TEST(SimWiredTigerTest, FailedSyncFailsTheCheckpoint) {
  SimDisk disk("/sim");
  WiredTigerMount mount(disk);
  ASSERT_TRUE(disk.MakeDirectory(kHome).ok());
  Home home(true);
  ASSERT_EQ(home.error(), 0);
  ASSERT_EQ(home.CreateTable(), 0);
  ASSERT_EQ(home.PutAll(1), 0);
  disk.Inject({.target = FaultTarget::kSync, .path_part = "t.wt"});
  EXPECT_NE(home.Checkpoint(), 0);
}

TEST(SimWiredTigerTest, DisksWithDifferentRootsLiveSideBySide) {
  SimDisk one("/one");
  SimDisk other("/other");
  WiredTigerMount mount_one(one);
  WiredTigerMount mount_other(other);
  for (SimDisk* disk : {&one, &other}) {
    const std::string home = disk->root() + "/kv";
    ASSERT_TRUE(disk->MakeDirectory(home).ok());
    WT_CONNECTION* connection = nullptr;
    ASSERT_EQ(wiredtiger_open(home.c_str(), &kSilent, OpenConfig(true).c_str(),
                              &connection),
              0);
    EXPECT_EQ(connection->close(connection, nullptr), 0);
    EXPECT_FALSE(FilesMatching(disk->Visible(), "kv/WiredTiger").empty());
  }
}

TEST(SimWiredTigerTest, HomeOnNoDiskIsRefused) {
  WT_CONNECTION* connection = nullptr;
  EXPECT_NE(wiredtiger_open("/nowhere/kv", &kSilent, OpenConfig(true).c_str(),
                            &connection),
            0);
}

}  // namespace
}  // namespace trimaran::disk
