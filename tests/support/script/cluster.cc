#include "tests/support/script/cluster.h"

#include <algorithm>
#include <deque>
#include <utility>

#include "absl/strings/str_cat.h"
#include "engine/base/absl_compat.h"
#include "engine/base/status_macros.h"
#include "replication/raft/debug_string.h"
#include "tests/support/script/text.h"

namespace trimaran::script {
namespace {

using raft::Message;

// No story needs as many; a group that goes on for ever does.
constexpr int kRoundsMax = 200;

absl::Status NoSuchNode(ReplicaId id) {
  return absl::NotFoundError(absl::StrCat("there is no node ", id.value()));
}

}  // namespace

bool MessageFilter::Accepts(const Message& message) const {
  if (!type.empty() && type != raft::TypeName(message)) return false;
  return from.empty() ||
         std::find(from.begin(), from.end(), message.from) != from.end();
}

absl::Status Cluster::AddNodes(uint64_t count, const raft::Config& config,
                               Node::Storage mode,
                               const raft::MemoryLog& stored) {
  for (uint64_t i = 0; i < count; ++i) {
    raft::Config own = config;
    own.id = ReplicaId(nodes_.size() + 1);
    auto node = std::make_unique<Node>(own, mode, stored);
    TRIMARAN_RETURN_IF_ERROR(node->Start());
    nodes_.push_back(std::move(node));
  }
  return absl::OkStatus();
}

absl::StatusOr<Node*> Cluster::Find(ReplicaId id) {
  if (id == kNoReplica || id.value() > nodes_.size()) return NoSuchNode(id);
  return nodes_[id.value() - 1].get();
}

absl::StatusOr<Node*> Cluster::FindRunning(ReplicaId id) {
  TRIMARAN_ASSIGN_OR_RETURN(Node * node, Find(id));
  if (!node->running()) {
    return absl::FailedPreconditionError(
        absl::StrCat("node ", id.value(), " is down"));
  }
  return node;
}

std::vector<ReplicaId> Cluster::ids() const {
  std::vector<ReplicaId> ids;
  for (const auto& node : nodes_) ids.push_back(node->id());
  return ids;
}

size_t Cluster::Deliver(ReplicaId to, const MessageFilter& filter,
                        Delivery delivery, Output& output) {
  const absl::StatusOr<Node*> node = Find(to);
  if (!node.ok() && delivery != Delivery::kDrop) return 0;
  std::deque<Message> kept;
  std::vector<Message> taken;
  for (Message& message : std::exchange(network_.queue, {})) {
    if (message.to != to || taken.size() >= filter.count_max ||
        !filter.Accepts(message)) {
      kept.push_back(std::move(message));
      continue;
    }
    if (delivery == Delivery::kDuplicate) kept.push_back(message);
    taken.push_back(std::move(message));
  }
  network_.queue = std::move(kept);
  for (Message& message : taken) {
    const std::string text = raft::DebugString(message);
    if (delivery == Delivery::kDrop) {
      output.Add(absl::StrCat("dropped: ", text));
    } else if (!(*node)->running()) {
      output.Add(absl::StrCat("lost: ", text));
    } else {
      output.Add(text);
      const absl::Status status = (*node)->core().Step(std::move(message));
      if (!status.ok()) output.AddError(ErrorText(status));
    }
  }
  return taken.size();
}

absl::Status Cluster::Stabilize(const std::vector<ReplicaId>& ids,
                                Output& output) {
  std::vector<Node*> nodes;
  for (const ReplicaId id : ids) {
    TRIMARAN_ASSIGN_OR_RETURN(Node * node, Find(id));
    nodes.push_back(node);
  }
  for (int round = 0; round < kRoundsMax; ++round) {
    bool busy = RunReadys(nodes, output);
    busy |= RunDeliveries(nodes, output);
    busy |= RunAppends(nodes, output);
    busy |= RunApplies(nodes, output);
    if (!busy) return absl::OkStatus();
  }
  return absl::ResourceExhaustedError("the nodes do not come to rest");
}

bool Cluster::RunReadys(const std::vector<Node*>& nodes, Output& output) {
  bool busy = false;
  for (Node* node : nodes) {
    if (!node->HasReady()) continue;
    busy = true;
    output.Add(absl::StrCat("> ", node->id().value(), " handling Ready"));
    const Output::Indent indent(output);
    node->ProcessReady(network_, output);
  }
  return busy;
}

bool Cluster::RunDeliveries(const std::vector<Node*>& nodes, Output& output) {
  bool busy = false;
  for (Node* node : nodes) {
    const bool waiting = std::any_of(
        network_.queue.begin(), network_.queue.end(),
        [node](const Message& message) { return message.to == node->id(); });
    if (!waiting) continue;
    busy = true;
    output.Add(absl::StrCat("> ", node->id().value(), " receiving messages"));
    const Output::Indent indent(output);
    Deliver(node->id(), {}, Delivery::kDeliver, output);
  }
  return busy;
}

bool Cluster::RunAppends(const std::vector<Node*>& nodes, Output& output) {
  bool busy = false;
  for (Node* node : nodes) {
    if (!node->HasAppendWork()) continue;
    busy = true;
    output.Add(absl::StrCat("> ", node->id().value(), " storing"));
    const Output::Indent indent(output);
    while (node->HasAppendWork()) node->ProcessAppend(network_, output);
  }
  return busy;
}

bool Cluster::RunApplies(const std::vector<Node*>& nodes, Output& output) {
  bool busy = false;
  for (Node* node : nodes) {
    if (!node->HasApplyWork()) continue;
    busy = true;
    output.Add(absl::StrCat("> ", node->id().value(), " applying"));
    const Output::Indent indent(output);
    while (node->HasApplyWork()) node->ProcessApply(output);
  }
  return busy;
}

}  // namespace trimaran::script
