#ifndef TRIMARAN_ENGINE_MAINTENANCE_OPEN_VERIFICATION_H_
#define TRIMARAN_ENGINE_MAINTENANCE_OPEN_VERIFICATION_H_

#include <memory>

#include "absl/status/statusor.h"
#include "engine/base/ids.h"
#include "engine/base/work_progress.h"
#include "engine/kv/state_machine.h"
#include "engine/log/log_store.h"
#include "engine/maintenance/verifier.h"

namespace trimaran::engine {

struct StateFacts;

struct OpenStore {
  GroupId group;
  // Both outlive the verification.
  const LogStore* log = nullptr;
  StateMachine* machine = nullptr;
};

// The checks "log", "state", "agreement" of a store that is open and at work,
// in steps, between which others have the lane. kQuick costs no more than the
// log's entries that are still held. Entries that are replaced or compacted
// while they are read look like damage, and so does a log whose state is not
// there yet: then everything is looked at again. What becomes of the log while
// rows are read does no harm.
//
// Thread: the maintenance lane.
class OpenVerification {
 public:
  OpenVerification(const OpenStore& store, VerifyDepth depth);
  ~OpenVerification();
  OpenVerification(const OpenVerification&) = delete;
  OpenVerification& operator=(const OpenVerification&) = delete;

  // The log's entries, or some thousand rows. True if there is more to do.
  // Aborted if the log changes again and again, or while a snapshot is being
  // installed: to be tried later. Cancelled by the watcher, who is told as in
  // VerifyOptions.
  absl::StatusOr<bool> Step(const WorkWatcher& watcher);
  // After the last step, once.
  Verification Take();

 private:
  // One look at everything.
  struct Look;

  absl::StatusOr<bool> Begin(const WorkWatcher& watcher);
  absl::Status LookAtLog(const WorkWatcher& watcher);
  absl::Status TakeState();
  absl::StatusOr<bool> ReadRows(const WorkWatcher& watcher);
  void CompareWithLog(const StateFacts& facts);

  const OpenStore store_;
  const VerifyDepth depth_;
  int looks_ = 0;
  std::unique_ptr<Look> look_;
};

}  // namespace trimaran::engine

#endif  // TRIMARAN_ENGINE_MAINTENANCE_OPEN_VERIFICATION_H_
