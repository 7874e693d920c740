// Goal: that rows have not come is told where it can be, also a moment before
// the watchers of the database have heard of what is applied.

#include "tools/serve/absent_rows.h"

#include <memory>
#include <string>
#include <thread>

#include "gtest/gtest.h"
#include "tests/serve/talker.h"
#include "tests/support/node/blocking.h"
#include "tests/support/sanitized.h"

namespace trimaran::serve {
namespace {

// The thread sanitizer looks at each word that WiredTiger copies.
constexpr size_t kLargeBytes = kSanitized ? size_t{64} << 10 : size_t{1} << 20;

// Two entries of the log that are applied together: while the callback of the
// first one runs, the state holds the second one, and watchers have not heard
// of it.
TEST(AbsentRowsTest, NothingHasComeWhileTheNewsIsOnItsWay) {
  SmallServer server;
  DB& db = server.db();
  const auto before = db.Put("other", "v");
  ASSERT_TRUE(before.ok()) << before.status();
  int held_up = 0;
  // The two may come into one entry, or be applied apart.
  for (int round = 0; round < 100 && held_up == 0; ++round) {
    const auto absent = AbsentRows::Since(db, {"absent"}, before->index);
    Later<uint64_t> applied;
    Later<bool> told;
    bool still = false;
    std::thread asker([&] {
      const uint64_t index = applied.Wait();
      int looks_left = 1100;
      still = absent->StillAbsent(index, looks_left);
      told.Set(true);
    });
    WriteBatch large;
    large.Put("large", std::string(kLargeBytes, 'v'));
    Later<bool> second;
    db.WriteAsync(large, [&](const absl::StatusOr<CommitInfo>& first) {
      EXPECT_TRUE(first.ok()) << first.status();
      const auto rows =
          db.Scan(KeyRange::All(), {.read = ReadOptions::Local()});
      EXPECT_TRUE(rows.ok()) << rows.status();
      const uint64_t shown = rows.ok() ? (*rows)->index() : 0;
      if (first.ok() && shown > first->index) ++held_up;
      applied.Set(shown);
      Rest(absl::Milliseconds(20));
    });
    db.WriteAsync(large, [&](const absl::StatusOr<CommitInfo>& last) {
      EXPECT_TRUE(last.ok()) << last.status();
      second.Set(true);
    });
    (void)second.Wait();
    (void)told.Wait();
    asker.join();
    EXPECT_TRUE(still) << "nobody has written it";
  }
  // Two that are smaller come into one entry.
  if (kSanitized && held_up == 0) GTEST_SKIP() << "the moment never came";
  EXPECT_GT(held_up, 0) << "the moment that this is about never came";
}

}  // namespace
}  // namespace trimaran::serve
