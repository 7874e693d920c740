// Goal: followers hear of a commit soon, and by a message of its own only if
// none was about to carry it.

#include "replication/node/commit_news.h"

#include "gtest/gtest.h"

namespace trimaran {
namespace {

constexpr LogIndex kNothing;

MonotonicTime At(int64_t millis) { return MonotonicTime(millis * 1'000'000); }

TEST(CommitNewsTest, NothingUntoldIsNeverDue) {
  CommitNews news;
  EXPECT_EQ(news.DueAt(kNothing, At(5)), MonotonicTime::Infinite());
}

TEST(CommitNewsTest, IsDueWhenTheOldestHasWaited) {
  CommitNews news;
  const MonotonicTime due = At(5) + CommitNews::kPatience;
  EXPECT_EQ(news.DueAt(LogIndex(7), At(5)), due);
  // Newer commits do not put it off.
  EXPECT_EQ(news.DueAt(LogIndex(8), At(6)), due);
  EXPECT_EQ(news.DueAt(LogIndex(9), due), due);
}

TEST(CommitNewsTest, AppendThatCarriesItBeginsAnew) {
  CommitNews news;
  news.DueAt(LogIndex(7), At(5));
  EXPECT_EQ(news.DueAt(kNothing, At(6)), MonotonicTime::Infinite());
  EXPECT_EQ(news.DueAt(LogIndex(8), At(9)), At(9) + CommitNews::kPatience);
}

}  // namespace
}  // namespace trimaran
