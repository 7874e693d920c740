#ifndef TRIMARAN_TESTS_SUPPORT_SCRIPT_MESSAGE_PARSER_H_
#define TRIMARAN_TESTS_SUPPORT_SCRIPT_MESSAGE_PARSER_H_

#include "absl/status/statusor.h"
#include "replication/raft/messages.h"
#include "tests/support/script/script.h"

namespace trimaran::script {

// The message that "send-msg 1->2 MsgApp term=3 prev=4/2 entries=(5/3:x)
// commit=4" names, however absurd. Arguments that are left out are zero.
// InvalidArgument if it cannot be read.
absl::StatusOr<raft::Message> ParseMessage(const Command& command);

}  // namespace trimaran::script

#endif  // TRIMARAN_TESTS_SUPPORT_SCRIPT_MESSAGE_PARSER_H_
