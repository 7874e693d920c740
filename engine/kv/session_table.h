#ifndef TRIMARAN_ENGINE_KV_SESSION_TABLE_H_
#define TRIMARAN_ENGINE_KV_SESSION_TABLE_H_

#include <cstddef>
#include <cstdint>
#include <map>
#include <optional>
#include <vector>

#include "absl/container/flat_hash_map.h"
#include "engine/base/ids.h"
#include "engine/format/command.h"
#include "engine/format/command_result.h"
#include "engine/format/records.h"

namespace trimaran::engine {

// All sessions of a group, in memory: of each client the commands that have
// been done, as far as it may ask for them again. What becomes of a session is
// decided by the commands and their places in the log alone, so that it is the
// same on every replica.
//
// Invariants:
//  1. There are at most kSessionsMax, each with at most kSessionAnswersMax
//     answers, and kept_bytes() is at most kKeptBytesMax.
//  2. changed() names each session that is not as it was at the last
//     ForgetChanges, once.
//  3. Each session stands in the queue of eviction at least once, at or before
//     its place.
//
// Thread: owner.
class SessionTable {
 public:
  SessionTable() = default;

  // ---- Commands ----

  // The new session, used by `entry`. Makes room for it.
  SessionId Open(LogIndex entry);
  void Close(SessionId id);

  // Decides about a stamped command at `entry`: the answer, if there is one
  // without doing it, be it the one that was given before or a refusal. Empty:
  // do it, and hand the answer to Keep. Notes the use, and forgets what the
  // client says it may.
  std::optional<CommandResult> Admit(const SessionStamp& stamp, LogIndex entry);
  // Only after Admit let the same stamp pass, and before it sees another one.
  // Makes room for it.
  void Keep(const SessionStamp& stamp, const CommandResult& answer);

  // ---- State ----

  // Null if there is no such session; until the next call that is not const.
  const SessionRecord* Find(SessionId id) const;
  size_t size() const { return sessions_.size(); }
  // What their answers count against kKeptBytesMax.
  size_t kept_bytes() const { return kept_bytes_; }
  // The last id that was given.
  SessionId last_id() const { return last_id_; }

  // ---- What has to be written ----

  const std::vector<SessionId>& changed() const { return changed_; }
  void ForgetChanges();

  // ---- Reading back what was written ----

  // Adds a session that is stored and not here. Does not count as a change, and
  // makes no room.
  void Restore(SessionRecord session);
  void set_last_id(SessionId id) { last_id_ = id; }

 private:
  struct Slot {
    SessionRecord session;
    size_t kept_bytes = 0;
    bool changed = false;
  };
  // Where a session stood when it was put into the queue.
  struct Place {
    LogIndex last_used;
    SessionId id;
    friend auto operator<=>(const Place&, const Place&) = default;
  };

  void MarkChanged(Slot& slot);
  void Enqueue(Place place);
  // One that is not `spared`.
  void EvictOldest(SessionId spared);
  // Both ends are places among its answers.
  using Answers = std::map<uint64_t, CommandResult>;
  void Forget(Slot& slot, Answers::iterator first, Answers::iterator end);

  absl::flat_hash_map<SessionId, Slot> sessions_;
  size_t kept_bytes_ = 0;
  SessionId last_id_;
  std::vector<SessionId> changed_;
  // A heap, the oldest place on top. A use of a session does not touch it; a
  // place that is out of date is put right when it comes to the top.
  std::vector<Place> queue_;
};

}  // namespace trimaran::engine

#endif  // TRIMARAN_ENGINE_KV_SESSION_TABLE_H_
