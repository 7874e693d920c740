#ifndef TRIMARAN_TESTS_FUZZ_MESSAGE_MAKER_H_
#define TRIMARAN_TESTS_FUZZ_MESSAGE_MAKER_H_

#include <cstdint>

#include "engine/base/ids.h"
#include "engine/base/log_types.h"
#include "engine/base/payload.h"
#include "replication/raft/conf_change.h"
#include "replication/raft/messages.h"
#include "replication/raft/raft.h"
#include "tests/fuzz/byte_source.h"

namespace trimaran::raft {

// Replicas that the made-up messages and changes speak of: 0 .. this.
inline constexpr uint64_t kFuzzReplicas = 7;

// Makes up what a peer of `raft` might send, or what no correct peer would.
// Numbers are drawn near those at which the core decides: the ends of the log,
// commit, the boundary, the current term, the largest that are allowed.
//
// Thread: owner.
class MessageMaker {
 public:
  // Both outlive this.
  MessageMaker(ByteSource& bytes, const Raft& raft)
      : bytes_(bytes), raft_(raft), status_(raft.status()) {}

  // Any type, any sender.
  Message Any();
  // An append from a leader of the current term or a later one that fits.
  Message HonestAppend();

  LogIndex Index();
  Term AnyTerm();
  // Mostly an entry of the log.
  EntryId Entry();
  ReplicaId Replica();
  ConfChange Change();
  Payload Command();
  SnapshotMeta Snapshot(Term term);

 private:
  MessageBody Body(Term term);
  MsgApp Append(Term term);
  LogEntry NextEntry(EntryId after, Term newest);
  Message Addressed(Term term, MessageBody body);

  ByteSource& bytes_;
  const Raft& raft_;
  const RaftStatus status_;
};

}  // namespace trimaran::raft

#endif  // TRIMARAN_TESTS_FUZZ_MESSAGE_MAKER_H_
