#ifndef TRIMARAN_ENGINE_WT_CHECKPOINT_LANE_H_
#define TRIMARAN_ENGINE_WT_CHECKPOINT_LANE_H_

#include <atomic>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "absl/types/span.h"
#include "engine/wt/session.h"

namespace trimaran::wt {

// The only way to a checkpoint, of which a connection has one. A checkpoint is
// always of the whole connection: after a crash all tables are as the last one
// saw them. It sees every transaction that was committed before the call, and
// runs beside later ones.
//
// Any failure but IsBusy poisons the connection: what was written cannot be
// known, and a second try that succeeds proves nothing. Where the process has
// no file descriptors left it is not even begun: ResourceExhausted, and it can
// be tried again.
//
// Thread: one at a time (checked).
class CheckpointLane {
 public:
  explicit CheckpointLane(std::unique_ptr<Session> session);

  // When it returns OK, what was committed before the call is durable.
  absl::Status Take();
  // The same, and keeps the moment under a name (IsValidCheckpointName) until
  // it is dropped, across restarts. Pins the blocks of what changes meanwhile.
  // A name that exists is taken anew; Unavailable (IsBusy) while it is read.
  absl::Status TakeNamed(std::string_view name);
  // Takes a checkpoint and drops the named ones; unknown names do not matter.
  // Unavailable (IsBusy), and none is dropped, while one of them is read.
  absl::Status DropNamed(absl::Span<const std::string> names);
  // The names that some table has, sorted.
  absl::StatusOr<std::vector<std::string>> ListNamed();

 private:
  absl::Status Run(const std::string& config);

  std::unique_ptr<Session> session_;
  std::atomic<bool> in_use_ = false;
};

}  // namespace trimaran::wt

#endif  // TRIMARAN_ENGINE_WT_CHECKPOINT_LANE_H_
