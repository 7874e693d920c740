// Goal: every error says by its code, its kind and its outcome what the caller
// may do; no error of another kind, and no damaged payload, is taken for it.

#include "engine/base/errors.h"

#include <limits>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "absl/status/status.h"
#include "absl/strings/cord.h"
#include "absl/strings/match.h"
#include "gtest/gtest.h"

namespace trimaran {
namespace {

struct Kind {
  const char* name;
  absl::Status error;
  absl::StatusCode code;
  WriteOutcome outcome;
  bool (*is)(const absl::Status&);
};

bool IsDropped(const absl::Status& status) {
  return DropReasonOf(status).has_value();
}

std::vector<Kind> AllKinds() {
  using absl::StatusCode;
  constexpr WriteOutcome kNot = WriteOutcome::kNotApplied;
  return {
      {"NotLeader", NotLeaderError(ReplicaId(2)), StatusCode::kUnavailable,
       kNot, IsNotLeader},
      {"ProposalDropped", ProposalDroppedError(DropReason::kNoLeader, ""),
       StatusCode::kUnavailable, kNot, IsDropped},
      {"StaleCommand", StaleCommandError(Term(7)), StatusCode::kUnavailable,
       kNot, IsStaleCommand},
      {"OutcomeUnknown", OutcomeUnknownError("lost"), StatusCode::kUnknown,
       WriteOutcome::kUnknown, IsOutcomeUnknown},
      {"Corruption", CorruptionError("torn"), StatusCode::kDataLoss,
       WriteOutcome::kUnknown, IsCorruption},
      {"NewerFormat", NewerFormatError("9"), StatusCode::kFailedPrecondition,
       kNot, IsNewerFormat},
  };
}

// The url of the one payload that this error carries.
std::string PayloadUrl(const absl::Status& error) {
  std::string found;
  error.ForEachPayload([&found](absl::string_view url, const absl::Cord&) {
    found = std::string(url);
  });
  return found;
}

absl::Status WithPayload(absl::Status error, const std::string& bytes) {
  error.SetPayload(PayloadUrl(error), absl::Cord(bytes));
  return error;
}

// Covers: E14
TEST(ErrorsTest, EveryKindHasItsCodeAndOutcome) {
  for (const Kind& kind : AllKinds()) {
    EXPECT_EQ(kind.error.code(), kind.code) << kind.name;
    EXPECT_EQ(OutcomeOf(kind.error), kind.outcome) << kind.name;
    EXPECT_FALSE(kind.error.message().empty()) << kind.name;
  }
}

TEST(ErrorsTest, EveryPredicateHoldsForItsOwnKindOnly) {
  const std::vector<Kind> kinds = AllKinds();
  for (const Kind& asked : kinds) {
    for (const Kind& given : kinds) {
      EXPECT_EQ(asked.is(given.error), &asked == &given)
          << "Is" << asked.name << " of " << given.error;
    }
    EXPECT_FALSE(asked.is(absl::OkStatus())) << asked.name;
    // The same code and text without the payload are another error.
    EXPECT_FALSE(asked.is(absl::Status(asked.code, asked.error.message())))
        << asked.name;
  }
}

TEST(ErrorsTest, SurvivesCopying) {
  const absl::Status original = NotLeaderError(ReplicaId(3));
  absl::Status copy = original;
  const absl::Status moved = std::move(copy);
  EXPECT_EQ(moved, original);
  EXPECT_EQ(LeaderHint(moved), ReplicaId(3));
}

TEST(OutcomeTest, OkIsApplied) {
  EXPECT_EQ(OutcomeOf(absl::OkStatus()), WriteOutcome::kApplied);
}

// Even those whose code sounds as if nothing had happened.
TEST(OutcomeTest, AnUnmarkedErrorIsUnknown) {
  for (int code = 1; code <= 16; ++code) {
    const absl::Status error(static_cast<absl::StatusCode>(code), "plain");
    EXPECT_EQ(OutcomeOf(error), WriteOutcome::kUnknown) << error;
  }
}

TEST(OutcomeTest, AnyErrorCanBeMarked) {
  const absl::Status full = absl::ResourceExhaustedError("disk full");
  for (const WriteOutcome outcome :
       {WriteOutcome::kApplied, WriteOutcome::kNotApplied,
        WriteOutcome::kUnknown}) {
    const absl::Status marked = WithOutcome(full, outcome);
    EXPECT_EQ(OutcomeOf(marked), outcome);
    EXPECT_EQ(marked.code(), full.code());
    EXPECT_EQ(marked.message(), full.message());
  }
}

TEST(OutcomeTest, MarkingKeepsTheKindAndItsDetail) {
  const absl::Status marked =
      WithOutcome(NotLeaderError(ReplicaId(5)), WriteOutcome::kUnknown);
  EXPECT_EQ(OutcomeOf(marked), WriteOutcome::kUnknown);
  EXPECT_EQ(LeaderHint(marked), ReplicaId(5));
}

TEST(OutcomeDeathTest, OkCannotBeMarked) {
  EXPECT_DEATH(
      WithOutcome(absl::OkStatus(), WriteOutcome::kUnknown).IgnoreError(),
      "only an error");
}

TEST(OutcomeTest, PeopleCanReadAPrintedError) {
  EXPECT_EQ(WithOutcome(absl::InternalError("why"), WriteOutcome::kNotApplied)
                .ToString(),
            "INTERNAL: why [trimaran/error='not-applied']");
}

// A damaged mark must never become a promise that a retry is safe.
TEST(OutcomeTest, ADamagedPayloadIsNoMark) {
  const absl::Status good = NotLeaderError(ReplicaId(1));
  const std::string text(*good.GetPayload(PayloadUrl(good)));
  ASSERT_EQ(text, "not-applied not-leader 1");
  const std::vector<std::string> damaged = {
      "",
      "not-applied ",
      "not-applied not-leader",
      "not-applied not-leader 1 ",
      "not-applied not-leader -1",
      "not-applied not-leader 18446744073709551616",
      "not-applied leader 1",
      "Not-applied not-leader 1",
      "perhaps not-leader 1",
  };
  for (const std::string& payload : damaged) {
    const absl::Status error = WithPayload(good, payload);
    EXPECT_EQ(OutcomeOf(error), WriteOutcome::kUnknown)
        << testing::PrintToString(payload);
    EXPECT_FALSE(IsNotLeader(error));
    EXPECT_EQ(LeaderHint(error), std::nullopt);
  }
}

TEST(NotLeaderTest, CarriesTheHint) {
  const ReplicaId far(std::numeric_limits<uint64_t>::max());
  EXPECT_EQ(LeaderHint(NotLeaderError(ReplicaId(2))), ReplicaId(2));
  EXPECT_EQ(LeaderHint(NotLeaderError(far)), far);
}

TEST(NotLeaderTest, AnUnknownLeaderIsNoHint) {
  const absl::Status error = NotLeaderError(kNoReplica);
  EXPECT_TRUE(IsNotLeader(error));
  EXPECT_EQ(LeaderHint(error), std::nullopt);
}

TEST(NotLeaderTest, OtherErrorsGiveNoHint) {
  EXPECT_EQ(LeaderHint(absl::OkStatus()), std::nullopt);
  EXPECT_EQ(LeaderHint(StaleCommandError(Term(2))), std::nullopt);
}

struct ReasonCase {
  DropReason reason;
  const char* name;
  absl::StatusCode code;
};

constexpr ReasonCase kReasons[] = {
    {DropReason::kNoLeader, "NoLeader", absl::StatusCode::kUnavailable},
    {DropReason::kTransferInProgress, "TransferInProgress",
     absl::StatusCode::kUnavailable},
    {DropReason::kUncommittedBytesFull, "UncommittedBytesFull",
     absl::StatusCode::kResourceExhausted},
    {DropReason::kNotMember, "NotMember",
     absl::StatusCode::kFailedPrecondition},
    {DropReason::kForwardingDisabled, "ForwardingDisabled",
     absl::StatusCode::kFailedPrecondition},
    {DropReason::kPendingConfChange, "PendingConfChange",
     absl::StatusCode::kUnavailable},
    {DropReason::kInvalidConfChange, "InvalidConfChange",
     absl::StatusCode::kFailedPrecondition},
    {DropReason::kQueueFull, "QueueFull", absl::StatusCode::kResourceExhausted},
    {DropReason::kShuttingDown, "ShuttingDown", absl::StatusCode::kUnavailable},
};

TEST(ProposalDroppedTest, EveryReasonIsCarriedAndNotApplied) {
  for (const ReasonCase& expected : kReasons) {
    const absl::Status error = ProposalDroppedError(expected.reason, "term 4");
    EXPECT_EQ(DropReasonOf(error), expected.reason) << error;
    EXPECT_EQ(error.code(), expected.code) << error;
    EXPECT_EQ(OutcomeOf(error), WriteOutcome::kNotApplied) << error;
    EXPECT_EQ(DropReasonName(expected.reason), expected.name);
    EXPECT_EQ(error.message(),
              std::string("proposal dropped: ") + expected.name + ": term 4");
  }
}

TEST(ProposalDroppedTest, TheDetailMayBeEmpty) {
  EXPECT_EQ(ProposalDroppedError(DropReason::kNotMember, "").message(),
            "proposal dropped: NotMember");
}

TEST(ProposalDroppedTest, AReasonFromANewerPeerIsNone) {
  const absl::Status error =
      WithPayload(ProposalDroppedError(DropReason::kNotMember, ""),
                  "not-applied dropped 10");
  EXPECT_EQ(DropReasonOf(error), std::nullopt);
  // The peer's promise that it was not applied still counts.
  EXPECT_EQ(OutcomeOf(error), WriteOutcome::kNotApplied);
}

TEST(StaleCommandTest, CarriesTheTerm) {
  EXPECT_EQ(StaleCommandTerm(StaleCommandError(Term(9))), Term(9));
  EXPECT_EQ(StaleCommandTerm(NotLeaderError(ReplicaId(9))), std::nullopt);
}

}  // namespace
}  // namespace trimaran
