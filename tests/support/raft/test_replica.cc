#include "tests/support/raft/test_replica.h"

#include <iterator>

#include "engine/base/check.h"
#include "tests/support/raft/builders.h"

namespace trimaran::raft {
namespace {

// A core that asks for more than this without any input never stops.
constexpr int kReadysMax = 100'000;

// One command per line, so that states can be compared and read.
void AppendCommand(const LogEntry& entry, std::string& state) {
  if (entry.type != EntryType::kNormal || entry.payload.empty()) return;
  state.append(entry.payload.bytes());
  state.push_back('\n');
}

}  // namespace

TestReplica::TestReplica(const Config& config, MemoryLog log, uint64_t seed)
    : config_(config),
      log_(std::move(log)),
      random_(std::make_unique<SeededRandom>(seed)) {
  StartCore();
}

TestReplica::TestReplica(uint64_t voters)
    : TestReplica(PlainConfig(), MemoryLog(Voters(voters))) {}

void TestReplica::StartCore() {
  auto raft = Raft::Create(config_, log_.Load(), *random_);
  TRIMARAN_CHECK(raft.ok()) << raft.status().ToString();
  raft_ = *std::move(raft);
}

PeerStatus TestReplica::peer(uint64_t peer) const {
  for (const PeerStatus& candidate : status().peers) {
    if (candidate.id == ReplicaId(peer)) return candidate;
  }
  TRIMARAN_CHECK(false) << "replica " << id() << " does not track " << peer;
  return {};
}

absl::StatusOr<std::optional<EntryId>> TestReplica::Propose(
    std::string_view text) {
  return raft_->Propose(Payload(text));
}

void TestReplica::Tick(int ticks) {
  for (int i = 0; i < ticks; ++i) raft_->Tick();
}

void TestReplica::Process() {
  for (int rounds = 0; rounds < kReadysMax; ++rounds) {
    bool busy = Take();
    while (PersistOne()) busy = true;
    while (ApplyOne()) busy = true;
    busy |= AnswerRequests();
    if (!busy) return;
  }
  TRIMARAN_CHECK(false) << "replica " << id() << " never becomes quiet";
}

std::vector<Message> TestReplica::TakeMessages() {
  return std::exchange(outbox_, {});
}

std::vector<Message> TestReplica::ProcessAndTakeMessages() {
  Process();
  return TakeMessages();
}

void TestReplica::Lead() {
  raft_->Campaign();
  Process();
  const std::vector<ReplicaId> members = raft_->membership().members();
  for (const ReplicaId peer : members) {
    if (peer == id() || status().role == Role::kLeader) continue;
    const Term asked = status().term;
    if (status().role == Role::kPreCandidate) {
      TRIMARAN_CHECK(
          Receive(peer.value(), asked.value() + 1, MsgPreVoteResp{}).ok());
      Process();
    }
  }
  for (const ReplicaId peer : members) {
    if (peer == id() || status().role != Role::kCandidate) continue;
    TRIMARAN_CHECK(
        Receive(peer.value(), status().term.value(), MsgVoteResp{}).ok());
  }
  Process();
  TRIMARAN_CHECK(status().role == Role::kLeader);
  TakeMessages();
}

bool TestReplica::Take() {
  if (!raft_->HasReady()) return false;
  Ready ready = raft_->TakeReady();
  TRIMARAN_CHECK(!ready.empty()) << "HasReady() promised something";
  if (ready.soft_state) soft_states_.push_back(*ready.soft_state);
  outbox_.insert(outbox_.end(), std::make_move_iterator(ready.messages.begin()),
                 std::make_move_iterator(ready.messages.end()));
  if (ready.persist) batches_.push_back(*std::move(ready.persist));
  if (!ready.apply.empty()) pages_.push_back(std::move(ready.apply));
  fetches_.insert(fetches_.end(), ready.fetches.begin(), ready.fetches.end());
  snapshot_requests_.insert(snapshot_requests_.end(),
                            ready.snapshot_requests.begin(),
                            ready.snapshot_requests.end());
  reads_.insert(reads_.end(), ready.read_results.begin(),
                ready.read_results.end());
  return true;
}

bool TestReplica::PersistOne() {
  if (batches_.empty()) return false;
  PersistBatch batch = std::move(batches_.front());
  batches_.pop_front();
  std::string state;
  if (batch.snapshot) {
    state = SnapshotState(batch.snapshot->id.index);
    // What was waiting to be applied is part of the snapshot.
    TRIMARAN_CHECK(pages_.empty() ||
                   pages_.back().back().index <= batch.snapshot->id.index);
    pages_.clear();
  }
  const absl::Status written = log_.Apply(batch, state);
  TRIMARAN_CHECK(written.ok()) << written.ToString();
  raft_->Persisted(batch.seq);
  outbox_.insert(outbox_.end(),
                 std::make_move_iterator(batch.messages_after.begin()),
                 std::make_move_iterator(batch.messages_after.end()));
  return true;
}

bool TestReplica::ApplyOne() {
  if (pages_.empty()) return false;
  const std::vector<LogEntry> page = std::move(pages_.front());
  pages_.pop_front();
  ConfState conf = log_.conf();
  std::string state = log_.state();
  LogIndex expected = log_.applied() + 1;
  for (const LogEntry& entry : page) {
    TRIMARAN_CHECK_EQ(entry.index, expected) << "at replica " << id();
    ++expected;
    if (entry.type == EntryType::kConfChange) ApplyConfChange(entry, conf);
    AppendCommand(entry, state);
    applied_.push_back(entry);
  }
  log_.SetApplied(page.back().index, conf, state);
  raft_->Applied(page.back().index);
  return true;
}

void TestReplica::ApplyConfChange(const LogEntry& entry, ConfState& conf) {
  const auto change = DecodeConfChange(entry.payload.bytes());
  TRIMARAN_CHECK(change.ok()) << change.status().ToString();
  // One that does not fit is refused alike by everybody, and changes nothing.
  auto result = raft_->ApplyConfChange(entry.index, *change);
  if (result.ok()) conf = *std::move(result);
}

bool TestReplica::AnswerRequests() {
  const auto fetches = std::exchange(fetches_, {});
  const auto requests = std::exchange(snapshot_requests_, {});
  for (const FetchRequest& request : fetches) AnswerFetch(request);
  for (const SnapshotRequest& request : requests) {
    AnswerSnapshotRequest(request);
  }
  return !fetches.empty() || !requests.empty();
}

void TestReplica::AnswerFetch(const FetchRequest& request) {
  const absl::Status taken = raft_->EntriesFetched(
      request.id, log_.Entries(request.first, request.end, request.bytes_max));
  TRIMARAN_CHECK(taken.ok()) << taken.ToString();
}

void TestReplica::AnswerSnapshotRequest(const SnapshotRequest& request) {
  auto snapshot = log_.CreateSnapshot();
  if (!snapshot.ok() || snapshot->meta.id.index < request.index_min) {
    raft_->SnapshotUnavailable(request.peer);
    return;
  }
  snapshots_[snapshot->meta.id.index] = snapshot->state;
  raft_->SnapshotAvailable(request.peer, snapshot->meta);
}

void TestReplica::DropRequests() {
  fetches_.clear();
  snapshot_requests_.clear();
}

void TestReplica::Restart() {
  outbox_.clear();
  batches_.clear();
  pages_.clear();
  DropRequests();
  applied_.clear();
  StartCore();
}

absl::Status TestReplica::CompactTo(LogIndex index) {
  raft_->Compacted(index);
  return log_.CompactTo(index);
}

void TestReplica::StageSnapshot(const StoredSnapshot& snapshot) {
  snapshots_[snapshot.meta.id.index] = snapshot.state;
}

std::string TestReplica::SnapshotState(LogIndex index) const {
  const auto found = snapshots_.find(index);
  return found == snapshots_.end() ? std::string() : found->second;
}

std::vector<EntryId> TestReplica::log_ids() const {
  return IdsOf(log_.entries());
}

}  // namespace trimaran::raft
