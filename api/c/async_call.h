#ifndef TRIMARAN_API_C_ASYNC_CALL_H_
#define TRIMARAN_API_C_ASYNC_CALL_H_

#include <atomic>
#include <memory>

#include "absl/status/status.h"
#include "api/c/boundary.h"

// Calls that are answered by a callback of C: `done(context, answer, error)`,
// of which one of the last two is null. `done` may be null itself.
//
// Thread: any.

namespace trimaran::c {

// Tells `done` of an error, for which there may be no memory.
template <typename Done>
void Fail(Done done, void* context, const absl::Status& status) {
  if (done == nullptr) return;
  const trimaran_error* error = &NoMemory();
  trimaran_error described;
  try {
    described = Describe(status);
    error = &described;
  } catch (...) {
    // There is none.
  }
  done(context, nullptr, error);
}

// Whether somebody has been answered, who is to be answered once.
using Answered = std::shared_ptr<std::atomic<bool>>;

// Runs `submit`, which returns an absl::Status if there is nothing to wait for,
// and otherwise sees to it that `done` is called and `answered` set.
template <typename Done, typename Submit>
void SubmitAsync(Done done, void* context, Submit submit) {
  Answered answered;
  const auto is_first = [&answered] {
    return answered == nullptr || !answered->exchange(true);
  };
  absl::Status status;
  try {
    answered = std::make_shared<std::atomic<bool>>(false);
    status = submit(answered);
  } catch (...) {
    if (is_first() && done != nullptr) done(context, nullptr, &NoMemory());
    return;
  }
  if (!status.ok() && is_first()) Fail(done, context, status);
}

}  // namespace trimaran::c

#endif  // TRIMARAN_API_C_ASYNC_CALL_H_
