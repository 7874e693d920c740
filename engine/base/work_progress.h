#ifndef TRIMARAN_ENGINE_BASE_WORK_PROGRESS_H_
#define TRIMARAN_ENGINE_BASE_WORK_PROGRESS_H_

#include <cstdint>
#include <functional>
#include <string_view>

#include "absl/status/status.h"
#include "absl/strings/str_cat.h"
#include "engine/base/absl_compat.h"

namespace trimaran {

// How far work has come that takes as long as there is data.
struct WorkProgress {
  // What is being done: "reading". Valid during the call only.
  std::string_view step;
  // Of that step. Records, entries, chunks; `total` is 0 where nobody knows.
  uint64_t done = 0;
  uint64_t total = 0;
  // Bytes of these; 0 where they are not counted.
  uint64_t bytes = 0;
  // How many there are about, where `total` is not known; 0 where nobody knows.
  uint64_t bytes_total = 0;
};

// Is told now and then, on the thread that works; false stops the work, which
// ends with Cancelled. May be null.
using WorkWatcher = std::function<bool(const WorkProgress&)>;

// Cancelled if the watcher wants no more.
//
// Thread: the one that works.
inline absl::Status Tell(const WorkWatcher& watcher,
                         const WorkProgress& progress) {
  if (watcher == nullptr || watcher(progress)) return absl::OkStatus();
  return absl::CancelledError(
      absl::StrCat("stopped while ", ToAbsl(progress.step)));
}

}  // namespace trimaran

#endif  // TRIMARAN_ENGINE_BASE_WORK_PROGRESS_H_
