#ifndef TRIMARAN_TESTS_SUPPORT_SCRIPT_CLUSTER_H_
#define TRIMARAN_TESTS_SUPPORT_SCRIPT_CLUSTER_H_

#include <cstdint>
#include <limits>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "engine/base/ids.h"
#include "replication/raft/messages.h"
#include "tests/support/script/node.h"
#include "tests/support/script/output.h"

namespace trimaran::script {

// Which of the undelivered messages a command is about.
struct MessageFilter {
  // Empty: all types.
  std::string type;
  // Empty: from anybody.
  std::vector<ReplicaId> from;
  // To each receiver, the oldest first.
  uint64_t count_max = std::numeric_limits<uint64_t>::max();

  bool Accepts(const raft::Message& message) const;
};

// What becomes of them.
enum class Delivery {
  kDeliver,
  // Deliver, and leave a copy in the queue, as a network may.
  kDuplicate,
  kDrop,
};

// The nodes 1, 2, ... and the network between them. Nothing happens unless a
// command says so.
//
// Thread: owner.
class Cluster {
 public:
  // Starts nodes with the next free numbers.
  absl::Status AddNodes(uint64_t count, const raft::Config& config,
                        Node::Storage mode, const raft::MemoryLog& stored);

  // NotFound if there is no such node.
  absl::StatusOr<Node*> Find(ReplicaId id);
  // FailedPrecondition if it is down.
  absl::StatusOr<Node*> FindRunning(ReplicaId id);
  const std::vector<std::unique_ptr<Node>>& nodes() const { return nodes_; }
  // All numbers.
  std::vector<ReplicaId> ids() const;
  Network& network() { return network_; }

  // Handles the matching messages to `to`; returns how many there were.
  // Messages to a node that is down are lost; those to a node that does not
  // exist yet can only be dropped.
  size_t Deliver(ReplicaId to, const MessageFilter& filter, Delivery delivery,
                 Output& output);

  // Lets the named nodes work until nothing is left to do: all Readys, then
  // all deliveries, then all storing, then all applying, and again. Returns
  // ResourceExhausted if that never ends.
  absl::Status Stabilize(const std::vector<ReplicaId>& ids, Output& output);

 private:
  bool RunReadys(const std::vector<Node*>& nodes, Output& output);
  bool RunDeliveries(const std::vector<Node*>& nodes, Output& output);
  bool RunAppends(const std::vector<Node*>& nodes, Output& output);
  bool RunApplies(const std::vector<Node*>& nodes, Output& output);

  std::vector<std::unique_ptr<Node>> nodes_;
  Network network_;
};

}  // namespace trimaran::script

#endif  // TRIMARAN_TESTS_SUPPORT_SCRIPT_CLUSTER_H_
