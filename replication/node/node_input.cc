#include <algorithm>
#include <new>
#include <utility>

#include "absl/time/time.h"
#include "engine/base/errors.h"
#include "replication/node/node.h"

// What comes into a node: messages, time, and the wish of clients to be heard.

namespace trimaran {

void Node::Deliver(PeerMessage message) {
  if (doors_.inbox.Put(std::move(message))) Wake();
}

void Node::Unreachable(ReplicaId peer) {
  if (doors_.inbox.PutUnreachable(peer)) Wake();
}

void Node::PartPassed(ReplicaId peer, Passage passage) {
  doors_.inbox.PutAlive(peer, passage);
}

PeerPosition Node::position() const {
  const engine::LogState state = env_.store->log().state();
  return {.term = state.hard_state.term, .last = state.last.id};
}

void Node::Wake() {
  if (doors_.awake.exchange(true, std::memory_order_acq_rel)) return;
  try {
    env_.lanes.raft->Post([this] {
      // Before looking: what comes after this look wakes again.
      doors_.awake.store(false, std::memory_order_release);
      Pump();
    });
  } catch (const std::bad_alloc&) {
    // Whoever calls has handed something over for good, and must not hear that
    // it was not taken. The next tick looks.
    doors_.awake.store(false, std::memory_order_release);
  }
}

void Node::ScheduleTick() {
  env_.lanes.raft->PostAt(timers_.tick,
                          [life = std::weak_ptr<Node*>(timers_.node)] {
                            if (const auto self = life.lock()) {
                              (*self)->OnTick();
                            }
                          });
}

void Node::OnTick() {
  if (!working()) return;
  // A disk that was slow must not make the others look silent: what they said
  // meanwhile is heard first.
  TakeMail();
  const MonotonicTime now = env_.clock->Now();
  const int64_t missed = (now - timers_.tick) / options_.tick;
  timers_.tick = timers_.tick + options_.tick * (missed + 1);
  // And time that passed without this replica is not held against them, unless
  // it is the own lease that runs out. A promise to a leader begins when he is
  // heard: to count what was before would break it.
  // What role_ says may be older than what has just been heard.
  const bool counts_all =
      options_.core.lease_reads && core_->status().role == raft::Role::kLeader;
  const int64_t ticks = counts_all ? missed + 1 : 1;
  if (debt_.owed()) {
    // It must not campaign.
    LeaveDoubtfulTerm();
  } else {
    for (int64_t i = 0; i < ticks; ++i) core_->Tick();
  }
  writes_.Tick(now);
  reads_.Tick(now);
  TickParts(now);
  ScheduleTick();
  Pump();
  if (working()) PublishStatus();
}

bool Node::LeaseClockIsRight(MonotonicTime now) const {
  return now < timers_.tick;
}

void Node::LeaveDoubtfulTerm() {
  const raft::RaftStatus status = core_->status();
  if (status.leader == kNoReplica || !debt_.DoubtsLeaderOf(status.term)) return;
  env_.logger.Warning("leaving term ", status.term,
                      ", whose leader counts on entries that are lost here");
  core_->LeaveTerm();
}

void Node::Pump() {
  if (!working()) return;
  for (PendingReadPtr& read : doors_.reads.TakeAll()) {
    reads_.Add(std::move(read), core_->log().applied());
  }
  TakeMail();
  AddClientWrites();
  const MonotonicTime now = env_.clock->Now();
  do {
    writes_.Pump(*core_, role_, now);
    reads_.BeginRounds(*core_, now, LeaseClockIsRight(now));
  } while (PerformNext() || TellOfCommit(now));
}

bool Node::TellOfCommit(MonotonicTime now) {
  if (!working()) return false;
  const MonotonicTime due = timers_.news.DueAt(core_->untold_commit(), now);
  if (due <= now) {
    core_->AwaitCommit(core_->log().commit());
    return true;
  }
  if (due < timers_.look) {
    timers_.look = due;
    env_.lanes.raft->PostAt(due, [life = std::weak_ptr<Node*>(timers_.node)] {
      const auto self = life.lock();
      if (self == nullptr) return;
      (*self)->timers_.look = MonotonicTime::Infinite();
      (*self)->Pump();
    });
  }
  return false;
}

void Node::TakeMail() {
  Inbox::Mail mail = doors_.inbox.TakeAll();
  counters_.messages_dropped += mail.dropped;
  for (const ReplicaId peer : mail.unreachable) core_->ReportUnreachable(peer);
  for (const auto& [peer, passage] : mail.alive) {
    core_->ReportAlive(peer, /*sends=*/passage == Passage::kFromPeer);
    writes_.OnPartPassed(peer, env_.clock->Now());
  }
  for (PeerMessage& message : mail.messages) TakeMessage(std::move(message));
}

void Node::TakeMessage(PeerMessage message) {
  ++counters_.messages_received;
  const ReplicaId from = message.from;
  PeerBody& body = message.body;
  if (!bindings_.Admits(from, message.from_store)) {
    ++counters_.messages_of_strangers;
    if (std::get_if<MsgStoreRefused>(&body) == nullptr) {
      SendTo(from, MsgStoreRefused{bindings_.BoundStore(from)});
    }
    return;
  }
  if (auto* raft_message = std::get_if<raft::Message>(&body)) {
    TakeRaftMessage(std::move(*raft_message));
  } else if (const auto* forward = std::get_if<MsgForward>(&body)) {
    TakeForward(from, *forward);
  } else if (const auto* answer = std::get_if<MsgForwardResp>(&body)) {
    writes_.OnForwardResp(from, *answer, core_->log().applied());
  } else if (auto* offer = std::get_if<MsgSnapshotOffer>(&body)) {
    // Its installation would wait behind the write, and hold up what gives
    // space back.
    if (!log_writer_.held_up()) snapshots_.OnOffer(from, std::move(*offer));
  } else if (const auto* fetch = std::get_if<MsgSnapshotFetch>(&body)) {
    snapshots_.OnFetch(from, *fetch);
  } else if (auto* chunk = std::get_if<MsgSnapshotChunk>(&body)) {
    snapshots_.OnChunk(from, std::move(*chunk));
  } else if (const auto* done = std::get_if<MsgSnapshotDone>(&body)) {
    snapshots_.OnDone(from, *done);
  } else if (const auto* refused = std::get_if<MsgStoreRefused>(&body)) {
    bindings_.OnRefused(from, refused->bound);
  } else if (const auto* digest = std::get_if<MsgStateDigest>(&body)) {
    audits_.OnDigest(from, *digest);
  }
}

void Node::TakeRaftMessage(raft::Message message) {
  if (message.As<raft::MsgSnap>() != nullptr) {
    // The core may hear of a snapshot only when its data is here.
    ++counters_.messages_refused;
    return;
  }
  if (auto* read = std::get_if<raft::MsgReadIndex>(&message.body);
      read != nullptr && !LeaseClockIsRight(env_.clock->Now())) {
    read->mode = raft::ReadMode::kQuorum;
  }
  if (message.As<raft::MsgApp>() != nullptr &&
      (maintenance_.takes_nothing() || log_writer_.held_up())) {
    // The leader goes on without this replica, as if it had not arrived: even
    // the answer to an empty one would wait behind what cannot be written, and
    // would bring entries. What is committed, the heartbeats of a leader tell
    // that knows how far this log agrees; of a new one, only room makes an end.
    ++counters_.messages_dropped;
    return;
  }
  auto* heartbeat = std::get_if<raft::MsgHeartbeat>(&message.body);
  if (heartbeat == nullptr) {
    Step(std::move(message)).IgnoreError();
    return;
  }
  const Term term = message.term;
  const LogIndex reached =
      std::max(heartbeat->commit, heartbeat->matched.index);
  if (debt_.IsOwedBy(term)) {
    // What that leader counts on is not what is here. That it leads is news.
    heartbeat->commit = LogIndex();
    heartbeat->matched = EntryId();
  }
  if (IsCorruption(Step(std::move(message)))) debt_.Note(reached, term);
}

void Node::TakeForward(ReplicaId from, const MsgForward& forward) {
  if (!maintenance_.refuses_writes()) {
    if (!writes_.OnForward(*core_, from, forward)) {
      ++counters_.messages_refused;
      env_.logger.Warning("replica ", from, " passes on what is no entry");
    }
    core_->AwaitCommit(core_->log().last().index);
    return;
  }
  SendTo(from, MsgForwardResp{.request = forward.request,
                              .appended = std::nullopt,
                              .reason = DropReason::kQueueFull});
}

absl::Status Node::Step(raft::Message message) {
  // Whoever asks may not have heard of the last change of membership.
  const bool asks = message.As<raft::MsgTransferLeader>() != nullptr;
  absl::Status status = core_->Step(std::move(message));
  // NotFound: a late answer of somebody who has left the group.
  if (status.ok() || asks || absl::IsNotFound(status) || IsNotLeader(status) ||
      DropReasonOf(status).has_value() || absl::IsResourceExhausted(status)) {
    return status;
  }
  ++counters_.messages_refused;
  env_.logger.Warning("a message was refused: ", ToStd(status.message()));
  return status;
}

}  // namespace trimaran
