#ifndef TRIMARAN_REPLICATION_NODE_PENDING_WRITE_H_
#define TRIMARAN_REPLICATION_NODE_PENDING_WRITE_H_

#include <atomic>
#include <cstdint>
#include <memory>
#include <string>
#include <utility>
#include <vector>

#include "absl/functional/any_invocable.h"
#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "engine/base/clock.h"
#include "engine/base/log_types.h"
#include "engine/format/command.h"
#include "engine/format/command_result.h"

namespace trimaran {

// A write that has been done.
struct AppliedWrite {
  // The entry that did it.
  EntryId entry;
  engine::CommandResult result;
};

// OK: applied, once. An error says what became of the write (OutcomeOf).
using WriteCallback =
    absl::AnyInvocable<void(absl::StatusOr<AppliedWrite> answer)>;

// One write of a client, from the call to the answer.
//
//   kWaiting --Take--> kTaken --Answer--> kAnswered
//       |                 |
//       +---- Expire -----+-----> kAnswered
//
// Invariants:
//  1. The callback is called exactly once, by whoever gets to kAnswered.
//  2. In kWaiting the command is certainly in no log, and never was.
//
// Thread: Answer, Expire and answered: any. Everything else: the raft lane.
class PendingWrite {
 public:
  // `command` is what EncodeCommand made.
  PendingWrite(std::string command, MonotonicTime deadline, WriteCallback done)
      : command_(std::move(command)),
        deadline_(deadline),
        done_(std::move(done)) {}
  PendingWrite(const PendingWrite&) = delete;
  PendingWrite& operator=(const PendingWrite&) = delete;

  const std::string& command() const { return command_; }
  MonotonicTime deadline() const { return deadline_; }
  size_t size_bytes() const { return command_.size(); }
  // It takes up room in a queue, which whoever takes it out gives back, once.
  void set_in_queue() { queued_bytes_ = size_bytes(); }
  size_t TakeQueuedBytes() { return std::exchange(queued_bytes_, 0); }

  // Its place among the writes of this replica. 0 goes before all of them.
  uint64_t arrival() const { return arrival_; }
  void set_arrival(uint64_t arrival) { arrival_ = arrival; }
  // Goes into an entry of its own.
  bool alone() const { return alone_; }
  void set_alone(bool alone) { alone_ = alone; }

  // It is about to be handed to a log, here or elsewhere. False if it has been
  // answered meanwhile: then it must not be.
  bool Take();
  // It is not being handed to a log any more.
  void PutBack();

  // An attempt has begun that may bring it into a log, now or later.
  void BeginAttempt() { ++attempts_in_doubt_; }
  // Of one attempt it is certain now that it did not, and never will.
  void AttemptFailed() { --attempts_in_doubt_; }
  bool may_be_applied() const { return attempts_in_doubt_ > 0; }

  // Calls the callback, unless it has been answered already. An error that
  // nobody has marked is marked as not applied where that is certain.
  void Answer(absl::StatusOr<AppliedWrite> answer);
  // The deadline has passed, as far as `why` tells: answers DeadlineExceeded,
  // not applied, where that is certain, else OutcomeUnknown.
  void Expire(std::string_view why);
  bool answered() const {
    return stage_.load(std::memory_order_acquire) == Stage::kAnswered;
  }

  // The place of the command among those of this process's session; 0 until it
  // is given one.
  uint64_t sequence() const { return sequence_; }
  void set_sequence(uint64_t sequence) { sequence_ = sequence; }
  engine::SessionId session() const { return session_; }
  void set_session(engine::SessionId session) { session_ = session; }

 private:
  enum class Stage : uint8_t { kWaiting, kTaken, kAnswered };

  const std::string command_;
  const MonotonicTime deadline_;
  WriteCallback done_;
  std::atomic<Stage> stage_ = Stage::kWaiting;
  uint32_t attempts_in_doubt_ = 0;
  size_t queued_bytes_ = 0;
  uint64_t arrival_ = 0;
  bool alone_ = false;
  uint64_t sequence_ = 0;
  engine::SessionId session_;
};

// Shared by the node and by a caller who waits.
using PendingWritePtr = std::shared_ptr<PendingWrite>;

// One entry of the log to be, and the writes in it by their place.
struct PackedEntry {
  Payload payload;
  std::vector<PendingWritePtr> writes;
};

}  // namespace trimaran

#endif  // TRIMARAN_REPLICATION_NODE_PENDING_WRITE_H_
