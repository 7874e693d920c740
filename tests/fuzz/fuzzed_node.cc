#include "tests/fuzz/fuzzed_node.h"

#include <algorithm>
#include <variant>

#include "absl/strings/match.h"
#include "engine/base/check.h"
#include "engine/base/errors.h"
#include "engine/founding.h"
#include "replication/raft/debug_string.h"
#include "replication/wire/message_codec.h"

namespace trimaran {
namespace {

// A node that needs more tasks than this to become quiet never does.
constexpr int kTasksMax = 20000;
constexpr size_t kSaidMax = 256;

ConfState Conf() {
  ConfState conf;
  conf.voters = {ReplicaId(1), ReplicaId(2), ReplicaId(3)};
  conf.learners = {ReplicaId(4)};
  return conf;
}

engine::StoreIdentity Identity() {
  return {.cluster = {.high = 1, .low = 2},
          .store = FuzzedNode::StoreOf(FuzzedNode::kSelf),
          .group = GroupId(1),
          .replica = FuzzedNode::kSelf};
}

// Small limits, so that they are reached.
NodeOptions Options() {
  NodeOptions options;
  options.core.election_timeout_ticks = 4;
  options.core.check_invariants = true;
  options.core.append_bytes_max = 256;
  options.core.pending_reads_max = 8;
  options.core.window_entries_max = 16;
  options.queue_bytes_max = 1024;
  options.inbox_messages_max = 16;
  options.inbox_bytes_max = 4096;
  options.change_bytes_max = 2048;
  options.maintenance.log_entries_limit = 12;
  options.maintenance.checkpoint_entries_limit = 8;
  options.maintenance.free_bytes_refuse = 0;
  options.maintenance.free_bytes_accept = 0;
  options.maintenance.free_bytes_stop = 0;
  options.snapshots.chunk_bytes_target = 64;
  options.snapshots.window_chunks = 2;
  options.snapshots.free_bytes_min = 0;
  return options;
}

}  // namespace

// ---- Lanes ----

bool FuzzLane::RunOne() {
  const auto due = timed_.begin();
  if (due != timed_.end() && due->first <= clock_.Now()) {
    tasks_.push_back(std::move(due->second));
    timed_.erase(due);
  }
  if (tasks_.empty()) return false;
  Task task = std::move(tasks_.front());
  tasks_.pop_front();
  std::move(task)();
  return true;
}

void FuzzLane::Drop() {
  // What a task holds may look at the lane when it goes.
  const auto tasks = std::exchange(tasks_, {});
  const auto timed = std::exchange(timed_, {});
}

// ---- What it says ----

class FuzzedNode::Voice final : public Transport {
 public:
  explicit Voice(FuzzedNode& owner) : owner_(owner) {}

  void Attach(ReplicaId, MessageSink&) override {}
  void Detach(ReplicaId) override {}
  void Send(std::vector<PeerMessage> messages) override {
    owner_.Hear(std::move(messages));
  }

 private:
  FuzzedNode& owner_;
};

void FuzzedNode::Hear(std::vector<PeerMessage> messages) {
  for (PeerMessage& message : messages) {
    TRIMARAN_CHECK_EQ(message.from, kSelf);
    TRIMARAN_CHECK_NE(message.to, kSelf);
    TRIMARAN_CHECK_NE(message.to, kNoReplica);
    if (const auto* raft = std::get_if<raft::Message>(&message.body)) {
      TRIMARAN_CHECK_EQ(raft->from, kSelf);
      TRIMARAN_CHECK_EQ(raft->to, message.to);
      logs_.OnMessage(*raft);
      const bool excused = raft->As<raft::MsgAppResp>() != nullptr &&
                           logs_.Contradicts(raft->term);
      if (!excused) promises_.OnSend(*raft, disks_.durable_log());
      TRIMARAN_CHECK(!findings_.any())
          << findings_.text() << " " << raft::DebugString(*raft);
    }
    const auto frame = wire::EncodeMessage(message.body);
    TRIMARAN_CHECK(frame.ok()) << frame.status();
    said_.push_back(std::move(message));
  }
  while (said_.size() > kSaidMax) said_.pop_front();
}

// ---- Its lives ----

StoreId FuzzedNode::StoreOf(ReplicaId replica) {
  return StoreId(100 + replica.value());
}

FuzzedNode::FuzzedNode(uint64_t seed)
    : random_(seed),
      nothing_(node_sim::FoundedState(Conf()), findings_),
      disks_(Identity(), Conf()),
      lanes_{FuzzLane(clock_), FuzzLane(clock_), FuzzLane(clock_),
             FuzzLane(clock_)},
      voice_(std::make_unique<Voice>(*this)) {
  applied_.push_back(engine::LogPosition{engine::kBootstrapPosition, {}});
  Start();
}

FuzzedNode::~FuzzedNode() {
  if (node_ != nullptr) node_->Abandon();
  for (FuzzLane& lane : lanes_) lane.Drop();
  node_.reset();
}

void FuzzedNode::Start() {
  auto store = disks_.Open(clock_, Logger());
  TRIMARAN_CHECK(store.ok()) << store.status();
  store_ = *std::move(store);
  ForgetUnsafe();
  auto node = Node::Start(Options(), {.store = store_.get(),
                                      .lanes = {.raft = &lanes_[0],
                                                .log = &lanes_[1],
                                                .apply = &lanes_[2],
                                                .maintenance = &lanes_[3]},
                                      .transport = voice_.get(),
                                      .clock = &clock_,
                                      .random = &random_,
                                      .logger = {}});
  TRIMARAN_CHECK(node.ok()) << node.status();
  node_ = *std::move(node);
  Look();
}

void FuzzedNode::Restart() {
  node_->Abandon();
  for (FuzzLane& lane : lanes_) lane.Drop();
  node_.reset();
  store_.reset();
  disks_.Heal();
  disks_.Crash(random_);
  said_.clear();
  disk_fails_ = false;
  Start();
}

void FuzzedNode::Stop() {
  bool stopped = false;
  node_->Stop([&stopped] { stopped = true; });
  RunAll();
  TRIMARAN_CHECK(stopped) << "it does not stop";
  for (FuzzLane& lane : lanes_) lane.Drop();
  node_.reset();
}

void FuzzedNode::FailDiskSoon() {
  disk_fails_ = true;
  disks_.FailSoon(random_);
}

// ---- What is done ----

void FuzzedNode::RunOne(size_t lane) {
  lanes_[lane % kLanes].RunOne();
  Look();
}

void FuzzedNode::RunAll() {
  int tasks = 0;
  for (bool any = true; any;) {
    any = false;
    for (FuzzLane& lane : lanes_) {
      while (lane.RunOne()) {
        any = true;
        TRIMARAN_CHECK_LT(++tasks, kTasksMax) << "it does not become quiet";
        // Before the log is compacted.
        CheckApplied();
      }
    }
  }
  Look();
}

void FuzzedNode::Pass(absl::Duration duration) { clock_.Advance(duration); }

// ---- What must hold ----

void FuzzedNode::Look() {
  if (node_ == nullptr) return;
  status_ = node_->status();
  const absl::Status& failure = status_->failure;
  // The words of node_sim::ModelDisks.
  const bool of_disk = absl::StrContains(failure.message(), "disk is broken");
  TRIMARAN_CHECK(failure.ok() || (disk_fails_ && of_disk) ||
                 (poisoned_ && IsCorruption(failure)))
      << failure;
  CheckDisk();
  CheckApplied();
}

void FuzzedNode::CheckDisk() {
  const engine::ModelLogImage& log = disks_.durable_log();
  if (log.last() != last_) {
    last_ = log.last();
    EntryId before = log.boundary.id;
    for (const auto& item : log.items) {
      logs_.Follows(before, item.entry.id());
      before = item.entry.id();
    }
  }
  const HardState& now = log.hard_state;
  TRIMARAN_CHECK_GE(now.term, hard_state_.term);
  TRIMARAN_CHECK(now.term != hard_state_.term ||
                 hard_state_.vote == kNoReplica ||
                 now.vote == hard_state_.vote);
  TRIMARAN_CHECK_GE(now.commit, hard_state_.commit);
  hard_state_ = now;
}

void FuzzedNode::ExpectApplied(EntryId id) {
  CheckApplied();
  const uint64_t first = applied_.front().id.index.value();
  TRIMARAN_CHECK_LE(id.index, applied_.back().id.index);
  const EntryId there = applied_[id.index.value() - first].id;
  // What had been done before says only where.
  TRIMARAN_CHECK(there == id || id.term == Term())
      << "a client was told of " << id.index << "/" << id.term
      << ", and what was applied is of term " << there.term;
}

// Of what is on the disk, and is not known there to be committed, the peers
// know; and these are not honest.
void FuzzedNode::ForgetUnsafe() {
  const LogIndex safe = std::max(disks_.durable_log().hard_state.commit,
                                 store_->machine().applied().applied.id.index);
  while (applied_.back().id.index > safe) applied_.pop_back();
}

// What is applied is in the durable log, and nothing that was applied once is
// ever another entry.
void FuzzedNode::CheckApplied() {
  const engine::LogPosition now = store_->machine().applied().applied;
  const uint64_t first = applied_.front().id.index.value();
  const engine::ModelLogImage& log = disks_.durable_log();
  while (applied_.back().id.index < now.id.index) {
    const auto next = log.PositionAt(applied_.back().id.index + 1);
    TRIMARAN_CHECK(next.has_value()) << "an entry is applied before it is safe";
    applied_.push_back(*next);
  }
  const engine::LogPosition& before = applied_[now.id.index.value() - first];
  TRIMARAN_CHECK(now == before) << "an applied entry is another one now";
}

}  // namespace trimaran
