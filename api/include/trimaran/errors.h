#ifndef TRIMARAN_ERRORS_H_
#define TRIMARAN_ERRORS_H_

#include <cstdint>

#include "absl/status/status.h"
#include "trimaran/export.h"

// What an application may want to know about an error. Errors are of type
// absl::Status; the functions below read what is attached to one, and never its
// text, which is for people and may change.
//
// The codes, and when a call returns them:
//
//   kInvalidArgument     an option, a key, a batch or a range breaks a limit;
//                        the message names the limit and the number
//   kNotFound            no such column family or member, no store in the
//                        directory
//   kAlreadyExists       a column family, a member, a file of that name
//   kFailedPrecondition  the database is closed, or opened with options that do
//                        not fit it; a call that waits was made by a callback
//   kResourceExhausted   a queue, a disk or a table is full
//   kDeadlineExceeded    not done within the time that was given
//   kUnavailable         no leader (IsNotLeader), another one than before, or
//                        shutting down; try again. Open: it is open elsewhere
//   kOutOfRange          forgotten by compaction (IsCompacted)
//   kCancelled           a watcher, by Watcher::Cancel
//   kAborted             a view of the data has become too old, or the log was
//                        compacted during a verification; try again
//   kUnknown             the outcome of a write is not known (OutcomeOf)
//   kDataLoss            stored bytes are not what was written (IsCorruption)
//   kPermissionDenied    others can reach into the directory, or it cannot be
//                        reached
//   kInternal            the system has failed in a way that has no code of its
//                        own, as a disk that cannot be read (EIO)
//
// No call returns kUnimplemented.
//
// Thread: all functions may be called from any thread.

namespace trimaran {

// What became of a write.
enum class WriteOutcome : uint8_t {
  // It is in the database, once.
  kApplied = 0,
  // It is not, and never will be: trying again is safe.
  kNotApplied = 1,
  // It may be, now or later: read before trying again, or make the write one
  // that may be done twice.
  kUnknown = 2,
};

// What became of the write that returned `status`. OK is kApplied; an error
// that does not say is kUnknown.
TRIMARAN_EXPORT WriteOutcome OutcomeOf(const absl::Status& status);

// The replica does not lead its group, and was asked for something that only a
// leader does, or not to pass writes on. Not applied. See LeaderIdOf.
TRIMARAN_EXPORT bool IsNotLeader(const absl::Status& status);
// The leader that the replica last heard of; 0 if it knows none, and for every
// error that is not IsNotLeader.
TRIMARAN_EXPORT uint64_t LeaderIdOf(const absl::Status& status);

// The write may or may not be applied: its deadline passed, or the leader was
// lost, after it had entered a log.
TRIMARAN_EXPORT bool IsOutcomeUnknown(const absl::Status& status);

// What was asked for has been forgotten: the log was compacted there, or its
// changes are not kept for watchers any more. The message names the first index
// that is kept.
TRIMARAN_EXPORT bool IsCompacted(const absl::Status& status);

// Stored bytes are not what was written. The database does not repair what
// would have to be guessed: restore a backup or rebuild the replica.
TRIMARAN_EXPORT bool IsCorruption(const absl::Status& status);

// The directory was written by a newer version than this one, which therefore
// does not touch it.
TRIMARAN_EXPORT bool IsNewerFormat(const absl::Status& status);

}  // namespace trimaran

#endif  // TRIMARAN_ERRORS_H_
