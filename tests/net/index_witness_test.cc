// Goal: the witness accepts what one store would have said, and names each kind
// of answer that none would have given.

#include "tests/net/index_witness.h"

#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "gmock/gmock.h"
#include "gtest/gtest.h"

namespace trimaran::net {
namespace {

using node_sim::History;
using node_sim::Op;
using node_sim::OpKind;
using node_sim::OpOutcome;
using testing::ElementsAre;
using testing::HasSubstr;
using testing::IsEmpty;

// One call after the other, unless it is begun and ended by itself.
class Story {
 public:
  uint64_t Begin(OpKind kind, const std::string& key = "k") {
    Op op;
    op.kind = kind;
    op.keys = {key};
    Op& called = history_.Call(std::move(op));
    called.value = std::to_string(called.id);
    return called.id;
  }
  void End(uint64_t id, uint64_t index,
           std::optional<std::string> observed = std::nullopt) {
    Op& op = history_.at(id);
    op.outcome = OpOutcome::kOk;
    op.index = LogIndex(index);
    op.observed = std::move(observed);
    history_.Return(op);
  }
  uint64_t Put(uint64_t index) {
    const uint64_t id = Begin(OpKind::kPut);
    End(id, index);
    return id;
  }
  uint64_t Read(uint64_t index, std::optional<std::string> observed) {
    const uint64_t id = Begin(OpKind::kReadLinearizable);
    End(id, index, std::move(observed));
    return id;
  }
  // Of the rows "k" and "l".
  void Scan(uint64_t index, std::optional<std::string> k,
            std::optional<std::string> l) {
    const uint64_t id = Begin(OpKind::kScan);
    history_.at(id).keys = {"k", "l"};
    history_.at(id).scanned = {k, std::move(l)};
    End(id, index, std::move(k));
  }
  void CompareAndPut(uint64_t index, std::optional<std::string> expected,
                     bool succeeded) {
    const uint64_t id = Begin(OpKind::kCompareAndPut);
    history_.at(id).expected = std::move(expected);
    history_.at(id).succeeded = succeeded;
    End(id, index);
  }
  void PutAt(uint64_t index, const std::string& key) {
    End(Begin(OpKind::kPut, key), index);
  }
  void Doubt(uint64_t id) { history_.at(id).outcome = OpOutcome::kUnknown; }
  void Refuse(uint64_t id) { history_.at(id).outcome = OpOutcome::kNotApplied; }
  std::vector<std::string> Check() const {
    return CheckIndexes(history_.ops());
  }

 private:
  History history_;
};

TEST(IndexWitnessTest, ScanShowsAllRowsAsOfItsIndex) {
  Story story;
  story.Put(5);
  story.PutAt(6, "l");
  story.Scan(6, "1", "2");
  EXPECT_THAT(story.Check(), IsEmpty());
  story.PutAt(7, "l");
  story.Scan(8, "1", "2");
  EXPECT_THAT(story.Check(), ElementsAre(HasSubstr("sees 2, where 4 was")));
}

TEST(IndexWitnessTest, ScanIsNoOlderThanWhatWasSaidBefore) {
  Story story;
  story.Put(5);
  story.Put(6);
  story.Scan(5, "1", std::nullopt);
  EXPECT_THAT(story.Check(), ElementsAre(HasSubstr("is below 6")));
}

TEST(IndexWitnessTest, TrueStoryIsAccepted) {
  Story story;
  story.Read(1, std::nullopt);
  story.Put(5);
  story.Read(5, "2");
  story.CompareAndPut(6, "2", true);
  story.CompareAndPut(7, "2", false);
  story.Read(9, "4");
  EXPECT_THAT(story.Check(), IsEmpty());
}

TEST(IndexWitnessTest, StaleReadIsNamed) {
  Story story;
  story.Put(5);
  story.Put(6);
  story.Read(5, "1");
  EXPECT_THAT(story.Check(), ElementsAre(HasSubstr("is below 6")));
}

TEST(IndexWitnessTest, ReadOfWhatWasOverwrittenIsNamed) {
  Story story;
  story.Put(5);
  story.Put(6);
  story.Read(7, "1");
  EXPECT_THAT(story.Check(), ElementsAre(HasSubstr("sees 1, where 2 was")));
}

TEST(IndexWitnessTest, LostWriteIsNamed) {
  Story story;
  story.Put(5);
  story.Read(7, std::nullopt);
  EXPECT_THAT(story.Check(), ElementsAre(HasSubstr("sees no row")));
}

TEST(IndexWitnessTest, CommandsOfOneEntryMayHaveAnyOrder) {
  Story story;
  const uint64_t first = story.Begin(OpKind::kPut);
  const uint64_t second = story.Begin(OpKind::kSwap);
  const uint64_t third = story.Begin(OpKind::kSwap);
  story.End(first, 5);
  story.End(second, 5, "3");
  story.End(third, 5, "1");
  story.Read(5, "2");
  EXPECT_THAT(story.Check(), IsEmpty());
  story.Read(5, std::nullopt);
  EXPECT_THAT(story.Check(), ElementsAre(HasSubstr("sees no row")));
}

TEST(IndexWitnessTest, CommandComesBehindWhatWasKnown) {
  Story story;
  story.Put(5);
  story.Put(4);
  EXPECT_THAT(story.Check(), ElementsAre(HasSubstr("is below 6")));
}

TEST(IndexWitnessTest, WrongComparisonsAreNamed) {
  Story story;
  story.Put(5);
  story.CompareAndPut(6, "1", false);
  story.CompareAndPut(7, "9", true);
  EXPECT_THAT(story.Check(), ElementsAre(HasSubstr("should have succeeded"),
                                         HasSubstr("sees 9, where 1 was")));
}

TEST(IndexWitnessTest, DoubtfulWriteMayHaveHappenedOnceAndAtOnePlace) {
  Story story;
  story.Doubt(story.Begin(OpKind::kPut));
  story.Put(5);
  story.Read(6, "2");
  story.Read(8, "1");
  EXPECT_THAT(story.Check(), IsEmpty());
  story.Put(9);
  story.Read(9, "5");
  story.Read(10, "1");
  EXPECT_THAT(story.Check(), ElementsAre(HasSubstr("was overwritten")));
}

TEST(IndexWitnessTest, WhatWasSaidNotToBeDoneIsNotSeen) {
  Story story;
  story.Refuse(story.Begin(OpKind::kPut));
  story.Read(6, "1");
  EXPECT_THAT(story.Check(), ElementsAre(HasSubstr("sees 1, where nothing")));
}

}  // namespace
}  // namespace trimaran::net
