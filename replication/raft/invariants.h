#ifndef TRIMARAN_REPLICATION_RAFT_INVARIANTS_H_
#define TRIMARAN_REPLICATION_RAFT_INVARIANTS_H_

#include <optional>
#include <string>

#include "replication/raft/status.h"

namespace trimaran::raft {

class Raft;

// What must hold of one replica at any moment, and between any two moments. A
// violation is a bug of this program. The names are those of PROTOCOL.md.
//
// The checks are functions of observable state, so that a test can show each
// of them a state that it must refuse. They return what is wrong, or nothing.
std::optional<std::string> ViolatedState(const RaftStatus& now);
std::optional<std::string> ViolatedTransition(const RaftStatus& before,
                                              const RaftStatus& now);

// Runs both after every input of a core that has Config::check_invariants set,
// and stops the process on a violation.
//
// Thread: owner.
class InvariantChecker {
 public:
  void Check(const Raft& raft);

 private:
  std::optional<RaftStatus> before_;
};

}  // namespace trimaran::raft

#endif  // TRIMARAN_REPLICATION_RAFT_INVARIANTS_H_
