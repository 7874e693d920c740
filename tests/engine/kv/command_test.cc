// Goal: each command does what engine/format/command.h says, and a refused one
// nothing. Method: a state machine in a real home, one command at a time.

#include <string>

#include "engine/base/errors.h"
#include "engine/format/limits.h"
#include "gmock/gmock.h"
#include "gtest/gtest.h"
#include "tests/engine/kv/kv_home.h"

namespace trimaran::engine {
namespace {

using ::testing::ElementsAre;
using ::testing::Optional;
using Code = absl::StatusCode;

class CommandTest : public ::testing::Test {
 protected:
  CommandResult Do(CommandBody body) {
    return ApplyOne(*home_, log_.Entry(std::move(body)));
  }
  Code CodeOf(CommandBody body) { return Do(std::move(body)).status.code(); }
  FamilyId NewFamily(std::string_view name) {
    return FamilyId(Do(CreateFamilyCommand{name}).value);
  }

  KvHome home_;
  LogMaker log_;
};

TEST_F(CommandTest, PutIsReadBackWithItsEntryAsVersion) {
  const CommandResult result = Do(Put("k", "v"));

  EXPECT_TRUE(result.status.ok());
  EXPECT_TRUE(result.succeeded);
  EXPECT_FALSE(result.repeated);
  EXPECT_EQ(result.index, LogIndex(1));
  EXPECT_EQ(ValueOf(*home_, "k"), "v");
  EXPECT_EQ(ValueOf(*home_, "other"), "(none)");
  auto view = *home_->NewView();
  auto rows = *view->NewIterator(kDefaultFamily, {});
  rows->SeekToFirst();
  EXPECT_EQ(rows->version(), LogIndex(1));
}

TEST_F(CommandTest, DeleteCountsTheRowsThatItMet) {
  Do(Batch({PutOp{kDefaultFamily, "a", "1"}, PutOp{kDefaultFamily, "b", "2"}}));

  const CommandResult result =
      Do(Batch({DeleteOp{kDefaultFamily, "a"}, DeleteOp{kDefaultFamily, "a"},
                DeleteOp{kDefaultFamily, "absent"}}));

  EXPECT_EQ(result.value, 1u);
  EXPECT_EQ(ValueOf(*home_, "a"), "(none)");
  EXPECT_EQ(ValueOf(*home_, "b"), "2");
}

// Covers: E16
TEST_F(CommandTest, DeleteRangeTakesBeginAndLeavesEnd) {
  Do(Batch({PutOp{kDefaultFamily, "a", "1"}, PutOp{kDefaultFamily, "b", "2"},
            PutOp{kDefaultFamily, "c", "3"}, PutOp{kDefaultFamily, "d", "4"}}));

  EXPECT_EQ(Do(DeleteRange("b", "d")).value, 2u);

  EXPECT_EQ(ValueOf(*home_, "a"), "1");
  EXPECT_EQ(ValueOf(*home_, "b"), "(none)");
  EXPECT_EQ(ValueOf(*home_, "d"), "4");
  EXPECT_EQ(Do(DeleteRange("x", "x")).value, 0u);
  EXPECT_EQ(Do(DeleteRange("", "")).value, 2u);
  EXPECT_EQ(ValueOf(*home_, "a"), "(none)");
}

TEST_F(CommandTest, DeleteRangeEndsWhereItsFamilyEnds) {
  const FamilyId middle = NewFamily("middle");
  const FamilyId last = NewFamily("last");
  Do(Batch({PutOp{kDefaultFamily, "\xff\xff", "1"}, PutOp{middle, "k", "2"},
            PutOp{last, std::string_view("\0", 1), "3"}}));

  EXPECT_EQ(Do(Batch({DeleteRangeOp{middle, "", ""}})).value, 1u);

  EXPECT_EQ(ValueOf(*home_, "\xff\xff"), "1");
  EXPECT_EQ(ValueOf(*home_, std::string_view("\0", 1), last), "3");
}

// Covers: E19b
TEST_F(CommandTest, OperationsOfOneCommandSeeTheOnesBefore) {
  const CommandResult result = Do(
      Batch({GetOp{kDefaultFamily, "k"}, PutOp{kDefaultFamily, "k", "1"},
             GetOp{kDefaultFamily, "k"}, DeleteRangeOp{kDefaultFamily, "", ""},
             GetOp{kDefaultFamily, "k"}, PutOp{kDefaultFamily, "k", "2"},
             GetOp{kDefaultFamily, "k"}}));

  EXPECT_THAT(result.reads,
              ElementsAre(std::nullopt, Optional(std::string("1")),
                          std::nullopt, Optional(std::string("2"))));
  EXPECT_EQ(result.value, 1u);
}

// Covers: E19b
TEST_F(CommandTest, ReadSeesTheStateAtItsPlaceInTheBatch) {
  const std::vector<CommandResult> results =
      ApplyAll(*home_, {log_.Entry(Put("k", "1")), log_.Entry(Read("k")),
                        log_.Entry(Put("k", "2")), log_.Entry(Read("k"))});

  EXPECT_THAT(results[1].reads, ElementsAre(Optional(std::string("1"))));
  EXPECT_THAT(results[3].reads, ElementsAre(Optional(std::string("2"))));
}

TEST_F(CommandTest, CompareDecidesWhichListIsDone) {
  Do(Put("k", "v"));
  const auto Try = [&](const Compare& compare) {
    return Do(WriteCommand{{compare}, {}, {GetOp{kDefaultFamily, "k"}}});
  };
  const auto On = [](std::string_view key, CompareKind kind) {
    return Compare{kDefaultFamily, key, kind, {}, {}};
  };

  EXPECT_TRUE(Try(On("k", CompareKind::kExists)).succeeded);
  EXPECT_FALSE(Try(On("absent", CompareKind::kExists)).succeeded);
  EXPECT_FALSE(Try(On("k", CompareKind::kAbsent)).succeeded);
  EXPECT_TRUE(Try(On("absent", CompareKind::kAbsent)).succeeded);
  Compare value = On("k", CompareKind::kValueEquals);
  EXPECT_FALSE(Try(value).succeeded);
  value.value = "v";
  EXPECT_TRUE(Try(value).succeeded);
  value.key = "absent";
  EXPECT_FALSE(Try(value).succeeded);
  Compare version = On("k", CompareKind::kVersionEquals);
  version.version = LogIndex(1);
  EXPECT_TRUE(Try(version).succeeded);
  EXPECT_EQ(Try(version).reads.size(), 0u);
  version.version = LogIndex(2);
  EXPECT_FALSE(Try(version).succeeded);
  EXPECT_EQ(Try(version).reads.size(), 1u);
  version.key = "absent";
  version.version = LogIndex();
  EXPECT_TRUE(Try(version).succeeded);
}

TEST_F(CommandTest, ComparesLookAtTheStateBeforeTheCommand) {
  const Compare absent{kDefaultFamily, "k", CompareKind::kAbsent, {}, {}};

  const CommandResult result =
      Do(WriteCommand{{absent, absent}, {PutOp{kDefaultFamily, "k", "1"}}, {}});

  EXPECT_TRUE(result.succeeded);
  EXPECT_EQ(ValueOf(*home_, "k"), "1");
}

TEST_F(CommandTest, UnknownFamilyRefusesTheWholeCommand) {
  Do(Put("k", "v"));
  const Stream before = ExportOf(*home_);
  const FamilyId unknown(9);

  EXPECT_EQ(CodeOf(Batch(
                {PutOp{kDefaultFamily, "k", "w"}, PutOp{unknown, "k", "w"}})),
            Code::kNotFound);
  EXPECT_EQ(CodeOf(Batch({DeleteRangeOp{kDefaultFamily, "", ""},
                          DeleteRangeOp{unknown, "", ""}})),
            Code::kNotFound);
  EXPECT_EQ(CodeOf(WriteCommand{{{unknown, "k", CompareKind::kAbsent, {}, {}}},
                                {PutOp{kDefaultFamily, "k", "w"}},
                                {}}),
            Code::kNotFound);

  EXPECT_EQ(ValueOf(*home_, "k"), "v");
  EXPECT_EQ(ExportOf(*home_).size(), before.size());
}

TEST_F(CommandTest, FamilyOfTheListThatIsNotDoneNeedNotExist) {
  const CommandResult result =
      Do(WriteCommand{{{kDefaultFamily, "k", CompareKind::kAbsent, {}, {}}},
                      {PutOp{kDefaultFamily, "k", "v"}},
                      {PutOp{FamilyId(9), "k", "v"}}});

  EXPECT_TRUE(result.status.ok()) << result.status;
}

TEST_F(CommandTest, FamiliesAreCreatedDroppedAndNeverNumberedAgain) {
  EXPECT_EQ(NewFamily("users"), FamilyId(2));
  EXPECT_EQ(CodeOf(CreateFamilyCommand{"users"}), Code::kAlreadyExists);
  EXPECT_EQ(CodeOf(CreateFamilyCommand{"default"}), Code::kAlreadyExists);
  EXPECT_EQ(CodeOf(DropFamilyCommand{"default"}), Code::kInvalidArgument);
  EXPECT_EQ(CodeOf(DropFamilyCommand{"absent"}), Code::kNotFound);
  EXPECT_EQ(CodeOf(DropFamilyCommand{"users"}), Code::kOk);
  EXPECT_EQ(NewFamily("users"), FamilyId(3));
  EXPECT_THAT(home_->families(), ElementsAre(Family{kDefaultFamily, "default"},
                                             Family{FamilyId(3), "users"}));
}

TEST_F(CommandTest, DroppedFamilyIsGoneAtOnceAndItsNewNamesakeEmpty) {
  const FamilyId old = NewFamily("users");
  Do(Batch({PutOp{old, "k", "v"}}));

  const std::vector<CommandResult> results =
      ApplyAll(*home_, {log_.Entry({{{}, DropFamilyCommand{"users"}},
                                    {{}, Batch({GetOp{old, "k"}})},
                                    {{}, CreateFamilyCommand{"users"}}})});

  EXPECT_EQ(results[1].status.code(), Code::kNotFound);
  const FamilyId young(results[2].value);
  EXPECT_EQ(ValueOf(*home_, "k", young), "(none)");
  std::string value;
  EXPECT_EQ(home_->Get(old, "k", value).status().code(), Code::kNotFound);
}

TEST_F(CommandTest, FamiliesAreLimited) {
  std::vector<std::string> names;
  for (size_t i = 1; i < kFamiliesMax; ++i) names.push_back(std::to_string(i));
  std::vector<Command> commands;
  for (const std::string& name : names) {
    commands.push_back({std::nullopt, CreateFamilyCommand{name}});
  }
  for (const CommandResult& result : ApplyAll(*home_, {log_.Entry(commands)})) {
    EXPECT_TRUE(result.status.ok()) << result.status;
  }

  const CommandResult result = Do(CreateFamilyCommand{"one too many"});

  EXPECT_EQ(result.status.code(), Code::kResourceExhausted);
  EXPECT_THAT(std::string(result.status.message()), testing::HasSubstr("1024"));
  EXPECT_EQ(home_->families().size(), kFamiliesMax);
}

// Covers: F2, F3, F8a
TEST_F(CommandTest, CompactionMovesTheTruncatedStateForwardOnly) {
  for (int i = 0; i < 4; ++i) Do(Put("k", "v"));

  EXPECT_EQ(CodeOf(CompactLogCommand{LogIndex(3), Term(1)}), Code::kOk);
  EXPECT_EQ(home_->applied().truncated, (EntryId{LogIndex(3), Term(1)}));
  EXPECT_EQ(home_->applied().applied.id.index, LogIndex(5));
  EXPECT_EQ(CodeOf(CompactLogCommand{LogIndex(3), Term(1)}), Code::kOk);
  EXPECT_EQ(CodeOf(CompactLogCommand{LogIndex(2), Term(1)}), Code::kOk);
  EXPECT_EQ(home_->applied().truncated.index, LogIndex(3));
  EXPECT_EQ(home_->applied().applied.id.index, LogIndex(7));

  EXPECT_EQ(CodeOf(CompactLogCommand{LogIndex(8), Term(1)}), Code::kOk);
  EXPECT_EQ(home_->applied().truncated.index, LogIndex(8));
}

TEST_F(CommandTest, CompactionToWhatCannotBeIsRefused) {
  Do(Put("k", "v"));
  log_.set_term(Term(3));
  Do(CompactLogCommand{LogIndex(1), Term(1)});
  for (int i = 0; i < 4; ++i) Do(Put("k", "v"));

  EXPECT_EQ(CodeOf(CompactLogCommand{LogIndex(8), Term(3)}),
            Code::kInvalidArgument);
  EXPECT_EQ(CodeOf(CompactLogCommand{LogIndex(5), Term(4)}),
            Code::kInvalidArgument);
  EXPECT_EQ(CodeOf(CompactLogCommand{LogIndex(9), Term(2)}),
            Code::kInvalidArgument);
  EXPECT_EQ(home_->applied().truncated, (EntryId{LogIndex(1), Term(1)}));
  EXPECT_EQ(CodeOf(CompactLogCommand{LogIndex(2), Term(2)}), Code::kOk);
}

TEST_F(CommandTest, MemberIsBoundToOneStore) {
  const ReplicaId replica(7);
  EXPECT_EQ(CodeOf(SetMemberCommand{replica, 42, "", ""}), Code::kNotFound);
  EXPECT_EQ(CodeOf(SetMemberCommand{replica, 0, "n", "a:1"}), Code::kOk);
  EXPECT_EQ(CodeOf(SetMemberCommand{replica, 42, "", ""}), Code::kOk);
  EXPECT_EQ(CodeOf(SetMemberCommand{replica, 43, "m", "b:2"}),
            Code::kAlreadyExists);
  EXPECT_EQ(home_->region().members.at(replica),
            (MemberRecord{StoreId(42), "n", "a:1"}));
  EXPECT_EQ(CodeOf(SetMemberCommand{replica, 0, "m", "b:2"}), Code::kOk);
  EXPECT_EQ(home_->region().members.at(replica),
            (MemberRecord{StoreId(42), "m", "b:2"}));
}

TEST_F(CommandTest, WhatIsNotSaidOfAMemberStays) {
  const ReplicaId replica(7);
  const auto after = [&](std::string_view name, std::string_view address) {
    EXPECT_EQ(CodeOf(SetMemberCommand{replica, 0, name, address}), Code::kOk);
    return home_->region().members.at(replica);
  };
  EXPECT_EQ(after("n", ""), (MemberRecord{StoreId(), "n", ""}));
  EXPECT_EQ(after("", "a:1"), (MemberRecord{StoreId(), "n", "a:1"}));
  EXPECT_EQ(after("m", ""), (MemberRecord{StoreId(), "m", "a:1"}));
  EXPECT_EQ(after("", ""), (MemberRecord{StoreId(), "m", "a:1"}));
}

class MemberTableTest : public CommandTest {
 protected:
  // As many members as there can be, all of them bound.
  ConfState FillMembers() {
    ConfState conf;
    std::vector<Command> commands;
    for (uint64_t id = 1; id <= kMembersMax; ++id) {
      conf.voters.push_back(ReplicaId(id));
      commands.push_back(
          {std::nullopt, SetMemberCommand{ReplicaId(id), id, "n", "a:1"}});
    }
    ApplyAll(*home_, {log_.Conf(conf), log_.Entry(commands)});
    return conf;
  }
};

TEST_F(MemberTableTest, MembersAreLimited) {
  FillMembers();

  EXPECT_EQ(CodeOf(SetMemberCommand{ReplicaId(999), 0, "n", "a:1"}),
            Code::kResourceExhausted);
  EXPECT_EQ(CodeOf(SetMemberCommand{ReplicaId(1), 0, "other", "a:1"}),
            Code::kOk);
}

TEST_F(MemberTableTest, WhoIsNoMemberMakesRoomForANewRecord) {
  ConfState fewer = FillMembers();
  std::erase_if(fewer.voters, [](ReplicaId id) {
    return id == ReplicaId(3) || id == ReplicaId(5);
  });
  ApplyAll(*home_, {log_.Conf(fewer)});

  EXPECT_EQ(CodeOf(SetMemberCommand{ReplicaId(999), 0, "n", "a:1"}), Code::kOk);
  EXPECT_FALSE(home_->region().members.contains(ReplicaId(3)));
  EXPECT_TRUE(home_->region().members.contains(ReplicaId(5)));
  // It is no member either, but it need not make room for itself.
  EXPECT_EQ(CodeOf(SetMemberCommand{ReplicaId(5), 0, "n", "a:1"}), Code::kOk);
  // Whose store nobody knows goes before it.
  EXPECT_EQ(CodeOf(SetMemberCommand{ReplicaId(1000), 0, "n", "a:1"}),
            Code::kOk);
  EXPECT_FALSE(home_->region().members.contains(ReplicaId(999)));
  EXPECT_TRUE(home_->region().members.contains(ReplicaId(5)));
  EXPECT_EQ(home_->region().members.size(), kMembersMax);
}

TEST_F(CommandTest, ChangeOfMembershipIsKeptAndCounted) {
  ConfState two;
  two.voters = {ReplicaId(1), ReplicaId(2)};
  ConfState other;
  other.voters = {ReplicaId(2)};
  two.learners = {ReplicaId(4)};
  Do(SetMemberCommand{ReplicaId(1), 0, "one", "a:1"});
  Do(SetMemberCommand{ReplicaId(1), 10, "", ""});
  Do(SetMemberCommand{ReplicaId(3), 0, "to be", "c:1"});
  Do(SetMemberCommand{ReplicaId(4), 0, "unbound", "d:1"});

  ApplyAll(*home_, {log_.Conf(two), log_.Conf(other)});

  const RegionState region = home_->region();
  EXPECT_EQ(region.conf, other);
  EXPECT_EQ(region.epoch, (RegionEpoch{2, 0}));
  // Nobody else may speak under its id.
  EXPECT_EQ(region.members.at(ReplicaId(1)),
            (MemberRecord{StoreId(10), "", ""}));
  EXPECT_TRUE(region.members.contains(ReplicaId(3)));
  EXPECT_FALSE(region.members.contains(ReplicaId(4)));
}

TEST_F(CommandTest, ReadsBeyondTheLimitAreDropped) {
  const std::string large(kValueBytesMax, 'x');
  Do(Put("k", large));

  const CommandResult two =
      Do(Batch({GetOp{kDefaultFamily, "none"}, GetOp{kDefaultFamily, "k"}}));
  const CommandResult three = Do(
      Batch({GetOp{kDefaultFamily, "k"}, GetOp{kDefaultFamily, "k"},
             PutOp{kDefaultFamily, "done", "1"}, GetOp{kDefaultFamily, "k"}}));

  EXPECT_EQ(two.reads.size(), 2u);
  EXPECT_EQ(two.reads[1], large);
  EXPECT_TRUE(three.reads.empty());
  EXPECT_TRUE(three.reads_dropped);
  EXPECT_EQ(ValueOf(*home_, "done"), "1");
}

TEST_F(CommandTest, ReadsOfAllCommandsOfAnEntryAreLimitedTogether) {
  const std::string large(kReadBytesMax / 2 - kReadOverheadBytes, 'x');
  Do(Put("k", large));
  Do(Put("s", "short"));
  const Command read_large{std::nullopt, Read("k")};
  const Command read_short{std::nullopt, Read("s")};

  const std::vector<CommandResult> results = ApplyAll(
      *home_, {log_.Entry({read_large, read_large, read_large, read_short})});
  const CommandResult alone = Do(Read("k"));

  EXPECT_EQ(results[1].reads, alone.reads);
  EXPECT_TRUE(results[2].reads.empty());
  EXPECT_TRUE(results[2].reads_dropped);
  // Costs nobody anything, and is what most commands read.
  EXPECT_EQ(results[3].reads[0], "short");
  EXPECT_EQ(alone.reads[0], large);
}

}  // namespace
}  // namespace trimaran::engine
