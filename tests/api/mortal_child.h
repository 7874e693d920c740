#ifndef TRIMARAN_TESTS_API_MORTAL_CHILD_H_
#define TRIMARAN_TESTS_API_MORTAL_CHILD_H_

#include <sys/mman.h>

#include <cstdint>
#include <new>

#include "absl/functional/function_ref.h"
#include "absl/status/statusor.h"
#include "engine/base/check.h"

namespace trimaran {

enum class ChildEnd : uint8_t {
  // Its work is done.
  kDone,
  // By a std::bad_alloc that nobody has caught.
  kNoMemory,
  // By a signal within WiredTiger, which does not survive each lack of memory.
  kInWiredTiger,
  // By EndChild, and no test has failed in it.
  kGaveUp,
};

// Does `work` in a child of this process, and says how that has ended.
// DeadlineExceeded: it had not after so many seconds. Internal: it was ended by
// something else, or a test has failed in it, or it has left memory behind.
// No other thread runs in this process meanwhile.
absl::StatusOr<ChildEnd> RunMortal(int seconds_max,
                                   absl::FunctionRef<void()> work);

// In a child, on any thread: it cannot go on, and need not.
[[noreturn]] void EndChild();

// What a child tells, however it ends: its T is the one of its parent. T is
// plain memory and atomic numbers.
//
// Thread: as T.
template <typename T>
class Shared {
 public:
  Shared() {
    void* const memory = mmap(nullptr, sizeof(T), PROT_READ | PROT_WRITE,
                              MAP_SHARED | MAP_ANONYMOUS, -1, 0);
    TRIMARAN_CHECK(memory != MAP_FAILED);
    value_ = new (memory) T();
  }
  ~Shared() { munmap(value_, sizeof(T)); }
  Shared(const Shared&) = delete;
  Shared& operator=(const Shared&) = delete;

  T* operator->() const { return value_; }
  T& operator*() const { return *value_; }

 private:
  T* value_;
};

}  // namespace trimaran

#endif  // TRIMARAN_TESTS_API_MORTAL_CHILD_H_
