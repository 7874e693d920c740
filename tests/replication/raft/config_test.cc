#include "replication/raft/config.h"

#include <functional>
#include <string>

#include "engine/base/random.h"
#include "gtest/gtest.h"
#include "replication/raft/raft.h"
#include "tests/support/raft/builders.h"
#include "tests/support/raft/memory_log.h"

// What a core refuses to start with: bad parameters, and stored states that no
// correct replica can have.

namespace trimaran::raft {
namespace {

struct ConfigCase {
  std::string name;
  std::function<void(Config&)> change;
  bool accepted;
};

// Covers: C9
TEST(ConfigTest, BadParametersAreRefused) {
  const ConfigCase cases[] = {
      {"as it is", [](Config&) {}, true},
      {"no id", [](Config& c) { c.id = kNoReplica; }, false},
      {"no heartbeats", [](Config& c) { c.heartbeat_ticks = 0; }, false},
      {"negative heartbeats", [](Config& c) { c.heartbeat_ticks = -1; }, false},
      {"election as short as a beat",
       [](Config& c) { c.election_timeout_ticks = c.heartbeat_ticks; }, false},
      {"election shorter than a beat",
       [](Config& c) { c.heartbeat_ticks = 11; }, false},
      {"shortest election",
       [](Config& c) { c.election_timeout_ticks = c.heartbeat_ticks + 1; },
       true},
      {"nothing in flight", [](Config& c) { c.inflight_messages_max = 0; },
       false},
      {"leases without check-quorum", [](Config& c) { c.lease_reads = true; },
       false},
      {"leases with check-quorum",
       [](Config& c) { c.lease_reads = c.check_quorum = true; }, true},
      {"lease margin eats the lease",
       [](Config& c) {
         c.lease_reads = c.check_quorum = true;
         c.lease_margin_ticks = 10;
       },
       false},
      {"empty appends", [](Config& c) { c.append_entries_max = 0; }, false},
      {"empty pages", [](Config& c) { c.apply_bytes_max = 0; }, false},
      {"no term may follow", [](Config& c) { c.term_jump_max = 0; }, false},
  };
  for (const ConfigCase& row : cases) {
    Config config = PlainConfig();
    row.change(config);
    const absl::Status status = config.Validate();
    EXPECT_EQ(status.ok(), row.accepted) << row.name << ": " << status;
    if (!row.accepted) {
      EXPECT_EQ(status.code(), absl::StatusCode::kInvalidArgument) << row.name;
      SeededRandom random(1);
      EXPECT_EQ(Raft::Create(config, InitialState(), random).status(), status);
    }
  }
}

// The state of a replica with the boundary 3/2, entries 4/2, 5/3 and 6/3, at
// term 3, committed 5, applied 4.
InitialState GoodState() {
  InitialState state;
  state.hard_state = {Term(3), ReplicaId(1), LogIndex(5)};
  state.conf = Voters(3);
  state.boundary = At(3, 2);
  state.terms = {{LogIndex(4), Term(2)}, {LogIndex(5), Term(3)}};
  state.last = LogIndex(6);
  state.applied = LogIndex(4);
  state.conf_changes = {LogIndex(5)};
  return state;
}

struct StateCase {
  std::string name;
  std::function<void(InitialState&)> change;
  bool accepted;
};

// Covers: C10
TEST(InitialStateTest, ImpossibleStatesAreRefused) {
  const StateCase cases[] = {
      {"as it is", [](InitialState&) {}, true},
      {"commit beyond the log",
       [](InitialState& s) { s.hard_state.commit = LogIndex(7); }, false},
      {"commit at the end",
       [](InitialState& s) { s.hard_state.commit = LogIndex(6); }, true},
      // A lost commit index does no harm.
      {"commit before applied",
       [](InitialState& s) { s.hard_state.commit = LogIndex(3); }, true},
      {"commit unknown",
       [](InitialState& s) { s.hard_state.commit = LogIndex(0); }, true},
      {"applied before the boundary",
       [](InitialState& s) { s.applied = LogIndex(2); }, false},
      {"applied beyond the log",
       [](InitialState& s) { s.applied = LogIndex(7); }, false},
      {"term before the entries'",
       [](InitialState& s) { s.hard_state.term = Term(2); }, false},
      {"terms that fall", [](InitialState& s) { s.terms[1].term = Term(1); },
       false},
      {"terms that begin late",
       [](InitialState& s) { s.terms[0].first = LogIndex(5); }, false},
      {"terms beyond the log",
       [](InitialState& s) { s.terms[1].first = LogIndex(7); }, false},
      {"no terms", [](InitialState& s) { s.terms.clear(); }, false},
      {"term before the boundary's",
       [](InitialState& s) { s.terms[0].term = Term(1); }, false},
      {"bad configuration",
       [](InitialState& s) { s.conf.learners = s.conf.voters; }, false},
      {"applied change listed",
       [](InitialState& s) { s.conf_changes = {LogIndex(4)}; }, false},
      {"change beyond the log",
       [](InitialState& s) { s.conf_changes = {LogIndex(7)}; }, false},
  };
  for (const StateCase& row : cases) {
    InitialState state = GoodState();
    row.change(state);
    SeededRandom random(1);
    const absl::Status status =
        Raft::Create(PlainConfig(), state, random).status();
    EXPECT_EQ(status.ok(), row.accepted) << row.name << ": " << status;
  }
}

// Covers: C10
TEST(InitialStateTest, CommitIsRaisedToWhatIsApplied) {
  InitialState state = GoodState();
  state.hard_state.commit = LogIndex(0);
  SeededRandom random(1);
  auto raft = Raft::Create(PlainConfig(), state, random);
  ASSERT_TRUE(raft.ok());
  EXPECT_EQ((*raft)->status().commit, LogIndex(4));
  EXPECT_EQ((*raft)->status().applied, LogIndex(4));
}

}  // namespace
}  // namespace trimaran::raft
