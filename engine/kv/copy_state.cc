#include "engine/kv/copy_state.h"

#include "engine/base/status_macros.h"

namespace trimaran::engine {
namespace {

// Records between two looks at whether to go on: some milliseconds.
constexpr uint64_t kTellInterval = 4096;

}  // namespace

absl::Status CopyState(StateExport& from, StateImport& to,
                       const CopyWatch& watch) {
  WorkProgress progress{.step = watch.step, .total = watch.records};
  StateRecord record;
  while (true) {
    if (progress.done % kTellInterval == 0) {
      TRIMARAN_RETURN_IF_ERROR(Tell(watch.watcher, progress));
    }
    TRIMARAN_ASSIGN_OR_RETURN(const bool more, from.Next(record));
    if (!more) break;
    TRIMARAN_RETURN_IF_ERROR(to.Add(record));
    ++progress.done;
    progress.bytes += record.key.size() + record.value.size();
  }
  return to.Finish(from.position());
}

}  // namespace trimaran::engine
