#include "tests/support/node/blocking.h"

#include "engine/base/clock.h"

namespace trimaran {

void Rest(absl::Duration duration) {
  const MonotonicClock clock;
  const MonotonicTime end = clock.Now() + duration;
  Mutex mutex;
  CondVar nobody;
  const MutexLock lock(mutex);
  for (MonotonicTime now = clock.Now(); now < end; now = clock.Now()) {
    nobody.WaitFor(mutex, end - now);
  }
}

bool Eventually(absl::FunctionRef<bool()> condition, absl::Duration patience) {
  const MonotonicClock clock;
  const MonotonicTime deadline = clock.Now() + patience;
  while (!condition()) {
    if (clock.Now() >= deadline) return false;
    Rest(absl::Milliseconds(2));
  }
  return true;
}

}  // namespace trimaran
