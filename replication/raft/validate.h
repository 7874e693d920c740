#ifndef TRIMARAN_REPLICATION_RAFT_VALIDATE_H_
#define TRIMARAN_REPLICATION_RAFT_VALIDATE_H_

#include "absl/status/status.h"
#include "engine/base/ids.h"
#include "replication/raft/config.h"
#include "replication/raft/membership.h"
#include "replication/raft/messages.h"

namespace trimaran::raft {

// Who looks at a message.
struct Receiver {
  const Config& config;
  Term term;
  const Membership& members;
};

// The gateway: what passes here is well-formed and could come from a correct
// replica; what the core does with it may still find it stale. Errors as in
// Raft::Step.
absl::Status ValidateMessage(const Message& message, const Receiver& receiver);

}  // namespace trimaran::raft

#endif  // TRIMARAN_REPLICATION_RAFT_VALIDATE_H_
