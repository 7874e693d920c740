// Goal: what is decided about compaction, checkpoints and space, case by case.

#include "engine/maintenance/policy.h"

#include <functional>
#include <limits>
#include <string>
#include <vector>

#include "gmock/gmock.h"
#include "gtest/gtest.h"

namespace trimaran::engine {
namespace {

using ::testing::HasSubstr;

MaintenanceOptions SmallOptions() {
  MaintenanceOptions options;
  options.log_entries_limit = 10;
  options.log_bytes_limit = 1000;
  options.checkpoint_entries_limit = 20;
  options.checkpoint_bytes_limit = 2000;
  options.free_bytes_refuse = 100;
  options.free_bytes_accept = 150;
  options.free_bytes_stop = 20;
  return options;
}

// A log of entries [6, 15], all applied and durable, with room on the disk.
MaintenanceFacts QuietFacts() {
  MaintenanceFacts facts;
  facts.first = LogIndex(6);
  facts.applied = LogIndex(15);
  facts.durable_applied = LogIndex(15);
  facts.free_bytes = 10'000;
  return facts;
}

struct CompactionCase {
  const char* name;
  std::function<void(MaintenanceFacts&)> arrange;
  // 0 for none.
  uint64_t expected;
};

// Covers: F1
TEST(CompactionPolicyTest, CaseByCase) {
  const std::vector<CompactionCase> cases = {
      {"one entry too few", [](auto& f) { f.applied = LogIndex(15); }, 0},
      {"just enough", [](auto& f) { f.applied = LogIndex(16); }, 15},
      {"far beyond", [](auto& f) { f.applied = LogIndex(500); }, 499},
      {"nothing applied", [](auto& f) { f.applied = LogIndex(5); }, 0},
      {"only the first one applied", [](auto& f) { f.applied = LogIndex(6); },
       0},
      {"few entries, but large ones", [](auto& f) { f.log_bytes = 1000; }, 14},
      {"one byte too few", [](auto& f) { f.log_bytes = 999; }, 0},
      {"large, with a single entry to drop",
       [](auto& f) {
         f.applied = LogIndex(7);
         f.log_bytes = 5000;
       },
       6},
      {"a follower that is a little behind is waited for",
       [](auto& f) {
         f.applied = LogIndex(30);
         f.slowest_match = LogIndex(20);
       },
       20},
      {"one that is too far behind is not",
       [](auto& f) {
         f.applied = LogIndex(30);
         f.slowest_match = LogIndex(19);
       },
       29},
      {"one that has everything changes nothing",
       [](auto& f) {
         f.applied = LogIndex(30);
         f.slowest_match = LogIndex(30);
       },
       29},
      {"one that needs the very first entry",
       [](auto& f) {
         f.applied = LogIndex(15);
         f.log_bytes = 1000;
         f.slowest_match = LogIndex(5);
       },
       0},
      {"what follows a snapshot on its way is kept",
       [](auto& f) {
         f.applied = LogIndex(500);
         f.pinned = LogIndex(100);
       },
       100},
      {"unless the disk is nearly full",
       [](auto& f) {
         f.applied = LogIndex(500);
         f.pinned = LogIndex(100);
         f.free_bytes = 0;
       },
       499},
      {"all of it, if need be",
       [](auto& f) {
         f.applied = LogIndex(500);
         f.pinned = LogIndex(5);
       },
       0},
      {"an empty log", [](auto& f) { f = MaintenanceFacts(); }, 0},
  };
  for (const CompactionCase& one : cases) {
    MaintenanceFacts facts = QuietFacts();
    one.arrange(facts);
    EXPECT_EQ(DecideCompaction(facts, SmallOptions()).value_or(LogIndex()),
              LogIndex(one.expected))
        << one.name;
  }
}

// Covers: F5
TEST(CompactionPolicyTest, AtRestTheLogReachesBackAtMostTwiceTheLimit) {
  const MaintenanceOptions options = SmallOptions();
  for (uint64_t limit_behind = 0; limit_behind < 40; ++limit_behind) {
    MaintenanceFacts facts = QuietFacts();
    for (uint64_t applied = 6; applied < 400; ++applied) {
      facts.applied = LogIndex(applied);
      facts.slowest_match =
          LogIndex(applied > limit_behind ? applied - limit_behind : 0);
      if (const auto to = DecideCompaction(facts, options)) {
        ASSERT_GE(*to, facts.first);
        ASSERT_LT(*to, facts.applied);
        facts.first = *to + 1;
      }
      const uint64_t reach = facts.applied - (facts.first - 1);
      ASSERT_LE(reach, 2 * options.log_entries_limit)
          << "follower " << limit_behind << " behind, applied " << applied;
    }
  }
}

// Covers: F6
TEST(CompactionPolicyTest, AFreshGroupCompactsNothing) {
  MaintenanceFacts facts;
  facts.first = LogIndex(6);
  facts.applied = LogIndex(5);
  facts.durable_applied = LogIndex(5);
  facts.free_bytes = 1 << 30;
  MaintenanceDecision nothing;
  nothing.recycle_to = LogIndex(5);
  EXPECT_EQ(DecideMaintenance(facts, MaintenanceOptions()), nothing);
}

TEST(CompactionPolicyTest, DoneOnceItIsNotDoneAgain) {
  MaintenanceFacts facts = QuietFacts();
  facts.applied = LogIndex(100);
  facts.log_bytes = 5000;
  const auto to = DecideCompaction(facts, SmallOptions());
  ASSERT_TRUE(to.has_value());
  facts.first = *to + 1;
  facts.log_bytes = 50;
  EXPECT_EQ(DecideCompaction(facts, SmallOptions()), std::nullopt);
}

TEST(CheckpointPolicyTest, CaseByCase) {
  struct Case {
    const char* name;
    std::function<void(MaintenanceFacts&)> arrange;
    bool expected;
  };
  const std::vector<Case> cases = {
      {"at rest", [](auto&) {}, false},
      {"at rest, and nothing is applied even where much was written",
       [](auto& f) { f.bytes_since_checkpoint = 5000; }, false},
      {"too few entries", [](auto& f) { f.applied = LogIndex(34); }, false},
      {"enough entries", [](auto& f) { f.applied = LogIndex(35); }, true},
      {"too few bytes",
       [](auto& f) {
         f.applied = LogIndex(16);
         f.bytes_since_checkpoint = 1999;
       },
       false},
      {"enough bytes",
       [](auto& f) {
         f.applied = LogIndex(16);
         f.bytes_since_checkpoint = 2000;
       },
       true},
      {"the disk is full, and the log could be cut",
       [](auto& f) {
         f.applied = LogIndex(20);
         f.first = LogIndex(18);
         f.free_bytes = 99;
       },
       true},
      {"there is no room for a checkpoint, however much it would free",
       [](auto& f) {
         f.applied = LogIndex(500);
         f.first = LogIndex(18);
         f.bytes_since_checkpoint = 5000;
         f.free_bytes = 19;
       },
       false},
      {"the disk is full, and a checkpoint would free nothing",
       [](auto& f) {
         f.applied = LogIndex(20);
         f.free_bytes = 99;
       },
       false},
  };
  for (const Case& one : cases) {
    MaintenanceFacts facts = QuietFacts();
    one.arrange(facts);
    EXPECT_EQ(ShouldCheckpoint(facts, SmallOptions()), one.expected)
        << one.name;
  }
}

// Covers: F7
TEST(RecyclePolicyTest, OnlyWhatIsCompactedAndDurableIsGivenBack) {
  struct Case {
    uint64_t first, durable, expected;
  };
  for (const Case& one : std::vector<Case>{
           {6, 15, 5}, {16, 15, 15}, {30, 15, 15}, {10, 3, 3}, {0, 0, 0}}) {
    MaintenanceFacts facts = QuietFacts();
    facts.first = LogIndex(one.first);
    facts.applied = LogIndex(40);
    facts.durable_applied = LogIndex(one.durable);
    EXPECT_EQ(DecideMaintenance(facts, SmallOptions()).recycle_to,
              LogIndex(one.expected))
        << one.first << " " << one.durable;
  }
}

TEST(SpacePolicyTest, EachMarkHasAnotherOneForTheWayBack) {
  struct Step {
    uint64_t free_bytes;
    SpaceState expected;
  };
  MaintenanceFacts facts = QuietFacts();
  for (const Step& step : std::vector<Step>{
           {100, SpaceState::kOk},
           {99, SpaceState::kRefuseWrites},
           {149, SpaceState::kRefuseWrites},
           {150, SpaceState::kOk},
           {149, SpaceState::kOk},
           {20, SpaceState::kRefuseWrites},
           {19, SpaceState::kTakeNothing},
           {39, SpaceState::kTakeNothing},
           {40, SpaceState::kRefuseWrites},
           {39, SpaceState::kRefuseWrites},
           {0, SpaceState::kTakeNothing},
           {149, SpaceState::kRefuseWrites},
           {150, SpaceState::kOk},
           {0, SpaceState::kTakeNothing},
           {std::numeric_limits<uint64_t>::max(), SpaceState::kOk}}) {
    facts.free_bytes = step.free_bytes;
    facts.space = DecideMaintenance(facts, SmallOptions()).space;
    EXPECT_EQ(facts.space, step.expected) << step.free_bytes;
  }
}

TEST(MaintenanceOptionsTest, WhatCannotBeIsRefusedByName) {
  struct Case {
    const char* name;
    std::function<void(MaintenanceOptions&)> spoil;
  };
  const std::vector<Case> cases = {
      {"log_entries_limit", [](auto& o) { o.log_entries_limit = 0; }},
      {"log_bytes_limit", [](auto& o) { o.log_bytes_limit = 0; }},
      {"checkpoint_entries_limit",
       [](auto& o) { o.checkpoint_entries_limit = 0; }},
      {"checkpoint_bytes_limit", [](auto& o) { o.checkpoint_bytes_limit = 0; }},
      {"free_bytes_accept", [](auto& o) { o.free_bytes_accept = 1; }},
      {"free_bytes_stop",
       [](auto& o) { o.free_bytes_stop = o.free_bytes_refuse + 1; }},
  };
  EXPECT_TRUE(ValidateMaintenanceOptions(MaintenanceOptions()).ok());
  for (const Case& one : cases) {
    MaintenanceOptions options;
    one.spoil(options);
    const absl::Status status = ValidateMaintenanceOptions(options);
    EXPECT_TRUE(absl::IsInvalidArgument(status)) << one.name;
    EXPECT_THAT(std::string(status.message()), HasSubstr(one.name));
  }
}

}  // namespace
}  // namespace trimaran::engine
