#include "replication/raft/validate.h"

#include <cstdint>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "absl/status/status.h"
#include "engine/base/errors.h"
#include "gtest/gtest.h"
#include "replication/raft/debug_string.h"
#include "tests/support/raft/builders.h"
#include "tests/support/raft/printers.h"
#include "tests/support/raft/test_replica.h"

// The gateway: everything that no correct peer sends is refused by an error
// and leaves no trace.

namespace trimaran::raft {
namespace {

constexpr uint64_t kFar = (uint64_t{1} << 62) + 1;

// A follower at term 2 with the log [1/1, 2/2], commit 1, leader 2.
TestReplica Follower() {
  MemoryLog log(Voters(3));
  EXPECT_TRUE(log.Append(EntriesOfTerms(1, {1, 2})).ok());
  log.set_hard_state({Term(2), ReplicaId(2), LogIndex(1)});
  TestReplica replica(PlainConfig(), std::move(log));
  EXPECT_TRUE(replica.Receive(2, 2, MsgHeartbeat{LogIndex(1), {}}).ok());
  replica.ProcessAndTakeMessages();
  return replica;
}

TestReplica InRole(Role role) {
  TestReplica replica = Follower();
  if (role == Role::kFollower) return replica;
  if (role == Role::kLeader) {
    replica.Lead();
  } else {
    replica.raft().Campaign();
    replica.ProcessAndTakeMessages();
  }
  EXPECT_EQ(replica.status().role, role);
  return replica;
}

// Steps the message in every role, and sees that nothing comes of it.
void ExpectRefused(const Message& message, std::string_view what,
                   absl::StatusCode code = absl::StatusCode::kInvalidArgument) {
  for (const Role role : {Role::kFollower, Role::kCandidate, Role::kLeader}) {
    TestReplica replica = InRole(role);
    const std::string before = DebugString(replica.status());
    EXPECT_EQ(replica.raft().Step(message).code(), code)
        << what << " at a " << role;
    EXPECT_EQ(DebugString(replica.status()), before) << what;
    EXPECT_FALSE(replica.raft().HasReady()) << what << " at a " << role;
  }
}

template <typename Body>
Message From2(Body body, uint64_t term = 4) {
  return MakeMessage({2, 1}, term, std::move(body));
}

MsgApp Append(EntryId prev, std::vector<LogEntry> entries,
              uint64_t commit = 0) {
  return {prev, std::move(entries), LogIndex(commit)};
}

// Covers: E17
TEST(GatewayTest, MessagesForSomebodyElseAreRefused) {
  Message group = From2(MsgHeartbeat{});
  group.group = GroupId(2);
  ExpectRefused(group, "another group");
  ExpectRefused(MakeMessage({2, 3}, 4, MsgHeartbeat{}), "another replica");
  ExpectRefused(MakeMessage({2, 0}, 4, MsgHeartbeat{}), "to nobody");
  ExpectRefused(MakeMessage({0, 1}, 4, MsgHeartbeat{}), "from nobody");
  ExpectRefused(MakeMessage({1, 1}, 4, MsgHeartbeat{}), "from itself");
}

TEST(GatewayTest, TermsThatNoPeerHasReachedAreRefused) {
  const uint64_t jump = PlainConfig().term_jump_max;
  ExpectRefused(From2(MsgHeartbeat{}, jump + 4), "a jump");
  ExpectRefused(From2(MsgVote{}, UINT64_MAX), "the last term there is");
  ExpectRefused(From2(MsgHeartbeat{}, 0), "a leader of term 0");
  ExpectRefused(From2(MsgVoteResp{}, 0), "a vote in term 0");
  ExpectRefused(From2(MsgProp{{{EntryType::kNormal, Payload("x")}}}, 4),
                "a proposal of a term");
  ExpectRefused(From2(MsgReadIndex{ReadId(1), ReadMode::kQuorum, ReplicaId(2)}),
                "a read of a term");
  ExpectRefused(From2(MsgTransferLeader{ReplicaId(2)}), "a transfer of a term");
  TestReplica replica = Follower();
  EXPECT_TRUE(replica.Receive(2, jump + 2, MsgHeartbeat{}).ok());
  EXPECT_EQ(replica.status().term, Term(jump + 2));
}

TEST(GatewayTest, MalformedSlicesAreRefused) {
  LogEntry strange = EntryAt(At(3, 3));
  strange.type = static_cast<EntryType>(7);
  struct Row {
    std::string_view what;
    MsgApp append;
  };
  const Row rows[] = {
      {"a gap behind prev", Append(At(2, 2), EntriesOfTerms(4, {3}))},
      {"an entry before prev", Append(At(2, 2), EntriesOfTerms(2, {3}))},
      {"a gap", Append(At(2, 2), {EntryAt(At(3, 3)), EntryAt(At(5, 3))})},
      {"a doubled entry",
       Append(At(2, 2), {EntryAt(At(3, 3)), EntryAt(At(3, 3))})},
      {"falling terms", Append(At(2, 2), EntriesOfTerms(3, {4, 3}))},
      {"a term below prev", Append(At(2, 2), EntriesOfTerms(3, {1}))},
      {"an entry of term 0", Append(EntryId(), EntriesOfTerms(1, {0}))},
      {"a term above the leader's", Append(At(2, 2), EntriesOfTerms(3, {5}))},
      {"prev above the leader's term", Append(At(2, 5), {})},
      {"prev out of range", Append(At(kFar, 2), {})},
      {"entries out of range",
       Append(At(kFar - 1, 2), EntriesOfTerms(kFar, {3}))},
      {"commit out of range", Append(At(2, 2), {}, kFar)},
      {"unknown type of entry", Append(At(2, 2), {strange})},
  };
  for (const Row& row : rows) ExpectRefused(From2(row.append), row.what);
}

TEST(GatewayTest, IndexesOutOfRangeAreRefused) {
  const EntryId far = At(kFar, 1);
  const EntryId later = At(1, 5);
  ExpectRefused(From2(MsgAppResp{LogIndex(kFar), false, {}, {}}), "ack");
  ExpectRefused(From2(MsgAppResp{LogIndex(1), true, far, {}}), "hint");
  ExpectRefused(From2(MsgAppResp{LogIndex(1), false, {}, LogIndex(kFar)}),
                "reported commit");
  ExpectRefused(From2(MsgHeartbeat{LogIndex(kFar), {}}), "heartbeat");
  ExpectRefused(From2(MsgVote{far, {}, false, 0}), "vote");
  ExpectRefused(From2(MsgVote{later, {}, false, 0}), "vote's last term");
  ExpectRefused(From2(MsgVote{{}, far, false, 0}), "vote's commit");
  ExpectRefused(From2(MsgVote{{}, later, false, 0}), "vote's commit term");
  ExpectRefused(From2(MsgPreVote{far, {}, 0}), "pre-vote");
  ExpectRefused(From2(MsgPreVote{later, {}, 0}), "pre-vote's last term");
  ExpectRefused(From2(MsgPreVote{{}, far, 0}), "pre-vote's commit");
  ExpectRefused(From2(MsgVoteResp{false, far}), "voter's commit");
  ExpectRefused(From2(MsgPreVoteResp{true, far}), "pre-voter's commit");
  ExpectRefused(From2(MsgReadIndexResp{ReadId(1), LogIndex(kFar), {}}), "read");
}

TEST(GatewayTest, MalformedSnapshotsAreRefused) {
  const auto snap = [](EntryId id, ConfState conf) {
    return From2(MsgSnap{{id, std::move(conf)}});
  };
  ExpectRefused(snap(At(0, 1), Voters(3)), "of nothing");
  ExpectRefused(snap(At(9, 0), Voters(3)), "without a term");
  ExpectRefused(snap(At(9, 5), Voters(3)), "of a later term");
  ExpectRefused(snap(At(kFar, 1), Voters(3)), "out of range");
  ConfState unsorted = Voters(2);
  std::swap(unsorted.voters[0], unsorted.voters[1]);
  ExpectRefused(snap(At(9, 2), unsorted), "with an invalid configuration");
}

TEST(GatewayTest, MalformedRequestsAreRefused) {
  const auto proposal = [](EntryType type, std::string_view bytes) {
    return From2(MsgProp{{{type, Payload(bytes)}}}, 0);
  };
  ExpectRefused(From2(MsgProp{}, 0), "no proposal");
  ExpectRefused(proposal(static_cast<EntryType>(9), "x"), "unknown type");
  ExpectRefused(proposal(EntryType::kConfChange, "\x09"), "malformed change");
  ExpectRefused(
      From2(MsgReadIndex{ReadId(1), ReadMode::kQuorum, kNoReplica}, 0),
      "a read of nobody");
  ExpectRefused(
      From2(MsgReadIndex{ReadId(1), static_cast<ReadMode>(5), ReplicaId(2)}, 0),
      "unknown mode of reading");
}

// Covers: C7
TEST(GatewayTest, AnswersOfStrangersAreNotFound) {
  const auto code = absl::StatusCode::kNotFound;
  const auto from9 = [](auto body) { return MakeMessage({9, 1}, 4, body); };
  ExpectRefused(from9(MsgAppResp{}), "ack", code);
  ExpectRefused(from9(MsgHeartbeatResp{}), "heartbeat answer", code);
  ExpectRefused(from9(MsgVoteResp{}), "vote", code);
  ExpectRefused(from9(MsgPreVoteResp{}), "pre-vote", code);
}

// Covers: E17
// A newcomer knows nobody, and hears of its group by the leader's messages.
TEST(GatewayTest, RequestsOfStrangersAreHeard) {
  TestReplica replica = Follower();
  EXPECT_TRUE(replica.Receive(9, 5, MsgHeartbeat{}).ok());
  EXPECT_EQ(replica.status().leader, ReplicaId(9));
  EXPECT_TRUE(replica.Receive(8, 6, MsgVote{At(2, 2), {}, false, 0}).ok());
  EXPECT_EQ(replica.status().vote, ReplicaId(8));
}

TEST(GatewayTest, AckBeyondTheLeadersLogIsRefused) {
  TestReplica leader = InRole(Role::kLeader);
  const uint64_t term = leader.status().term.value();
  const auto last = leader.status().last.index;
  EXPECT_TRUE(absl::IsInvalidArgument(
      leader.Receive(2, term, MsgAppResp{last + 1, false, {}, {}})));
  EXPECT_EQ(leader.peer(2).match, LogIndex(0));
  EXPECT_TRUE(leader.Receive(2, term, MsgAppResp{last, false, {}, {}}).ok());
  EXPECT_EQ(leader.peer(2).match, last);
}

TEST(GatewayTest, AnswerToARoundThatNeverBeganIsRefused) {
  TestReplica leader = InRole(Role::kLeader);
  EXPECT_TRUE(absl::IsInvalidArgument(leader.Receive(
      2, leader.status().term.value(), MsgHeartbeatResp{ReadRound(77)})));
}

TEST(GatewayTest, SecondLeaderOfATermIsRefused) {
  for (const Role role : {Role::kFollower, Role::kLeader}) {
    TestReplica replica = InRole(role);
    const RaftStatus before = replica.status();
    const uint64_t term = before.term.value();
    EXPECT_TRUE(
        absl::IsInvalidArgument(replica.Receive(3, term, MsgHeartbeat{})));
    EXPECT_TRUE(absl::IsInvalidArgument(replica.Receive(3, term, MsgApp{})));
    EXPECT_TRUE(absl::IsInvalidArgument(
        replica.Receive(3, term, MsgSnap{{At(9, 2), Voters(3)}})));
    EXPECT_EQ(replica.status().leader, before.leader) << role;
    EXPECT_EQ(replica.status().last, before.last) << role;
  }
}

// Covers: B13
TEST(GatewayTest, LossOfCommittedEntriesIsReported) {
  TestReplica replica = Follower();
  // Entry 1 is committed here, as 1/1.
  EXPECT_TRUE(IsCorruption(replica.Receive(
                  2, 2, Append(EntryId(), EntriesOfTerms(1, {2})))) ||
              replica.status().commit == LogIndex(1));
  ASSERT_TRUE(replica.Receive(2, 2, MsgHeartbeat{LogIndex(2), {}}).ok());
  EXPECT_TRUE(
      IsCorruption(replica.Receive(2, 2, MsgHeartbeat{LogIndex(3), {}})));
  EXPECT_EQ(replica.status().commit, LogIndex(2));
  EXPECT_EQ(replica.status().last, At(2, 2));
}

// What replaced the tail of an older leader is lost, and the tail is back: the
// log is long enough, and is not what was acknowledged.
TEST(GatewayTest, LossOfAcknowledgedEntriesIsReportedBeforeTheyAreCommitted) {
  TestReplica replica = Follower();
  const RaftStatus before = replica.status();
  const EntryId lost{before.last.index, before.last.term + 1};
  const Term term = lost.term + 1;
  EXPECT_TRUE(IsCorruption(replica.Receive(
      2, term.value(),
      MsgHeartbeat{lost.index, ReadRound(1), /*matched=*/lost})));
  EXPECT_EQ(replica.status().commit, before.commit);
  // So is one that nobody has committed yet.
  const EntryId beyond{before.last.index + 1, term};
  EXPECT_TRUE(IsCorruption(replica.Receive(
      2, term.value(), MsgHeartbeat{LogIndex(), ReadRound(2), beyond})));
  EXPECT_TRUE(
      replica
          .Receive(2, term.value(),
                   MsgHeartbeat{before.last.index, ReadRound(3), before.last})
          .ok());
  EXPECT_EQ(replica.status().commit, before.last.index);
}

TEST(GatewayTest, ErrorNamesTheMessageAndItsSender) {
  TestReplica replica = Follower();
  const absl::Status status =
      replica.Receive(2, 4, MsgHeartbeat{LogIndex(kFar), {}});
  EXPECT_NE(status.message().find("MsgHeartbeat from replica 2"),
            absl::string_view::npos)
      << status;
}

}  // namespace
}  // namespace trimaran::raft
