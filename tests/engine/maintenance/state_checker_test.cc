// Goal: each way in which rows can contradict each other is a finding, and a
// sound state has none. Method: rows made by hand, one rule broken at a time.

#include "engine/maintenance/state_checker.h"

#include <map>
#include <string>

#include "engine/format/keys.h"
#include "engine/format/records.h"
#include "engine/format/row_value.h"
#include "gmock/gmock.h"
#include "gtest/gtest.h"

namespace trimaran::engine {
namespace {

using ::testing::HasSubstr;
using ::testing::IsEmpty;

constexpr GroupId kGroup{1};
constexpr StoreId kStore{0x51};

std::string RowBytes(uint64_t version) {
  std::string bytes;
  EncodeRowValue({LogIndex(version), "value"}, bytes);
  return bytes;
}

// A table with a session, two families, a dropped one and two rows; applied up
// to entry 20.
class StateCheckerTest : public ::testing::Test {
 protected:
  StateCheckerTest() {
    Set(LocalIdentKey{},
        EncodeRecord(LocalIdentRecord{kTableFormatVersion, kStore, 3}));
    ApplyStateRecord apply;
    apply.state.applied = {{LogIndex(20), Term(2)}, ChainValue{7}};
    apply.state.truncated = {LogIndex(10), Term(1)};
    apply.last_session = SessionId(5);
    apply.last_family = FamilyId(3);
    Set(ApplyStateKey{kGroup}, EncodeRecord(apply));
    RegionRecord region;
    region.group = kGroup;
    region.region.conf.voters = {ReplicaId(1)};
    Set(RegionStateKey{kGroup}, EncodeRecord(region));
    SetSession(5, 5, 15, 12);
    SetFamily(1, 1, "default");
    SetFamily(2, 2, "other");
    Set(GarbageKey{kGroup, FamilyId(3)},
        EncodeRecord(FamilyRecord{FamilyId(3), "gone"}));
    Set(RowKey{kGroup, FamilyId(1), "k"}, RowBytes(20));
    Set(RowKey{kGroup, FamilyId(3), "k"}, RowBytes(11));
  }

  template <typename AnyKey>
  void Set(const AnyKey& key, const std::string& value) {
    rows_[KeyOf(key)] = value;
  }
  template <typename AnyKey>
  void Remove(const AnyKey& key) {
    rows_.erase(KeyOf(key));
  }
  void SetFamily(uint64_t key, uint64_t id, const std::string& name) {
    Set(FamilyKey{kGroup, FamilyId(key)},
        EncodeRecord(FamilyRecord{FamilyId(id), name}));
  }
  void SetSession(uint64_t key, uint64_t id, uint64_t last_used,
                  uint64_t answered) {
    SessionRecord session;
    session.id = SessionId(id);
    session.last_used = LogIndex(last_used);
    session.answers[1].index = LogIndex(answered);
    Set(SessionKey{kGroup, SessionId(key)}, EncodeRecord(session));
  }

  // All findings, one on each line.
  std::string Findings() const {
    CheckResult result("state");
    StateChecker checker(source_, result);
    for (const auto& [key, value] : rows_) checker.Add(key, value);
    checker.Finish();
    std::string text;
    for (const Finding& finding : result.findings()) {
      text += finding.where + ": " + finding.what + "\n";
    }
    return text;
  }

  StateSource source_{StateSource::Kind::kTable, kGroup, kStore, 3};
  std::map<std::string, std::string> rows_;
};

TEST_F(StateCheckerTest, SoundTableHasNoFindings) {
  EXPECT_THAT(Findings(), IsEmpty());
}

TEST_F(StateCheckerTest, ExportHasNothingThatIsOneStoresOwn) {
  source_.kind = StateSource::Kind::kReplicated;
  EXPECT_THAT(Findings(), HasSubstr("local ident: belongs to one store alone"));
  Remove(LocalIdentKey{});
  Remove(GarbageKey{kGroup, FamilyId(3)});
  Remove(RowKey{kGroup, FamilyId(3), "k"});
  EXPECT_THAT(Findings(), IsEmpty());
}

TEST_F(StateCheckerTest, MissingRecordsAreFound) {
  Remove(LocalIdentKey{});
  Remove(ApplyStateKey{kGroup});
  Remove(RegionStateKey{kGroup});
  Remove(FamilyKey{kGroup, FamilyId(1)});
  const std::string findings = Findings();
  EXPECT_THAT(findings, HasSubstr("does not say which one it is"));
  EXPECT_THAT(findings, HasSubstr("has no apply state"));
  EXPECT_THAT(findings, HasSubstr("has no region state"));
  EXPECT_THAT(findings, HasSubstr("has no default family"));
  EXPECT_THAT(findings, HasSubstr("is of a family that never was"));
}

TEST_F(StateCheckerTest, TableOfAnotherStoreGenerationOrFormatIsFound) {
  Set(LocalIdentKey{},
      EncodeRecord(LocalIdentRecord{kTableFormatVersion, StoreId(9), 4}));
  EXPECT_THAT(Findings(), HasSubstr("local ident: is of store 9"));
  EXPECT_THAT(Findings(), HasSubstr("local ident: is of generation 4"));
  Set(LocalIdentKey{},
      EncodeRecord(LocalIdentRecord{kTableFormatVersion + 1, kStore, 3}));
  EXPECT_THAT(Findings(), HasSubstr("local ident: "));
}

TEST_F(StateCheckerTest, WhatIsNewerThanTheAppliedEntryIsFound) {
  Set(RowKey{kGroup, FamilyId(1), "k"}, RowBytes(21));
  SetSession(5, 5, 22, 12);
  const std::string findings = Findings();
  EXPECT_THAT(findings,
              HasSubstr("was written by entry 21, after the applied"));
  EXPECT_THAT(findings, HasSubstr("was used by entry 22, after the applied"));
}

TEST_F(StateCheckerTest, AnswerAfterTheLastUseIsFound) {
  SetSession(5, 5, 15, 16);
  EXPECT_THAT(Findings(), HasSubstr("has an answer of entry 16 to command 1"));
}

TEST_F(StateCheckerTest, IdsThatWereNotGivenYetAreFound) {
  SetSession(6, 6, 15, 12);
  SetFamily(4, 4, "early");
  EXPECT_THAT(Findings(), HasSubstr("the last one was 5"));
  EXPECT_THAT(Findings(), HasSubstr("the last one was 3"));
}

TEST_F(StateCheckerTest, RecordsUnderOthersKeysAreFound) {
  SetSession(4, 5, 15, 12);
  SetFamily(2, 1, "other");
  EXPECT_THAT(Findings(), HasSubstr("says that it is session 5"));
  EXPECT_THAT(Findings(), HasSubstr("says that it is family 1"));
}

TEST_F(StateCheckerTest, FamiliesAreToldApart) {
  SetFamily(2, 2, "default");
  SetFamily(3, 3, "gone");
  EXPECT_THAT(Findings(), HasSubstr("has the name of another family"));
  EXPECT_THAT(Findings(), HasSubstr("is of a family that is not dropped"));
}

TEST_F(StateCheckerTest, RowsOfOtherKindsGroupsAndShapesAreFound) {
  Set(LogEntryKey{kGroup, LogIndex(3)}, "");
  Set(RowKey{GroupId(2), FamilyId(1), "k"}, RowBytes(3));
  Set(RowKey{kGroup, FamilyId(1), "l"}, "");
  rows_["strange"] = "";
  const std::string findings = Findings();
  EXPECT_THAT(findings, HasSubstr("is a row that no table has"));
  EXPECT_THAT(findings, HasSubstr("is of group 2"));
  EXPECT_THAT(findings, HasSubstr("has a value that no row has"));
  EXPECT_THAT(findings, HasSubstr("not a key of the state machine"));
}

TEST_F(StateCheckerTest, DamagedRecordIsFoundWhereItLies) {
  rows_[KeyOf(ApplyStateKey{kGroup})].back() ^= 1;
  EXPECT_THAT(Findings(), HasSubstr("group 1 apply state: "));
}

TEST(CheckResultTest, CountsWhatItDoesNotKeep) {
  CheckResult result("check");
  for (size_t i = 0; i < CheckResult::kFindingsMax + 3; ++i) {
    result.Note("here", "a thing");
  }
  EXPECT_EQ(result.findings().size(), CheckResult::kFindingsMax);
  EXPECT_EQ(result.findings_not_kept(), 3u);
  EXPECT_FALSE(result.damaged());
  result.Damage("there", "another");
  EXPECT_TRUE(result.damaged());
}

}  // namespace
}  // namespace trimaran::engine
