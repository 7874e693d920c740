#include "absl/strings/str_cat.h"
#include "engine/base/status_macros.h"
#include "replication/raft/debug_string.h"
#include "tests/support/script/interpreter.h"
#include "tests/support/script/message_parser.h"
#include "tests/support/script/text.h"

namespace trimaran::script {

absl::Status Interpreter::DeliverMessages(const Command& command) {
  TRIMARAN_RETURN_IF_ERROR(
      command.AllowKeys({"type", "from", "count", "drop", "duplicate"}));
  MessageFilter filter;
  TRIMARAN_RETURN_IF_ERROR(command.Read("type", filter.type));
  TRIMARAN_RETURN_IF_ERROR(command.Read("from", filter.from));
  TRIMARAN_RETURN_IF_ERROR(command.Read("count", filter.count_max));
  bool duplicate = false;
  TRIMARAN_RETURN_IF_ERROR(command.Read("duplicate", duplicate));
  std::vector<ReplicaId> drop;
  TRIMARAN_RETURN_IF_ERROR(command.Read("drop", drop));
  TRIMARAN_ASSIGN_OR_RETURN(const std::vector<ReplicaId> to,
                            command.ReplicasFrom(0));
  size_t count = 0;
  for (const ReplicaId id : to) {
    count += cluster_.Deliver(
        id, filter, duplicate ? Delivery::kDuplicate : Delivery::kDeliver,
        output_);
  }
  for (const ReplicaId id : drop) {
    count += cluster_.Deliver(id, filter, Delivery::kDrop, output_);
  }
  if (count == 0) output_.Add("no messages");
  return absl::OkStatus();
}

absl::Status Interpreter::SendMessage(const Command& command) {
  TRIMARAN_ASSIGN_OR_RETURN(const raft::Message message, ParseMessage(command));
  // To whoever is meant to get it, which may not be whom it is addressed to.
  ReplicaId receiver = message.to;
  if (!cluster_.Find(receiver).ok()) receiver = ReplicaId(1);
  TRIMARAN_ASSIGN_OR_RETURN(Node * node, cluster_.FindRunning(receiver));
  output_.Add(raft::DebugString(message));
  Report(node->core().Step(message));
  return absl::OkStatus();
}

absl::Status Interpreter::ShowQueue(const Command& /*command*/) {
  for (const raft::Message& message : cluster_.network().queue) {
    output_.Add(raft::DebugString(message));
  }
  if (cluster_.network().queue.empty()) output_.Add("no messages");
  return absl::OkStatus();
}

absl::Status Interpreter::Stabilize(const Command& command) {
  TRIMARAN_ASSIGN_OR_RETURN(const std::vector<ReplicaId> ids,
                            Targets(command, 0));
  return cluster_.Stabilize(ids, output_);
}

absl::Status Interpreter::ProcessReady(const Command& command) {
  TRIMARAN_ASSIGN_OR_RETURN(const std::vector<ReplicaId> ids,
                            Targets(command, 0));
  for (const ReplicaId id : ids) {
    TRIMARAN_ASSIGN_OR_RETURN(Node * node, cluster_.FindRunning(id));
    if (ids.size() == 1) {
      node->ProcessReady(cluster_.network(), output_);
      continue;
    }
    output_.Add(absl::StrCat("> ", id.value(), " handling Ready"));
    const Output::Indent indent(output_);
    node->ProcessReady(cluster_.network(), output_);
  }
  return absl::OkStatus();
}

absl::Status Interpreter::ProcessAppend(const Command& command) {
  TRIMARAN_ASSIGN_OR_RETURN(const std::vector<ReplicaId> ids,
                            Targets(command, 0));
  for (const ReplicaId id : ids) {
    TRIMARAN_ASSIGN_OR_RETURN(Node * node, cluster_.FindRunning(id));
    output_.Add(absl::StrCat("> ", id.value(), " storing"));
    const Output::Indent indent(output_);
    node->ProcessAppend(cluster_.network(), output_);
  }
  return absl::OkStatus();
}

absl::Status Interpreter::ProcessApply(const Command& command) {
  TRIMARAN_ASSIGN_OR_RETURN(const std::vector<ReplicaId> ids,
                            Targets(command, 0));
  for (const ReplicaId id : ids) {
    TRIMARAN_ASSIGN_OR_RETURN(Node * node, cluster_.FindRunning(id));
    output_.Add(absl::StrCat("> ", id.value(), " applying"));
    const Output::Indent indent(output_);
    node->ProcessApply(output_);
  }
  return absl::OkStatus();
}

absl::Status Interpreter::Compact(const Command& command) {
  TRIMARAN_ASSIGN_OR_RETURN(Node * node, NodeAt(command, 0));
  TRIMARAN_ASSIGN_OR_RETURN(const uint64_t index, command.NumberAt(1));
  TRIMARAN_RETURN_IF_ERROR(node->stored().CompactTo(LogIndex(index)));
  node->core().Compacted(LogIndex(index));
  return absl::OkStatus();
}

absl::Status Interpreter::SendSnapshot(const Command& command) {
  TRIMARAN_ASSIGN_OR_RETURN(Node * node, NodeAt(command, 0));
  TRIMARAN_ASSIGN_OR_RETURN(const ReplicaId to, command.ReplicaAt(1));
  return node->SendSnapshot(to, cluster_.network(), output_);
}

absl::Status Interpreter::SetSnapshots(const Command& command) {
  TRIMARAN_RETURN_IF_ERROR(command.AllowKeys({"available"}));
  TRIMARAN_ASSIGN_OR_RETURN(Node * node, NodeAt(command, 0));
  bool available = true;
  TRIMARAN_RETURN_IF_ERROR(command.Read("available", available));
  node->set_can_snapshot(available);
  return absl::OkStatus();
}

absl::Status Interpreter::ReportSnapshot(const Command& command) {
  TRIMARAN_RETURN_IF_ERROR(command.AllowKeys({"result"}));
  TRIMARAN_ASSIGN_OR_RETURN(Node * node, NodeAt(command, 0));
  TRIMARAN_ASSIGN_OR_RETURN(const ReplicaId peer, command.ReplicaAt(1));
  std::string result;
  TRIMARAN_RETURN_IF_ERROR(command.Read("result", result));
  if (result != "delivered" && result != "failed") {
    return absl::InvalidArgumentError("result=delivered or result=failed");
  }
  node->core().ReportSnapshot(peer, result == "delivered"
                                        ? raft::SnapshotResult::kDelivered
                                        : raft::SnapshotResult::kFailed);
  return absl::OkStatus();
}

absl::Status Interpreter::ReportUnreachable(const Command& command) {
  TRIMARAN_ASSIGN_OR_RETURN(Node * node, NodeAt(command, 0));
  TRIMARAN_ASSIGN_OR_RETURN(const ReplicaId peer, command.ReplicaAt(1));
  node->core().ReportUnreachable(peer);
  return absl::OkStatus();
}

absl::Status Interpreter::Crash(const Command& command) {
  TRIMARAN_ASSIGN_OR_RETURN(Node * node, NodeAt(command, 0));
  node->Crash();
  return absl::OkStatus();
}

absl::Status Interpreter::Restart(const Command& command) {
  TRIMARAN_ASSIGN_OR_RETURN(const ReplicaId id, command.ReplicaAt(0));
  TRIMARAN_ASSIGN_OR_RETURN(Node * node, cluster_.Find(id));
  if (node->running()) node->Crash();
  return node->Start();
}

}  // namespace trimaran::script
