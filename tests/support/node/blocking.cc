#include "tests/support/node/blocking.h"

#include "engine/base/clock.h"

namespace trimaran {

bool Eventually(absl::FunctionRef<bool()> condition, absl::Duration patience) {
  const MonotonicClock clock;
  const MonotonicTime deadline = clock.Now() + patience;
  Mutex mutex;
  CondVar nobody;
  while (!condition()) {
    if (clock.Now() >= deadline) return false;
    const MutexLock lock(mutex);
    nobody.WaitFor(mutex, absl::Milliseconds(2));
  }
  return true;
}

}  // namespace trimaran
