#include "replication/raft/term_runs.h"

#include <cstdint>
#include <optional>
#include <vector>

#include "engine/base/random.h"
#include "gmock/gmock.h"
#include "gtest/gtest.h"
#include "tests/support/raft/builders.h"
#include "tests/support/raft/printers.h"

// The terms of a log, against a plain list of them.

namespace trimaran::raft {
namespace {

using ::testing::ElementsAre;
using ::testing::IsEmpty;

// terms[0] is the boundary's; terms[i] belongs to index boundary + i.
struct ModelTerms {
  uint64_t boundary = 0;
  std::vector<uint64_t> terms = {0};

  uint64_t last() const { return boundary + terms.size() - 1; }
  std::optional<Term> At(uint64_t index) const {
    if (index < boundary || index > last()) return std::nullopt;
    return Term(terms[index - boundary]);
  }
  EntryId LastNotAfterTerm(uint64_t index, uint64_t term) const {
    uint64_t at = std::min(index, last());
    while (at > boundary && terms[at - boundary] > term) --at;
    if (at > boundary || (at == boundary && terms[0] <= term)) {
      return raft::At(at, terms[at - boundary]);
    }
    // Below the boundary nothing is known.
    if (at == boundary && at > 0) --at;
    return raft::At(at, 0);
  }
};

void ExpectEqual(const TermRuns& runs, const ModelTerms& model) {
  ASSERT_EQ(runs.boundary(), At(model.boundary, model.terms[0]));
  ASSERT_EQ(runs.last(), At(model.last(), model.terms.back()));
  for (uint64_t index = 0; index <= model.last() + 2; ++index) {
    ASSERT_EQ(runs.At(LogIndex(index)), model.At(index)) << "index " << index;
  }
  for (uint64_t index = 0; index <= model.last() + 1; ++index) {
    for (uint64_t term = 0; term <= model.terms.back() + 1; ++term) {
      ASSERT_EQ(runs.LastNotAfterTerm(LogIndex(index), Term(term)),
                model.LastNotAfterTerm(index, term))
          << "index " << index << ", term " << term << ", boundary "
          << model.boundary;
    }
  }
}

TEST(TermRunsTest, EmptyLogKnowsItsBoundaryOnly) {
  const TermRuns runs(At(5, 2), {}, LogIndex(5));
  EXPECT_EQ(runs.last(), At(5, 2));
  EXPECT_EQ(runs.At(LogIndex(5)), Term(2));
  EXPECT_EQ(runs.At(LogIndex(4)), std::nullopt);
  EXPECT_EQ(runs.At(LogIndex(6)), std::nullopt);
}

TEST(TermRunsTest, KeepsOneRunPerElection) {
  TermRuns runs(EntryId(), {}, LogIndex());
  for (const uint64_t term : {1U, 1U, 1U, 4U, 4U, 7U}) runs.Append(Term(term));
  EXPECT_THAT(runs.runs(), ElementsAre(TermRun{LogIndex(1), Term(1)},
                                       TermRun{LogIndex(4), Term(4)},
                                       TermRun{LogIndex(6), Term(7)}));
  runs.TruncateFrom(LogIndex(4));
  EXPECT_EQ(runs.last(), At(3, 1));
  EXPECT_EQ(runs.runs().size(), 1u);
}

TEST(TermRunsTest, CompactionKeepsTheBoundarysTerm) {
  TermRuns runs(EntryId(), {}, LogIndex());
  for (const uint64_t term : {1U, 1U, 2U, 2U}) runs.Append(Term(term));
  runs.CompactTo(LogIndex(2));
  EXPECT_EQ(runs.boundary(), At(2, 1));
  EXPECT_THAT(runs.runs(), ElementsAre(TermRun{LogIndex(3), Term(2)}));
  runs.CompactTo(LogIndex(3));
  EXPECT_THAT(runs.runs(), ElementsAre(TermRun{LogIndex(4), Term(2)}));
  runs.CompactTo(LogIndex(4));
  EXPECT_THAT(runs.runs(), IsEmpty());
  EXPECT_EQ(runs.last(), At(4, 2));
}

TEST(TermRunsDeathTest, TermsNeverFallAlongTheLog) {
  TermRuns runs(At(3, 3), {}, LogIndex(3));
  runs.Append(Term(4));
  EXPECT_DEATH(runs.Append(Term(3)), "check failed");
}

TEST(TermRunsTest, RandomChangesAgreeWithAPlainList) {
  for (uint64_t seed = 1; seed <= 60; ++seed) {
    SeededRandom random(seed);
    ModelTerms model;
    TermRuns runs(EntryId(), {}, LogIndex());
    for (int step = 0; step < 80; ++step) {
      const uint64_t length = model.terms.size() - 1;
      const uint64_t action = random.Uniform(10);
      if (action < 7 || length == 0) {
        const uint64_t term =
            std::max<uint64_t>(model.terms.back() + random.Uniform(2), 1);
        model.terms.push_back(term);
        runs.Append(Term(term));
      } else if (action < 8) {
        const uint64_t first = model.boundary + 1 + random.Uniform(length + 1);
        model.terms.resize(first - model.boundary);
        runs.TruncateFrom(LogIndex(first));
      } else if (action < 9) {
        const uint64_t cut = random.Uniform(length + 1);
        model.terms.erase(model.terms.begin(),
                          model.terms.begin() + static_cast<int64_t>(cut));
        model.boundary += cut;
        runs.CompactTo(LogIndex(model.boundary));
      } else if (random.OneIn(8)) {
        model = {model.last() + random.Uniform(4), {model.terms.back() + 1}};
        runs.Reset(At(model.boundary, model.terms[0]));
      }
      ASSERT_NO_FATAL_FAILURE(ExpectEqual(runs, model))
          << "seed " << seed << ", step " << step;
    }
  }
}

}  // namespace
}  // namespace trimaran::raft
