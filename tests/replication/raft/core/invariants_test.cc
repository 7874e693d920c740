#include "replication/raft/invariants.h"

#include <functional>
#include <optional>
#include <string>
#include <string_view>

#include "gtest/gtest.h"
#include "tests/support/raft/builders.h"
#include "tests/support/raft/printers.h"

// Each rule is shown a state that breaks it, and nothing else.

namespace trimaran::raft {
namespace {

// A follower of 2 in term 3: the log (2/1, 9/3], durable to 8, commit 7.
RaftStatus Follower() {
  RaftStatus status;
  status.id = ReplicaId(1);
  status.term = Term(3);
  status.role = Role::kFollower;
  status.leader = ReplicaId(2);
  status.boundary = At(2, 1);
  status.last = At(9, 3);
  status.durable = LogIndex(8);
  status.commit = LogIndex(7);
  status.applying = LogIndex(6);
  status.applied = LogIndex(5);
  status.conf = Voters(3);
  return status;
}

RaftStatus Candidate() {
  RaftStatus status = Follower();
  status.role = Role::kCandidate;
  status.leader = kNoReplica;
  status.vote = status.id;
  return status;
}

RaftStatus Leader() {
  RaftStatus status = Follower();
  status.role = Role::kLeader;
  status.leader = status.id;
  status.vote = status.id;
  for (const ReplicaId id : status.conf.voters) {
    PeerStatus peer;
    peer.id = id;
    peer.state = ProgressState::kReplicate;
    peer.match = LogIndex(7);
    peer.next = LogIndex(10);
    status.peers.push_back(peer);
  }
  return status;
}

struct StateRow {
  std::string_view rule;
  std::string_view what;
  RaftStatus start;
  std::function<void(RaftStatus&)> break_rule;
};

void ExpectEachIsSeen(const StateRow* begin, const StateRow* end) {
  for (const StateRow* row = begin; row != end; ++row) {
    RaftStatus status = row->start;
    ASSERT_EQ(ViolatedState(status), std::nullopt) << row->what;
    row->break_rule(status);
    const std::optional<std::string> violation = ViolatedState(status);
    ASSERT_TRUE(violation.has_value()) << row->what;
    EXPECT_EQ(violation->substr(0, row->rule.size()), row->rule)
        << row->what << " was seen as " << *violation;
  }
}

TEST(InvariantsTest, BrokenLogStatesAreSeen) {
  const StateRow rows[] = {
      {"R7", "commit beyond the log", Follower(),
       [](RaftStatus& s) { s.commit = LogIndex(10); }},
      {"R7", "commit compacted away", Follower(),
       [](RaftStatus& s) { s.commit = s.applying = s.applied = LogIndex(1); }},
      {"R7", "applied beyond applying", Follower(),
       [](RaftStatus& s) { s.applied = LogIndex(7); }},
      {"R7", "applying beyond commit", Follower(),
       [](RaftStatus& s) { s.applying = LogIndex(8); }},
      {"R4", "an entry of a later term", Follower(),
       [](RaftStatus& s) { s.last.term = Term(4); }},
      {"R4", "a boundary of a later term", Follower(),
       [](RaftStatus& s) { s.boundary.term = Term(4); }},
      {"R6", "durable beyond the log", Follower(),
       [](RaftStatus& s) { s.durable = LogIndex(10); }},
      {"R6", "applying what is not durable", Follower(),
       [](RaftStatus& s) { s.durable = LogIndex(5); }},
      {"R8", "compacted what is not applied", Follower(),
       [](RaftStatus& s) { s.applied = LogIndex(1); }},
      {"R13", "applying during an installation", Follower(),
       [](RaftStatus& s) { s.pending_snapshot = LogIndex(7); }},
  };
  ExpectEachIsSeen(std::begin(rows), std::end(rows));
}

TEST(InvariantsTest, SnapshotBeingInstalledMayBeAheadOfStateAndDisk) {
  RaftStatus status = Follower();
  status.boundary = status.last = At(20, 3);
  status.commit = status.applying = status.pending_snapshot = LogIndex(20);
  EXPECT_EQ(ViolatedState(status), std::nullopt);
}

TEST(InvariantsTest, BrokenRolesAreSeen) {
  const StateRow rows[] = {
      {"R1", "a leader that follows", Leader(),
       [](RaftStatus& s) { s.leader = ReplicaId(2); }},
      {"R2", "a leader without its own vote", Leader(),
       [](RaftStatus& s) { s.vote = ReplicaId(2); }},
      {"R3", "a leader without its own entry", Leader(),
       [](RaftStatus& s) { s.last.term = Term(2); }},
      {"R2", "a candidate that votes for others", Candidate(),
       [](RaftStatus& s) { s.vote = ReplicaId(2); }},
      {"R1", "a candidate with a leader", Candidate(),
       [](RaftStatus& s) { s.leader = ReplicaId(2); }},
      {"R11", "a candidate that is no voter", Candidate(),
       [](RaftStatus& s) {
         s.conf.voters = Replicas({2, 3});
       }},
      {"R1", "a pre-candidate with a leader", Candidate(),
       [](RaftStatus& s) {
         s.role = Role::kPreCandidate;
         s.leader = ReplicaId(2);
       }},
      {"R1", "a follower of itself", Follower(),
       [](RaftStatus& s) { s.leader = s.id; }},
      {"R1", "an unknown role", Follower(),
       [](RaftStatus& s) { s.role = static_cast<Role>(9); }},
      {"R1", "peers without leading", Follower(),
       [](RaftStatus& s) { s.peers.emplace_back(); }},
  };
  ExpectEachIsSeen(std::begin(rows), std::end(rows));
}

TEST(InvariantsTest, BrokenProgressIsSeen) {
  const StateRow rows[] = {
      {"R9", "match is not below next", Leader(),
       [](RaftStatus& s) { s.peers[1].next = LogIndex(7); }},
      {"R9", "next beyond the log", Leader(),
       [](RaftStatus& s) { s.peers[1].next = LogIndex(11); }},
      {"R9", "match beyond the log", Leader(),
       [](RaftStatus& s) {
         s.peers[1].match = LogIndex(10);
         s.peers[1].next = LogIndex(11);
       }},
      {"R6", "counts itself before its disk does", Leader(),
       [](RaftStatus& s) { s.peers[0].match = LogIndex(9); }},
      {"R9", "in flight outside of replication", Leader(),
       [](RaftStatus& s) {
         s.peers[1].state = ProgressState::kProbe;
         s.peers[1].inflight_messages = 1;
       }},
      {"R9", "a snapshot outside of its state", Leader(),
       [](RaftStatus& s) { s.peers[1].pending_snapshot = LogIndex(7); }},
      {"R9", "the snapshot state without one", Leader(),
       [](RaftStatus& s) { s.peers[1].state = ProgressState::kSnapshot; }},
      {"R11", "progress of a stranger", Leader(),
       [](RaftStatus& s) { s.peers[1].id = ReplicaId(9); }},
      {"R11", "a member without progress", Leader(),
       [](RaftStatus& s) { s.peers.pop_back(); }},
      {"R11", "a learner without progress", Leader(),
       [](RaftStatus& s) { s.conf.learners = Replicas({4}); }},
  };
  ExpectEachIsSeen(std::begin(rows), std::end(rows));
}

struct StepRow {
  std::string_view rule;
  std::string_view what;
  RaftStatus before;
  std::function<void(RaftStatus&)> change;
};

TEST(InvariantsTest, ForbiddenTransitionsAreSeen) {
  RaftStatus voted = Follower();
  voted.vote = ReplicaId(2);
  const StepRow rows[] = {
      {"R2", "the term falls", Follower(),
       [](RaftStatus& s) { s.term = Term(2); }},
      {"R5", "commit falls", Follower(),
       [](RaftStatus& s) { s.commit = LogIndex(6); }},
      {"R7", "applied falls", Follower(),
       [](RaftStatus& s) { s.applied = LogIndex(4); }},
      {"R7", "applying falls", Follower(),
       [](RaftStatus& s) { s.applying = LogIndex(5); }},
      {"R8", "the boundary falls", Follower(),
       [](RaftStatus& s) { s.boundary = At(1, 1); }},
      {"R2", "a vote changes", voted,
       [](RaftStatus& s) { s.vote = ReplicaId(3); }},
      {"R2", "a vote is forgotten", voted,
       [](RaftStatus& s) { s.vote = kNoReplica; }},
      {"R1", "two leaders in one term", Follower(),
       [](RaftStatus& s) { s.leader = ReplicaId(3); }},
      {"R1", "a follower leads at once", Candidate(),
       [](RaftStatus& s) { s = Leader(); }},
      {"R3", "a leader cuts its log", Leader(),
       [](RaftStatus& s) { s.last = At(8, 3); }},
      {"R9", "match falls", Leader(),
       [](RaftStatus& s) { s.peers[2].match = LogIndex(6); }},
  };
  for (const StepRow& row : rows) {
    RaftStatus before = row.before;
    if (row.what == "a follower leads at once") before.role = Role::kFollower;
    RaftStatus now = before;
    ASSERT_EQ(ViolatedTransition(before, now), std::nullopt) << row.what;
    row.change(now);
    const std::optional<std::string> violation =
        ViolatedTransition(before, now);
    ASSERT_TRUE(violation.has_value()) << row.what;
    EXPECT_EQ(violation->substr(0, row.rule.size()), row.rule)
        << row.what << " was seen as " << *violation;
  }
}

TEST(InvariantsTest, NewTermBringsNewVoteAndLeader) {
  RaftStatus before = Leader();
  RaftStatus now = Follower();
  now.term = Term(4);
  now.vote = ReplicaId(3);
  now.leader = ReplicaId(3);
  now.last = At(8, 3);
  EXPECT_EQ(ViolatedTransition(before, now), std::nullopt);
}

}  // namespace
}  // namespace trimaran::raft
