// Goal: whatever happens to the files of a log that was closed in order, the
// log opens with everything in it, or opens and says that it owes entries, or
// does not open and says why. It never loses something silently, and never
// shows what was never appended.
// Method: each kind of damage, to each file, at its head, middle and tail.

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <functional>
#include <map>
#include <string>
#include <vector>

#include "absl/strings/str_cat.h"
#include "engine/base/errors.h"
#include "tests/crash/log_scenario.h"
#include "tests/support/disk/damage.h"
#include "tests/support/disk/timeline.h"

namespace trimaran::crash {
namespace {

using disk::DiskImage;
using disk::SimDisk;

constexpr uint64_t kSeed = 11;
constexpr size_t kSteps = 60;

// A log that was closed in order, and what it was earlier.
class LogDamageTest : public testing::Test {
 protected:
  LogDamageTest() : scenario_("log", kSeed, kSteps) {
    SimDisk disk("/sim");
    const absl::Status run = scenario_.Run(disk);
    EXPECT_TRUE(run.ok()) << run;
    recording_ = disk.TakeRecording();
    disk::Timeline timeline(recording_);
    const size_t count = recording_.operations.size();
    for (const size_t part : {4u, 2u}) {
      older_.push_back(timeline.ImageAfter(count - count / part,
                                           disk::kNothingSurvives, kSeed));
    }
    closed_ = timeline.ImageAfter(count, disk::kNothingSurvives, kSeed);
    for (uint64_t step = 1; step <= kSteps; ++step) {
      for (const LogEntry& entry : scenario_.script().step(step).entries) {
        appended_[{entry.index.value(), entry.term.value()}].push_back(entry);
      }
    }
  }

  const LogModel& Final() const { return scenario_.script().after(kSteps); }

  // Empty if the outcome is one of those that are allowed.
  std::string WrongOutcome(const DiskImage& image) {
    SimDisk disk("/sim", image);
    LogUnderTest log(disk);
    const absl::Status opened = log.Open();
    if (!opened.ok()) {
      ++refused_;
      const bool is_named =
          IsCorruption(opened) || absl::IsFailedPrecondition(opened);
      return is_named && !opened.message().empty()
                 ? ""
                 : absl::StrCat("refused with ", opened.ToString());
    }
    if (!log.log().state().owed.has_value()) {
      ++repaired_;
      const absl::Status same = CompareWithModel(log.log(), Final());
      return same.ok() ? "" : absl::StrCat("silent loss: ", same.ToString());
    }
    ++owed_;
    return UnknownEntry(log.log());
  }

  // An entry that can be read and was never appended. Empty: none.
  std::string UnknownEntry(const engine::LogStore& log) {
    const LogIndex first = log.truncated() + 1;
    const LogIndex end = log.state().last.id.index + 1;
    for (LogIndex next = first; next < end; ++next) {
      const auto read = log.Entries(next, next + 1, {});
      if (!read.ok()) return absl::StrCat("unreadable ", next.value());
      const auto& known = appended_[{next.value(), read->front().term.value()}];
      if (std::find(known.begin(), known.end(), read->front()) == known.end()) {
        return absl::StrCat("entry ", next.value(), " was never appended");
      }
    }
    return "";
  }

  // Does `damage` to each file, at several places of it.
  void ForEachPlace(
      const std::function<void(DiskImage&, const std::string& path,
                               uint64_t offset)>& damage) {
    for (const auto& [path, bytes] : closed_.files) {
      std::vector<uint64_t> offsets = {0, 8, 40, 511, 4096, 4104, 4170};
      for (uint64_t at = 0; at < bytes.size(); at += 997) {
        offsets.push_back(at);
      }
      offsets.push_back(bytes.size() - 1);
      for (const uint64_t offset : offsets) {
        if (offset >= bytes.size()) continue;
        DiskImage image = closed_;
        damage(image, path, offset);
        EXPECT_EQ(WrongOutcome(image), "") << path << " at " << offset;
      }
    }
    RecordProperty("outcomes", absl::StrCat(repaired_, " repaired, ", owed_,
                                            " owed, ", refused_, " refused"));
  }

  LogScenario scenario_;
  disk::Recording recording_;
  DiskImage closed_;
  std::vector<DiskImage> older_;
  std::map<std::pair<uint64_t, uint64_t>, std::vector<LogEntry>> appended_;
  int repaired_ = 0;
  int owed_ = 0;
  int refused_ = 0;
};

TEST_F(LogDamageTest, WithoutDamageEverythingIsThere) {
  EXPECT_EQ(WrongOutcome(closed_), "");
  EXPECT_EQ(repaired_, 1);
  EXPECT_GE(disk::FilesMatching(closed_, "log/").size(), 3u);
}

TEST_F(LogDamageTest, FlippedBit) {
  ForEachPlace([](DiskImage& image, const std::string& path, uint64_t offset) {
    disk::FlipBit(image, path, offset, static_cast<int>(offset % 8));
  });
  EXPECT_GT(repaired_, 0) << "in what no record uses";
  EXPECT_GT(refused_, 0);
}

TEST_F(LogDamageTest, ZeroedPage) {
  ForEachPlace([](DiskImage& image, const std::string& path, uint64_t offset) {
    disk::ZeroPage(image, path, offset);
  });
}

TEST_F(LogDamageTest, CutFile) {
  ForEachPlace([](DiskImage& image, const std::string& path, uint64_t offset) {
    disk::CutFile(image, path, offset);
  });
}

TEST_F(LogDamageTest, DeletedFile) {
  for (const auto& [path, bytes] : closed_.files) {
    DiskImage image = closed_;
    disk::DeleteFile(image, path);
    EXPECT_EQ(WrongOutcome(image), "") << path;
  }
}

TEST_F(LogDamageTest, SwappedPages) {
  for (const auto& [path, bytes] : closed_.files) {
    const uint64_t pages = bytes.size() / disk::kPageBytes;
    for (uint64_t first = 0; first < pages; ++first) {
      for (uint64_t second = first + 1; second < pages; ++second) {
        DiskImage image = closed_;
        disk::SwapPages(image, path, {first, second});
        EXPECT_EQ(WrongOutcome(image), "")
            << path << " pages " << first << " and " << second;
      }
    }
  }
}

TEST_F(LogDamageTest, FileOfAnEarlierTime) {
  for (const DiskImage& older : older_) {
    for (const auto& [path, bytes] : closed_.files) {
      DiskImage image = closed_;
      disk::RestoreFile(image, path, older);
      EXPECT_EQ(WrongOutcome(image), "") << path;
    }
  }
}

TEST_F(LogDamageTest, AllSegmentsOfAnEarlierTimeAreLessThanTheFloorKnows) {
  for (const DiskImage& older : older_) {
    DiskImage image = older;
    disk::RestoreFile(image, kScenarioFloor, closed_);
    EXPECT_EQ(WrongOutcome(image), "");
  }
  EXPECT_EQ(owed_ + refused_, 2);
}

TEST_F(LogDamageTest, FileInThePlaceOfAnother) {
  const std::vector<std::string> paths = disk::FilesMatching(closed_, "log/");
  for (const std::string& from : paths) {
    for (const std::string& to : paths) {
      if (from == to) continue;
      DiskImage image = closed_;
      image.files[to] = closed_.files[from];
      EXPECT_EQ(WrongOutcome(image), "") << from << " as " << to;
    }
  }
}

}  // namespace
}  // namespace trimaran::crash
