#include "tests/support/script/interpreter.h"

#include <utility>

#include "absl/strings/str_cat.h"
#include "engine/base/absl_compat.h"
#include "engine/base/payload.h"
#include "engine/base/status_macros.h"
#include "replication/raft/debug_string.h"
#include "tests/support/script/node_options.h"
#include "tests/support/script/text.h"

namespace trimaran::script {

absl::StatusOr<std::vector<std::string>> Interpreter::Run(const Block& block) {
  output_.set_quiet(false);
  for (size_t i = 0; i < block.commands.size(); ++i) {
    TRIMARAN_ASSIGN_OR_RETURN(const Command command,
                              Command::Parse(block.commands[i]));
    change_.clear();
    if (command.name() == "propose-conf-change" &&
        i + 1 < block.commands.size() &&
        LooksLikeConfChange(block.commands[i + 1])) {
      change_ = block.commands[++i];
    }
    TRIMARAN_RETURN_IF_ERROR(RunCommand(command));
  }
  std::vector<std::string> lines = output_.Take();
  if (lines.empty()) lines.push_back("ok");
  return lines;
}

Interpreter::Handler Interpreter::FindHandler(std::string_view name) {
  struct NamedHandler {
    std::string_view name;
    Handler handler;
  };
  constexpr NamedHandler kHandlers[] = {
      {"quiet", &Interpreter::Quiet},
      {"log-level", &Interpreter::Ignore},
      {"add-nodes", &Interpreter::AddNodes},
      {"campaign", &Interpreter::Campaign},
      {"propose", &Interpreter::Propose},
      {"propose-conf-change", &Interpreter::ProposeConfChange},
      {"read-index", &Interpreter::ReadIndex},
      {"transfer-leadership", &Interpreter::TransferLeadership},
      {"forget-leader", &Interpreter::ForgetLeader},
      {"tick", &Interpreter::Tick},
      {"tick-heartbeat", &Interpreter::TickHeartbeat},
      {"tick-election", &Interpreter::TickElection},
      {"set-randomized-election-timeout", &Interpreter::SetElectionTimeout},
      {"status", &Interpreter::Status},
      {"raft-state", &Interpreter::RaftState},
      {"raft-log", &Interpreter::RaftLog},
      {"state", &Interpreter::State},
      {"deliver-msgs", &Interpreter::DeliverMessages},
      {"send-msg", &Interpreter::SendMessage},
      {"queue", &Interpreter::ShowQueue},
      {"stabilize", &Interpreter::Stabilize},
      {"process-ready", &Interpreter::ProcessReady},
      {"process-append-thread", &Interpreter::ProcessAppend},
      {"process-apply-thread", &Interpreter::ProcessApply},
      {"compact", &Interpreter::Compact},
      {"send-snapshot", &Interpreter::SendSnapshot},
      {"snapshots", &Interpreter::SetSnapshots},
      {"report-snapshot", &Interpreter::ReportSnapshot},
      {"report-unreachable", &Interpreter::ReportUnreachable},
      {"crash", &Interpreter::Crash},
      {"restart", &Interpreter::Restart},
  };
  for (const NamedHandler& entry : kHandlers) {
    if (entry.name == name) return entry.handler;
  }
  return nullptr;
}

absl::Status Interpreter::RunCommand(const Command& command) {
  const Handler handler = FindHandler(command.name());
  if (handler == nullptr) {
    return absl::NotFoundError(
        absl::StrCat("unknown command ", command.name()));
  }
  return (this->*handler)(command);
}

void Interpreter::Report(const absl::Status& status) {
  if (!status.ok()) output_.AddError(ErrorText(status));
}

absl::StatusOr<std::vector<ReplicaId>> Interpreter::Targets(
    const Command& command, size_t first) const {
  if (command.words().size() <= first) return cluster_.ids();
  return command.ReplicasFrom(first);
}

absl::StatusOr<Node*> Interpreter::NodeAt(const Command& command,
                                          size_t place) {
  TRIMARAN_ASSIGN_OR_RETURN(const ReplicaId id, command.ReplicaAt(place));
  return cluster_.FindRunning(id);
}

absl::Status Interpreter::Quiet(const Command& /*command*/) {
  output_.set_quiet(true);
  return absl::OkStatus();
}

absl::Status Interpreter::Ignore(const Command& /*command*/) {
  return absl::OkStatus();
}

absl::Status Interpreter::AddNodes(const Command& command) {
  TRIMARAN_ASSIGN_OR_RETURN(const uint64_t count, command.NumberAt(0));
  TRIMARAN_ASSIGN_OR_RETURN(const NodeOptions options,
                            NodeOptions::Parse(command));
  return cluster_.AddNodes(count, options.config, options.storage,
                           options.stored);
}

absl::Status Interpreter::Campaign(const Command& command) {
  TRIMARAN_ASSIGN_OR_RETURN(Node * node, NodeAt(command, 0));
  node->core().Campaign();
  return absl::OkStatus();
}

absl::Status Interpreter::Propose(const Command& command) {
  TRIMARAN_ASSIGN_OR_RETURN(Node * node, NodeAt(command, 0));
  std::vector<Payload> payloads;
  for (size_t i = 1; i < command.words().size(); ++i) {
    payloads.emplace_back(command.words()[i]);
  }
  const auto place = node->core().Propose(payloads);
  Report(place.status());
  if (place.ok() && !place->has_value()) output_.Add("passed on");
  return absl::OkStatus();
}

absl::Status Interpreter::ProposeConfChange(const Command& command) {
  TRIMARAN_ASSIGN_OR_RETURN(Node * node, NodeAt(command, 0));
  TRIMARAN_ASSIGN_OR_RETURN(const raft::ConfChange change,
                            ParseConfChange(command, change_));
  const auto place = node->core().ProposeConfChange(change);
  Report(place.status());
  if (place.ok() && !place->has_value()) output_.Add("passed on");
  return absl::OkStatus();
}

absl::Status Interpreter::ReadIndex(const Command& command) {
  TRIMARAN_RETURN_IF_ERROR(command.AllowKeys({"id", "mode"}));
  TRIMARAN_ASSIGN_OR_RETURN(Node * node, NodeAt(command, 0));
  uint64_t id = 0;
  TRIMARAN_RETURN_IF_ERROR(command.Read("id", id));
  std::string mode = "quorum";
  TRIMARAN_RETURN_IF_ERROR(command.Read("mode", mode));
  if (mode != "quorum" && mode != "lease") {
    return absl::InvalidArgumentError(absl::StrCat("mode=", mode));
  }
  Report(node->core().ReadIndex(
      raft::ReadId(id),
      mode == "lease" ? raft::ReadMode::kLease : raft::ReadMode::kQuorum));
  return absl::OkStatus();
}

absl::Status Interpreter::TransferLeadership(const Command& command) {
  TRIMARAN_RETURN_IF_ERROR(command.AllowKeys({"from", "to"}));
  uint64_t from = 0;
  uint64_t to = 0;
  TRIMARAN_RETURN_IF_ERROR(command.Read("from", from));
  TRIMARAN_RETURN_IF_ERROR(command.Read("to", to));
  TRIMARAN_ASSIGN_OR_RETURN(Node * node, cluster_.FindRunning(ReplicaId(from)));
  Report(node->core().TransferLeadership(ReplicaId(to)));
  return absl::OkStatus();
}

absl::Status Interpreter::ForgetLeader(const Command& command) {
  TRIMARAN_ASSIGN_OR_RETURN(Node * node, NodeAt(command, 0));
  node->core().ForgetLeader();
  return absl::OkStatus();
}

absl::Status Interpreter::Tick(const Command& command) {
  TRIMARAN_ASSIGN_OR_RETURN(Node * node, NodeAt(command, 0));
  uint64_t count = 1;
  if (command.words().size() > 1) {
    TRIMARAN_ASSIGN_OR_RETURN(count, command.NumberAt(1));
  }
  for (uint64_t i = 0; i < count; ++i) node->core().Tick();
  return absl::OkStatus();
}

absl::Status Interpreter::TickHeartbeat(const Command& command) {
  TRIMARAN_ASSIGN_OR_RETURN(Node * node, NodeAt(command, 0));
  for (int i = 0; i < node->config().heartbeat_ticks; ++i) {
    node->core().Tick();
  }
  return absl::OkStatus();
}

absl::Status Interpreter::TickElection(const Command& command) {
  TRIMARAN_ASSIGN_OR_RETURN(Node * node, NodeAt(command, 0));
  for (int i = 0; i < node->config().election_timeout_ticks; ++i) {
    node->core().Tick();
  }
  return absl::OkStatus();
}

absl::Status Interpreter::SetElectionTimeout(const Command& command) {
  TRIMARAN_RETURN_IF_ERROR(command.AllowKeys({"timeout"}));
  TRIMARAN_ASSIGN_OR_RETURN(Node * node, NodeAt(command, 0));
  uint64_t ticks = 0;
  TRIMARAN_RETURN_IF_ERROR(command.Read("timeout", ticks));
  node->core().OverrideElectionTimeout(static_cast<int>(ticks));
  return absl::OkStatus();
}

absl::Status Interpreter::Status(const Command& command) {
  TRIMARAN_ASSIGN_OR_RETURN(Node * node, NodeAt(command, 0));
  output_.Add(ProgressText(node->core().status()));
  return absl::OkStatus();
}

absl::Status Interpreter::RaftState(const Command& command) {
  TRIMARAN_ASSIGN_OR_RETURN(const std::vector<ReplicaId> ids,
                            Targets(command, 0));
  for (const ReplicaId id : ids) {
    TRIMARAN_ASSIGN_OR_RETURN(Node * node, cluster_.Find(id));
    output_.Add(node->running() ? raft::DebugString(node->core().status())
                                : absl::StrCat(id.value(), ": down"));
  }
  return absl::OkStatus();
}

absl::Status Interpreter::RaftLog(const Command& command) {
  TRIMARAN_ASSIGN_OR_RETURN(const ReplicaId id, command.ReplicaAt(0));
  TRIMARAN_ASSIGN_OR_RETURN(Node * node, cluster_.Find(id));
  const raft::MemoryLog& stored = node->stored();
  if (stored.entries().empty()) {
    output_.Add(absl::StrCat("nothing after ", stored.boundary().index.value(),
                             "/", stored.boundary().term.value()));
  }
  for (const LogEntry& entry : stored.entries()) {
    output_.Add(raft::DebugString(entry));
  }
  return absl::OkStatus();
}

absl::Status Interpreter::State(const Command& command) {
  TRIMARAN_ASSIGN_OR_RETURN(const std::vector<ReplicaId> ids,
                            Targets(command, 0));
  for (const ReplicaId id : ids) {
    TRIMARAN_ASSIGN_OR_RETURN(Node * node, cluster_.Find(id));
    const raft::MemoryLog& stored = node->stored();
    output_.Add(absl::StrCat(id.value(), ": applied ", stored.applied().value(),
                             " \"", stored.state(), "\" ",
                             stored.conf().DebugString()));
  }
  return absl::OkStatus();
}

}  // namespace trimaran::script
