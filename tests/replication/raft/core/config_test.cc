#include "replication/raft/config.h"

#include <functional>
#include <string>
#include <string_view>
#include <vector>

#include "absl/status/status.h"
#include "engine/base/random.h"
#include "gmock/gmock.h"
#include "gtest/gtest.h"
#include "replication/raft/raft.h"
#include "tests/support/raft/builders.h"

// Every rule that a configuration and a stored state must keep, broken once.

namespace trimaran::raft {
namespace {

using ::testing::HasSubstr;

Config Good() {
  Config config;
  config.id = ReplicaId(1);
  return config;
}

// Covers: C9
TEST(ConfigTest, EveryBrokenRuleIsRefusedByName) {
  struct Row {
    std::string_view field;
    std::function<void(Config&)> break_rule;
  };
  const Row rows[] = {
      {"id", [](Config& c) { c.id = kNoReplica; }},
      {"heartbeat_ticks", [](Config& c) { c.heartbeat_ticks = 0; }},
      {"heartbeat_ticks", [](Config& c) { c.heartbeat_ticks = -1; }},
      {"election_timeout_ticks",
       [](Config& c) { c.election_timeout_ticks = c.heartbeat_ticks; }},
      {"election_timeout_ticks",
       [](Config& c) { c.election_timeout_ticks = 0; }},
      {"election_timeout_min_ticks",
       [](Config& c) { c.election_timeout_min_ticks = 9; }},
      {"election_timeout_max_ticks",
       [](Config& c) { c.election_timeout_max_ticks = 10; }},
      {"election_timeout_max_ticks",
       [](Config& c) { c.election_timeout_min_ticks = 20; }},
      {"check_quorum",
       [](Config& c) {
         c.lease_reads = true;
         c.check_quorum = false;
       }},
      {"lease_margin_ticks", [](Config& c) { c.lease_margin_ticks = -1; }},
      {"lease_margin_ticks",
       [](Config& c) {
         c.lease_reads = true;
         c.lease_margin_ticks = 0;
       }},
      {"lease_margin_ticks",
       [](Config& c) {
         c.lease_reads = true;
         c.lease_margin_ticks = c.election_timeout_ticks;
       }},
      {"append_bytes_max", [](Config& c) { c.append_bytes_max = 0; }},
      {"append_entries_max", [](Config& c) { c.append_entries_max = 0; }},
      {"inflight_messages_max", [](Config& c) { c.inflight_messages_max = 0; }},
      {"uncommitted_bytes_max", [](Config& c) { c.uncommitted_bytes_max = 0; }},
      {"apply_bytes_max", [](Config& c) { c.apply_bytes_max = 0; }},
      {"apply_entries_max", [](Config& c) { c.apply_entries_max = 0; }},
      {"pending_reads_max", [](Config& c) { c.pending_reads_max = 0; }},
      {"term_jump_max", [](Config& c) { c.term_jump_max = 0; }},
  };
  for (const Row& row : rows) {
    Config config = Good();
    row.break_rule(config);
    const absl::Status status = config.Validate();
    EXPECT_TRUE(absl::IsInvalidArgument(status)) << row.field;
    EXPECT_THAT(std::string(status.message()),
                HasSubstr(std::string(row.field)));
  }
}

// Covers: C9
TEST(ConfigTest, DefaultsAndExtremesThatMakeSenseAreAccepted) {
  EXPECT_TRUE(Good().Validate().ok());
  Config config = Good();
  config.heartbeat_ticks = 9;
  config.lease_reads = true;
  config.lease_margin_ticks = 1;
  config.election_timeout_min_ticks = 10;
  config.election_timeout_max_ticks = 11;
  config.inflight_bytes_max = 0;
  config.window_bytes_max = 0;
  config.window_entries_max = 0;
  EXPECT_TRUE(config.Validate().ok()) << config.Validate();
}

// Covers: C9
TEST(ConfigTest, CoreIsNotCreatedFromABadConfig) {
  SeededRandom random(1);
  Config config = Good();
  config.heartbeat_ticks = 0;
  EXPECT_TRUE(absl::IsInvalidArgument(
      Raft::Create(config, InitialState(), random).status()));
}

// Entries 4/2, 5/2, 6/3 behind the boundary 3/2; applied 4, commit 5.
InitialState GoodState() {
  InitialState state;
  state.hard_state = {Term(3), ReplicaId(1), LogIndex(5)};
  state.conf = Voters(3);
  state.boundary = At(3, 2);
  state.terms = {{LogIndex(4), Term(2)}, {LogIndex(6), Term(3)}};
  state.last = LogIndex(6);
  state.applied = LogIndex(4);
  state.conf_changes = {LogIndex(5)};
  return state;
}

// Covers: C10
TEST(InitialStateTest, EveryStateThatNoReplicaCanHaveIsRefused) {
  using Break = std::function<void(InitialState&)>;
  struct Row {
    std::string_view what;
    Break break_rule;
  };
  const Row rows[] = {
      {"applied below the boundary",
       [](InitialState& s) { s.applied = LogIndex(2); }},
      {"applied beyond the log",
       [](InitialState& s) { s.applied = LogIndex(7); }},
      {"commit beyond the log",
       [](InitialState& s) { s.hard_state.commit = LogIndex(7); }},
      {"no terms for the log", [](InitialState& s) { s.terms.clear(); }},
      {"terms without a log",
       [](InitialState& s) {
         s.last = s.boundary.index;
         s.applied = s.last;
         s.hard_state.commit = s.last;
         s.conf_changes.clear();
       }},
      {"a hole behind the boundary",
       [](InitialState& s) { s.terms[0].first = LogIndex(5); }},
      {"terms fall behind the boundary",
       [](InitialState& s) { s.boundary.term = Term(3); }},
      {"an entry of term 0",
       [](InitialState& s) {
         s.boundary.term = Term(0);
         s.terms[0].term = Term(0);
       }},
      {"terms fall", [](InitialState& s) { s.terms[1].term = Term(1); }},
      {"equal terms in two runs",
       [](InitialState& s) { s.terms[1].term = Term(2); }},
      {"runs in the wrong order",
       [](InitialState& s) { s.terms[1].first = LogIndex(4); }},
      {"terms beyond the log",
       [](InitialState& s) { s.terms[1].first = LogIndex(7); }},
      {"an entry of a term not reached",
       [](InitialState& s) { s.hard_state.term = Term(2); }},
      {"a boundary of a term not reached",
       [](InitialState& s) {
         s.hard_state.term = Term(1);
         s.terms.clear();
         s.last = s.applied = s.hard_state.commit = s.boundary.index;
         s.conf_changes.clear();
       }},
      {"a membership change that is applied",
       [](InitialState& s) { s.conf_changes = {LogIndex(4)}; }},
      {"a membership change beyond the log",
       [](InitialState& s) { s.conf_changes = {LogIndex(7)}; }},
      {"membership changes out of order",
       [](InitialState& s) {
         s.conf_changes = {LogIndex(6), LogIndex(5)};
       }},
      {"a log out of range",
       [](InitialState& s) { s.last = kMaxLogIndex + 1; }},
      {"a learner that votes",
       [](InitialState& s) { s.conf.learners = Replicas({1}); }},
  };
  ASSERT_TRUE(GoodState().Validate().ok()) << GoodState().Validate();
  for (const Row& row : rows) {
    InitialState state = GoodState();
    row.break_rule(state);
    EXPECT_TRUE(absl::IsFailedPrecondition(state.Validate()))
        << row.what << ": " << state.Validate();
    SeededRandom random(1);
    EXPECT_FALSE(Raft::Create(PlainConfig(), state, random).ok()) << row.what;
  }
}

// A crash may lose the latest commit index, but not what was applied under it.
// Covers: C10
TEST(InitialStateTest, CommitIsRaisedToWhatIsApplied) {
  InitialState state = GoodState();
  state.hard_state.commit = LogIndex(0);
  SeededRandom random(1);
  const auto raft = Raft::Create(PlainConfig(), state, random);
  ASSERT_TRUE(raft.ok()) << raft.status();
  EXPECT_EQ((*raft)->status().commit, LogIndex(4));
}

TEST(InitialStateTest, EmptyStateIsThatOfAReplicaWithoutAGroup) {
  SeededRandom random(1);
  const auto raft = Raft::Create(PlainConfig(), InitialState(), random);
  ASSERT_TRUE(raft.ok()) << raft.status();
  (*raft)->Campaign();
  for (int tick = 0; tick < 100; ++tick) (*raft)->Tick();
  EXPECT_EQ((*raft)->status().role, Role::kFollower);
  EXPECT_EQ((*raft)->status().term, Term(0));
}

}  // namespace
}  // namespace trimaran::raft
