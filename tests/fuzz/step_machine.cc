#include "tests/fuzz/step_machine.h"

#include <algorithm>
#include <utility>
#include <vector>

#include "engine/base/check.h"
#include "replication/raft/messages.h"
#include "tests/fuzz/message_maker.h"

namespace trimaran::raft {
namespace {

constexpr ReplicaId kSelf{1};

// Small limits, so that they are reached.
Config MakeConfig(ByteSource& bytes) {
  Config config;
  config.id = kSelf;
  config.check_invariants = true;
  config.election_timeout_ticks = 4;
  const uint8_t switches = bytes.Byte();
  config.pre_vote = (switches & 1) != 0;
  config.check_quorum = (switches & 2) != 0;
  config.lease_reads = config.check_quorum && (switches & 4) != 0;
  config.step_down_on_removal = (switches & 8) != 0;
  config.proposal_forwarding = (switches & 16) == 0;
  config.eager_commit_broadcast = (switches & 32) == 0;
  config.validate_conf_changes = (switches & 192) != 192;
  config.priority = bytes.OneIn(4) ? 1 : 0;
  const uint8_t limits = bytes.Byte();
  if ((limits & 1) != 0) config.append_bytes_max = 40;
  if ((limits & 2) != 0) config.append_entries_max = 2;
  if ((limits & 4) != 0) config.inflight_messages_max = 2;
  if ((limits & 8) != 0) config.inflight_bytes_max = 64;
  if ((limits & 16) != 0) config.uncommitted_bytes_max = 100;
  if ((limits & 32) != 0) config.apply_entries_max = 2;
  if ((limits & 64) != 0) config.apply_bytes_max = 32;
  if ((limits & 128) != 0) config.window_entries_max = 2;
  config.pending_reads_max = 4;
  return config;
}

ConfState MakeConf(ByteSource& bytes) {
  ConfState conf;
  const uint64_t voters = bytes.Below(6);
  for (uint64_t id = 1; id <= voters; ++id) {
    conf.voters.push_back(ReplicaId(id));
  }
  if (voters == 0) return conf;
  const uint8_t more = bytes.Byte();
  if ((more & 3) == 3) conf.learners.push_back(ReplicaId(6));
  if ((more & 12) == 12) {
    conf.voters_outgoing = {ReplicaId(1), ReplicaId(7)};
    conf.auto_leave = (more & 16) != 0;
  }
  return conf;
}

MemoryLog MakeStored(ByteSource& bytes) {
  const ConfState conf = MakeConf(bytes);
  MemoryLog stored(conf);
  EntryId last;
  if (bytes.Coin()) {
    last = {LogIndex(5), Term(5)};
    TRIMARAN_CHECK(stored.Restore({{last, conf}, ""}).ok());
  }
  std::vector<LogEntry> entries;
  const uint64_t count = bytes.Below(6);
  for (uint64_t i = 0; i < count; ++i) {
    last = {last.index + 1,
            Term(std::max<uint64_t>(last.term.value(), 1) + bytes.Below(2))};
    entries.push_back({last.index, last.term, EntryType::kNormal,
                       Payload(std::string(i, 'e'))});
  }
  TRIMARAN_CHECK(stored.Append(std::move(entries)).ok());
  HardState hard_state;
  hard_state.term = last.term + bytes.Below(2);
  if (bytes.Coin()) hard_state.vote = ReplicaId(bytes.Below(4));
  if (hard_state.term == Term()) hard_state.vote = kNoReplica;
  hard_state.commit =
      std::min(last.index, stored.boundary().index + bytes.Below(4));
  stored.set_hard_state(hard_state);
  return stored;
}

}  // namespace

StepMachine::StepMachine(std::string_view bytes) : bytes_(bytes) {
  const Config config = MakeConfig(bytes_);
  MemoryLog stored = MakeStored(bytes_);
  host_ = std::make_unique<FuzzHost>(config, std::move(stored), bytes_.Byte());
}

size_t StepMachine::Run() {
  size_t operations = 0;
  while (!bytes_.done()) {
    Operation();
    ++operations;
  }
  host_->Settle();
  return operations;
}

void StepMachine::Operation() {
  const uint64_t choice = bytes_.Below(64);
  if (choice < 20) {
    host_->Step(MessageMaker(bytes_, host_->raft()).Any());
  } else if (choice < 26) {
    host_->Step(MessageMaker(bytes_, host_->raft()).HonestAppend());
  } else if (choice < 44) {
    HostOperation(choice - 26);
  } else if (choice < 58) {
    Request(choice - 44);
  } else if (choice < 60) {
    WinElection();
  } else if (choice < 62) {
    AcknowledgeAll();
  } else if (choice < 63) {
    LosePeerLog();
  } else {
    BeatFromLeader();
  }
}

void StepMachine::HostOperation(uint64_t choice) {
  Raft& raft = host_->raft();
  switch (choice) {
    case 0:
    case 1:
    case 2:
      host_->Take();
      return;
    case 3:
    case 4:
      host_->Persist(1 + bytes_.Below(2));
      return;
    case 5:
    case 6:
      host_->Apply(1 + bytes_.Below(4));
      return;
    case 7:
    case 8:
      host_->AnswerFetch(static_cast<FuzzHost::Answer>(bytes_.Below(7)));
      return;
    case 9:
    case 16:
      host_->AnswerSnapshotRequest(
          static_cast<FuzzHost::Answer>(bytes_.Below(4)));
      return;
    case 10:
      host_->Compact(MessageMaker(bytes_, raft).Index());
      return;
    case 11:
      raft.ReportSnapshot(
          MessageMaker(bytes_, raft).Replica(),
          bytes_.Coin() ? SnapshotResult::kDelivered : SnapshotResult::kFailed);
      return;
    case 12:
      raft.ReportUnreachable(MessageMaker(bytes_, raft).Replica());
      return;
    case 13:
      host_->Settle();
      return;
    case 14:
      host_->Restart();
      return;
    case 15:
      raft.SnapshotUnavailable(MessageMaker(bytes_, raft).Replica());
      return;
    default:
      raft.Tick();
      return;
  }
}

void StepMachine::Request(uint64_t choice) {
  Raft& raft = host_->raft();
  MessageMaker maker(bytes_, raft);
  switch (choice) {
    case 0:
    case 1:
    case 2:
      (void)raft.Propose(maker.Command());
      return;
    case 3: {
      const std::vector<Payload> payloads(1 + bytes_.Below(3), maker.Command());
      (void)raft.Propose(payloads);
      return;
    }
    case 4:
    case 5:
      (void)raft.ProposeConfChange(maker.Change());
      return;
    case 6:
    case 7:
      (void)raft.ReadIndex(
          ReadId(1 + bytes_.Below(8)),
          bytes_.Coin() ? ReadMode::kLease : ReadMode::kQuorum);
      return;
    case 8:
      (void)raft.TransferLeadership(maker.Replica());
      return;
    case 9:
      raft.Campaign();
      return;
    case 10:
      if (bytes_.Coin()) {
        raft.ForgetLeader();
      } else {
        raft.LeaveTerm();
      }
      return;
    case 11:
      raft.OverrideElectionTimeout(1 + static_cast<int>(bytes_.Below(8)));
      return;
    default:
      for (uint64_t i = bytes_.Below(16); i > 0; --i) raft.Tick();
      return;
  }
}

void StepMachine::WinElection() {
  Raft& raft = host_->raft();
  const std::vector<ReplicaId> members = raft.membership().members();
  raft.Campaign();
  const auto answer = [&](Role role, uint64_t ahead, const MessageBody& body) {
    for (const ReplicaId id : members) {
      const RaftStatus now = raft.status();
      if (id == kSelf || now.role != role) continue;
      host_->Step({GroupId(1), id, kSelf, now.term + ahead, body});
    }
  };
  answer(Role::kPreCandidate, 1, MsgPreVoteResp{});
  host_->Take();
  host_->Persist(~size_t{0});
  answer(Role::kCandidate, 0, MsgVoteResp{});
}

void StepMachine::AcknowledgeAll() {
  Raft& raft = host_->raft();
  const std::vector<ReplicaId> members = raft.membership().members();
  for (const ReplicaId id : members) {
    const RaftStatus now = raft.status();
    if (id == kSelf || now.role != Role::kLeader) continue;
    if (bytes_.OneIn(4)) {
      host_->Step({GroupId(1), id, kSelf, now.term,
                   MsgHeartbeatResp{ReadRound(bytes_.Below(8))}});
      continue;
    }
    const LogIndex next =
        std::find_if(now.peers.begin(), now.peers.end(),
                     [id](const PeerStatus& peer) { return peer.id == id; })
            ->next;
    if (bytes_.OneIn(5)) {
      const LogIndex hint = MessageMaker(bytes_, raft).Index();
      host_->Step({GroupId(1), id, kSelf, now.term,
                   MsgAppResp{next - 1, true, {hint, Term()}, LogIndex()}});
      continue;
    }
    host_->Step({GroupId(1), id, kSelf, now.term,
                 MsgAppResp{next - 1, false, EntryId(), now.commit}});
  }
}

void StepMachine::LosePeerLog() {
  Raft& raft = host_->raft();
  host_->Settle();
  host_->Compact(raft.log().applied());
  const ReplicaId id(2 + bytes_.Below(4));
  const RaftStatus now = raft.status();
  for (const PeerStatus& peer : now.peers) {
    if (peer.id != id) continue;
    raft.ReportUnreachable(id);
    host_->Step({GroupId(1), id, kSelf, now.term,
                 MsgAppResp{peer.match, true, EntryId(), LogIndex()}});
    host_->Step({GroupId(1), id, kSelf, now.term, MsgHeartbeatResp{}});
  }
}

void StepMachine::BeatFromLeader() {
  const RaftStatus now = host_->raft().status();
  ReplicaId leader = now.leader;
  if (leader == kNoReplica || leader == kSelf) leader = ReplicaId(2);
  const Term term =
      now.role == Role::kLeader ? now.term + 1 : std::max(now.term, Term(1));
  const LogIndex commit = bytes_.Coin() ? now.last.index : now.commit;
  host_->Step({GroupId(1), leader, kSelf, term,
               MsgHeartbeat{commit, ReadRound(1 + bytes_.Below(8))}});
}

}  // namespace trimaran::raft
