// Goal: what a caller sees of a lack of memory. The call is left by
// std::bad_alloc, the database works on, and nothing is half done, done twice
// or acknowledged without being there; or, where it is the store's own work
// that lacks memory, on whichever thread, the process ends.
//
// Method: this program's own operator new, which fails on the calling thread:
// at the first allocation of a call, at the second one, and so on, until the
// call succeeds. All of that in a child; when one ends, the next one opens what
// it has left, looks whether it is what was told, and goes on behind.

#include <array>
#include <atomic>
#include <cstdint>
#include <memory>
#include <ostream>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "absl/functional/function_ref.h"
#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "absl/strings/str_cat.h"
#include "absl/time/time.h"
#include "engine/base/clock.h"
#include "gtest/gtest.h"
#include "tests/api/group.h"
#include "tests/api/memory_story.h"
#include "tests/api/test_directory.h"
#include "tests/support/node/blocking.h"
#include "trimaran/db.h"

namespace trimaran {
namespace {

// Two of these are more than the queue of writes holds.
std::string LongText(const std::string& text) {
  return text + std::string(600, '.');
}

// What is not given back is missed soon.
Options StoryOptions() {
  Options options = SmallOptions();
  options.default_timeout = absl::Seconds(20);
  options.views_max = 2;
  options.write_queue_bytes_max = 1024;
  return options;
}

// Waits for what is under way, if that takes no longer than an election.
void CloseSoon(DB& db, absl::Duration election_timeout) {
  const MonotonicClock clock;
  const MonotonicTime begun = clock.Now();
  const absl::Status closed = db.Close();
  EXPECT_TRUE(closed.ok()) << closed;
  EXPECT_LT(clock.Now() - begun, election_timeout);
}

// So long that a database which is alone needs none of it.
constexpr absl::Duration kLongElection = absl::Seconds(5);

// As many replicas of one group, each of which may lead.
std::vector<std::unique_ptr<DB>> OpenGroup(uint64_t count,
                                           const TestDirectory& directory) {
  Options options = StoryOptions();
  if (count == 1) {
    options.election_timeout = kLongElection;
  } else {
    options.cluster = "out of memory";
    options.network = std::make_shared<InProcessNetwork>();
    for (uint64_t id = 1; id <= count; ++id) {
      options.founders[id] = {.name = "replica", .address = "here"};
    }
  }
  std::vector<std::unique_ptr<DB>> replicas;
  for (uint64_t id = 1; id <= count; ++id) {
    options.replica_id = id;
    auto opened =
        DB::Open(options, directory.path(absl::StrCat(id, " of ", count)));
    EXPECT_TRUE(opened.ok()) << opened.status();
    if (opened.ok()) replicas.push_back(*std::move(opened));
  }
  return replicas;
}

// ---- Writes ----

// Two rows, of which a write changes one or both.
struct Rows {
  explicit Rows(uint64_t number)
      : prefix(absl::StrCat("row ", number, " of two/")),
        first(LongText(prefix + "first")),
        second(LongText(prefix + "second")) {}

  std::string prefix;
  std::string first;
  std::string second;
};

WriteBatch BothPut(const Rows& rows, const std::string& value) {
  WriteBatch batch;
  batch.Put(rows.first, value);
  batch.Put(rows.second, value);
  return batch;
}

absl::Status Put(DB& db, const Rows& rows) {
  return db.Put(rows.first, LongText("new")).status();
}

absl::Status Write(DB& db, const Rows& rows) {
  return db.Write(BothPut(rows, LongText("new"))).status();
}

absl::Status Commit(DB& db, const Rows& rows) {
  Transaction transaction;
  transaction.IfAbsent(rows.first).IfAbsent(rows.second);
  transaction.then = BothPut(rows, LongText("new"));
  transaction.then.Get(rows.second);
  const absl::StatusOr<CommitResult> result = db.Commit(transaction);
  if (!result.ok()) return result.status();
  return result->succeeded && result->reads.size() == 1
             ? absl::OkStatus()
             : absl::UnknownError("its conditions held");
}

absl::Status Delete(DB& db, const Rows& rows) {
  return db.Delete(rows.first).status();
}

absl::Status DeleteRange(DB& db, const Rows& rows) {
  return db.DeleteRange(KeyRange::Prefix(rows.prefix)).status();
}

struct WriteKind {
  const char* name;
  absl::Status (*call)(DB& db, const Rows& rows);
  // Whether the rows are there before, and when it is done.
  bool before;
  bool after;
  // Whether it is about the second one as well.
  bool both;
};

constexpr std::array kWrites = {
    WriteKind{"Put", Put, false, true, false},
    WriteKind{"Write", Write, false, true, true},
    WriteKind{"Commit", Commit, false, true, true},
    WriteKind{"Delete", Delete, true, false, false},
    WriteKind{"DeleteRange", DeleteRange, true, false, true},
};

// What has become of the write of a number.
enum class Fate : uint8_t { kNone, kBegun, kDone, kNotDone };

struct WriteBoard : MemoryBoard {
  // A write that allocates more often would be worth a look.
  std::array<std::atomic<Fate>, 2000> fates = {};
};

struct WriteCase {
  WriteKind kind;
  Lack lack;
  uint64_t replicas;
  uint64_t dense;
};

void PrintTo(const WriteCase& one, std::ostream* out) { *out << one.kind.name; }

class WritesTest : public testing::TestWithParam<WriteCase> {
 protected:
  // In the child.
  void Live() {
    replicas_ = OpenGroup(GetParam().replicas, directory_);
    ASSERT_EQ(replicas_.size(), GetParam().replicas);
    DB& db = *replicas_.back();
    const auto started = db.Put("started", "");
    ASSERT_TRUE(started.ok()) << started.status();
    auto watcher =
        db.Watch(KeyRange::All(), {.from_index = started->index + 1});
    ASSERT_TRUE(watcher.ok()) << watcher.status();
    CheckEarlier(db);
    while (Attempt(db, **watcher) && !HasFailure()) {
      board_->nth = NextNth(board_->nth, GetParam().dense);
    }
    const bool alone = replicas_.size() == 1;
    for (const auto& replica : replicas_) {
      CloseSoon(*replica, alone ? kLongElection : absl::InfiniteDuration());
    }
    watcher->reset();
    replicas_.clear();
  }

  Shared<WriteBoard> board_;

 private:
  // Whether its write is done, of which there must not be a half.
  static Fate FateOf(DB& db, const Rows& rows) {
    const WriteKind& kind = GetParam().kind;
    const std::vector<std::string_view> keys = {rows.first, rows.second};
    const auto found = db.MultiGet(keys);
    EXPECT_TRUE(found.ok()) << found.status();
    if (!found.ok()) return Fate::kNone;
    const bool first = found->at(0).has_value();
    if (kind.both) {
      EXPECT_EQ(first, found->at(1).has_value()) << rows.first;
    }
    return first == kind.after ? Fate::kDone : Fate::kNotDone;
  }

  void CheckEarlier(DB& db) {
    for (uint64_t number = 1; number < board_->nth; ++number) {
      std::atomic<Fate>& fate = board_->fates.at(number);
      if (fate == Fate::kNone) continue;
      const Fate found = FateOf(db, Rows(number));
      if (fate != Fate::kBegun) {
        EXPECT_EQ(found, fate.load()) << number;
      }
      fate = found;
    }
  }

  // How often the row was changed in what `watcher` tells up to `index`.
  static int ChangesOf(const std::string& key, Watcher& watcher,
                       uint64_t index) {
    int changes = 0;
    while (watcher.next_index() <= index) {
      const auto batch = watcher.Next(absl::Seconds(10));
      EXPECT_TRUE(batch.ok()) << batch.status();
      if (!batch.ok()) break;
      for (const Change& change : batch->changes) {
        const bool is_range = change.kind == Change::Kind::kDeleteRange;
        changes += is_range ? change.key <= key && key < change.end
                            : change.key == key;
      }
    }
    return changes;
  }

  static uint64_t PutPlain(DB& db, const std::string& key,
                           const std::string& value) {
    const auto put = db.Put(key, value);
    EXPECT_TRUE(put.ok()) << put.status();
    const auto read = db.Get(key);
    EXPECT_TRUE(read.ok()) << read.status();
    if (read.ok()) {
      EXPECT_EQ(*read, value);
    }
    return put.ok() ? put->index : 0;
  }

  // False if nothing failed.
  bool Attempt(DB& db, Watcher& watcher) {
    const uint64_t number = board_->nth;
    const WriteKind& kind = GetParam().kind;
    const Rows rows(number);
    std::atomic<Fate>& fate = board_->fates.at(number);
    if (kind.before) {
      const auto both = db.Write(BothPut(rows, LongText("old")));
      EXPECT_TRUE(both.ok()) << both.status();
    }
    (void)ChangesOf("", watcher, PutPlain(db, "before", rows.prefix));
    fate = Fate::kBegun;
    absl::Status told;
    bool thrown = false;
    const bool failed = CallWithoutMemory(*board_, GetParam().lack, thrown,
                                          [&] { told = kind.call(db, rows); });
    // It is behind the other one, whatever becomes of that.
    const uint64_t index = PutPlain(db, "after", rows.prefix);
    EXPECT_TRUE(told.ok()) << told;
    const Fate found = FateOf(db, rows);
    if (!thrown) {
      EXPECT_EQ(found, Fate::kDone) << number;
    }
    const int changes = ChangesOf(rows.first, watcher, index);
    EXPECT_EQ(changes, found == Fate::kDone ? 1 : 0) << number;
    fate = found;
    return failed;
  }

  TestDirectory directory_;
  std::vector<std::unique_ptr<DB>> replicas_;
};

TEST_P(WritesTest, AreDoneWhollyOnceOrNotAtAll) {
  LiveUntilItSucceeds(*board_, GetParam().dense, [this] { Live(); });
  EXPECT_GT(board_->thrown, 0u);
}

std::vector<WriteCase> WriteCases() {
  std::vector<WriteCase> cases;
  for (const WriteKind& kind : kWrites) {
    for (const Lack lack : {Lack::kOnce, Lack::kFromThenOn}) {
      const bool all = kind.call == Put && lack == Lack::kOnce;
      cases.push_back({.kind = kind,
                       .lack = lack,
                       .replicas = 1,
                       .dense = all ? 1000u : 12u});
    }
  }
  // These are passed on to another replica, or may be.
  cases.push_back(
      {.kind = kWrites[1], .lack = Lack::kOnce, .replicas = 3, .dense = 6});
  return cases;
}

std::string NameOf(const testing::TestParamInfo<WriteCase>& info) {
  return absl::StrCat(info.param.kind.name,
                      info.param.lack == Lack::kOnce ? "Once" : "FromThenOn",
                      info.param.replicas > 1 ? "InAGroup" : "");
}

INSTANTIATE_TEST_SUITE_P(All, WritesTest, testing::ValuesIn(WriteCases()),
                         NameOf);

// ---- Calls that do not wait ----

struct Answers {
  std::atomic<int> count = 0;
  std::atomic<bool> ok = false;
};

class CallbacksTest : public testing::Test {
 protected:
  using Ask = absl::FunctionRef<void(DB& db, const Rows& rows,
                                     std::shared_ptr<Answers> answers)>;

  // Whoever is left by an exception is not answered, and nothing is done.
  void Live(Ask ask, bool writes, uint64_t replicas = 1) {
    const auto group = OpenGroup(replicas, directory_);
    ASSERT_EQ(group.size(), replicas);
    while (Attempt(*group.back(), ask, writes, replicas) && !HasFailure()) {
      board_->nth = NextNth(board_->nth, kDense);
    }
    for (const auto& replica : group) {
      CloseSoon(*replica,
                replicas == 1 ? kLongElection : absl::InfiniteDuration());
    }
  }
  bool Attempt(DB& db, Ask ask, bool writes, uint64_t replicas) {
    const Rows rows(board_->nth);
    const auto answers = std::make_shared<Answers>();
    bool thrown = false;
    const bool failed = CallWithoutMemory(*board_, Lack::kOnce, thrown,
                                          [&] { ask(db, rows, answers); });
    // Behind it, whatever becomes of that.
    EXPECT_TRUE(db.Put("after", rows.prefix).ok());
    // A read is answered behind that one if it began its round later.
    const auto is_gone = [&] { return answers.use_count() == 1; };
    if (replicas > 1) {
      EXPECT_TRUE(Eventually(is_gone)) << board_->nth;
    }
    EXPECT_EQ(answers->count, thrown ? 0 : 1) << board_->nth;
    EXPECT_EQ(answers->ok, !thrown) << board_->nth;
    // The callback is gone as well.
    EXPECT_TRUE(is_gone()) << board_->nth;
    if (writes) {
      EXPECT_EQ(db.Get(rows.first).value().has_value(), !thrown);
    }
    return failed;
  }

  static constexpr uint64_t kDense = 1000;
  TestDirectory directory_;
  Shared<MemoryBoard> board_;
};

TEST_F(CallbacksTest, WriteAsyncThatIsLeftIsNotDone) {
  const auto ask = [](DB& db, const Rows& rows, std::shared_ptr<Answers> to) {
    db.WriteAsync(BothPut(rows, LongText("new")),
                  [to = std::move(to)](const absl::StatusOr<CommitInfo>& done) {
                    to->ok = done.ok();
                    ++to->count;
                  });
  };
  LiveUntilItSucceeds(*board_, kDense, [&] { Live(ask, /*writes=*/true); });
  EXPECT_GT(board_->thrown, 0u);
}

TEST_F(CallbacksTest, CommitAsyncThatIsLeftIsNotDone) {
  const auto ask = [](DB& db, const Rows& rows, std::shared_ptr<Answers> to) {
    Transaction transaction;
    transaction.IfAbsent(rows.first).then = BothPut(rows, LongText("new"));
    db.CommitAsync(transaction, [to = std::move(to)](
                                    const absl::StatusOr<CommitResult>& done) {
      to->ok = done.ok() && done->succeeded;
      ++to->count;
    });
  };
  LiveUntilItSucceeds(*board_, kDense, [&] { Live(ask, /*writes=*/true); });
  EXPECT_GT(board_->thrown, 0u);
}

TEST_F(CallbacksTest, ReadIndexAsyncThatIsLeftIsNotAnswered) {
  const auto ask = [](DB& db, const Rows&, std::shared_ptr<Answers> to) {
    // Larger than what is kept without an allocation.
    db.ReadIndexAsync([to = std::move(to), text = std::array<char, 100>()](
                          const absl::StatusOr<uint64_t>& index) {
      to->ok = index.ok() && text.front() == 0;
      ++to->count;
    });
  };
  // One that is alone answers at once; others have to ask.
  for (const uint64_t replicas : {1u, 3u}) {
    board_->nth = 1;
    board_->thrown = 0;
    LiveUntilItSucceeds(*board_, kDense,
                        [&] { Live(ask, /*writes=*/false, replicas); });
    EXPECT_GT(board_->thrown, 0u);
  }
}

}  // namespace
}  // namespace trimaran
