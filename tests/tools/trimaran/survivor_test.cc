// Goal: of several survivors the one is chosen that an election would prefer,
// what is said to be kept, dropped and lost is true, and histories that cannot
// be of one group are refused. Method: stores of the engine whose logs are
// written entry by entry.

#include "tools/trimaran/survivor.h"

#include <unistd.h>

#include <atomic>
#include <memory>
#include <string>
#include <utility>
#include <vector>

#include "absl/strings/str_cat.h"
#include "engine/engine.h"
#include "engine/founding.h"
#include "gmock/gmock.h"
#include "gtest/gtest.h"
#include "tests/support/engine/temp_home.h"

namespace trimaran::tool {
namespace {

using ::testing::HasSubstr;

constexpr ClusterId kSuccessor{.high = 1, .low = 2};

// The log of a member, from entry 6 on: the term of each entry.
struct Member {
  uint64_t replica = 1;
  std::vector<uint64_t> terms;
  uint64_t commit = 5;
  // The directory to which it knows replica 2 to be bound; 0: to none.
  uint64_t store_of_2 = 0;
};

class SurvivorTest : public ::testing::Test {
 protected:
  // Members of a group of `size` voters.
  absl::StatusOr<RecoveryPlan> Plan(const std::vector<Member>& members,
                                    uint64_t size = 3) {
    survivors_.clear();
    for (const Member& member : members) {
      survivors_.push_back(Survive(member, size));
    }
    return PlanRecovery(survivors_, kSuccessor);
  }

  Survivor Survive(const Member& member, uint64_t size) {
    const std::string path = home_.Beside(absl::StrCat(++stores_));
    MakeStore(member, size, path);
    Output out(STDERR_FILENO, Output::Style::kPlain);
    Environment environment{home_.files(), out, out, interrupted_};
    const MonotonicClock clock;
    ProgressBar progress(environment, clock);
    auto survivor = LookAtSurvivor(path, progress, environment);
    EXPECT_TRUE(survivor.ok()) << survivor.status();
    return *std::move(survivor);
  }

  void MakeStore(const Member& member, uint64_t size, const std::string& path) {
    engine::NewStore store = engine::SoleStore();
    store.identity.replica = ReplicaId(member.replica);
    store.identity.store = StoreId(0x100 + stores_);
    store.conf.voters.clear();
    for (uint64_t id = 1; id <= size; ++id) {
      store.conf.voters.push_back(ReplicaId(id));
    }
    if (member.store_of_2 != 0) {
      store.members[ReplicaId(2)].store = StoreId(member.store_of_2);
    }
    const engine::EngineOptions options = home_.options_at(path);
    ASSERT_TRUE(engine::FoundGroup(options, store).ok());
    const auto engine = engine::Engine::Open(options);
    ASSERT_TRUE(engine.ok()) << engine.status();
    LogIndex index(5);
    Term last;
    for (const uint64_t term : member.terms) {
      last = Term(term);
      const LogEntry entry{++index, last, EntryType::kNormal, Payload()};
      const HardState hard_state{last, ReplicaId(), LogIndex(5)};
      ASSERT_TRUE((*engine)
                      ->log()
                      .Append({.entries = {&entry, 1},
                               .hard_state = hard_state,
                               .must_sync = true})
                      .ok());
    }
    if (member.commit > 5) {
      const HardState hard_state{last, ReplicaId(), LogIndex(member.commit)};
      ASSERT_TRUE(
          (*engine)
              ->log()
              .Append(
                  {.entries = {}, .hard_state = hard_state, .must_sync = true})
              .ok());
    }
    ASSERT_TRUE((*engine)->Close().ok());
  }

  std::vector<std::string> Lines(const RecoveryPlan& plan) {
    return ExplainPlan(survivors_, plan);
  }

  engine::TempHome home_;
  std::vector<Survivor> survivors_;
  uint64_t stores_ = 0;
  std::atomic<bool> interrupted_ = false;
};

TEST_F(SurvivorTest, LaterTermBeatsMoreEntries) {
  const auto plan = Plan({{.replica = 1, .terms = {6, 6, 6, 6}, .commit = 6},
                          {.replica = 2, .terms = {6, 7}}});
  ASSERT_TRUE(plan.ok()) << plan.status();
  EXPECT_EQ(plan->chosen, 1u);
  EXPECT_EQ(plan->certain, LogIndex(6));
  EXPECT_EQ(plan->last, (EntryId{LogIndex(7), Term(7)}));
  EXPECT_EQ(plan->agreements[0].last_common, LogIndex(6));
  EXPECT_EQ(plan->agreements[0].dropped, 3u);
  EXPECT_EQ(plan->agreements[1].dropped, 0u);
}

TEST_F(SurvivorTest, MoreEntriesBeatFewerOfTheSameTerm) {
  const auto plan = Plan({{.replica = 1, .terms = {6, 6}},
                          {.replica = 2, .terms = {6, 6, 6}},
                          {.replica = 3, .terms = {6}}});
  ASSERT_TRUE(plan.ok()) << plan.status();
  EXPECT_EQ(plan->chosen, 1u);
  EXPECT_EQ(plan->agreements[0].dropped, 0u);
  EXPECT_EQ(plan->agreements[2].last_common, LogIndex(6));
}

TEST_F(SurvivorTest, QuorumsAreCounted) {
  struct Case {
    std::vector<uint64_t> here;
    uint64_t voters;
    bool quorum;
    bool complete;
  };
  const std::vector<Case> cases = {
      {{1}, 1, true, true},      {{1}, 3, false, false},
      {{1, 3}, 3, true, true},   {{1, 2}, 4, false, true},
      {{1, 2}, 5, false, false}, {{1, 2, 3}, 5, true, true},
  };
  for (const Case& one : cases) {
    std::vector<Member> members;
    for (const uint64_t id : one.here) {
      members.push_back({.replica = id, .terms = {6}});
    }
    const auto plan = Plan(members, one.voters);
    ASSERT_TRUE(plan.ok()) << plan.status();
    EXPECT_EQ(plan->quorum, one.quorum) << one.voters;
    EXPECT_EQ(plan->complete, one.complete) << one.voters;
  }
}

// Voters 1 to 3 became 1 to 4, and their last majority may have been 1 and 3.
TEST_F(SurvivorTest, HalfOfAnEvenGroupThatHasChangedMayLackSomething) {
  ASSERT_TRUE(
      Plan({{.replica = 2, .terms = {6}}, {.replica = 4, .terms = {6}}}, 4)
          .ok());
  survivors_[0].conf_has_changed = true;
  survivors_[1].conf_has_changed = true;
  EXPECT_FALSE(PlanRecovery(survivors_, kSuccessor)->complete);
  ASSERT_TRUE(Plan({{.replica = 1, .terms = {6}},
                    {.replica = 2, .terms = {6}},
                    {.replica = 4, .terms = {6}}},
                   4)
                  .ok());
  for (Survivor& survivor : survivors_) survivor.conf_has_changed = true;
  EXPECT_TRUE(PlanRecovery(survivors_, kSuccessor)->complete);
}

TEST_F(SurvivorTest, CommittedEntryThatTheBestDoesNotHaveIsRefused) {
  const auto plan = Plan({{.replica = 1, .terms = {6, 6, 6}, .commit = 8},
                          {.replica = 2, .terms = {6, 7}}});
  EXPECT_EQ(plan.status().code(), absl::StatusCode::kDataLoss);
  EXPECT_THAT(std::string(plan.status().message()),
              HasSubstr("knows entry 8 to be committed"));
}

TEST_F(SurvivorTest, DirectoryThatWasFoundedAnewIsNoSurvivor) {
  // Stores are counted from 0x101.
  const auto known = Plan({{.replica = 2, .terms = {6}},
                           {.replica = 3, .terms = {6}, .store_of_2 = 0x101}});
  EXPECT_TRUE(known.ok()) << known.status();
  const auto anew = Plan({{.replica = 2, .terms = {6}},
                          {.replica = 3, .terms = {6}, .store_of_2 = 0x99}});
  EXPECT_THAT(std::string(anew.status().message()),
              HasSubstr("is not the directory that the group knows"));
}

TEST_F(SurvivorTest, TokenDependsOnWhatIsThereAndNotOnItsOrder) {
  const auto first = Plan({{.replica = 1, .terms = {6, 6}}});
  ASSERT_TRUE(first.ok());
  EXPECT_EQ(first->token.size(), 16u);
  EXPECT_EQ(PlanRecovery(survivors_, kSuccessor)->token, first->token);
  EXPECT_NE(PlanRecovery(survivors_, {.high = 1, .low = 3})->token,
            first->token);
  EXPECT_NE(Plan({{.replica = 1, .terms = {6, 6}}})->token, first->token)
      << "another store";
  const auto both =
      Plan({{.replica = 1, .terms = {6, 6}}, {.replica = 2, .terms = {6}}});
  std::swap(survivors_[0], survivors_[1]);
  EXPECT_EQ(PlanRecovery(survivors_, kSuccessor)->token, both->token);
}

TEST_F(SurvivorTest, WhatItMeansIsSaid) {
  const auto alone = Plan({{.replica = 2, .terms = {6, 6, 6}, .commit = 6}});
  ASSERT_TRUE(alone.ok());
  const auto lines = Lines(*alone);
  ASSERT_EQ(lines.size(), 4u);
  EXPECT_THAT(lines[0], HasSubstr("replica 2 holds, up to entry 8"));
  EXPECT_THAT(lines[1], HasSubstr("Kept: everything up to entry 6"));
  EXPECT_THAT(lines[2], HasSubstr("Made final: 2 entries"));
  EXPECT_THAT(lines[3], HasSubstr("Lost, perhaps"));
}

}  // namespace
}  // namespace trimaran::tool
