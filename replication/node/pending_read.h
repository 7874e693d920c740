#ifndef TRIMARAN_REPLICATION_NODE_PENDING_READ_H_
#define TRIMARAN_REPLICATION_NODE_PENDING_READ_H_

#include <atomic>
#include <cstdint>
#include <memory>
#include <utility>

#include "absl/functional/any_invocable.h"
#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "absl/time/time.h"
#include "engine/base/clock.h"
#include "engine/base/ids.h"

namespace trimaran {

// How fresh the state has to be that a read is served from.
struct ReadDemand {
  enum class Kind : uint8_t {
    // Everything that was acknowledged, anywhere, before the read was asked
    // for; by a round of messages to a majority.
    kLinearizable,
    // The same by the leader's lease, where it has one.
    kLease,
    // The entry `index`, and all before it.
    kAtLeast,
    // Everything that was acknowledged longer than `staleness_max` ago.
    kBounded,
  };
  Kind kind = Kind::kLinearizable;
  LogIndex index;
  absl::Duration staleness_max;
};

// OK: the state has applied this index, and may be read.
using ReadCallback = absl::AnyInvocable<void(absl::StatusOr<LogIndex> answer)>;

// A read that waits until the state here is fresh enough. Answered exactly
// once, by whoever comes first.
//
// Thread: any.
class PendingRead {
 public:
  PendingRead(const ReadDemand& demand, MonotonicTime asked_at,
              MonotonicTime deadline, ReadCallback done)
      : demand_(demand),
        asked_at_(asked_at),
        deadline_(deadline),
        done_(std::move(done)) {}
  PendingRead(const PendingRead&) = delete;
  PendingRead& operator=(const PendingRead&) = delete;

  const ReadDemand& demand() const { return demand_; }
  MonotonicTime asked_at() const { return asked_at_; }
  MonotonicTime deadline() const { return deadline_; }

  void Answer(absl::StatusOr<LogIndex> answer) {
    if (answered_.exchange(true, std::memory_order_acq_rel)) return;
    std::exchange(done_, nullptr)(std::move(answer));
  }
  bool answered() const { return answered_.load(std::memory_order_acquire); }

 private:
  const ReadDemand demand_;
  const MonotonicTime asked_at_;
  const MonotonicTime deadline_;
  ReadCallback done_;
  std::atomic<bool> answered_ = false;
};

using PendingReadPtr = std::shared_ptr<PendingRead>;

}  // namespace trimaran

#endif  // TRIMARAN_REPLICATION_NODE_PENDING_READ_H_
