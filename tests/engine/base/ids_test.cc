// Goal: strong ids behave as the numbers that they hold, within their own kind
// only.

#include "engine/base/ids.h"

#include <cstdint>
#include <sstream>
#include <type_traits>

#include "absl/hash/hash.h"
#include "engine/base/region.h"
#include "gtest/gtest.h"

namespace trimaran {
namespace {

template <typename A, typename B>
concept Comparable = requires(A a, B b) {
  a == b;
};
template <typename T>
concept Countable = requires(T value) {
  value + 1u;
};

// What the compiler must refuse.
static_assert(!std::is_convertible_v<uint64_t, Term>);
static_assert(!std::is_convertible_v<Term, uint64_t>);
static_assert(!std::is_constructible_v<Term, LogIndex>);
static_assert(!Comparable<Term, LogIndex>);
static_assert(!Comparable<ReplicaId, StoreId>);
static_assert(Comparable<Term, Term>);
static_assert(!Countable<ReplicaId> && !Countable<GroupId>);
static_assert(Countable<LogIndex> && Countable<Term>);
// They travel in registers, as the numbers would.
static_assert(sizeof(Term) == sizeof(uint64_t));
static_assert(std::is_trivially_copyable_v<Term>);

TEST(StrongIdTest, ZeroIsNone) {
  EXPECT_EQ(Term(), Term(0));
  EXPECT_EQ(kNoReplica, ReplicaId(0));
}

TEST(StrongIdTest, OrdersByValue) {
  EXPECT_LT(Term(1), Term(2));
  EXPECT_LE(Term(2), Term(2));
  EXPECT_GT(LogIndex(UINT64_MAX), LogIndex(0));
  EXPECT_NE(ReplicaId(1), ReplicaId(2));
}

TEST(StrongIdTest, PrintsItsNumber) {
  std::ostringstream out;
  out << Term(7) << ' ' << LogIndex(UINT64_MAX) << ' ' << RegionEpoch{2, 3};
  EXPECT_EQ(out.str(), "7 18446744073709551615 2.3");
}

TEST(StrongIdTest, HashesByValue) {
  const absl::Hash<Term> hash;
  EXPECT_EQ(hash(Term(1)), hash(Term(1)));
  EXPECT_NE(hash(Term(1)), hash(Term(2)));
}

TEST(LogIndexTest, CountsThroughTheLog) {
  LogIndex index(5);
  EXPECT_EQ(index + 3, LogIndex(8));
  EXPECT_EQ(index - 5, LogIndex(0));
  EXPECT_EQ(LogIndex(8) - index, 3u);
  EXPECT_EQ(++index, LogIndex(6));
  EXPECT_EQ(index, LogIndex(6));
  EXPECT_EQ(Term(5) + 1, Term(6));
}

}  // namespace
}  // namespace trimaran
