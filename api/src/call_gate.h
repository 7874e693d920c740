#ifndef TRIMARAN_API_SRC_CALL_GATE_H_
#define TRIMARAN_API_SRC_CALL_GATE_H_

#include <atomic>
#include <cstdint>

#include "engine/base/mutex.h"

namespace trimaran {

// Counts the calls that are under way, so that what they use can be taken apart
// when the last one has left, and none gets in any more.
//
// Thread: any.
class CallGate {
 public:
  // False once it is closed; true must be followed by Leave.
  bool Enter() {
    if ((state_.fetch_add(1, std::memory_order_acq_rel) & kClosed) == 0) {
      return true;
    }
    Leave();
    return false;
  }
  void Leave() {
    if (state_.fetch_sub(1, std::memory_order_acq_rel) != (kClosed | 1)) return;
    const MutexLock lock(mutex_);
    empty_ = true;
    emptied_.NotifyAll();
  }

  // Once.
  void Close() {
    if (state_.fetch_or(kClosed, std::memory_order_acq_rel) != 0) return;
    const MutexLock lock(mutex_);
    empty_ = true;
  }
  // Only when it is closed. Whoever was inside has left, and touches this
  // object no more.
  void WaitUntilEmpty() {
    const MutexLock lock(mutex_);
    while (!empty_) emptied_.Wait(mutex_);
  }

 private:
  static constexpr uint64_t kClosed = uint64_t{1} << 63;

  // The number of those inside, and whether it is closed.
  std::atomic<uint64_t> state_ = 0;
  Mutex mutex_;
  CondVar emptied_;
  bool empty_ ABSL_GUARDED_BY(mutex_) = false;
};

// One call, from here to the end of the scope.
class [[nodiscard]] CallInProgress {
 public:
  explicit CallInProgress(CallGate& gate)
      : gate_(gate), admitted_(gate.Enter()) {}
  ~CallInProgress() {
    if (admitted_) gate_.Leave();
  }
  CallInProgress(const CallInProgress&) = delete;
  CallInProgress& operator=(const CallInProgress&) = delete;

  bool admitted() const { return admitted_; }

 private:
  CallGate& gate_;
  const bool admitted_;
};

}  // namespace trimaran

#endif  // TRIMARAN_API_SRC_CALL_GATE_H_
