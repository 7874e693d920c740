#ifndef TRIMARAN_TESTS_CRASH_CHILD_PROCESS_H_
#define TRIMARAN_TESTS_CRASH_CHILD_PROCESS_H_

#include <functional>
#include <string>

#include "absl/status/statusor.h"

namespace trimaran::crash {

// Does `work` in a child of this process and returns what it returns, so that
// neither a crash nor a hang of it ends the test, nor what it leaks matters to
// anybody. Internal: the child died, by which signal. DeadlineExceeded: it was
// not done in time. No other thread runs in this process meanwhile.
absl::StatusOr<std::string> RunInChild(
    int seconds_max, const std::function<std::string()>& work);

}  // namespace trimaran::crash

#endif  // TRIMARAN_TESTS_CRASH_CHILD_PROCESS_H_
