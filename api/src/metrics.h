#ifndef TRIMARAN_API_SRC_METRICS_H_
#define TRIMARAN_API_SRC_METRICS_H_

#include <array>
#include <atomic>
#include <cstdint>
#include <string>
#include <utility>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "absl/time/time.h"
#include "engine/base/histogram.h"
#include "engine/kv/state_machine.h"
#include "replication/node/node.h"
#include "trimaran/status.h"

namespace trimaran {

// Counts as one from here on until it ends, or is destroyed.
//
// Thread: owner.
class UnderWay {
 public:
  // `counter` outlives this.
  explicit UnderWay(std::atomic<uint64_t>& counter)
      : counter_(&counter),
        others_(counter.fetch_add(1, std::memory_order_relaxed)) {}
  UnderWay(UnderWay&& other) noexcept
      : counter_(std::exchange(other.counter_, nullptr)),
        others_(other.others_) {}
  UnderWay& operator=(UnderWay&&) = delete;
  ~UnderWay() { End(); }

  // How many others there were when it began.
  uint64_t others() const { return others_; }
  void End() {
    if (counter_ == nullptr) return;
    std::exchange(counter_, nullptr)->fetch_sub(1, std::memory_order_relaxed);
  }

 private:
  std::atomic<uint64_t>* counter_;
  const uint64_t others_;
};

// What the callers of a replica have waited for.
//
// Thread: any.
struct CallTimes {
  // A write has been answered.
  void NoteWrite(absl::Duration took, const absl::Status& answer);

  std::atomic<uint64_t> writes_under_way = 0;
  // Those for which no thread waits.
  std::atomic<uint64_t> reads_under_way = 0;
  Histogram write;
  Histogram read_wait;
  // By WriteOutcome.
  std::array<std::atomic<uint64_t>, 3> writes = {};
};

// How long things have taken, and how they ended, since the database was
// opened.
struct Timings {
  Timings() = default;
  Timings(const CallTimes& calls, const Node& node);

  Histogram::Reading write;
  Histogram::Reading read_wait;
  Histogram::Reading log_write;
  Histogram::Reading apply;
  // By WriteOutcome.
  std::array<uint64_t, 3> writes = {};
};

// In Prometheus' text format, version 0.0.4. Where the storage has failed and
// does not tell, what would be of it is left out.
//
// Thread: any.
std::string MetricsOf(const ReplicaStatus& status, const Timings& timings,
                      const absl::StatusOr<engine::StorageStatistics>& storage);

}  // namespace trimaran

#endif  // TRIMARAN_API_SRC_METRICS_H_
