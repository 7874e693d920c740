#ifndef TRIMARAN_TESTS_FUZZ_MESSAGE_MAKER_H_
#define TRIMARAN_TESTS_FUZZ_MESSAGE_MAKER_H_

#include <cstdint>
#include <functional>
#include <optional>
#include <utility>
#include <vector>

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
  // Empty for what is not in the log.
  using TermAt = std::function<std::optional<Term>(LogIndex index)>;

  // Both outlive this.
  MessageMaker(ByteSource& bytes, const Raft& raft)
      : MessageMaker(bytes, raft.status(), [&raft](LogIndex index) {
          return raft.log().TermAt(index);
        }) {}
  // For a core that cannot be looked into.
  MessageMaker(ByteSource& bytes, RaftStatus status, TermAt term_at)
      : bytes_(bytes),
        status_(std::move(status)),
        term_at_(std::move(term_at)) {}

  // What entries carry, instead of letters that mean nothing.
  void UseCommands(std::vector<Payload> commands) {
    commands_ = std::move(commands);
  }

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
  const RaftStatus status_;
  const TermAt term_at_;
  std::vector<Payload> commands_;
};

}  // namespace trimaran::raft

#endif  // TRIMARAN_TESTS_FUZZ_MESSAGE_MAKER_H_
