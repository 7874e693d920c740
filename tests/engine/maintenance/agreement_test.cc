#include "engine/maintenance/agreement.h"

#include <string>

#include "absl/status/status.h"
#include "engine/base/errors.h"
#include "gmock/gmock.h"
#include "gtest/gtest.h"

namespace trimaran::engine {
namespace {

using ::testing::HasSubstr;

constexpr uint64_t kGeneration = 3;

EntryId Id(uint64_t index, uint64_t term) {
  return {LogIndex(index), Term(term)};
}

// A state at 20/7, truncated at 10/6, and a log from 8 to 25.
struct Pair {
  AppliedState state{.applied = {Id(20, 7), ChainValue{77}},
                     .truncated = Id(10, 6)};
  LogEvidence evidence{
      .log = {.boundary = {Id(8, 6), ChainValue{1}},
              .last = {Id(25, 8), ChainValue{2}},
              .hard_state = {},
              .generation = kGeneration,
              .owed = std::nullopt},
      .chain_at_applied = ChainValue{77},
      .term_at_applied = Term(7),
      .term_at_truncated = Term(6),
  };

  absl::Status Check() const {
    return CheckAgreement(evidence, state, kGeneration);
  }
};

void ExpectCorruption(const absl::Status& status, const std::string& text) {
  EXPECT_TRUE(IsCorruption(status)) << status;
  EXPECT_THAT(std::string(status.message()), HasSubstr(text));
}

TEST(AgreementTest, LogAroundTheAppliedIndexAgrees) {
  EXPECT_TRUE(Pair().Check().ok());
}

TEST(AgreementTest, LogMayBeginRightAfterTheAppliedIndex) {
  Pair pair;
  pair.evidence.log.boundary.id = Id(20, 7);
  EXPECT_TRUE(pair.Check().ok());
}

TEST(AgreementTest, LogMayEndAtTheAppliedIndex) {
  Pair pair;
  pair.evidence.log.last.id = Id(20, 7);
  EXPECT_TRUE(pair.Check().ok());
}

TEST(AgreementTest, TruncatedEntryMayHaveLeftTheLog) {
  Pair pair;
  pair.evidence.log.boundary.id = Id(15, 7);
  pair.evidence.term_at_truncated = std::nullopt;
  EXPECT_TRUE(pair.Check().ok());
}

TEST(AgreementTest, AnotherGenerationIsRefused) {
  const Pair pair;
  ExpectCorruption(CheckAgreement(pair.evidence, pair.state, kGeneration + 1),
                   "generations (log 3, state machine 4)");
}

TEST(AgreementTest, HoleBetweenStateAndLogIsRefused) {
  Pair pair;
  pair.evidence.log.boundary.id = Id(21, 7);
  ExpectCorruption(pair.Check(), "missing (log 22, state machine 20)");
}

TEST(AgreementTest, LogThatEndsBeforeTheStateIsRefused) {
  Pair pair;
  pair.evidence.log.last.id = Id(19, 7);
  ExpectCorruption(pair.Check(), "ends before the applied index (log 19");
}

TEST(AgreementTest, AnotherTermAtTheAppliedIndexIsRefused) {
  Pair pair;
  pair.evidence.term_at_applied = Term(6);
  ExpectCorruption(pair.Check(), "applied entry is of another term (log 6");
}

TEST(AgreementTest, AnotherChainAtTheAppliedIndexIsRefused) {
  Pair pair;
  pair.evidence.chain_at_applied = ChainValue{78};
  ExpectCorruption(pair.Check(), "chains differ");
}

TEST(AgreementTest, TruncationBeyondTheAppliedIndexIsRefused) {
  Pair pair;
  pair.state.truncated = Id(21, 7);
  ExpectCorruption(pair.Check(), "truncated at 21, beyond");
}

TEST(AgreementTest, AnotherTermAtTheTruncatedIndexIsRefused) {
  Pair pair;
  pair.evidence.term_at_truncated = Term(5);
  ExpectCorruption(pair.Check(), "truncated entry is of another term (log 5");
}

}  // namespace
}  // namespace trimaran::engine
