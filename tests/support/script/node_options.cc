#include "tests/support/script/node_options.h"

#include <string>
#include <utility>
#include <vector>

#include "absl/status/status.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_split.h"
#include "engine/base/absl_compat.h"
#include "engine/base/status_macros.h"

namespace trimaran::script {
namespace {

// Short, so that stories can count ticks.
constexpr int kElectionTicks = 3;
constexpr int kHeartbeatTicks = 1;
// What is found in every log that begins with a snapshot.
constexpr Term kSnapshotTerm{1};

absl::Status ReadConfig(const Command& command, raft::Config& config) {
  config.election_timeout_ticks = kElectionTicks;
  config.heartbeat_ticks = kHeartbeatTicks;
  config.lease_margin_ticks = 1;
  config.pre_vote = false;
  config.check_quorum = false;
  config.step_down_on_removal = false;
  config.check_invariants = true;
  TRIMARAN_RETURN_IF_ERROR(command.Read("prevote", config.pre_vote));
  TRIMARAN_RETURN_IF_ERROR(command.Read("checkquorum", config.check_quorum));
  TRIMARAN_RETURN_IF_ERROR(
      command.Read("inflight", config.inflight_messages_max));
  TRIMARAN_RETURN_IF_ERROR(
      command.Read("max-committed-size-per-ready", config.apply_bytes_max));
  TRIMARAN_RETURN_IF_ERROR(
      command.Read("max-apply-entries", config.apply_entries_max));
  TRIMARAN_RETURN_IF_ERROR(
      command.Read("max-append-entries", config.append_entries_max));
  TRIMARAN_RETURN_IF_ERROR(
      command.Read("max-uncommitted-bytes", config.uncommitted_bytes_max));
  TRIMARAN_RETURN_IF_ERROR(command.Read("window", config.window_entries_max));
  TRIMARAN_RETURN_IF_ERROR(
      command.Read("forwarding", config.proposal_forwarding));
  TRIMARAN_RETURN_IF_ERROR(
      command.Read("step-down-on-removal", config.step_down_on_removal));
  bool unchecked = false;
  TRIMARAN_RETURN_IF_ERROR(
      command.Read("disable-conf-change-validation", unchecked));
  config.validate_conf_changes = !unchecked;
  std::string reads = "safe";
  TRIMARAN_RETURN_IF_ERROR(command.Read("read-only", reads));
  if (reads != "safe" && reads != "lease-based") {
    return absl::InvalidArgumentError(absl::StrCat("read-only=", reads));
  }
  config.lease_reads = reads == "lease-based";
  return absl::OkStatus();
}

absl::StatusOr<raft::ConfChangeStep> ParseStep(const std::string& text) {
  raft::ConfChangeStep step;
  TRIMARAN_ASSIGN_OR_RETURN(const uint64_t number,
                            ParseNumber(std::string_view(text).substr(1)));
  step.replica = ReplicaId(number);
  switch (text.front()) {
    case 'v':
      step.type = raft::ConfChangeType::kAddVoter;
      return step;
    case 'l':
      step.type = raft::ConfChangeType::kAddLearner;
      return step;
    case 'r':
      step.type = raft::ConfChangeType::kRemove;
      return step;
    case 'u':
      step.replica = kNoReplica;
      return step;
    default:
      return absl::InvalidArgumentError(
          absl::StrCat("no change of membership: ", text));
  }
}

std::vector<std::string> Words(std::string_view text) {
  return absl::StrSplit(ToAbsl(text), ' ', absl::SkipWhitespace());
}

}  // namespace

absl::StatusOr<NodeOptions> NodeOptions::Parse(const Command& command) {
  TRIMARAN_RETURN_IF_ERROR(command.AllowKeys(
      {"voters", "learners", "index", "content", "inflight",
       "async-storage-writes", "prevote", "checkquorum",
       "max-committed-size-per-ready", "disable-conf-change-validation",
       "read-only", "step-down-on-removal", "max-apply-entries",
       "max-append-entries", "max-uncommitted-bytes", "window", "forwarding"}));
  NodeOptions options;
  TRIMARAN_RETURN_IF_ERROR(ReadConfig(command, options.config));
  bool async = false;
  TRIMARAN_RETURN_IF_ERROR(command.Read("async-storage-writes", async));
  options.storage = async ? Node::Storage::kAsync : Node::Storage::kSync;

  ConfState conf;
  uint64_t index = 0;
  std::string content;
  TRIMARAN_RETURN_IF_ERROR(command.Read("voters", conf.voters));
  TRIMARAN_RETURN_IF_ERROR(command.Read("learners", conf.learners));
  TRIMARAN_RETURN_IF_ERROR(command.Read("index", index));
  TRIMARAN_RETURN_IF_ERROR(command.Read("content", content));
  options.stored = raft::MemoryLog(conf);
  if (index > 0) {
    const SnapshotMeta meta = {{LogIndex(index), kSnapshotTerm}, conf};
    TRIMARAN_RETURN_IF_ERROR(options.stored.Restore({meta, content}));
    options.stored.set_hard_state({kSnapshotTerm, kNoReplica, meta.id.index});
  }
  return options;
}

absl::StatusOr<raft::ConfChange> ParseConfChange(const Command& command,
                                                 std::string_view steps) {
  TRIMARAN_RETURN_IF_ERROR(command.AllowKeys({"v1", "transition"}));
  // Changes of one voter are simple ones anyway.
  bool simple = false;
  TRIMARAN_RETURN_IF_ERROR(command.Read("v1", simple));
  raft::ConfChange change;
  std::string transition = "auto";
  TRIMARAN_RETURN_IF_ERROR(command.Read("transition", transition));
  if (transition == "explicit") {
    change.transition = raft::ConfChangeTransition::kJointExplicit;
  } else if (transition == "implicit") {
    change.transition = raft::ConfChangeTransition::kJointImplicit;
  } else if (transition != "auto") {
    return absl::InvalidArgumentError(absl::StrCat("transition=", transition));
  }
  for (const std::string& word : Words(steps)) {
    TRIMARAN_ASSIGN_OR_RETURN(const raft::ConfChangeStep step, ParseStep(word));
    change.steps.push_back(step);
  }
  if (simple && change.steps.size() != 1) {
    return absl::InvalidArgumentError("v1=true needs exactly one step");
  }
  return change;
}

bool LooksLikeConfChange(std::string_view line) {
  for (const std::string& word : Words(line)) {
    if (word.size() < 2 || !ParseStep(word).ok()) return false;
  }
  return true;
}

}  // namespace trimaran::script
