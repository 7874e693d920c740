#include "replication/raft/messages.h"

#include <cstddef>

namespace trimaran::raft {
namespace {

// In the order of MessageBody.
constexpr std::string_view kNames[] = {
    "MsgProp",          "MsgApp",          "MsgAppResp",    "MsgHeartbeat",
    "MsgHeartbeatResp", "MsgVote",         "MsgPreVote",    "MsgVoteResp",
    "MsgPreVoteResp",   "MsgSnap",         "MsgTimeoutNow", "MsgTransferLeader",
    "MsgReadIndex",     "MsgReadIndexResp"};

static_assert(sizeof(kNames) / sizeof(kNames[0]) ==
              std::variant_size_v<MessageBody>);

}  // namespace

std::string_view TypeName(const Message& message) {
  return kNames[message.body.index()];
}

}  // namespace trimaran::raft
