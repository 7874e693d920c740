#ifndef TRIMARAN_TESTS_SUPPORT_SCRIPT_NODE_H_
#define TRIMARAN_TESTS_SUPPORT_SCRIPT_NODE_H_

#include <cstdint>
#include <deque>
#include <limits>
#include <map>
#include <memory>
#include <string>
#include <utility>
#include <vector>

#include "absl/status/status.h"
#include "engine/base/ids.h"
#include "engine/base/log_types.h"
#include "engine/base/random.h"
#include "replication/raft/config.h"
#include "replication/raft/messages.h"
#include "replication/raft/raft.h"
#include "replication/raft/ready.h"
#include "tests/support/raft/memory_log.h"
#include "tests/support/script/output.h"

namespace trimaran::script {

// What lies between the nodes.
struct Network {
  // Sent and not delivered yet, oldest first.
  std::deque<raft::Message> queue;
  // The data of every snapshot that was ever announced, by what it stands for:
  // (index, term). It travels by itself and is never lost.
  std::map<std::pair<uint64_t, uint64_t>, std::string> snapshot_states;
};

// Always the largest number, so that an election timeout is the longest that
// may be drawn unless the script sets another.
class PatientRandom final : public Random {
 public:
  uint64_t Next() override { return std::numeric_limits<uint64_t>::max(); }
};

// One replica as its host sees it: a core, what it has stored, and work that
// has begun and is not finished. The state machine strings together what is
// proposed.
//
// Thread: owner.
class Node {
 public:
  enum class Storage {
    // A Ready is done completely before the next thing happens.
    kSync,
    // Batches and pages queue up until a command works on them.
    kAsync,
  };

  Node(const raft::Config& config, Storage mode, raft::MemoryLog stored);

  ReplicaId id() const { return config_.id; }
  bool running() const { return core_ != nullptr; }
  // Only while running.
  raft::Raft& core() { return *core_; }
  const raft::Raft& core() const { return *core_; }
  raft::MemoryLog& stored() { return stored_; }
  const raft::MemoryLog& stored() const { return stored_; }
  const raft::Config& config() const { return config_; }

  // Everything that is not stored is gone.
  void Crash();
  // The error of Raft::Create.
  absl::Status Start();

  // Whether snapshots can be made here; if not, requests are answered so.
  void set_can_snapshot(bool can) { can_snapshot_ = can; }

  bool HasReady() const { return running() && core_->HasReady(); }
  void ProcessReady(Network& network, Output& output);
  bool HasAppendWork() const { return !append_work_.empty(); }
  // Makes the oldest batch durable.
  void ProcessAppend(Network& network, Output& output);
  bool HasApplyWork() const { return !apply_work_.empty(); }
  // Applies the oldest page.
  void ProcessApply(Output& output);

  // Announces the state that is applied now.
  absl::Status SendSnapshot(ReplicaId to, Network& network, Output& output);

 private:
  void Persist(const raft::PersistBatch& batch, Network& network);
  void Apply(const std::vector<LogEntry>& page, Output& output);
  void AnswerSnapshotRequest(ReplicaId peer, Network& network);
  absl::StatusOr<SnapshotMeta> TakeSnapshot(Network& network);

  const raft::Config config_;
  const Storage mode_;
  PatientRandom random_;
  raft::MemoryLog stored_;
  std::unique_ptr<raft::Raft> core_;
  std::deque<raft::PersistBatch> append_work_;
  std::deque<std::vector<LogEntry>> apply_work_;
  bool can_snapshot_ = true;
};

}  // namespace trimaran::script

#endif  // TRIMARAN_TESTS_SUPPORT_SCRIPT_NODE_H_
