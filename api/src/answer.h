#ifndef TRIMARAN_API_SRC_ANSWER_H_
#define TRIMARAN_API_SRC_ANSWER_H_

#include <algorithm>
#include <memory>
#include <optional>
#include <utility>

#include "absl/time/time.h"
#include "engine/base/clock.h"
#include "engine/base/mutex.h"

namespace trimaran {

// What one thread waits for and another one brings. A copy is the same answer,
// for whoever brings it when nobody may be waiting any more.
//
// Thread: any.
template <typename T>
class Answer {
 public:
  // Once.
  void Set(T value) {
    // Who waits may go, and this with him, as soon as he sees the value.
    const std::shared_ptr<State> state = state_;
    {
      const MutexLock lock(state->mutex);
      state->value.emplace(std::move(value));
    }
    // Without the lock, which who is woken wants at once.
    state->ready.NotifyAll();
  }

  // False if `clock` has reached `deadline` and there is none yet.
  bool WaitUntil(const Clock& clock, MonotonicTime deadline) {
    State& state = *state_;
    const MutexLock lock(state.mutex);
    while (!state.value.has_value()) {
      const absl::Duration left = deadline - clock.Now();
      if (left <= absl::ZeroDuration()) return false;
      // In pieces, since the clock may be another one than that of the standard
      // library.
      state.ready.WaitFor(state.mutex, std::min(left, kPiece));
    }
    return true;
  }

  // Takes it.
  T Wait() {
    State& state = *state_;
    const MutexLock lock(state.mutex);
    while (!state.value.has_value()) state.ready.Wait(state.mutex);
    return *std::move(state.value);
  }

 private:
  static constexpr absl::Duration kPiece = absl::Seconds(1);

  struct State {
    Mutex mutex;
    CondVar ready;
    std::optional<T> value ABSL_GUARDED_BY(mutex);
  };
  const std::shared_ptr<State> state_ = std::make_shared<State>();
};

}  // namespace trimaran

#endif  // TRIMARAN_API_SRC_ANSWER_H_
