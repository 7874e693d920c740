// Goal: whoever waits for an entry is answered by that very entry, and told
// apart from those whose place went to another one.

#include "replication/node/proposals.h"

#include <string>
#include <vector>

#include "gtest/gtest.h"

namespace trimaran {
namespace {

Proposal At(uint64_t index, uint64_t term) {
  Proposal proposal;
  proposal.id = {LogIndex(index), Term(term)};
  return proposal;
}

// Covers: E3
TEST(ProposalsTest, EntryOfTheSameTermIsTheProposedOne) {
  Proposals proposals;
  EXPECT_FALSE(proposals.Add(At(8, 2)).has_value());
  EXPECT_FALSE(proposals.Add(At(9, 2)).has_value());
  const auto outcome = proposals.TakeApplied({LogIndex(8), Term(2)});
  ASSERT_TRUE(outcome.applied.has_value());
  EXPECT_TRUE(outcome.replaced.empty());
  EXPECT_EQ(proposals.size(), 1U);
}

TEST(ProposalsTest, EntryOfAnotherTermHasTakenThePlace) {
  Proposals proposals;
  proposals.Add(At(8, 2));
  proposals.Add(At(9, 2));
  const auto outcome = proposals.TakeApplied({LogIndex(8), Term(3)});
  EXPECT_FALSE(outcome.applied.has_value());
  ASSERT_EQ(outcome.replaced.size(), 1U);
  EXPECT_EQ(outcome.replaced.front().id.index, LogIndex(8));
}

TEST(ProposalsTest, NewerProposalDisplacesAnOlderOneAtItsIndex) {
  Proposals proposals;
  proposals.Add(At(8, 2));
  const auto displaced = proposals.Add(At(8, 4));
  ASSERT_TRUE(displaced.has_value());
  EXPECT_EQ(displaced->id.term, Term(2));
  EXPECT_TRUE(
      proposals.TakeApplied({LogIndex(8), Term(4)}).applied.has_value());
}

TEST(ProposalsTest, JumpOfTheStateLeavesThoseBeforeItOpen) {
  Proposals proposals;
  proposals.Add(At(8, 2));
  proposals.Add(At(12, 2));
  EXPECT_EQ(proposals.TakeSkipped(LogIndex(10)).size(), 1U);
  EXPECT_EQ(proposals.TakeAll().size(), 1U);
}

}  // namespace
}  // namespace trimaran
