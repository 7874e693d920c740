#ifndef TRIMARAN_TESTS_SUPPORT_SCRIPT_NODE_OPTIONS_H_
#define TRIMARAN_TESTS_SUPPORT_SCRIPT_NODE_OPTIONS_H_

#include <string_view>

#include "absl/status/statusor.h"
#include "replication/raft/conf_change.h"
#include "replication/raft/config.h"
#include "tests/support/raft/memory_log.h"
#include "tests/support/script/node.h"
#include "tests/support/script/script.h"

namespace trimaran::script {

// What add-nodes says about the nodes.
struct NodeOptions {
  raft::Config config;
  Node::Storage storage = Node::Storage::kSync;
  // As if a snapshot had been installed, where an index is given.
  raft::MemoryLog stored;

  // InvalidArgument for arguments that do not exist or make no sense.
  static absl::StatusOr<NodeOptions> Parse(const Command& command);
};

// "v1 l2 r3 u4": add a voter, add a learner, remove, leave as it is. The
// transition is that of the command.
absl::StatusOr<raft::ConfChange> ParseConfChange(const Command& command,
                                                 std::string_view steps);
// Whether a line can only be steps of a change.
bool LooksLikeConfChange(std::string_view line);

}  // namespace trimaran::script

#endif  // TRIMARAN_TESTS_SUPPORT_SCRIPT_NODE_OPTIONS_H_
