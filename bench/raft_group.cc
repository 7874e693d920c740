#include "bench/raft_group.h"

#include <utility>

#include "engine/base/check.h"
#include "engine/base/conf_state.h"
#include "replication/raft/messages.h"

namespace trimaran::bench {
namespace {

using raft::Message;
using raft::MsgApp;

// Group, sender, receiver, term, type, and the numbers of the body.
constexpr uint64_t kMessageBytes = 48;
// Index, term, type, length.
constexpr uint64_t kEntryBytes = 16;

uint64_t WireBytes(const Message& message) {
  const auto* append = message.As<MsgApp>();
  if (append == nullptr) return kMessageBytes;
  return kMessageBytes + SizeBytes(append->entries) +
         kEntryBytes * append->entries.size();
}

}  // namespace

RaftGroup::RaftGroup(size_t replicas) : random_(1) {
  raft::InitialState state;
  for (uint64_t id = 1; id <= replicas; ++id) {
    state.conf.voters.push_back(ReplicaId(id));
  }
  for (const ReplicaId id : state.conf.voters) {
    raft::Config config;
    config.id = id;
    // As users run it, in every build.
    config.check_invariants = false;
    auto raft = raft::Raft::Create(config, state, random_);
    TRIMARAN_CHECK(raft.ok()) << raft.status().ToString();
    replicas_.push_back(std::make_unique<Replica>());
    replicas_.back()->raft = *std::move(raft);
  }
  leader().Campaign();
  Settle();
  TRIMARAN_CHECK(leader().status().role == raft::Role::kLeader);
}

void RaftGroup::Propose(const Payload& payload) {
  const auto first = leader().Propose(payload);
  TRIMARAN_CHECK(first.ok()) << first.status().ToString();
}

void RaftGroup::Round() {
  for (auto& replica : replicas_) {
    FinishWrites(*replica);
    Take(*replica);
  }
  for (auto& replica : replicas_) {
    std::swap(replica->inbox, replica->arriving);
    for (Message& message : replica->arriving) {
      const absl::Status stepped = replica->raft->Step(std::move(message));
      TRIMARAN_CHECK(stepped.ok()) << stepped.ToString();
    }
    replica->arriving.clear();
  }
}

void RaftGroup::Settle() {
  while (HasWork()) Round();
}

bool RaftGroup::HasWork() const {
  for (const auto& replica : replicas_) {
    if (replica->raft->HasReady() || !replica->writing.empty()) return true;
  }
  return false;
}

void RaftGroup::FinishWrites(Replica& replica) {
  for (raft::PersistBatch& batch : replica.writing) {
    replica.raft->Persisted(batch.seq);
    Post(batch.messages_after);
  }
  replica.writing.clear();
}

void RaftGroup::Take(Replica& replica) {
  if (!replica.raft->HasReady()) return;
  raft::Ready ready = replica.raft->TakeReady();
  // There is no log to fetch from; nobody falls behind here.
  TRIMARAN_CHECK(ready.fetches.empty() && ready.snapshot_requests.empty());
  Post(ready.messages);
  if (ready.persist) replica.writing.push_back(*std::move(ready.persist));
  if (ready.apply.empty()) return;
  if (&replica == replicas_.front().get()) {
    for (const LogEntry& entry : ready.apply) {
      if (!entry.payload.empty()) ++counters_.applied;
    }
  }
  replica.raft->Applied(ready.apply.back().index);
}

void RaftGroup::Post(std::vector<Message>& messages) {
  for (Message& message : messages) {
    ++counters_.messages;
    counters_.bytes += WireBytes(message);
    replicas_[message.to.value() - 1]->inbox.push_back(std::move(message));
  }
}

}  // namespace trimaran::bench
