#ifndef TRIMARAN_API_SRC_WATCH_H_
#define TRIMARAN_API_SRC_WATCH_H_

#include <atomic>
#include <cstdint>
#include <memory>
#include <optional>

#include "absl/status/statusor.h"
#include "api/src/call_gate.h"
#include "api/src/replica.h"
#include "replication/node/change_cursor.h"
#include "trimaran/iterator.h"
#include "trimaran/watch.h"

namespace trimaran {

// A watcher of a replica, which it may outlive: each call is counted by the
// gate, which is shared, and touches nothing of the replica behind it.
//
// Thread: as Watcher.
class ReplicaWatcher final : public Watcher {
 public:
  // Within a call of `replica`. Errors: those of DB::Watch.
  static absl::StatusOr<std::unique_ptr<Watcher>> Start(
      Replica& replica, const KeyRange& range, const WatchOptions& options);

  absl::StatusOr<WatchBatch> Next(absl::Duration timeout) override;
  void Cancel() override;
  uint64_t next_index() const override {
    return next_index_.load(std::memory_order_relaxed);
  }

 private:
  ReplicaWatcher(Replica& replica, ChangeFilter filter, LogIndex from)
      : replica_(replica),
        gate_(replica.shared_gate()),
        cursor_(std::move(filter), from),
        next_index_(from.value()) {}

  absl::Status TakeNext(absl::Duration timeout);
  void NoteNextIndex();

  // Valid while a call is counted.
  Replica& replica_;
  const std::shared_ptr<CallGate> gate_;
  ChangeCursor cursor_;
  // What it has passed and nobody has been told of.
  std::optional<ChangeBatch> untold_;
  std::atomic<uint64_t> next_index_;
  std::atomic<bool> cancelled_ = false;
};

}  // namespace trimaran

#endif  // TRIMARAN_API_SRC_WATCH_H_
