#include "tests/support/raft/network.h"

#include "engine/base/check.h"
#include "replication/raft/debug_string.h"

namespace trimaran::raft {
namespace {

// A group that says more than this without a tick never falls silent.
constexpr size_t kDeliveriesMax = 200'000;
constexpr uint32_t kAlways = 1'000'000;

}  // namespace

Network::Network(uint64_t seed) : random_(seed) {}

Network::Network(uint64_t voters, absl::FunctionRef<void(Config&)> configure,
                 uint64_t seed)
    : random_(seed) {
  for (uint64_t id = 1; id <= voters; ++id) {
    Config config = PlainConfig(id);
    configure(config);
    Add(config, MemoryLog(Voters(voters)));
  }
}

Network Network::Plain(uint64_t voters) {
  return Network(voters, [](Config&) {});
}

TestReplica& Network::Add(const Config& config, MemoryLog log) {
  auto replica =
      std::make_unique<TestReplica>(config, std::move(log), random_.Next());
  auto& slot = replicas_[config.id];
  TRIMARAN_CHECK(slot == nullptr) << "replica " << config.id << " exists";
  slot = std::move(replica);
  return *slot;
}

void Network::AddBlackHole(ReplicaId id) { replicas_[id] = nullptr; }

TestReplica& Network::at(uint64_t id) {
  const auto found = replicas_.find(ReplicaId(id));
  TRIMARAN_CHECK(found != replicas_.end() && found->second != nullptr)
      << "there is no replica " << id;
  return *found->second;
}

std::vector<TestReplica*> Network::replicas() {
  std::vector<TestReplica*> all;
  for (auto& [id, replica] : replicas_) {
    if (replica != nullptr) all.push_back(replica.get());
  }
  return all;
}

void Network::Campaign(uint64_t id) {
  raft(id).Campaign();
  Settle();
}

absl::Status Network::Propose(uint64_t id, std::string_view text) {
  const absl::Status status = at(id).Propose(text).status();
  Settle();
  return status;
}

void Network::Inject(Message message) {
  queue_.push_back(std::move(message));
  Settle();
}

void Network::TickAll(int ticks) {
  for (int i = 0; i < ticks; ++i) {
    for (TestReplica* replica : replicas()) replica->Tick();
    std::vector<Held> still_held;
    for (Held& held : held_) {
      if (--held.ticks > 0) {
        still_held.push_back(std::move(held));
      } else {
        queue_.push_back(std::move(held.message));
      }
    }
    held_ = std::move(still_held);
    Settle();
  }
}

void Network::Tick(uint64_t id, int ticks) {
  for (int i = 0; i < ticks; ++i) {
    at(id).Tick();
    Settle();
  }
}

void Network::Beat(uint64_t id) { Tick(id, at(id).config().heartbeat_ticks); }

void Network::Settle() {
  const size_t limit = delivered_ + kDeliveriesMax;
  for (;;) {
    for (TestReplica* replica : replicas()) Collect(*replica);
    if (queue_.empty()) return;
    DeliverOne();
    TRIMARAN_CHECK_LT(delivered_, limit)
        << "the group never falls silent; next is "
        << (queue_.empty() ? "nothing" : DebugString(queue_.front()));
  }
}

void Network::Collect(TestReplica& replica) {
  for (Message& message : replica.ProcessAndTakeMessages()) {
    Post(std::move(message));
  }
}

void Network::Post(Message message) {
  if (Lost(message)) return;
  const int copies = random_.Chance(duplicate_) ? 2 : 1;
  for (int i = 0; i < copies; ++i) {
    if (random_.Chance(delay_)) {
      const auto ticks_max = static_cast<uint64_t>(delay_ticks_max_);
      held_.push_back(
          {1 + static_cast<int>(random_.Uniform(ticks_max)), message});
      continue;
    }
    size_t place = queue_.size();
    if (random_.Chance(reorder_)) place = random_.Uniform(place + 1);
    queue_.insert(queue_.begin() + static_cast<std::ptrdiff_t>(place), message);
  }
}

bool Network::Lost(const Message& message) {
  if (ignored_.contains(message.body.index())) return true;
  const auto drop = drops_.find({message.from, message.to});
  if (drop != drops_.end() && random_.Chance(drop->second)) return true;
  return hook_ != nullptr && !hook_(message);
}

void Network::DeliverOne() {
  Message message = std::move(queue_.front());
  queue_.pop_front();
  ++delivered_;
  const auto found = replicas_.find(message.to);
  if (found == replicas_.end() || found->second == nullptr) return;
  TestReplica& receiver = *found->second;
  CarrySnapshot(message, receiver);
  absl::Status status = receiver.raft().Step(message);
  if (!status.ok()) errors_.emplace_back(std::move(message), std::move(status));
}

void Network::CarrySnapshot(const Message& message, TestReplica& receiver) {
  const MsgSnap* snap = message.As<MsgSnap>();
  const auto sender = replicas_.find(message.from);
  if (snap == nullptr || sender == replicas_.end()) return;
  if (sender->second == nullptr) return;
  receiver.StageSnapshot(
      {snap->snapshot, sender->second->SnapshotState(snap->snapshot.id.index)});
}

void Network::Drop(Route route, uint32_t per_million) {
  drops_[{ReplicaId(route.from), ReplicaId(route.to)}] = per_million;
}

void Network::Cut(uint64_t a, uint64_t b) {
  Drop({a, b}, kAlways);
  Drop({b, a}, kAlways);
}

void Network::Isolate(uint64_t id) {
  for (const auto& [other, replica] : replicas_) {
    if (other != ReplicaId(id)) Cut(id, other.value());
  }
}

void Network::Delay(uint32_t per_million, int ticks_max) {
  TRIMARAN_CHECK_GT(ticks_max, 0);
  delay_ = per_million;
  delay_ticks_max_ = ticks_max;
}

void Network::Recover() {
  drops_.clear();
  ignored_.clear();
  hook_ = nullptr;
  duplicate_ = 0;
  reorder_ = 0;
  delay_ = 0;
  for (Held& held : held_) queue_.push_back(std::move(held.message));
  held_.clear();
}

bool Network::Converged() {
  const std::vector<TestReplica*> all = replicas();
  for (const TestReplica* replica : all) {
    const RaftStatus status = replica->status();
    if (status.last != all.front()->status().last) return false;
    if (status.commit != status.last.index) return false;
    if (status.applied != status.last.index) return false;
    if (replica->log().state() != all.front()->log().state()) return false;
  }
  return true;
}

}  // namespace trimaran::raft
