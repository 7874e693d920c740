#include "replication/raft/debug_string.h"

#include <sstream>
#include <string>
#include <vector>

#include "gtest/gtest.h"
#include "replication/raft/conf_change.h"
#include "replication/raft/quorum.h"
#include "tests/support/raft/builders.h"

// The notation that scripts, traces and failures are written in.

namespace trimaran::raft {
namespace {

LogEntry ConfEntry(EntryId id, const ConfChange& change) {
  LogEntry entry = EntryAt(id);
  entry.type = EntryType::kConfChange;
  entry.payload = Payload(EncodeConfChange(change));
  return entry;
}

// Covers: H25a
TEST(DebugStringTest, EntriesShowPlaceKindAndPayload) {
  EXPECT_EQ(DebugString(EntryAt(At(4, 2), "x")), "4/2 Normal \"x\"");
  EXPECT_EQ(DebugString(EntryAt(At(4, 2))), "4/2 Normal \"\"");
  EXPECT_EQ(DebugString(EntryAt(At(4, 2), "a\n\x01")),
            "4/2 Normal \"a\\n\\x01\"");
  const std::string shown =
      DebugString(EntryAt(At(1, 1), std::string(99, 'y')));
  EXPECT_EQ(shown, "1/1 Normal \"" + std::string(48, 'y') + "...\"");
  const ConfChange change = {ConfChangeTransition::kAuto,
                             {{ConfChangeType::kAddVoter, ReplicaId(3)}},
                             ""};
  EXPECT_EQ(DebugString(ConfEntry(At(5, 1), change)), "5/1 ConfChange v3");
  LogEntry malformed = EntryAt(At(6, 1), "\xff");
  malformed.type = EntryType::kConfChange;
  EXPECT_EQ(DebugString(malformed), "6/1 ConfChange malformed");
}

// Covers: H25a
TEST(DebugStringTest, EveryMessageShowsWhatItSays) {
  const auto shown = [](uint64_t term, auto body) {
    return DebugString(MakeMessage({1, 2}, term, body));
  };
  const EntryId last = At(3, 1);
  const EntryId commit = At(2, 1);
  EXPECT_EQ(shown(0, MsgProp{{{EntryType::kNormal, Payload("a")},
                              {EntryType::kNormal, Payload()}}}),
            "1->2 MsgProp Proposals:[Normal \"a\", Normal \"\"]");
  EXPECT_EQ(shown(2, MsgApp{last, {EntryAt(At(4, 2), "x")}, LogIndex(3)}),
            "1->2 MsgApp Term:2 Prev:3/1 Commit:3 Entries:[4/2 Normal \"x\"]");
  EXPECT_EQ(shown(2, MsgApp{}), "1->2 MsgApp Term:2 Prev:0/0 Commit:0");
  EXPECT_EQ(shown(2, MsgAppResp{LogIndex(4), false, {}, LogIndex(3)}),
            "1->2 MsgAppResp Term:2 Index:4 Commit:3");
  EXPECT_EQ(shown(2, MsgAppResp{LogIndex(4), true, last, {}}),
            "1->2 MsgAppResp Term:2 Rejected Index:4 Hint:3/1");
  EXPECT_EQ(shown(2, MsgHeartbeat{LogIndex(3), ReadRound(5)}),
            "1->2 MsgHeartbeat Term:2 Commit:3 Round:5");
  EXPECT_EQ(shown(2, MsgHeartbeatResp{ReadRound(5)}),
            "1->2 MsgHeartbeatResp Term:2 Round:5");
  EXPECT_EQ(shown(2, MsgVote{last, commit, true, 0}),
            "1->2 MsgVote Term:2 Last:3/1 Commit:2/1 Transfer");
  EXPECT_EQ(shown(2, MsgPreVote{last, commit, 0}),
            "1->2 MsgPreVote Term:2 Last:3/1 Commit:2/1");
  EXPECT_EQ(shown(2, MsgVoteResp{true, commit}),
            "1->2 MsgVoteResp Term:2 Rejected Commit:2/1");
  EXPECT_EQ(shown(2, MsgPreVoteResp{false, commit}),
            "1->2 MsgPreVoteResp Term:2 Commit:2/1");
  EXPECT_EQ(shown(2, MsgSnap{{last, Voters(2)}}),
            "1->2 MsgSnap Term:2 Index:3/1 voters=(1 2)");
  EXPECT_EQ(shown(2, MsgTimeoutNow{}), "1->2 MsgTimeoutNow Term:2");
  EXPECT_EQ(shown(0, MsgTransferLeader{ReplicaId(3)}),
            "1->2 MsgTransferLeader Target:3");
  EXPECT_EQ(shown(0, MsgReadIndex{ReadId(7), ReadMode::kLease, ReplicaId(1)}),
            "1->2 MsgReadIndex Read:7 Origin:1 Lease");
}

// Covers: H25a
TEST(DebugStringTest, ReadyListsItsPartsInOrder) {
  EXPECT_EQ(DebugString(Ready()), "empty\n");
  Ready ready;
  ready.soft_state = {Role::kLeader, ReplicaId(1)};
  ready.messages = {MakeMessage({1, 2}, 2, MsgTimeoutNow{})};
  ready.persist.emplace();
  ready.persist->seq = PersistSeq(3);
  ready.persist->must_sync = true;
  ready.persist->hard_state = {Term(2), ReplicaId(1), LogIndex(3)};
  ready.persist->snapshot = {At(3, 1), Voters(2)};
  ready.persist->entries = {EntryAt(At(4, 2))};
  ready.persist->messages_after = {MakeMessage({1, 2}, 2, MsgTimeoutNow{})};
  ready.apply = {EntryAt(At(3, 1), "a")};
  ready.fetches = {{FetchId(1), LogIndex(1), LogIndex(3), 9}};
  ready.snapshot_requests = {{ReplicaId(2), LogIndex(1)}};
  ready.read_results = {{ReadId(4), LogIndex(3)}};
  ready.lost_reads = {ReadId(5)};
  EXPECT_EQ(DebugString(ready),
            "Leader Leader:1\n"
            "Messages:\n"
            "  1->2 MsgTimeoutNow Term:2\n"
            "Persist 3 sync Term:2 Vote:1 Commit:3 Snapshot Index:3/1 "
            "voters=(1 2)\n"
            "Entries:\n"
            "  4/2 Normal \"\"\n"
            "Messages after persist:\n"
            "  1->2 MsgTimeoutNow Term:2\n"
            "Apply:\n"
            "  3/1 Normal \"a\"\n"
            "Fetch 1 [1, 3)\n"
            "Snapshot wanted for 2 from 1\n"
            "Read 4 at 3\n"
            "Read 5 lost\n");
}

// Covers: H25a
TEST(DebugStringTest, StatusAndProgressFitOnALine) {
  RaftStatus status;
  status.id = ReplicaId(1);
  status.term = Term(2);
  status.conf = Voters(1);
  EXPECT_EQ(DebugString(status),
            "1: Follower Term:2 Log:(0/0, 0/0] Commit:0 Applied:0 Durable:0 "
            "voters=(1)");
  status.leader = ReplicaId(3);
  status.vote = ReplicaId(3);
  status.pending_snapshot = LogIndex(9);
  EXPECT_EQ(DebugString(status),
            "1: Follower Term:2 Vote:3 Leader:3 Log:(0/0, 0/0] Commit:0 "
            "Applied:0 Durable:0 Installing:9 voters=(1)");
  PeerStatus peer;
  peer.id = ReplicaId(2);
  peer.state = ProgressState::kReplicate;
  peer.match = LogIndex(4);
  peer.next = LogIndex(6);
  peer.recently_active = true;
  peer.inflight_messages = 1;
  EXPECT_EQ(DebugString(peer), "2: Replicate match=4 next=6 inflight=1");
  peer.learner = true;
  peer.state = ProgressState::kSnapshot;
  peer.pending_snapshot = LogIndex(5);
  peer.paused = true;
  peer.recently_active = false;
  peer.inflight_messages = 0;
  EXPECT_EQ(DebugString(peer),
            "2: Snapshot match=4 next=6 learner paused snapshot=5 inactive");
}

// Covers: H25a
TEST(DebugStringTest, EnumsPrintTheirNames) {
  std::ostringstream out;
  out << Role::kFollower << ' ' << Role::kPreCandidate << ' '
      << Role::kCandidate << ' ' << Role::kLeader << ' ' << static_cast<Role>(9)
      << ' ' << ProgressState::kProbe << ' ' << static_cast<ProgressState>(9)
      << ' ' << VoteResult::kWon << ' ' << VoteResult::kLost << ' '
      << VoteResult::kPending;
  EXPECT_EQ(out.str(),
            "Follower PreCandidate Candidate Leader ? Probe ? won lost "
            "pending");
}

}  // namespace
}  // namespace trimaran::raft
