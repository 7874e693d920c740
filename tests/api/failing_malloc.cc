#include <cerrno>
#include <cstddef>

#include "tests/api/failing_new.h"
#include "tests/support/sanitized.h"

// What C programs allocate with, WiredTiger among them, fails by chance as well
// (FailAnywhere): this program's own malloc, calloc and realloc, which all of
// it calls instead of the system's. Sanitizers have their own.

#if !defined(__SANITIZE_ADDRESS__) && !defined(__SANITIZE_THREAD__)

// The system's, by the names that it keeps for this.
extern "C" {
// NOLINTBEGIN(bugprone-reserved-identifier): the system's
void* __libc_malloc(size_t size);
void* __libc_calloc(size_t count, size_t size);
void* __libc_realloc(void* memory, size_t size);
// NOLINTEND(bugprone-reserved-identifier)
}

#define TRIMARAN_FOR_ALL extern "C" __attribute__((visibility("default")))

namespace {

bool Fails() {
  if (!trimaran::FailsByChance()) return false;
  errno = ENOMEM;
  return true;
}

}  // namespace

TRIMARAN_FOR_ALL void* malloc(size_t size) {
  return Fails() ? nullptr : __libc_malloc(size);
}

TRIMARAN_FOR_ALL void* calloc(size_t count, size_t size) {
  return Fails() ? nullptr : __libc_calloc(count, size);
}

TRIMARAN_FOR_ALL void* realloc(void* memory, size_t size) {
  return Fails() ? nullptr : __libc_realloc(memory, size);
}

#endif
