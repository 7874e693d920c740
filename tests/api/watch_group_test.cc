// Goal: all replicas tell the same changes, whoever leads, and rows and changes
// fit together without a gap.

#include <algorithm>
#include <atomic>
#include <map>
#include <memory>
#include <string>
#include <thread>
#include <utility>
#include <vector>

#include "absl/strings/str_cat.h"
#include "gtest/gtest.h"
#include "tests/api/group.h"
#include "trimaran/admin.h"
#include "trimaran/db.h"
#include "trimaran/errors.h"
#include "trimaran/watch.h"

namespace trimaran {
namespace {

constexpr absl::Duration kLong = absl::Seconds(60);

using Rows = std::map<std::string, std::string>;

void Apply(const WatchBatch& batch, Rows& rows) {
  for (const Change& change : batch.changes) {
    switch (change.kind) {
      case Change::Kind::kPut:
        rows[change.key] = change.value;
        break;
      case Change::Kind::kDelete:
        rows.erase(change.key);
        break;
      case Change::Kind::kDeleteRange:
        rows.erase(
            rows.lower_bound(change.key),
            change.end.empty() ? rows.end() : rows.lower_bound(change.end));
        break;
    }
  }
}

// Rows, and the index of which they are.
std::pair<Rows, uint64_t> RowsOf(DB& db, const ReadOptions& read = {}) {
  const auto rows = db.Scan(KeyRange::All(), {.read = read});
  EXPECT_TRUE(rows.ok()) << rows.status();
  std::pair<Rows, uint64_t> result;
  if (!rows.ok()) return result;
  for (; (*rows)->Valid(); (*rows)->Next()) {
    result.first.emplace((*rows)->key(), (*rows)->value());
  }
  EXPECT_TRUE((*rows)->status().ok()) << (*rows)->status();
  result.second = (*rows)->index();
  return result;
}

// Writes rows, deletes them one by one and in ranges, from several threads at
// several replicas, until it is destroyed.
class Writers {
 public:
  explicit Writers(Group& group) {
    for (uint64_t writer = 0; writer < 4; ++writer) {
      threads_.emplace_back([this, &group, writer] {
        for (int i = 0; !stop_; ++i) Write(group.at(writer % 3 + 1), writer, i);
      });
    }
  }
  ~Writers() { Stop(); }

  void Stop() {
    stop_ = true;
    for (std::thread& thread : threads_) {
      if (thread.joinable()) thread.join();
    }
  }
  int done() const { return done_; }
  // Waits for so many more writes.
  void AwaitMore(int count) const {
    const int target = done_ + count;
    while (done_ < target) std::this_thread::yield();
  }

 private:
  void Write(DB& db, uint64_t writer, int i) {
    const std::string key = absl::StrCat(writer, "-", i % 50);
    // What becomes of a write while the leader changes does not matter here.
    if (i % 7 == 3) {
      (void)db.Delete(key);
    } else if (i % 31 == 5) {
      (void)db.DeleteRange(KeyRange::Prefix(absl::StrCat(writer, "-1")));
    } else {
      (void)db.Put(key, absl::StrCat(i));
    }
    ++done_;
  }

  std::atomic<bool> stop_ = false;
  std::atomic<int> done_ = 0;
  std::vector<std::thread> threads_;
};

void MoveLeadership(Group& group) {
  const uint64_t leader = group.at(1).admin().GetStatus()->leader;
  if (leader == 0) return;
  (void)group.at(leader).admin().TransferLeadership(leader % 3 + 1);
}

// All batches with changes up to and including `last`.
std::vector<WatchBatch> BatchesUpTo(Watcher& watcher, uint64_t last) {
  std::vector<WatchBatch> batches;
  while (watcher.next_index() <= last) {
    auto batch = watcher.Next(kLong);
    EXPECT_TRUE(batch.ok()) << batch.status();
    if (!batch.ok()) break;
    if (!batch->changes.empty() && batch->index <= last) {
      batches.push_back(*std::move(batch));
    }
  }
  return batches;
}

// What three replicas tell of many writes, when all of them are done, while the
// leader has changed again and again.
void ExpectTheSameOfAll(const Options& options) {
  Group group(3, options);
  ASSERT_TRUE(group.at(1).Put("first", "v").ok());
  const auto begin = group.at(1).Put("begin", "v");
  ASSERT_TRUE(begin.ok()) << begin.status();
  std::vector<std::unique_ptr<Watcher>> watchers;
  for (uint64_t id = 1; id <= 3; ++id) {
    auto watcher =
        group.at(id).Watch(KeyRange::All(), {.from_index = begin->index});
    ASSERT_TRUE(watcher.ok()) << watcher.status();
    watchers.push_back(*std::move(watcher));
  }
  {
    Writers writers(group);
    for (int i = 0; i < 4; ++i) {
      writers.AwaitMore(50);
      MoveLeadership(group);
    }
    writers.AwaitMore(50);
  }
  const auto end = group.at(1).Put("end", "v");
  ASSERT_TRUE(end.ok()) << end.status();

  const std::vector<WatchBatch> batches = BatchesUpTo(*watchers[0], end->index);
  ASSERT_GE(batches.size(), 2U);
  EXPECT_EQ(batches.front().index, begin->index);
  EXPECT_EQ(batches.back().index, end->index);
  for (size_t i = 1; i < batches.size(); ++i) {
    EXPECT_LT(batches[i - 1].index, batches[i].index);
  }
  for (size_t other = 1; other < 3; ++other) {
    const std::vector<WatchBatch> theirs =
        BatchesUpTo(*watchers[other], end->index);
    ASSERT_EQ(theirs.size(), batches.size());
    for (size_t i = 0; i < batches.size(); ++i) {
      EXPECT_EQ(theirs[i].index, batches[i].index);
      EXPECT_EQ(theirs[i].changes, batches[i].changes);
    }
  }
  // And it is what was done to the rows.
  Rows rows = {{"first", "v"}};
  for (const WatchBatch& batch : batches) Apply(batch, rows);
  EXPECT_EQ(rows, RowsOf(group.at(1)).first);
}

TEST(WatchGroupTest, AllReplicasTellTheSameThoughLeadersChange) {
  ExpectTheSameOfAll(SmallOptions());
}

TEST(WatchGroupTest, AllReplicasTellTheSameFromTheirLogs) {
  Options options = SmallOptions();
  options.watch_bytes_max = 1024;
  ExpectTheSameOfAll(options);
}

TEST(WatchGroupTest, ScanAndWatchFitTogether) {
  Group group(3);
  ASSERT_TRUE(group.at(1).Put("first", "v").ok());
  Writers writers(group);
  for (int round = 0; round < 10; ++round) {
    DB& db = group.at(static_cast<uint64_t>(round) % 3 + 1);
    writers.AwaitMore(20);
    auto [rows, index] = RowsOf(db, ReadOptions::Local());
    const auto watcher = db.Watch(KeyRange::All(), {.from_index = index + 1});
    ASSERT_TRUE(watcher.ok()) << watcher.status();
    writers.AwaitMore(20);
    const auto [later_rows, later] = RowsOf(db, ReadOptions::Local());
    for (const WatchBatch& batch : BatchesUpTo(**watcher, later)) {
      EXPECT_GT(batch.index, index);
      Apply(batch, rows);
    }
    EXPECT_EQ(rows, later_rows) << "from " << index << " to " << later;
    if (round == 5) MoveLeadership(group);
  }
}

TEST(WatchGroupTest, ReplicaThatIsCutOffTellsTheRestWhenItIsBack) {
  Group group(3);
  ASSERT_TRUE(group.at(1).Put("first", "v").ok());
  const uint64_t leader = group.at(1).admin().GetStatus()->leader;
  const uint64_t cut_off = leader % 3 + 1;
  const auto watcher = group.at(cut_off).Watch(KeyRange::Prefix("key"));
  ASSERT_TRUE(watcher.ok());
  group.network().Isolate(cut_off);
  for (int i = 0; i < 10; ++i) {
    ASSERT_TRUE(group.at(leader).Put("key", absl::StrCat(i)).ok());
  }
  EXPECT_TRUE((*watcher)->Next(absl::Milliseconds(20))->changes.empty());
  group.network().Rejoin(cut_off);
  for (int i = 0; i < 10; ++i) {
    const auto batch = (*watcher)->Next(kLong);
    ASSERT_TRUE(batch.ok()) << batch.status();
    EXPECT_EQ(batch->changes.at(0).value, absl::StrCat(i));
  }
}

TEST(WatchGroupTest, ReplicaThatIsSentTheDataAsAWholeTellsOfTheHole) {
  Group group(3);
  ASSERT_TRUE(group.at(1).Put("first", "v").ok());
  const uint64_t leader = group.at(1).admin().GetStatus()->leader;
  const uint64_t cut_off = leader % 3 + 1;
  const uint64_t third = cut_off % 3 + 1;
  DB& db = group.at(cut_off);
  const auto watcher = db.Watch(KeyRange::All());
  ASSERT_TRUE(watcher.ok());
  group.network().Isolate(cut_off);
  uint64_t last = 0;
  for (int i = 0; i < 100; ++i) {
    const auto put = group.at(third).Put(absl::StrCat(i), "v");
    ASSERT_TRUE(put.ok()) << put.status();
    last = put->index;
  }
  const uint64_t now = group.at(third).admin().GetStatus()->leader;
  // Whoever passed the writes on may have applied the last one before it did.
  ASSERT_TRUE(group.at(now)
                  .Get("first", {.level = ReadLevel::kAtLeast, .index = last})
                  .ok());
  const auto compacted = group.at(now).admin().CompactLog(last);
  ASSERT_TRUE(compacted.ok()) << compacted.status();
  ASSERT_TRUE(group.at(now).admin().Checkpoint().ok());
  group.network().Rejoin(cut_off);
  absl::Status ended;
  while (ended.ok()) ended = (*watcher)->Next(kLong).status();
  EXPECT_TRUE(IsCompacted(ended)) << ended;

  // The rows are there, and from them on there is no hole.
  auto [rows, index] = RowsOf(db);
  EXPECT_EQ(rows.size(), 101U);
  const auto again = db.Watch(KeyRange::All(), {.from_index = index + 1});
  ASSERT_TRUE(again.ok()) << again.status();
  ASSERT_TRUE(group.at(now).Put("after", "v").ok());
  const auto batch = (*again)->Next(kLong);
  ASSERT_TRUE(batch.ok()) << batch.status();
  EXPECT_EQ(batch->changes.at(0).key, "after");
}

}  // namespace
}  // namespace trimaran
