// Goal: the model of a state machine does what the commands' contract says.
// Method: each test states one rule on a small state. The model is the judge of
// the real state machine, so that it is held to the rules by itself first.

#include "tests/support/engine_model/model_state.h"

#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "absl/strings/str_cat.h"
#include "engine/format/limits.h"
#include "gmock/gmock.h"
#include "gtest/gtest.h"

namespace trimaran::engine {
namespace {

using ::testing::ElementsAre;
using Code = absl::StatusCode;

// A state, and commands of which each is an entry of its own.
class ModelStateTest : public ::testing::Test {
 protected:
  CommandResult Do(CommandBody body) {
    Command command;
    command.body = std::move(body);
    return Do(command);
  }
  CommandResult Do(const Command& command) {
    ++next_;
    return ApplyCommand(command, {next_, Term(2)}, state_);
  }
  CommandResult Put(std::string_view key, std::string_view value) {
    return Do(WriteCommand{{}, {PutOp{kDefaultFamily, key, value}}, {}});
  }
  bool Holds(const Compare& compare) {
    return Do(WriteCommand{{compare}, {}, {}}).succeeded;
  }
  CommandResult Stamped(uint64_t sequence, uint64_t first_unanswered,
                        CommandBody body) {
    Command command;
    command.stamp = {SessionId(1), sequence, first_unanswered};
    command.body = std::move(body);
    return Do(command);
  }
  std::vector<std::string> Keys() {
    std::vector<std::string> keys;
    for (const auto& row : state_.rows.at(kDefaultFamily)) {
      keys.push_back(row.first);
    }
    return keys;
  }

  // Of the last command.
  LogIndex next_{9};
  ModelState state_;
};

TEST_F(ModelStateTest, OperationsOfABatchSeeEachOther) {
  const CommandResult result = Do(
      WriteCommand{{},
                   {PutOp{kDefaultFamily, "k", "1"}, GetOp{kDefaultFamily, "k"},
                    DeleteOp{kDefaultFamily, "k"}, GetOp{kDefaultFamily, "k"},
                    DeleteOp{kDefaultFamily, "k"}},
                   {}});

  EXPECT_TRUE(result.status.ok());
  EXPECT_THAT(result.reads, ElementsAre("1", std::nullopt));
  EXPECT_EQ(result.value, 1u);
}

TEST_F(ModelStateTest, RefusedBatchChangesNothing) {
  Put("a", "old");
  const CommandResult result = Do(WriteCommand{
      {},
      {PutOp{kDefaultFamily, "a", "new"}, PutOp{kDefaultFamily, "b", "new"},
       DeleteRangeOp{kDefaultFamily, "", ""}, PutOp{FamilyId(7), "c", "new"}},
      {}});

  EXPECT_EQ(result.status.code(), Code::kNotFound);
  EXPECT_EQ(result.value, 0u);
  EXPECT_THAT(Keys(), ElementsAre("a"));
  EXPECT_EQ(state_.rows.at(kDefaultFamily).at("a").value, "old");
}

TEST_F(ModelStateTest, RangesAreHalfOpenAndMayBeWithoutEnds) {
  for (const char* key : {"a", "b", "c", "d"}) Put(key, "");
  const auto remove = [this](std::string_view begin, std::string_view end) {
    return Do(WriteCommand{{}, {DeleteRangeOp{kDefaultFamily, begin, end}}, {}})
        .value;
  };

  EXPECT_EQ(remove("b", "b"), 0u);
  EXPECT_EQ(remove("b", "c"), 1u);
  EXPECT_THAT(Keys(), ElementsAre("a", "c", "d"));
  EXPECT_EQ(remove("c", ""), 2u);
  EXPECT_EQ(remove("", ""), 1u);
}

TEST_F(ModelStateTest, ComparesDecideWhichOperationsAreDone) {
  Put("k", "v");
  const LogIndex version = next_;
  const auto compare = [](CompareKind kind, std::string_view key,
                          std::string_view value = "",
                          LogIndex compared = LogIndex()) {
    return Compare{kDefaultFamily, key, kind, value, compared};
  };

  EXPECT_TRUE(Holds(compare(CompareKind::kExists, "k")));
  EXPECT_FALSE(Holds(compare(CompareKind::kExists, "l")));
  EXPECT_TRUE(Holds(compare(CompareKind::kAbsent, "l")));
  EXPECT_FALSE(Holds(compare(CompareKind::kAbsent, "k")));
  EXPECT_TRUE(Holds(compare(CompareKind::kValueEquals, "k", "v")));
  EXPECT_FALSE(Holds(compare(CompareKind::kValueEquals, "k", "w")));
  EXPECT_FALSE(Holds(compare(CompareKind::kValueEquals, "l", "")));
  EXPECT_TRUE(Holds(compare(CompareKind::kVersionEquals, "k", "", version)));
  EXPECT_FALSE(Holds(compare(CompareKind::kVersionEquals, "k")));
  EXPECT_TRUE(Holds(compare(CompareKind::kVersionEquals, "l")));

  Do(WriteCommand{{compare(CompareKind::kExists, "l")},
                  {PutOp{kDefaultFamily, "then", ""}},
                  {PutOp{kDefaultFamily, "else", ""}}});
  EXPECT_THAT(Keys(), ElementsAre("else", "k"));
}

TEST_F(ModelStateTest, RetryOfAStampedCommandGetsTheAnswerAndDoesNothing) {
  Do(OpenSessionCommand{});
  const WriteCommand write{
      {}, {GetOp{kDefaultFamily, "k"}, PutOp{kDefaultFamily, "k", "v"}}, {}};
  const CommandResult first = Stamped(1, 1, write);
  const CommandResult again = Stamped(1, 1, write);

  EXPECT_FALSE(first.repeated);
  EXPECT_TRUE(again.repeated);
  EXPECT_EQ(again.index, first.index);
  EXPECT_THAT(again.reads, ElementsAre(std::nullopt));
  EXPECT_EQ(state_.rows.at(kDefaultFamily).at("k").version, first.index);
}

TEST_F(ModelStateTest, RefusalIsAnAnswerToo) {
  Do(OpenSessionCommand{});
  Stamped(1, 1, DropFamilyCommand{"new"});
  Do(CreateFamilyCommand{"new"});

  const CommandResult again = Stamped(1, 1, DropFamilyCommand{"new"});

  EXPECT_TRUE(again.repeated);
  EXPECT_EQ(again.status.code(), Code::kNotFound);
  EXPECT_TRUE(state_.families.contains("new"));
}

TEST_F(ModelStateTest, ForgottenSequenceAndUnknownSessionAreRefused) {
  EXPECT_EQ(Stamped(1, 1, CompactLogCommand{}).status.code(),
            Code::kFailedPrecondition);
  Do(OpenSessionCommand{});
  Stamped(1, 1, WriteCommand{});
  Stamped(5, 3, WriteCommand{});

  EXPECT_EQ(Stamped(1, 1, WriteCommand{}).status.code(),
            Code::kFailedPrecondition);
  EXPECT_TRUE(Stamped(4, 1, WriteCommand{}).status.ok());
  Do(CloseSessionCommand{SessionId(1)});
  EXPECT_EQ(Stamped(6, 1, WriteCommand{}).status.code(),
            Code::kFailedPrecondition);
}

TEST_F(ModelStateTest, FullSessionRefusesUntilItMayForget) {
  Do(OpenSessionCommand{});
  uint64_t sequence = 0;
  while (sequence < kSessionAnswersMax) Stamped(++sequence, 1, WriteCommand{});

  const CommandResult refused = Stamped(sequence + 1, 1, WriteCommand{});
  EXPECT_EQ(refused.status.code(), Code::kResourceExhausted);
  EXPECT_TRUE(Stamped(sequence + 1, 2, WriteCommand{}).status.ok());
}

TEST_F(ModelStateTest, LongReadsAreLostToARetry) {
  Do(OpenSessionCommand{});
  Put("k", std::string(kSessionReadBytesMax - kReadOverheadBytes, 'v'));
  Put("l", "");
  const WriteCommand fits{{}, {GetOp{kDefaultFamily, "k"}}, {}};
  const WriteCommand long_one{
      {}, {GetOp{kDefaultFamily, "k"}, GetOp{kDefaultFamily, "l"}}, {}};
  Stamped(1, 1, fits);
  EXPECT_EQ(Stamped(2, 1, long_one).reads.size(), 2u);

  EXPECT_EQ(Stamped(1, 1, fits).reads.size(), 1u);
  EXPECT_TRUE(Stamped(2, 1, long_one).reads.empty());
  EXPECT_TRUE(Stamped(2, 1, long_one).reads_dropped);
}

TEST_F(ModelStateTest, LeastRecentlyUsedSessionMakesRoom) {
  for (size_t i = 0; i < kSessionsMax; ++i) Do(OpenSessionCommand{});
  Stamped(1, 1, WriteCommand{});

  EXPECT_EQ(Do(OpenSessionCommand{}).value, kSessionsMax + 1);

  EXPECT_EQ(state_.sessions.size(), kSessionsMax);
  EXPECT_TRUE(state_.sessions.contains(SessionId(1)));
  EXPECT_FALSE(state_.sessions.contains(SessionId(2)));
}

TEST_F(ModelStateTest, AnswersOfAllSessionsAreBoundedAndTheOldestMakeRoom) {
  constexpr size_t reads = kSessionReadBytesMax / kReadOverheadBytes;
  constexpr size_t fit =
      kKeptBytesMax / (kKeptAnswerBytes + reads * kKeptReadBytes);
  WriteCommand read;
  read.operations.assign(reads, GetOp{kDefaultFamily, "k"});
  const auto stamped = [&](uint64_t session, uint64_t sequence) {
    Command command;
    command.stamp = {SessionId(session), sequence, 1};
    command.body = read;
    return Do(command);
  };
  // Five have all that fits, the first is used last; the sixth has nothing.
  for (int i = 0; i < 6; ++i) Do(OpenSessionCommand{});
  for (size_t i = 0; i < fit; ++i) stamped(5 - i % 5, 1 + i / 5);
  stamped(6, 1);
  EXPECT_EQ(state_.sessions.size(), 5u);
  EXPECT_FALSE(state_.sessions.contains(SessionId((5 - fit % 5))));

  const CommandResult refused = stamped(5 - fit % 5, 1);
  EXPECT_EQ(refused.status.code(), Code::kFailedPrecondition);
}

TEST_F(ModelStateTest, FamiliesComeAndGoWithTheirRowsAndNumbersStay) {
  const CommandResult made = Do(CreateFamilyCommand{"f"});
  EXPECT_EQ(made.value, 2u);
  EXPECT_EQ(Do(CreateFamilyCommand{"f"}).status.code(), Code::kAlreadyExists);
  Do(WriteCommand{{}, {PutOp{FamilyId(2), "k", "v"}}, {}});
  EXPECT_TRUE(Do(DropFamilyCommand{"f"}).status.ok());

  EXPECT_EQ(Do(DropFamilyCommand{"f"}).status.code(), Code::kNotFound);
  EXPECT_EQ(Do(DropFamilyCommand{"default"}).status.code(),
            Code::kInvalidArgument);
  EXPECT_EQ(Do(CreateFamilyCommand{"f"}).value, 3u);
  EXPECT_TRUE(state_.rows.at(FamilyId(3)).empty());
}

TEST_F(ModelStateTest, FamiliesAreLimited) {
  for (size_t i = 1; i < kFamiliesMax; ++i) {
    const std::string name = absl::StrCat("family ", i);
    ASSERT_TRUE(Do(CreateFamilyCommand{name}).status.ok());
  }
  EXPECT_EQ(Do(CreateFamilyCommand{"one more"}).status.code(),
            Code::kResourceExhausted);
}

TEST_F(ModelStateTest, TruncatedStateMovesForwardOnly) {
  const auto compact = [this](uint64_t index, uint64_t term) {
    return Do(CompactLogCommand{LogIndex(index), Term(term)}).status.code();
  };

  EXPECT_EQ(compact(5, 2), Code::kOk);
  EXPECT_EQ(compact(4, 1), Code::kOk);
  EXPECT_EQ(state_.progress.truncated, (EntryId{LogIndex(5), Term(2)}));
  EXPECT_EQ(compact(6, 1), Code::kInvalidArgument);
  EXPECT_EQ(compact(6, 3), Code::kInvalidArgument);
  EXPECT_EQ(compact(next_.value() + 2, 2), Code::kInvalidArgument);
  EXPECT_EQ(compact(next_.value() + 1, 2), Code::kOk);
  EXPECT_EQ(state_.progress.truncated, (EntryId{next_, Term(2)}));
}

TEST_F(ModelStateTest, MemberKeepsTheStoreThatItIsBoundTo) {
  const auto set = [this](uint64_t store, std::string_view address) {
    return Do(SetMemberCommand{ReplicaId(1), store, "n", address})
        .status.code();
  };

  EXPECT_EQ(set(0, "a"), Code::kOk);
  EXPECT_EQ(set(7, "b"), Code::kOk);
  EXPECT_EQ(set(0, "c"), Code::kOk);
  EXPECT_EQ(set(0, ""), Code::kOk);
  EXPECT_EQ(set(8, "d"), Code::kAlreadyExists);
  EXPECT_EQ(state_.region.members.at(ReplicaId(1)),
            (MemberRecord{StoreId(7), "n", "c"}));
}

TEST_F(ModelStateTest, MembersAreLimited) {
  ConfState conf;
  for (size_t i = 1; i <= kMembersMax; ++i) {
    conf.voters.push_back(ReplicaId(i));
    ASSERT_TRUE(Do(SetMemberCommand{ReplicaId(i), 0, "", ""}).status.ok());
  }
  ApplyConfiguration(conf, state_);
  const SetMemberCommand one_more{ReplicaId(kMembersMax + 1), 0, "", ""};
  EXPECT_EQ(Do(one_more).status.code(), Code::kResourceExhausted);
  EXPECT_TRUE(Do(SetMemberCommand{ReplicaId(1), 0, "new", ""}).status.ok());

  Do(SetMemberCommand{ReplicaId(2), 20, "", ""});
  conf.voters.erase(conf.voters.begin() + 1);
  ApplyConfiguration(conf, state_);
  EXPECT_TRUE(state_.region.members.contains(ReplicaId(2)));
  EXPECT_TRUE(Do(one_more).status.ok());
  EXPECT_FALSE(state_.region.members.contains(ReplicaId(2)));
}

TEST_F(ModelStateTest, OfWhoLeavesTheConfigurationTheStoreIsKept) {
  const auto conf = [](const std::vector<uint64_t>& ids) {
    ConfState made;
    for (const uint64_t id : ids) made.voters.push_back(ReplicaId(id));
    return made;
  };
  ApplyConfiguration(conf({1, 2}), state_);
  for (uint64_t id = 1; id <= 3; ++id) {
    Do(SetMemberCommand{ReplicaId(id), 0, "n", "a:1"});
  }
  ApplyConfiguration(conf({1, 2, 4}), state_);
  Do(SetMemberCommand{ReplicaId(4), 40, "", ""});
  EXPECT_EQ(Do(SetMemberCommand{ReplicaId(5), 50, "", ""}).status.code(),
            Code::kNotFound);

  ApplyConfiguration(conf({2}), state_);

  EXPECT_EQ(state_.region.epoch.conf_version, 3u);
  EXPECT_EQ(state_.region.members.at(ReplicaId(4)),
            (MemberRecord{StoreId(40), "", ""}));
  EXPECT_FALSE(state_.region.members.contains(ReplicaId(1)));
  EXPECT_TRUE(state_.region.members.contains(ReplicaId(2)));
  EXPECT_TRUE(state_.region.members.contains(ReplicaId(3)));
}

}  // namespace
}  // namespace trimaran::engine
