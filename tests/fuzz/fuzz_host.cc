#include "tests/fuzz/fuzz_host.h"

#include <algorithm>
#include <iterator>
#include <string>
#include <utility>
#include <variant>

#include "engine/base/check.h"
#include "replication/raft/conf_change.h"
#include "replication/raft/debug_string.h"
#include "replication/raft/membership.h"
#include "replication/raft/validate.h"
#include "tests/fuzz/message_maker.h"
#include "tests/fuzz/wire_round_trip.h"

namespace trimaran::raft {
namespace {

// A core that needs more steps than this to become quiet never does.
constexpr int kStepsMax = 10000;

Membership Everybody() {
  ConfState conf;
  for (uint64_t id = 1; id <= kFuzzReplicas; ++id) {
    conf.voters.push_back(ReplicaId(id));
  }
  return Membership(std::move(conf));
}

// What a peer would see of a change.
bool SameInTheEyesOfOthers(const RaftStatus& a, const RaftStatus& b) {
  return a.term == b.term && a.vote == b.vote && a.role == b.role &&
         a.leader == b.leader && a.last == b.last && a.commit == b.commit &&
         a.conf == b.conf && a.transfer_target == b.transfer_target;
}

// As it comes out at the other side of a connection, or as it is, where none
// would let it through: a core must bear that as well.
Message Delivered(Message message) {
  auto arrived = wire::OverTheWire(message);
  if (!arrived) return message;
  return std::get<Message>(*std::move(arrived));
}

}  // namespace

void FuzzReach::Add(const FuzzReach& other) {
  leaderships += other.leaderships;
  applied += other.applied;
  conf_changes += other.conf_changes;
  snapshots_taken += other.snapshots_taken;
  snapshots_sent += other.snapshots_sent;
  fetches += other.fetches;
  reads += other.reads;
  refused += other.refused;
}

FuzzHost::FuzzHost(const Config& config, MemoryLog stored, uint64_t seed)
    : config_(config), stored_(std::move(stored)), random_(seed) {
  Start();
}

void FuzzHost::Start() {
  auto created = Raft::Create(config_, stored_.Load(), random_);
  TRIMARAN_CHECK(created.ok()) << created.status().ToString();
  raft_ = *std::move(created);
  last_seq_ = PersistSeq();
}

void FuzzHost::Restart() {
  batches_.clear();
  pages_.clear();
  fetches_.clear();
  snapshot_requests_.clear();
  Start();
}

void FuzzHost::Step(Message message) {
  const RaftStatus before = raft_->status();
  const std::string text = DebugString(message);
  const absl::Status result = raft_->Step(Delivered(std::move(message)));
  if (!result.ok()) ++reach_.refused;
  if (absl::IsInvalidArgument(result) || absl::IsNotFound(result)) {
    TRIMARAN_CHECK(SameInTheEyesOfOthers(before, raft_->status()))
        << text << " was refused and yet changed something\nbefore: "
        << DebugString(before) << "\nnow:    " << DebugString(raft_->status());
  }
}

void FuzzHost::Take() {
  const bool promised = raft_->HasReady();
  Ready ready = raft_->TakeReady();
  TRIMARAN_CHECK_EQ(promised, !ready.empty()) << DebugString(ready) << "\n"
                                              << DebugString(raft_->status());
  CheckSent(ready.messages);
  reach_.reads += ready.read_results.size();
  if (ready.soft_state && ready.soft_state->role == Role::kLeader) {
    ++reach_.leaderships;
  }
  if (ready.persist) {
    CheckPersist(*ready.persist);
    batches_.push_back(*std::move(ready.persist));
  }
  if (!ready.apply.empty()) {
    CheckApply(ready.apply);
    pages_.push_back(std::move(ready.apply));
  }
  std::move(ready.fetches.begin(), ready.fetches.end(),
            std::back_inserter(fetches_));
  std::move(ready.snapshot_requests.begin(), ready.snapshot_requests.end(),
            std::back_inserter(snapshot_requests_));
}

void FuzzHost::CheckSent(const std::vector<Message>& messages) {
  // A peer may have talked the core into an absurdly long log.
  if (raft_->log().last().index + 1000 > kMaxLogIndex) return;
  const Membership everybody = Everybody();
  for (const Message& message : messages) {
    if (message.As<MsgSnap>() != nullptr) ++reach_.snapshots_sent;
    TRIMARAN_CHECK_EQ(message.from, config_.id) << message;
    TRIMARAN_CHECK_NE(message.to, config_.id) << message;
    TRIMARAN_CHECK_NE(message.to, kNoReplica) << message;
    Config receiver = config_;
    receiver.id = message.to;
    const absl::Status valid =
        ValidateMessage(message, {receiver, message.term, everybody});
    TRIMARAN_CHECK(valid.ok()) << message << ": " << valid.ToString();
    TRIMARAN_CHECK(wire::OverTheWire(message).has_value()) << message;
  }
}

void FuzzHost::CheckPersist(const PersistBatch& batch) {
  TRIMARAN_CHECK_EQ(batch.seq.value(), last_seq_.value() + 1);
  last_seq_ = batch.seq;
  CheckSent(batch.messages_after);
  const bool promises = batch.snapshot.has_value() || !batch.entries.empty();
  TRIMARAN_CHECK(!promises || batch.must_sync);
  LogIndex expected = batch.snapshot          ? batch.snapshot->id.index + 1
                      : batch.entries.empty() ? LogIndex()
                                              : batch.entries.front().index;
  for (const LogEntry& entry : batch.entries) {
    TRIMARAN_CHECK_EQ(entry.index, expected);
    ++expected;
  }
}

void FuzzHost::CheckApply(const std::vector<LogEntry>& page) {
  LogIndex expected =
      (pages_.empty() ? stored_.applied() : pages_.back().back().index) + 1;
  for (const LogEntry& entry : page) {
    TRIMARAN_CHECK_EQ(entry.index, expected);
    ++expected;
  }
  const LogIndex last = page.back().index;
  TRIMARAN_CHECK_LE(last, raft_->log().commit());
  TRIMARAN_CHECK_LE(last, stored_.last().index);
}

void FuzzHost::Persist(size_t count) {
  PersistSeq reached;
  for (; count > 0 && !batches_.empty(); --count) {
    const PersistBatch& batch = batches_.front();
    if (batch.snapshot) {
      TRIMARAN_CHECK(pages_.empty() ||
                     pages_.back().back().index <= batch.snapshot->id.index);
      // What was waiting to be applied is part of the snapshot.
      pages_.clear();
      ++reach_.snapshots_taken;
    }
    const absl::Status written = stored_.Apply(batch);
    TRIMARAN_CHECK(written.ok()) << written.ToString();
    reached = batch.seq;
    batches_.pop_front();
  }
  if (reached != PersistSeq()) raft_->Persisted(reached);
}

void FuzzHost::Apply(size_t count) {
  if (pages_.empty()) return;
  std::vector<LogEntry>& page = pages_.front();
  count = std::min(count, page.size());
  ConfState conf = stored_.conf();
  for (size_t i = 0; i < count; ++i) ApplyOne(page[i], conf);
  if (count == 0) return;
  reach_.applied += count;
  const LogIndex reached = page[count - 1].index;
  stored_.SetApplied(reached, std::move(conf), "");
  page.erase(page.begin(), page.begin() + static_cast<std::ptrdiff_t>(count));
  if (page.empty()) pages_.pop_front();
  raft_->Applied(reached);
}

void FuzzHost::ApplyOne(const LogEntry& entry, ConfState& conf) {
  if (entry.type != EntryType::kConfChange) return;
  const auto change = DecodeConfChange(entry.payload.bytes());
  // Every replica skips what none can read.
  if (!change.ok()) return;
  auto next = raft_->ApplyConfChange(entry.index, *change);
  if (!next.ok()) return;
  ++reach_.conf_changes;
  conf = *std::move(next);
}

void FuzzHost::AnswerFetch(Answer answer) {
  if (fetches_.empty()) return;
  ++reach_.fetches;
  const FetchRequest request = fetches_.front();
  fetches_.pop_front();
  auto entries = stored_.Entries(request.first, request.end, request.bytes_max);
  switch (answer) {
    case Answer::kHonest:
      break;
    case Answer::kOneEntry:
      if (entries.ok()) entries->resize(1);
      break;
    case Answer::kUnavailable:
      entries = absl::UnavailableError("busy");
      break;
    case Answer::kCompacted:
      entries = absl::OutOfRangeError("compacted");
      break;
    case Answer::kWrongTerm:
      if (entries.ok()) {
        entries->back().term = entries->back().term + 1;
      }
      break;
    case Answer::kGap:
      if (entries.ok()) entries->front().index = request.first + 1;
      break;
    case Answer::kPastTheEnd:
      entries = stored_.Entries(request.first, stored_.last().index + 1,
                                ~uint64_t{0});
      break;
  }
  (void)raft_->EntriesFetched(request.id, std::move(entries));
}

void FuzzHost::AnswerSnapshotRequest(Answer answer) {
  if (snapshot_requests_.empty()) return;
  const SnapshotRequest request = snapshot_requests_.front();
  snapshot_requests_.pop_front();
  const auto snapshot = stored_.CreateSnapshot();
  if (!snapshot.ok() || answer == Answer::kUnavailable) {
    raft_->SnapshotUnavailable(request.peer);
    return;
  }
  SnapshotMeta meta = snapshot->meta;
  if (answer == Answer::kCompacted && request.index_min > LogIndex(1)) {
    meta.id.index = request.index_min - 1;
  }
  raft_->SnapshotAvailable(request.peer, meta);
}

void FuzzHost::Compact(LogIndex index) {
  index = std::min(index, stored_.applied());
  if (!stored_.CompactTo(index).ok()) return;
  raft_->Compacted(index);
}

void FuzzHost::Settle() {
  for (int step = 0; step < kStepsMax; ++step) {
    if (raft_->HasReady()) {
      Take();
    } else if (!batches_.empty()) {
      Persist(batches_.size());
    } else if (!pages_.empty()) {
      Apply(pages_.front().size());
    } else if (!fetches_.empty()) {
      AnswerFetch(Answer::kHonest);
    } else if (!snapshot_requests_.empty()) {
      AnswerSnapshotRequest(Answer::kHonest);
    } else {
      return;
    }
  }
  TRIMARAN_CHECK(false) << "never quiet: " << DebugString(raft_->status());
}

}  // namespace trimaran::raft
