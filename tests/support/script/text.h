#ifndef TRIMARAN_TESTS_SUPPORT_SCRIPT_TEXT_H_
#define TRIMARAN_TESTS_SUPPORT_SCRIPT_TEXT_H_

#include <string>

#include "absl/status/status.h"
#include "replication/raft/ready.h"
#include "replication/raft/status.h"

// What scenarios print beyond replication/raft/debug_string.h. Golden files
// hold these lines: a change here changes all of them.

namespace trimaran::script {

// Several lines: what is in the batch, and what is sent when it is durable.
std::string BatchText(const raft::PersistBatch& batch);

// A line for each member, and one for whatever else a leader has begun.
std::string ProgressText(const raft::RaftStatus& status);

// One line: the kind of the error and what a program can read from it, but not
// its wording.
std::string ErrorText(const absl::Status& status);

}  // namespace trimaran::script

#endif  // TRIMARAN_TESTS_SUPPORT_SCRIPT_TEXT_H_
