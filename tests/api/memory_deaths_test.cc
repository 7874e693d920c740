// A process that works and lacks memory on whichever of its threads, at moments
// that nobody has chosen, ends, or goes on with errors. What it had
// acknowledged is there when it is opened again, and nothing is there by half.
//
// A child writes from several threads, reads, takes checkpoints and compacts
// its log; then one allocation in so many fails, by chance. Each thread writes
// the numbers 1, 2, 3, ... in order, each until it is told that it is there: so
// its last number says what all of its rows hold. The next child opens what
// the last one has left, compares, and goes on from there.

#include <array>
#include <atomic>
#include <cstdint>
#include <cstdio>
#include <cstdlib>
#include <memory>
#include <new>
#include <string>
#include <thread>
#include <utility>
#include <vector>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "absl/strings/numbers.h"
#include "absl/strings/str_cat.h"
#include "engine/base/random.h"
#include "gtest/gtest.h"
#include "tests/api/failing_new.h"
#include "tests/api/group.h"
#include "tests/api/mortal_child.h"
#include "tests/api/test_directory.h"
#include "tests/support/node/blocking.h"
#include "tests/support/sanitized.h"
#include "trimaran/admin.h"
#include "trimaran/db.h"
#include "trimaran/errors.h"

namespace trimaran {
namespace {

constexpr uint64_t kSeed = 20261128;
constexpr size_t kWriters = 3;
// Rows of each writer, which it writes in turn.
constexpr uint64_t kRows = 20;
// Errors of one write, after which a child need not go on.
constexpr int kErrorsMax = 20;
// A child that has lived for so long with too little memory.
constexpr absl::Duration kLifeMax = absl::Milliseconds(300);

// Of one writer.
struct Progress {
  std::atomic<uint64_t> begun = 0;
  std::atomic<uint64_t> acknowledged = 0;
};

struct Board {
  std::array<Progress, kWriters> writers;
  // How many children have been left by std::bad_alloc, or told of an error.
  std::atomic<uint64_t> thrown = 0;
  std::atomic<uint64_t> errors = 0;
  // Allocations of the present child fail, or are about to.
  std::atomic<bool> lacks = false;
};

std::string Named(size_t writer, const std::string& what) {
  return absl::StrCat("writer ", writer, ", ", what);
}
std::string RowOf(size_t writer, uint64_t number) {
  return Named(writer, absl::StrCat("row ", number % kRows));
}
std::string ValueOf(uint64_t number) {
  return absl::StrCat(number, std::string(200, ' '));
}

// Of a row that may not be there: 0.
uint64_t NumberIn(DB& db, const std::string& key) {
  const auto value = db.Get(key);
  EXPECT_TRUE(value.ok()) << value.status();
  uint64_t number = 0;
  if (value.ok() && value->has_value()) {
    EXPECT_TRUE(absl::SimpleAtoi(**value, &number)) << key;
  }
  return number;
}

class Child {
 public:
  Child(Board& board, const std::string& path, uint64_t seed)
      : board_(board), path_(path), random_(seed) {}

  // All that the board knows of is there.
  void Compare() {
    Open();
    if (db_ == nullptr) return;
    for (size_t writer = 0; writer < kWriters; ++writer) CompareOne(writer);
    const auto verified = db_->admin().Verify(VerifyDepth::kFull);
    ASSERT_TRUE(verified.ok()) << verified.status();
    EXPECT_FALSE(verified->damaged) << verified->findings.front().text;
  }

  // Works until it dies, or has lived for long enough.
  void Work() {
    std::vector<std::thread> threads;
    for (size_t writer = 0; writer < kWriters; ++writer) {
      threads.emplace_back([this, writer] { WriteOn(writer); });
    }
    threads.emplace_back([this] { Goes([this] { Read(); }); });
    threads.emplace_back([this] { Goes([this] { Maintain(); }); });
    const uint64_t writes = 10 + random_.Uniform(200);
    EXPECT_TRUE(Eventually([&] { return written_ >= writes; }));
    // Seldom or always, and anything between.
    const uint64_t one_in = uint64_t{1} << random_.Uniform(15);
    board_.lacks = true;
    FailAnywhere(one_in, random_.Next());
    (void)Eventually([] { return false; }, kLifeMax);
    // As a kill does: whoever waits may wait for one that has given up.
    EndChild();
  }

 private:
  void Open() {
    Options options = SmallOptions();
    options.log_writes_max = 100;
    options.checkpoint_bytes = uint64_t{1} << 20;
    options.default_timeout = absl::Seconds(10);
    auto opened = DB::Open(options, path_);
    ASSERT_TRUE(opened.ok()) << opened.status();
    db_ = *std::move(opened);
  }

  void CompareOne(size_t writer) {
    Progress& progress = board_.writers[writer];
    const uint64_t last = NumberIn(*db_, Named(writer, "last"));
    EXPECT_GE(last, progress.acknowledged) << writer;
    EXPECT_LE(last, progress.begun) << writer;
    for (uint64_t row = 0; row < kRows; ++row) {
      uint64_t wanted = last - last % kRows + row;
      if (wanted > last) wanted = wanted >= kRows ? wanted - kRows : 0;
      EXPECT_EQ(NumberIn(*db_, RowOf(writer, row)), wanted)
          << "row " << row << " of writer " << writer << ", at " << last;
    }
    progress.begun = last;
    progress.acknowledged = last;
  }

  absl::Status WriteOne(size_t writer, uint64_t number) {
    WriteBatch batch;
    batch.Put(Named(writer, "last"), ValueOf(number));
    batch.Put(RowOf(writer, number), ValueOf(number));
    return db_->Write(batch).status();
  }

  // Ends with the process.
  void WriteOn(size_t writer) {
    Progress& progress = board_.writers[writer];
    while (true) {
      const uint64_t number = progress.acknowledged + 1;
      progress.begun = number;
      int errors = 0;
      while (!Attempt([&] { return WriteOne(writer, number); })) {
        EXPECT_TRUE(board_.lacks) << "a write fails for no reason";
        if (++errors == kErrorsMax) EndChild();
      }
      progress.acknowledged = number;
      ++written_;
    }
  }

  void Read() {
    const auto rows = db_->Scan(KeyRange::All());
    if (!rows.ok()) return;
    while ((*rows)->Valid()) (*rows)->Next();
    (void)db_->Get(RowOf(0, 1));
  }

  void Maintain() {
    (void)db_->admin().Checkpoint();
    const auto status = db_->admin().GetStatus();
    if (status.ok()) (void)db_->admin().CompactLog(status->applied.index);
    (void)db_->admin().GetMetrics();
  }

  template <typename Call>
  bool Attempt(Call call) {
    try {
      if (call().ok()) return true;
      ++board_.errors;
    } catch (const std::bad_alloc&) {
      ++board_.thrown;
    }
    return false;
  }
  template <typename Call>
  void Goes(Call call) {
    while (true) {
      Attempt([&] {
        call();
        return absl::OkStatus();
      });
    }
  }

  Board& board_;
  const std::string path_;
  SeededRandom random_;
  std::unique_ptr<DB> db_;
  std::atomic<uint64_t> written_ = 0;
};

int Rounds() {
  int rounds = kSanitized ? 10 : 60;
  if (const char* text = std::getenv("TRIMARAN_KILLS"); text != nullptr) {
    EXPECT_TRUE(absl::SimpleAtoi(text, &rounds)) << text;
  }
  return rounds;
}

TEST(MemoryDeathsTest, NothingAcknowledgedIsLost) {
  if (kSanitized) {
    std::fprintf(
        stderr,
        "malloc is the sanitizer's, and does not fail: what WiredTiger "
        "does without memory is seen in other builds\n");
  }
  TestDirectory directory;
  Shared<Board> board;
  SeededRandom random(kSeed);
  int deaths = 0;
  int deaths_in_library = 0;
  for (int round = 0; round < Rounds(); ++round) {
    const uint64_t seed = random.Next();
    board->lacks = false;
    const auto end = RunMortal(60, [&] {
      Child child(*board, directory.path(), seed);
      child.Compare();
      if (!testing::Test::HasFailure()) child.Work();
    });
    ASSERT_TRUE(end.ok()) << end.status() << "; round " << round << ", seed "
                          << seed;
    const bool in_library = *end == ChildEnd::kInWiredTiger;
    ASSERT_TRUE(board->lacks || !in_library) << round << ", seed " << seed;
    deaths += *end == ChildEnd::kNoMemory || in_library;
    deaths_in_library += in_library;
  }
  const auto last =
      RunMortal(60, [&] { Child(*board, directory.path(), 0).Compare(); });
  ASSERT_TRUE(last.ok()) << last.status();
  EXPECT_EQ(*last, ChildEnd::kDone);
  EXPECT_GT(deaths, 0);
  RecordProperty("deaths", deaths);
  RecordProperty("deaths_in_wiredtiger", deaths_in_library);
  RecordProperty("thrown", std::to_string(board->thrown));
  RecordProperty("errors", std::to_string(board->errors));
  RecordProperty("writes",
                 std::to_string(board->writers[0].acknowledged.load()));
}

}  // namespace
}  // namespace trimaran
