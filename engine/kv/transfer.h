#ifndef TRIMARAN_ENGINE_KV_TRANSFER_H_
#define TRIMARAN_ENGINE_KV_TRANSFER_H_

#include <cstdint>
#include <string_view>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "engine/base/conf_state.h"
#include "engine/format/chain.h"

// A whole state as a stream of records in the order of their keys, out of one
// state machine and into another. Records are the state's own rows (FORMAT.md),
// without what belongs to one store alone, and as if the log had been truncated
// at the state's own position; so the same state gives the same stream on every
// replica.

namespace trimaran::engine {

struct StateRecord {
  std::string_view key;
  std::string_view value;
};

// Thread: one at a time. Must be destroyed before its state machine.
class StateExport {
 public:
  virtual ~StateExport() = default;

  // The log position of the state, and its configuration.
  virtual LogPosition position() const = 0;
  virtual ConfState conf() const = 0;

  // Moves to the next record, at first to the first one; false at the end. The
  // record is valid until the next call.
  virtual absl::StatusOr<bool> Next(StateRecord& record) = 0;
  // Goes on behind `key`, as if the records up to it had been read.
  virtual absl::Status SkipTo(std::string_view key) = 0;
};

// Thread: one at a time. Destroyed unfinished, it leaves nothing behind, at
// once or at the next open. What was finished stays until it is switched to or
// given up, or the next open.
class StateImport {
 public:
  virtual ~StateImport() = default;

  virtual uint64_t generation() const = 0;

  // ResourceExhausted, and nothing has happened, where there is no room on the
  // disk for records of `bytes` more, what the present state still has to
  // write, and `free_bytes_min` beside. To be asked before records are added:
  // a disk that becomes full under them may be the end of the state machine.
  virtual absl::Status CheckRoom(uint64_t bytes, uint64_t free_bytes_min) = 0;

  // Records in rising order of keys; InvalidArgument if one is not, or is no
  // record of a state.
  virtual absl::Status Add(const StateRecord& record) = 0;

  // Makes the imported state durable: applied and truncated at `position`.
  // Corruption if the records say that they are of another position, or are no
  // whole state. Only after this can the import become the present state.
  virtual absl::Status Finish(const LogPosition& position) = 0;

  // Drops what was imported, finished or not, unless it was switched to: from
  // now on it cannot be. Only the destructor may be called afterwards.
  virtual void GiveUp() = 0;
};

}  // namespace trimaran::engine

#endif  // TRIMARAN_ENGINE_KV_TRANSFER_H_
