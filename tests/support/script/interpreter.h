#ifndef TRIMARAN_TESTS_SUPPORT_SCRIPT_INTERPRETER_H_
#define TRIMARAN_TESTS_SUPPORT_SCRIPT_INTERPRETER_H_

#include <string>
#include <string_view>
#include <vector>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "tests/support/script/cluster.h"
#include "tests/support/script/output.h"
#include "tests/support/script/script.h"

namespace trimaran::script {

// Does what the commands of a scenario say. tests/scripts/README.md lists
// them.
//
// Thread: owner.
class Interpreter {
 public:
  // What the block's commands print, "ok" if that is nothing. What a core
  // refuses is a part of that. InvalidArgument, NotFound and
  // FailedPrecondition mean that the script itself makes no sense.
  absl::StatusOr<std::vector<std::string>> Run(const Block& block);

  const Cluster& cluster() const { return cluster_; }

 private:
  using Handler = absl::Status (Interpreter::*)(const Command& command);
  // Null if there is no such command.
  static Handler FindHandler(std::string_view name);

  absl::Status RunCommand(const Command& command);
  // Prints the error, if it is one.
  void Report(const absl::Status& status);
  // The nodes that the words from `first` on name; all, if there are none.
  absl::StatusOr<std::vector<ReplicaId>> Targets(const Command& command,
                                                 size_t first) const;
  absl::StatusOr<Node*> NodeAt(const Command& command, size_t place);

  // ---- interpreter.cc: time, requests, observation ----
  absl::Status Quiet(const Command& command);
  absl::Status Ignore(const Command& command);
  absl::Status AddNodes(const Command& command);
  absl::Status Campaign(const Command& command);
  absl::Status Propose(const Command& command);
  absl::Status ProposeConfChange(const Command& command);
  absl::Status ReadIndex(const Command& command);
  absl::Status TransferLeadership(const Command& command);
  absl::Status ForgetLeader(const Command& command);
  absl::Status Tick(const Command& command);
  absl::Status TickHeartbeat(const Command& command);
  absl::Status TickElection(const Command& command);
  absl::Status SetElectionTimeout(const Command& command);
  absl::Status Status(const Command& command);
  absl::Status RaftState(const Command& command);
  absl::Status RaftLog(const Command& command);
  absl::Status State(const Command& command);

  // ---- host_commands.cc: the network, the disk, the machine ----
  absl::Status DeliverMessages(const Command& command);
  absl::Status SendMessage(const Command& command);
  absl::Status ShowQueue(const Command& command);
  absl::Status Stabilize(const Command& command);
  absl::Status ProcessReady(const Command& command);
  absl::Status ProcessAppend(const Command& command);
  absl::Status ProcessApply(const Command& command);
  absl::Status Compact(const Command& command);
  absl::Status SendSnapshot(const Command& command);
  absl::Status SetSnapshots(const Command& command);
  absl::Status ReportSnapshot(const Command& command);
  absl::Status ReportUnreachable(const Command& command);
  absl::Status Crash(const Command& command);
  absl::Status Restart(const Command& command);

  Cluster cluster_;
  Output output_;
  // The line after propose-conf-change.
  std::string change_;
};

}  // namespace trimaran::script

#endif  // TRIMARAN_TESTS_SUPPORT_SCRIPT_INTERPRETER_H_
