#ifndef TRIMARAN_TESTS_API_FAILING_NEW_H_
#define TRIMARAN_TESTS_API_FAILING_NEW_H_

#include <cstdint>

namespace trimaran {

// For how long there is no memory.
enum class Lack : uint8_t { kOnce, kFromThenOn };

// Until the end of its scope, operator new throws std::bad_alloc on this
// thread: at its `nth` call, counted from 1, and at those behind it if the lack
// goes on. A program that links failing_new.cc has its operator new replaced.
//
// Thread: owner; one at a time.
class FailingNew {
 public:
  FailingNew(uint64_t nth, Lack lack);
  ~FailingNew();
  FailingNew(const FailingNew&) = delete;
  FailingNew& operator=(const FailingNew&) = delete;

  // Whether it has come to that.
  bool failed() const;
};

// From now on one call of `one_in` fails, by chance, on whichever thread; none
// at all if that is 0. Thread: any.
void FailAnywhere(uint64_t one_in, uint64_t seed);
// Whether one that is made now does. Thread: any.
bool FailsByChance();

}  // namespace trimaran

#endif  // TRIMARAN_TESTS_API_FAILING_NEW_H_
