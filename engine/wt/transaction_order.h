#ifndef TRIMARAN_ENGINE_WT_TRANSACTION_ORDER_H_
#define TRIMARAN_ENGINE_WT_TRANSACTION_ORDER_H_

#include "engine/wt/connection.h"

#if defined(__SANITIZE_THREAD__)
extern "C" void __tsan_acquire(void* address);
extern "C" void __tsan_release(void* address);
#endif

namespace trimaran::wt {

// A transaction, and whoever reads outside of one, sees those that ended before
// it began, and reads memory that they have written. WiredTiger sees to that
// with atomics, of which the thread sanitizer knows nothing in a library that
// is not instrumented.
//
// It takes this for an order of all that the writing thread has done, not of
// rows alone: a race of ours between what was done before a commit and what a
// reader does after it has begun is not reported. So nothing relies on it: what
// threads share beside rows is atomic, of one lane, or guarded by a lock that
// clang checks. Readers never commit, and give no order to anybody.
inline void SeeEarlierTransactions([[maybe_unused]] Connection& connection) {
#if defined(__SANITIZE_THREAD__)
  __tsan_acquire(&connection);
#endif
}
inline void BeSeenByLaterTransactions([[maybe_unused]] Connection& connection) {
#if defined(__SANITIZE_THREAD__)
  __tsan_release(&connection);
#endif
}

}  // namespace trimaran::wt

#endif  // TRIMARAN_ENGINE_WT_TRANSACTION_ORDER_H_
