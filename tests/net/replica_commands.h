#ifndef TRIMARAN_TESTS_NET_REPLICA_COMMANDS_H_
#define TRIMARAN_TESTS_NET_REPLICA_COMMANDS_H_

#include "absl/status/status.h"
#include "tests/net/line_protocol.h"
#include "trimaran/db.h"

namespace trimaran::net {

// Turns lines into calls of a database. In brackets what may be left out:
//
//   put KEY VALUE              delete KEY            put-several VALUE KEY...
//   cas KEY EXPECTED VALUE     cas-absent KEY VALUE
//   swap KEY VALUE             read-by-command KEY
//   get LEVEL KEY [N]          read LEVEL KEY [N]: by a scan, which names the
//                              index of the state
//   scan LEVEL BEGIN END LIMIT count LEVEL BEGIN END
//   fill PREFIX ROWS BYTES     rows that do not compress, in large batches
//   add-learner|add-voter ID ADDRESS      promote|remove|transfer ID
//   replace ID SUCCESSOR ADDRESS          update ID ADDRESS
//   checkpoint    compact      consistency    verify    backup DIRECTORY
//   status        metrics      memory
//
// LEVEL is linearizable, lease, at-least (N: an index), bounded (N: ms) or
// local. An error answers with code, outcome, leader and message.
//
// Thread: any.
class ReplicaCommands {
 public:
  explicit ReplicaCommands(DB& db) : db_(db) {}

  Answer Execute(const Request& request);

 private:
  using Handler = Answer (ReplicaCommands::*)(const Request& request);
  struct Command;
  static const Command kCommands[];

  Answer Put(const Request& request);
  Answer Delete(const Request& request);
  Answer PutSeveral(const Request& request);
  Answer CompareAndPut(const Request& request);
  Answer PutIfAbsent(const Request& request);
  Answer Swap(const Request& request);
  Answer ReadByCommand(const Request& request);
  Answer Get(const Request& request);
  Answer Read(const Request& request);
  Answer Scan(const Request& request);
  Answer Count(const Request& request);
  Answer Fill(const Request& request);

  Answer AddLearner(const Request& request);
  Answer AddVoter(const Request& request);
  Answer Promote(const Request& request);
  Answer Remove(const Request& request);
  Answer Replace(const Request& request);
  Answer Update(const Request& request);
  Answer Transfer(const Request& request);

  Answer Checkpoint(const Request& request);
  Answer Compact(const Request& request);
  Answer Consistency(const Request& request);
  Answer Verify(const Request& request);
  Answer Backup(const Request& request);
  Answer Status(const Request& request);
  Answer Metrics(const Request& request);
  Answer Memory(const Request& request);

  Answer Commit(const Request& request, const Transaction& transaction);

  DB& db_;
};

// How an error looks on the line.
Answer ErrorAnswer(uint64_t id, const absl::Status& status);

}  // namespace trimaran::net

#endif  // TRIMARAN_TESTS_NET_REPLICA_COMMANDS_H_
