#ifndef TRIMARAN_REPLICATION_NODE_AUDITS_H_
#define TRIMARAN_REPLICATION_NODE_AUDITS_H_

#include <cstdint>
#include <map>
#include <memory>
#include <optional>
#include <vector>

#include "absl/functional/any_invocable.h"
#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "absl/strings/string_view.h"
#include "engine/base/clock.h"
#include "engine/base/conf_state.h"
#include "engine/base/log_types.h"
#include "engine/format/command.h"
#include "engine/kv/transfer.h"
#include "engine/maintenance/state_hash.h"
#include "replication/node/applier.h"
#include "replication/node/errands.h"
#include "replication/node/node_options.h"
#include "replication/node/pending_write.h"
#include "replication/transport/peer_message.h"

namespace trimaran {

// What the members of a group said of their states just behind one entry.
struct AuditReport {
  EntryId place;
  // All members of that moment; nothing from those that were not heard in time.
  std::map<ReplicaId, std::optional<MsgStateDigest>> members;
};
using AuditCallback =
    absl::AnyInvocable<void(absl::StatusOr<AuditReport> answer)>;

// Compares the states of all replicas. Whoever asks brings an AuditCommand into
// the log; each replica that applies it freezes its state there, goes on
// applying, hashes what it has frozen, and sends the hash to the one that asks.
//
// Invariants:
//  1. Nothing is applied between the command and the freezing, or there is no
//     hash.
//  2. One state is frozen and hashed at a time; meanwhile others get a refusal,
//     and so do those that a replica finds which has to catch up: nobody waits
//     for its answer.
//  3. Whoever asks is answered once.
//
// Thread: the raft lane, on which the reports come as well.
class Audits {
 public:
  struct Host {
    // Brings a command into the log.
    absl::AnyInvocable<void(PendingWritePtr write)> propose;
    absl::AnyInvocable<void(ReplicaId to, MsgStateDigest digest)> send;
    absl::AnyInvocable<ConfState()> members;
    // The store has failed.
    absl::AnyInvocable<void(absl::Status error)> failed;
  };
  // All outlive this. `first_request` is drawn at random at each start.
  Audits(const NodeEnvironment& environment, Errands& errands, Applier& applier,
         uint64_t first_request, Host host);

  // ---- Asking ----

  // Errors: DeadlineExceeded if the question has no place in the log in time,
  // others of a write, and that of Stop.
  void Ask(MonotonicTime deadline, AuditCallback done);
  void OnDigest(ReplicaId from, const MsgStateDigest& digest);

  // ---- Answering ----

  // An entry with audits has been applied, and nothing behind it. `commit` is
  // how far others may have got.
  void OnApplied(LogIndex index, LogIndex commit,
                 const std::vector<engine::AuditCommand>& audits);

  void Tick(MonotonicTime now);
  // Begins nothing any more; whoever waits gets `error`.
  void Stop(const absl::Status& error);

 private:
  // One that this replica has asked for.
  struct Asked {
    MonotonicTime deadline;
    AuditCallback done;
    // When its command has been applied here.
    std::optional<EntryId> place;
    std::map<ReplicaId, MsgStateDigest> heard;
    ConfState members;
  };
  // A state that is hashed.
  struct Work {
    LogIndex index;
    std::vector<engine::AuditCommand> audits;
    // Applying is held up since then, until the state is frozen.
    std::optional<MonotonicTime> held_since;
    std::unique_ptr<engine::StateExport> state = nullptr;
    std::unique_ptr<engine::StateHashJob> job = nullptr;
  };

  void OnPlaced(uint64_t request, const absl::StatusOr<AppliedWrite>& write);
  void MaybeFinish(uint64_t request, bool in_time);

  void OnFrozen(absl::StatusOr<std::unique_ptr<engine::StateExport>> state);
  void Continue();
  void OnHashed(const absl::StatusOr<bool>& more);
  // Applying goes on.
  void Release();
  void Refuse(const absl::Status& why);
  void Finish(const MsgStateDigest& digest);
  void Answer(const std::vector<engine::AuditCommand>& audits,
              const MsgStateDigest& digest);

  const NodeEnvironment& env_;
  Errands& errands_;
  Applier& applier_;
  Host host_;
  uint64_t last_request_;
  // By request.
  std::map<uint64_t, Asked> asked_;
  // What is frozen is used by the maintenance lane while an errand of it is
  // under way.
  std::unique_ptr<Work> work_;
  bool stopped_ = false;
};

}  // namespace trimaran

#endif  // TRIMARAN_REPLICATION_NODE_AUDITS_H_
