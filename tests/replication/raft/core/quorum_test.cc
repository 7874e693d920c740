#include "replication/raft/quorum.h"

#include <algorithm>
#include <cstdint>
#include <limits>
#include <map>
#include <optional>
#include <vector>

#include "engine/base/random.h"
#include "gtest/gtest.h"
#include "tests/support/raft/builders.h"

// The arithmetic of majorities, against tables and against counting by hand.

namespace trimaran::raft {
namespace {

// Voter i + 1 has reached numbers[i]; 0 stands for "not known".
uint64_t Reached(const std::vector<uint64_t>& numbers) {
  std::vector<ReplicaId> voters;
  for (uint64_t id = 1; id <= numbers.size(); ++id) voters.emplace_back(id);
  return MajorityReached(voters,
                         [&](ReplicaId id) { return numbers[id.value() - 1]; });
}

// One letter per voter: y, n, or - for no answer.
VoteResult Count(std::string_view answers) {
  std::vector<ReplicaId> voters;
  for (uint64_t id = 1; id <= answers.size(); ++id) voters.emplace_back(id);
  return MajorityVote(voters, [&](ReplicaId id) -> std::optional<bool> {
    const char answer = answers[id.value() - 1];
    if (answer == '-') return std::nullopt;
    return answer == 'y';
  });
}

// Covers: H0
TEST(QuorumTest, MajorityReachesTheLargestNumberThatMoreThanHalfHave) {
  struct Row {
    std::vector<uint64_t> numbers;
    uint64_t reached;
  };
  const Row rows[] = {
      {{12}, 12},
      {{0}, 0},
      {{12, 5}, 5},
      {{12, 0}, 0},
      {{12, 5, 0}, 5},
      {{12, 5, 6}, 6},
      {{5, 5, 0}, 5},
      {{5, 5, 12}, 5},
      {{100, 101, 103}, 101},
      {{101, 104, 0, 0}, 0},
      {{101, 104, 103, 0}, 101},
      {{101, 104, 103, 103, 0}, 103},
      {{101, 104, 102, 103, 103}, 103},
      {{1, 2, 3, 4, 5, 6, 7}, 4},
  };
  for (const Row& row : rows) {
    EXPECT_EQ(Reached(row.numbers), row.reached)
        << row.numbers.size() << " voters, the first at " << row.numbers[0];
  }
}

// Covers: H0
TEST(QuorumTest, NoVotersHaveReachedEverythingAndGrantEverything) {
  EXPECT_EQ(Reached({}), std::numeric_limits<uint64_t>::max());
  EXPECT_EQ(Count(""), VoteResult::kWon);
}

// Covers: H0
TEST(QuorumTest, VoteIsLostOnceItCanNoLongerBeWon) {
  struct Row {
    std::string_view answers;
    VoteResult result;
  };
  const Row rows[] = {
      {"-", VoteResult::kPending},       {"n", VoteResult::kLost},
      {"y", VoteResult::kWon},           {"--", VoteResult::kPending},
      {"y-", VoteResult::kPending},      {"n-", VoteResult::kLost},
      {"yn", VoteResult::kLost},         {"yy", VoteResult::kWon},
      {"---", VoteResult::kPending},     {"n--", VoteResult::kPending},
      {"y--", VoteResult::kPending},     {"nn-", VoteResult::kLost},
      {"yn-", VoteResult::kPending},     {"yy-", VoteResult::kWon},
      {"yyn", VoteResult::kWon},         {"ynn", VoteResult::kLost},
      {"yyyn---", VoteResult::kPending}, {"yyynnn-", VoteResult::kPending},
      {"yynnnn-", VoteResult::kLost},    {"nnnn---", VoteResult::kLost},
      {"yyyy---", VoteResult::kWon},     {"yyyynnn", VoteResult::kWon},
  };
  for (const Row& row : rows) {
    EXPECT_EQ(Count(row.answers), row.result) << row.answers;
  }
}

// Covers: H0
TEST(QuorumTest, JointVoteNeedsBothHalves) {
  constexpr VoteResult kLost = VoteResult::kLost;
  constexpr VoteResult kPending = VoteResult::kPending;
  constexpr VoteResult kWon = VoteResult::kWon;
  struct Row {
    VoteResult a;
    VoteResult b;
    VoteResult result;
  };
  const Row rows[] = {{kWon, kWon, kWon},       {kWon, kPending, kPending},
                      {kWon, kLost, kLost},     {kPending, kPending, kPending},
                      {kPending, kLost, kLost}, {kLost, kLost, kLost}};
  for (const Row& row : rows) {
    EXPECT_EQ(JointVote(row.a, row.b), row.result) << row.a << ' ' << row.b;
    EXPECT_EQ(JointVote(row.b, row.a), row.result) << row.b << ' ' << row.a;
  }
}

// The definition, without any cleverness: try every number.
uint64_t ReachedByTrying(const std::vector<uint64_t>& numbers) {
  uint64_t best = 0;
  for (const uint64_t candidate : numbers) {
    const auto have = static_cast<size_t>(
        std::count_if(numbers.begin(), numbers.end(),
                      [&](uint64_t number) { return number >= candidate; }));
    if (have > numbers.size() / 2) best = std::max(best, candidate);
  }
  return best;
}

// Covers: H0
TEST(QuorumTest, MajorityAgreesWithTryingEveryNumber) {
  SeededRandom random(1);
  for (int round = 0; round < 5000; ++round) {
    std::vector<uint64_t> numbers(1 + random.Uniform(9));
    for (uint64_t& number : numbers) number = random.Uniform(12);
    ASSERT_EQ(Reached(numbers), ReachedByTrying(numbers)) << "round " << round;
  }
}

// Covers: H0
TEST(QuorumTest, TwoOppositeMajoritiesNeverExist) {
  SeededRandom random(2);
  for (int round = 0; round < 5000; ++round) {
    std::string answers(1 + random.Uniform(9), '-');
    for (char& answer : answers) answer = "yn-"[random.Uniform(3)];
    std::string opposite = answers;
    for (char& answer : opposite) {
      if (answer != '-') answer = answer == 'y' ? 'n' : 'y';
    }
    ASSERT_FALSE(Count(answers) == VoteResult::kWon &&
                 Count(opposite) == VoteResult::kWon)
        << answers;
    // A further answer never takes back a result.
    if (Count(answers) == VoteResult::kPending) continue;
    for (char& answer : answers) {
      if (answer != '-') continue;
      const VoteResult before = Count(answers);
      answer = 'y';
      ASSERT_EQ(Count(answers), before) << answers;
    }
  }
}

}  // namespace
}  // namespace trimaran::raft
