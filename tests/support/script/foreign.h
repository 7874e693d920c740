#ifndef TRIMARAN_TESTS_SUPPORT_SCRIPT_FOREIGN_H_
#define TRIMARAN_TESTS_SUPPORT_SCRIPT_FOREIGN_H_

#include "absl/status/status.h"
#include "tests/support/script/script.h"

namespace trimaran::script {

// Runs a scenario that was written for another implementation of Raft, in the
// format of etcd/raft's interaction tests, and compares what every correct
// implementation must have in common: after "stabilize" role, leader, term and
// commit of the nodes that the text speaks of, and wherever they are asked for
// the roles, the logs, and the leader's knowledge of its followers. How many
// messages that took is each implementation's own affair.
//
// Two differences are allowed for. There, a log that begins with a snapshot
// still has term 0 where ours has term 1, so that all our later terms are one
// higher. And our leaders change the membership only after they have applied
// an entry of their own term, for which a lone voter has to store its vote
// first; where a text does not wait for that, the proposer alone is stabilized
// before it proposes.
//
// InvalidArgument: a command that this fixture does not have.
// FailedPrecondition: the first difference, with file and line.
absl::Status CheckForeignScript(const Script& script);

}  // namespace trimaran::script

#endif  // TRIMARAN_TESTS_SUPPORT_SCRIPT_FOREIGN_H_
