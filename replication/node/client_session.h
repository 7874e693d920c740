#ifndef TRIMARAN_REPLICATION_NODE_CLIENT_SESSION_H_
#define TRIMARAN_REPLICATION_NODE_CLIENT_SESSION_H_

#include <cstdint>
#include <deque>
#include <optional>

#include "engine/format/command.h"

namespace trimaran {

// Numbers the writes of this process, so that the group does none of them twice
// however often it is asked: each is one sequence of one session (thesis §6.3).
//
//   kNone --BeginOpening--> kOpening --Opened--> kOpen
//     ^                        |                   |
//     +------- Failed ---------+----- Lost --------+
//
// Invariants:
//  1. A sequence is given once.
//  2. What stamps call unanswered is: every sequence below the first one has
//     been reported by Answered.
//  3. At most kSessionAnswersMax sequences lie between the first unanswered one
//     and the next, so that the group never has to forget an answer that may
//     still be asked for.
//
// Thread: the raft lane.
class ClientSession {
 public:
  enum class Stage : uint8_t { kNone, kOpening, kOpen };

  Stage stage() const { return stage_; }
  // While open.
  engine::SessionId id() const { return id_; }

  void BeginOpening() { stage_ = Stage::kOpening; }
  void Opened(engine::SessionId id);
  // The group does not know it any more, or it could not be opened. What was
  // stamped with it stays so.
  void Lost();

  // Whether a sequence can be given; only while open.
  bool has_room() const;
  // Only if there is room.
  uint64_t NextSequence();
  // The stamp of a sequence that was given and is not answered yet.
  engine::SessionStamp StampOf(uint64_t sequence) const;
  // The answer to a sequence of session `id` has arrived, or nobody waits for
  // it any more. Does nothing if the session is another one by now.
  void Answered(engine::SessionId id, uint64_t sequence);

 private:
  Stage stage_ = Stage::kNone;
  engine::SessionId id_;
  uint64_t first_unanswered_ = 1;
  // By sequence, from first_unanswered_ on: whether it has been answered.
  std::deque<bool> answered_;
};

}  // namespace trimaran

#endif  // TRIMARAN_REPLICATION_NODE_CLIENT_SESSION_H_
