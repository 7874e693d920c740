#include "tests/replication/tcp/tcp_fixture.h"

#include <utility>
#include <variant>

#include "engine/base/check.h"
#include "engine/base/clock.h"

namespace trimaran {

bool Eventually(const std::function<bool()>& holds, absl::Duration patience) {
  const MonotonicClock clock;
  const MonotonicTime deadline = clock.Now() + patience;
  while (!holds()) {
    if (clock.Now() >= deadline) return holds();
    LetTimePass(absl::Milliseconds(1));
  }
  return true;
}

void LetTimePass(absl::Duration duration) {
  const MonotonicClock clock;
  const MonotonicTime end = clock.Now() + duration;
  Mutex mutex;
  CondVar never;
  const MutexLock lock(mutex);
  for (MonotonicTime now = clock.Now(); now < end; now = clock.Now()) {
    never.WaitFor(mutex, end - now);
  }
}

TcpOptions TestOptions(ReplicaId replica) {
  TcpOptions options;
  options.cluster = {.high = 0xabc, .low = 0x123};
  options.group = kGroup;
  options.replica = replica;
  options.store = StoreId(100 + replica.value());
  options.nonce = 1000 + replica.value();
  options.listen = "127.0.0.1:0";
  // A machine that has much else to do must not look like a dead peer.
  options.silence_max = absl::Seconds(10);
  return options;
}

wire::Identity IdentityOf(const TcpOptions& options) {
  return {options.cluster, options.group, options.replica, options.store,
          options.nonce};
}

// ---- RecordingSink ----

void RecordingSink::Deliver(PeerMessage message) {
  const MutexLock lock(mutex_);
  messages_.push_back(std::move(message));
}

void RecordingSink::Unreachable(ReplicaId peer) {
  const MutexLock lock(mutex_);
  ++unreachable_[peer];
}

void RecordingSink::PartPassed(ReplicaId peer, Passage passage) {
  const MutexLock lock(mutex_);
  ++parts_passed_[{peer, passage}];
}

PeerPosition RecordingSink::position() const {
  const MutexLock lock(mutex_);
  return position_;
}

void RecordingSink::SetPosition(const PeerPosition& position) {
  const MutexLock lock(mutex_);
  position_ = position;
}

std::vector<PeerMessage> RecordingSink::messages() const {
  const MutexLock lock(mutex_);
  return messages_;
}

size_t RecordingSink::count() const {
  const MutexLock lock(mutex_);
  return messages_.size();
}

int RecordingSink::unreachable(ReplicaId peer) const {
  const MutexLock lock(mutex_);
  const auto found = unreachable_.find(peer);
  return found == unreachable_.end() ? 0 : found->second;
}

int RecordingSink::parts_passed(ReplicaId peer, Passage passage) const {
  const MutexLock lock(mutex_);
  const auto found = parts_passed_.find({peer, passage});
  return found == parts_passed_.end() ? 0 : found->second;
}

std::vector<uint64_t> RecordingSink::numbers() const {
  std::vector<uint64_t> numbers;
  for (const PeerMessage& message : messages()) {
    if (const auto* fetch = std::get_if<MsgSnapshotFetch>(&message.body)) {
      numbers.push_back(fetch->snapshot);
    }
  }
  return numbers;
}

// ---- TestPeer ----

TestPeer::TestPeer(const TcpOptions& options) : options_(options) {
  auto transport = TcpTransport::Start(options);
  TRIMARAN_CHECK(transport.ok()) << transport.status();
  transport_ = *std::move(transport);
  transport_->Attach(id(), sink_);
}

TestPeer::~TestPeer() { transport_->Detach(id()); }

PeerRecord TestPeer::record() const {
  return {.address = transport_->advertised_address(),
          .store = options_.store,
          .member = true};
}

void TestPeer::Know(const PeerDirectory& directory) {
  transport_->UpdatePeers(id(), directory);
}

void TestPeer::Send(ReplicaId to, PeerBody body) {
  std::vector<PeerMessage> messages;
  messages.push_back({.from = id(), .to = to, .body = std::move(body)});
  transport_->Send(std::move(messages));
}

void TestPeer::SendNumber(ReplicaId to, uint64_t number) {
  Send(to, MsgSnapshotFetch{.snapshot = number, .chunk = 1, .count = 1});
}

LinkStatus TestPeer::link(ReplicaId peer) const {
  for (LinkStatus& link : transport_->status().links) {
    if (link.peer == peer) return std::move(link);
  }
  return {};
}

void Introduce(const std::vector<TestPeer*>& peers) {
  PeerDirectory directory;
  for (const TestPeer* peer : peers) directory[peer->id()] = peer->record();
  for (TestPeer* peer : peers) peer->Know(directory);
}

bool AllConnected(const std::vector<TestPeer*>& peers,
                  absl::Duration patience) {
  return Eventually(
      [&] {
        for (const TestPeer* one : peers) {
          for (const TestPeer* other : peers) {
            if (one != other && !one->link(other->id()).sending) return false;
          }
        }
        return true;
      },
      patience);
}

}  // namespace trimaran
