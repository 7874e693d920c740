// Goal: the search for an order finds one where there is one, and none where
// there is none, also with calls that nobody knows the end of.

#include "tests/support/node_sim/linearizability.h"

#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "gtest/gtest.h"

namespace trimaran::node_sim {
namespace {

using Verdict = LinearizabilityResult::Verdict;

// Calls of one key, made in the order in which they stand, each from `call` to
// `end`.
class Calls {
 public:
  Op& Add(OpKind kind, uint64_t call, uint64_t end) {
    Op op;
    op.id = ops_.size() + 1;
    op.kind = kind;
    op.keys = {"k"};
    op.value = std::to_string(op.id);
    op.outcome = end > 0 ? OpOutcome::kOk : OpOutcome::kUnknown;
    op.call_order = call;
    op.return_order = end;
    ops_.push_back(std::move(op));
    return ops_.back();
  }
  void Put(uint64_t call, uint64_t end) { Add(OpKind::kPut, call, end); }
  void PutUnknown(uint64_t call) { Add(OpKind::kPut, call, 0); }
  void Read(uint64_t call, uint64_t end, RowValue seen) {
    Add(OpKind::kReadLinearizable, call, end).observed = std::move(seen);
  }
  void Compare(uint64_t call, uint64_t end, RowValue expected, bool succeeded) {
    Op& op = Add(OpKind::kCompareAndPut, call, end);
    op.expected = std::move(expected);
    op.succeeded = succeeded;
  }
  Verdict Judge(uint64_t steps_max = 10'000) const {
    return CheckLinearizable(ops_, steps_max).verdict;
  }

 private:
  std::vector<Op> ops_;
};

TEST(LinearizabilityTest, ReadMaySeeEitherOfTwoThatOverlap) {
  for (const char* seen : {"1", "2"}) {
    Calls calls;
    calls.Put(1, 4);
    calls.Put(2, 3);
    calls.Read(5, 6, seen);
    EXPECT_EQ(calls.Judge(), Verdict::kLinearizable) << seen;
  }
}

TEST(LinearizabilityTest, ReadOfAnOverwrittenValueHasNoOrder) {
  Calls calls;
  calls.Put(1, 2);
  calls.Put(3, 4);
  calls.Read(5, 6, "1");
  EXPECT_EQ(calls.Judge(), Verdict::kNot);
}

TEST(LinearizabilityTest, TwoReadsMayNotDisagreeAboutTheOrder) {
  Calls calls;
  calls.Put(1, 4);
  calls.Put(2, 3);
  calls.Read(5, 6, "1");
  calls.Read(7, 8, "2");
  EXPECT_EQ(calls.Judge(), Verdict::kNot);
}

TEST(LinearizabilityTest, ScanIsAReadOfEachOfItsKeys) {
  for (const bool stale : {false, true}) {
    Calls calls;
    calls.Put(1, 2);
    calls.Put(3, 4);
    calls.Add(OpKind::kPut, 5, 6).keys = {"l"};
    Op& scan = calls.Add(OpKind::kScan, 7, 8);
    scan.keys = {"l", "m", "k"};
    scan.scanned = {"3", std::nullopt, stale ? "1" : "2"};
    scan.observed = scan.scanned.front();
    EXPECT_EQ(calls.Judge(), stale ? Verdict::kNot : Verdict::kLinearizable);
  }
}

TEST(LinearizabilityTest, UnknownWriteMayHaveHappenedLateOrNever) {
  Calls calls;
  calls.Put(1, 2);
  calls.PutUnknown(3);
  calls.Read(4, 5, "1");
  EXPECT_EQ(calls.Judge(), Verdict::kLinearizable);
  calls.Read(6, 7, "2");
  EXPECT_EQ(calls.Judge(), Verdict::kLinearizable);
  calls.Read(8, 9, "1");
  EXPECT_EQ(calls.Judge(), Verdict::kNot);
}

TEST(LinearizabilityTest, UnknownWriteDidNotHappenBeforeItWasCalled) {
  Calls calls;
  calls.Read(1, 2, "2");
  calls.PutUnknown(3);
  EXPECT_EQ(calls.Judge(), Verdict::kNot);
}

TEST(LinearizabilityTest, FailedComparisonCanBeTheOnlyTraceOfAnUnknownWrite) {
  Calls calls;
  calls.Put(1, 2);
  calls.Compare(3, 4, "1", /*succeeded=*/false);
  EXPECT_EQ(calls.Judge(), Verdict::kNot);

  Calls with_another;
  with_another.Put(1, 2);
  with_another.PutUnknown(3);
  with_another.Compare(4, 5, "1", /*succeeded=*/false);
  EXPECT_EQ(with_another.Judge(), Verdict::kLinearizable);
}

TEST(LinearizabilityTest, OneUnknownDeletionExplainsOneAbsence) {
  Calls calls;
  calls.Add(OpKind::kDelete, 1, 0);
  calls.Put(2, 3);
  calls.Read(4, 5, std::nullopt);
  EXPECT_EQ(calls.Judge(), Verdict::kLinearizable);
  calls.Put(6, 7);
  calls.Read(8, 9, std::nullopt);
  EXPECT_EQ(calls.Judge(), Verdict::kNot);
}

TEST(LinearizabilityTest, ComparisonThatHeldTwiceHasNoOrder) {
  Calls calls;
  calls.Put(1, 2);
  calls.Compare(3, 6, "1", /*succeeded=*/true);
  EXPECT_EQ(calls.Judge(), Verdict::kLinearizable);
  calls.Compare(4, 5, "1", /*succeeded=*/true);
  EXPECT_EQ(calls.Judge(), Verdict::kNot);
}

TEST(LinearizabilityTest, SearchThatTakesTooLongIsNoVerdict) {
  Calls calls;
  for (uint64_t i = 0; i < 20; ++i) calls.Put(i + 1, 100 + i);
  EXPECT_EQ(calls.Judge(/*steps_max=*/5), Verdict::kBudgetExhausted);
}

TEST(LinearizabilityTest, ManyUnknownWritesDoNotMakeTheSearchLong) {
  Calls calls;
  uint64_t at = 0;
  for (uint64_t i = 0; i < 200; ++i) {
    calls.PutUnknown(++at);
    calls.Put(at + 1, at + 2);
    at += 2;
  }
  calls.Read(at + 1, at + 2, "400");
  EXPECT_EQ(calls.Judge(/*steps_max=*/1'000), Verdict::kLinearizable);
}

}  // namespace
}  // namespace trimaran::node_sim
