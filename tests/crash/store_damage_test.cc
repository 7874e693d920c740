// Goal: whatever happens to the files of a data directory, it opens with
// everything in it, or opens and says what it owes, or is refused by an error
// that names what is damaged, or fails for good, by such an error, when what is
// damaged is read. Nothing is lost silently, no wrong byte is shown, and
// nothing dies or hangs.
// Method: each kind of damage to each file, in a process of its own, to a store
// that was closed in order and to one that a crash left. What it holds is
// compared with a model.
//
// TRIMARAN_DAMAGE=all tries more places; TRIMARAN_DAMAGE_TABLE=1 prints what
// came of each cell.

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <cstdlib>
#include <functional>
#include <iostream>
#include <map>
#include <set>
#include <string>
#include <vector>

#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_join.h"
#include "absl/strings/str_split.h"
#include "engine/base/check.h"
#include "engine/base/errors.h"
#include "engine/base/status_macros.h"
#include "engine/snapshot/snapshot_reader.h"
#include "tests/crash/child_process.h"
#include "tests/crash/scenario.h"
#include "tests/crash/store_under_test.h"
#include "tests/support/disk/damage.h"

namespace trimaran::crash {
namespace {

using disk::DiskImage;
using disk::SimDisk;

constexpr uint64_t kSeed = 17;
constexpr uint64_t kEntries = 260;
constexpr int kSecondsMax = 60;

bool IsOn(const char* variable) { return std::getenv(variable) != nullptr; }

LogIndex At(uint64_t entries) {
  return engine::kBootstrapPosition.index + entries;
}
constexpr uint64_t kEarly = 40;
constexpr uint64_t kMiddle = 130;
constexpr uint64_t kStored = 150;
constexpr uint64_t kLast = 200;
constexpr uint64_t kReceived = 240;

// The life of a store, and what its disk held on the way.
struct Story {
  EngineHistory history{kSeed, kEntries};
  DiskImage early;
  DiskImage middle;
  DiskImage crashed;
  DiskImage closed;
};

absl::Status Advance(StoreUnderTest& store, LogIndex to) {
  while (store.last() < to) {
    const LogIndex next = std::min(to, store.last() + 5);
    TRIMARAN_RETURN_IF_ERROR(store.AppendTo(next));
    TRIMARAN_RETURN_IF_ERROR(store.ApplyTo(next));
  }
  return absl::OkStatus();
}

absl::Status Tell(SimDisk& disk, StoreUnderTest& store, Story& story) {
  TRIMARAN_RETURN_IF_ERROR(store.Found());
  TRIMARAN_RETURN_IF_ERROR(store.Open());
  TRIMARAN_RETURN_IF_ERROR(Advance(store, At(kEarly)));
  TRIMARAN_RETURN_IF_ERROR(store.engine().Checkpoint().status());
  story.early = disk.AfterCrash(disk::kNothingSurvives, kSeed);
  TRIMARAN_RETURN_IF_ERROR(Advance(store, At(kMiddle)));
  TRIMARAN_RETURN_IF_ERROR(store.engine().Checkpoint().status());
  TRIMARAN_RETURN_IF_ERROR(store.Recycle());
  story.middle = disk.AfterCrash(disk::kNothingSurvives, kSeed);
  TRIMARAN_RETURN_IF_ERROR(Advance(store, At(kStored)));
  TRIMARAN_RETURN_IF_ERROR(store.WriteSnapshot());
  TRIMARAN_RETURN_IF_ERROR(store.WriteBackup());
  TRIMARAN_RETURN_IF_ERROR(
      store.Receive(story.history.SnapshotAt(At(kReceived))));
  TRIMARAN_RETURN_IF_ERROR(Advance(store, At(kLast) - 5));
  // The floor is written with the last entries, wherever segments begin: what
  // is lost between two writes of it nobody can notice (FORMAT.md, section 3).
  store.Wait(absl::Seconds(1));
  TRIMARAN_RETURN_IF_ERROR(Advance(store, At(kLast)));
  story.crashed = disk.AfterCrash(disk::kNothingSurvives, kSeed);
  TRIMARAN_RETURN_IF_ERROR(store.Close());
  story.closed = disk.AfterCrash(disk::kNothingSurvives, kSeed);
  return absl::OkStatus();
}

const Story& TheStory() {
  static const Story* const kStory = [] {
    auto* story = new Story;
    SimDisk disk("/sim");
    StoreUnderTest store(disk, story->history);
    const absl::Status told = Tell(disk, store, *story);
    TRIMARAN_CHECK(told.ok()) << told;
    return story;
  }();
  return *kStory;
}

// ---- One cell ----

// Outcomes, in the words of the table. Anything else is wrong.
constexpr char kIntact[] = "intact";
constexpr char kMended[] = "mended";
constexpr char kReplayed[] = "replayed";
constexpr char kOwes[] = "owes";
constexpr char kRefused[] = "refused";
constexpr char kFails[] = "fails when read";
constexpr char kDropped[] = "snapshot dropped";
constexpr char kUnusable[] = "snapshot refused";

std::string Outcome(absl::string_view what, const absl::Status& status) {
  return absl::StrCat(what, "\n", status.ToString());
}

std::string Wrong(absl::string_view what, const absl::Status& status) {
  return Outcome(absl::StrCat("WRONG: ", what), status);
}

// An error that tells people which file to look at.
bool IsNamed(const absl::Status& status) {
  return absl::StrContains(status.message(), "/sim/") ||
         absl::StrContains(status.message(), "kv_g");
}

bool IsRefusal(const absl::Status& status) {
  return IsCorruption(status) || absl::IsFailedPrecondition(status);
}

// After an error of reading: nothing goes on, and closing ends.
std::string JudgeFailure(StoreUnderTest& store, const absl::Status& error) {
  if (!IsCorruption(error)) return Wrong("not Corruption", error);
  if (!IsNamed(error)) return Wrong("nothing is named", error);
  const absl::Status failure = store.engine().failure();
  if (failure.ok()) return Wrong("the engine goes on", error);
  for (const absl::Status& later :
       {store.engine().Apply({}).status(), store.engine().Checkpoint().status(),
        store.engine().RecycleLog().status()}) {
    if (later != failure) return Wrong("another error later", later);
  }
  const absl::Status closed = store.Close();
  if (closed != failure) return Wrong("closing says otherwise", closed);
  return Outcome(kFails, error);
}

std::string Judge(const DiskImage& image) {
  SimDisk disk("/sim", image);
  StoreUnderTest store(disk, TheStory().history);
  const absl::Status opened = store.Open();
  if (!opened.ok()) {
    if (!IsRefusal(opened)) return Wrong("an error of no use", opened);
    return IsNamed(opened) ? Outcome(kRefused, opened)
                           : Wrong("nothing is named", opened);
  }
  const bool owes = store.engine().log().state().owed.has_value();
  if (!owes && store.last() != At(kLast)) {
    return Wrong(absl::StrCat("silent loss: ends at ", store.last().value()),
                 opened);
  }
  const engine::OpenReport report = store.engine().open_report();
  absl::Status status = store.CheckAgainstHistory();
  if (IsViolation(status)) return Wrong("wrong data", status);
  if (!status.ok()) return JudgeFailure(store, status);
  if (owes) {
    status = store.Close();
    return status.ok() ? Outcome(kOwes, status) : Wrong("close", status);
  }
  status = store.GoOn();
  if (IsViolation(status)) return Wrong("wrong data later", status);
  if (!status.ok()) {
    return store.is_open() ? JudgeFailure(store, status)
                           : Wrong("not to be opened again", status);
  }
  status = store.Close();
  if (!status.ok()) return Wrong("close", status);
  if (report.log_repaired) return Outcome(kMended, status);
  return Outcome(report.replay_entries > 0 ? kReplayed : kIntact, status);
}

// Whether the snapshot or backup that `path` is of can still be used.
std::string JudgeStored(const DiskImage& image, const std::string& path) {
  SimDisk disk("/sim", image);
  StoreUnderTest store(disk, TheStory().history);
  const std::string directory =
      absl::StrCat("/sim/", path.substr(0, path.rfind('/')));
  const bool is_backup = !absl::StartsWith(path, "home/");
  const absl::Status opened = store.Open();
  if (!opened.ok()) return Wrong("the store does not open", opened);
  absl::Status status;
  if (is_backup) {
    status = store.RestoreBackup(At(kStored));
  } else if (absl::StrContains(path, "/in-")) {
    status = store.Install(TheStory().history.SnapshotAt(At(kReceived)));
  } else {
    const auto reader = engine::SnapshotReader::Open(store.files(), directory);
    status = reader.ok() ? (*reader)->VerifyAll() : reader.status();
  }
  if (!store.engine().failure().ok()) {
    return Wrong("the store is poisoned", store.engine().failure());
  }
  const absl::Status checked = store.CheckAgainstHistory();
  if (!checked.ok()) return Wrong("the store is not what it was", checked);
  if (status.ok()) return Outcome(kIntact, status);
  if (!IsNamed(status)) return Wrong("nothing is named", status);
  if (IsCorruption(status) || IsNewerFormat(status)) {
    return Outcome(kUnusable, status);
  }
  const bool is_gone = absl::IsNotFound(status);
  return is_gone ? Outcome(kDropped, status) : Wrong("of no use", status);
}

// ---- The matrix ----

class StoreDamageTest : public testing::Test {
 protected:
  static constexpr int kShownMax = 200;

  void TearDown() override {
    if (!IsOn("TRIMARAN_DAMAGE_TABLE")) return;
    for (const auto& [cell, outcomes] : table_) {
      std::vector<std::string> words;
      for (const auto& [outcome, count] : outcomes) {
        words.push_back(absl::StrCat(outcome, " ", count));
      }
      std::cout << "| " << cell << " | " << absl::StrJoin(words, ", ")
                << " |\n";
    }
    for (const std::string& text : texts_) std::cout << text << "\n";
  }

  // `file` and `damage` name the row of the table.
  std::string Try(const std::string& file, const std::string& damage,
                  const std::string& place,
                  const std::function<std::string()>& judge) {
    const absl::StatusOr<std::string> result = RunInChild(kSecondsMax, judge);
    const std::string text =
        result.ok() ? *result
                    : absl::StrCat("WRONG: ", result.status().ToString());
    const std::string outcome = text.substr(0, text.find('\n'));
    ++table_[absl::StrCat(file, " | ", damage)][outcome];
    EXPECT_FALSE(absl::StartsWith(text, "WRONG"))
        << file << ", " << damage << " " << place << ": " << text;
    if (texts_.size() < kShownMax) {
      texts_.insert(absl::StrCat(file, ", ", damage, ": ", text));
    }
    return outcome;
  }

  // Every kind of damage to the file `path` of `image`.
  using JudgeImage = std::function<std::string(const DiskImage&)>;
  void TryAll(const DiskImage& image, const std::string& path,
              const JudgeImage& judge);
  void TryPlaces(const DiskImage& image, const std::string& path,
                 const JudgeImage& judge);
  void TrySwaps(const DiskImage& image, const std::string& path,
                const JudgeImage& judge);
  void TryWhole(const DiskImage& image, const std::string& path,
                const JudgeImage& judge);
  // The class of file that the table shows.
  static std::string ClassOf(const std::string& path);

 private:
  std::map<std::string, std::map<std::string, int>> table_;
  std::set<std::string> texts_;
};

std::string StoreDamageTest::ClassOf(const std::string& path) {
  const std::string name = path.substr(path.rfind('/') + 1);
  if (absl::StrContains(path, "/log/")) return "log segment";
  if (!absl::StrContains(path, "/snap/") && !absl::StartsWith(path, "backup")) {
    return name;
  }
  const std::string what = name == "MANIFEST" ? "manifest" : "chunk";
  if (absl::StartsWith(path, "backup")) return "backup " + what;
  return (absl::StrContains(path, "/in-") ? "received " : "own ") + what;
}

void StoreDamageTest::TryPlaces(const DiskImage& image, const std::string& path,
                                const JudgeImage& judge) {
  const uint64_t size = image.files.at(path).size();
  std::set<uint64_t> places = {0,       9, size / 4, size / 2, size / 4 * 3,
                               size - 1};
  if (IsOn("TRIMARAN_DAMAGE")) {
    for (uint64_t i = 1; i < 60; ++i) places.insert(size * i / 60 + i);
  }
  std::set<uint64_t> pages;
  for (const uint64_t place : places) {
    if (place >= size) continue;
    DiskImage damaged = image;
    disk::FlipBit(damaged, path, place, static_cast<int>(place % 8));
    Try(ClassOf(path), "flipped bit", absl::StrCat(path, " ", place),
        [&] { return judge(damaged); });
    if (!pages.insert(place / disk::kPageBytes).second) continue;
    damaged = image;
    disk::ZeroPage(damaged, path, place);
    Try(ClassOf(path), "zeroed page", absl::StrCat(path, " ", place),
        [&] { return judge(damaged); });
  }
}

void StoreDamageTest::TrySwaps(const DiskImage& image, const std::string& path,
                               const JudgeImage& judge) {
  const uint64_t pages = image.files.at(path).size() / disk::kPageBytes;
  if (pages < 2) return;
  std::set<std::pair<uint64_t, uint64_t>> pairs = {{0, pages - 1},
                                                   {pages / 2 - 1, pages / 2}};
  if (IsOn("TRIMARAN_DAMAGE")) {
    for (uint64_t i = 1; i < std::min<uint64_t>(pages, 30); ++i) {
      pairs.insert({i - 1, i});
    }
  }
  for (const auto& [first, second] : pairs) {
    DiskImage damaged = image;
    disk::SwapPages(damaged, path, {first, second});
    Try(ClassOf(path), "swapped pages",
        absl::StrCat(path, " ", first, " ", second),
        [&] { return judge(damaged); });
  }
}

void StoreDamageTest::TryWhole(const DiskImage& image, const std::string& path,
                               const JudgeImage& judge) {
  const uint64_t size = image.files.at(path).size();
  DiskImage damaged = image;
  disk::DeleteFile(damaged, path);
  Try(ClassOf(path), "deleted", path, [&] { return judge(damaged); });
  for (const uint64_t rest : {uint64_t{0}, size / 2}) {
    if (rest >= size) continue;
    damaged = image;
    disk::CutFile(damaged, path, rest);
    Try(ClassOf(path), rest == 0 ? "cut to nothing" : "cut to half", path,
        [&] { return judge(damaged); });
  }
  for (const DiskImage* older : {&TheStory().early, &TheStory().middle}) {
    if (!older->files.contains(path) ||
        older->files.at(path) == image.files.at(path)) {
      continue;
    }
    damaged = image;
    disk::RestoreFile(damaged, path, *older);
    Try(ClassOf(path), "of an earlier time", path,
        [&] { return judge(damaged); });
  }
}

void StoreDamageTest::TryAll(const DiskImage& image, const std::string& path,
                             const JudgeImage& judge) {
  if (image.files.at(path).size() > 0) {
    TryPlaces(image, path, judge);
    TrySwaps(image, path, judge);
  }
  TryWhole(image, path, judge);
}

// The segments of the log in their order; all of them, or a few.
std::vector<std::string> Segments(const DiskImage& image) {
  const std::vector<std::string> all = disk::FilesMatching(image, "home/log/");
  if (IsOn("TRIMARAN_DAMAGE") || all.size() < 4) return all;
  return {all.front(), all[all.size() / 2], all[all.size() - 2], all.back()};
}

TEST_F(StoreDamageTest, WithoutDamageEverythingIsThere) {
  EXPECT_EQ(Try("none", "closed", "", [] { return Judge(TheStory().closed); }),
            kIntact);
  EXPECT_EQ(
      Try("none", "crashed", "", [] { return Judge(TheStory().crashed); }),
      kReplayed);
}

TEST_F(StoreDamageTest, SegmentOfTheLog) {
  for (const std::string& path : Segments(TheStory().closed)) {
    TryAll(TheStory().closed, path, Judge);
  }
}

TEST_F(StoreDamageTest, SegmentOfTheLogAfterCrash) {
  for (const std::string& path : Segments(TheStory().crashed)) {
    TryAll(TheStory().crashed, path, Judge);
  }
}

TEST_F(StoreDamageTest, FileOfTheState) {
  for (const auto& path : disk::FilesMatching(TheStory().closed, "home/kv/")) {
    TryAll(TheStory().closed, path, Judge);
  }
}

TEST_F(StoreDamageTest, FileOfTheStateAfterCrash) {
  for (const auto& path : disk::FilesMatching(TheStory().crashed, "home/kv/")) {
    TryAll(TheStory().crashed, path, Judge);
  }
}

TEST_F(StoreDamageTest, FileOfTheDirectory) {
  for (const std::string path : {"home/FLOOR", "home/STORE", "home/LOCK"}) {
    TryAll(TheStory().closed, path, Judge);
    TryAll(TheStory().crashed, path, Judge);
  }
}

// What is damaged of a snapshot or a backup is never a reason not to open.
TEST_F(StoreDamageTest, FileOfSnapshotOrBackup) {
  for (const std::string part :
       {"home/snap/out-", "home/snap/in-", "backup/"}) {
    const std::vector<std::string> all =
        disk::FilesMatching(TheStory().closed, part);
    ASSERT_GE(all.size(), 2u) << part;
    for (const std::string& path :
         {all.front(), all[all.size() / 2], all.back()}) {
      TryAll(TheStory().closed, path, [&path](const DiskImage& image) {
        return JudgeStored(image, path);
      });
    }
  }
}

// ---- Whole folders ----

DiskImage Mixed(const DiskImage& image, const std::string& part,
                const DiskImage& older) {
  DiskImage mixed = image;
  std::erase_if(mixed.files, [&](const auto& file) {
    return absl::StartsWith(file.first, part);
  });
  for (const auto& [path, bytes] : older.files) {
    if (absl::StartsWith(path, part)) mixed.files[path] = bytes;
  }
  return mixed;
}

TEST_F(StoreDamageTest, StateOfAnEarlierTimeIsReplayedIfTheLogGoesBackToIt) {
  // The log has been given back up to what `middle` had compacted.
  for (const DiskImage* image : {&TheStory().closed, &TheStory().crashed}) {
    EXPECT_EQ(Try("all of kv/", "of the last checkpoint", "",
                  [&] {
                    return Judge(Mixed(*image, "home/kv/", TheStory().middle));
                  }),
              kReplayed);
    EXPECT_EQ(
        Try("all of kv/", "of an earlier time", "",
            [&] { return Judge(Mixed(*image, "home/kv/", TheStory().early)); }),
        kRefused);
  }
}

TEST_F(StoreDamageTest, LogOfAnEarlierTimeIsRefused) {
  for (const DiskImage* older : {&TheStory().early, &TheStory().middle}) {
    EXPECT_EQ(Try("all of log/", "of an earlier time", "",
                  [&] {
                    return Judge(Mixed(TheStory().closed, "home/log/", *older));
                  }),
              kRefused);
    EXPECT_EQ(Try("log/ and FLOOR", "of an earlier time", "",
                  [&] {
                    DiskImage image =
                        Mixed(TheStory().closed, "home/log/", *older);
                    disk::RestoreFile(image, "home/FLOOR", *older);
                    return Judge(image);
                  }),
              kRefused);
  }
}

TEST_F(StoreDamageTest, FoldersThatAreGone) {
  for (const std::string part : {"home/log", "home/kv", "home/snap"}) {
    DiskImage image = Mixed(TheStory().closed, part + "/", DiskImage());
    std::erase_if(image.directories, [&](const std::string& directory) {
      return absl::StartsWith(directory, part);
    });
    EXPECT_EQ(Try(part, "deleted", "", [&] { return Judge(image); }),
              part == "home/snap" ? kIntact : kRefused);
    image.files[part] = disk::FileBytes("no folder");
    EXPECT_EQ(Try(part, "replaced by a file", "", [&] { return Judge(image); }),
              kRefused);
  }
}

}  // namespace
}  // namespace trimaran::crash
