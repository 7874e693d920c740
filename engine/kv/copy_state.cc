#include "engine/kv/copy_state.h"

#include "engine/base/status_macros.h"

namespace trimaran::engine {
namespace {

// Records between two looks at whether to go on: some milliseconds.
constexpr uint64_t kTellInterval = 4096;

absl::Status TellNowAndThen(const WorkWatcher& watcher,
                            const WorkProgress& progress) {
  if (progress.done % kTellInterval != 0) return absl::OkStatus();
  return Tell(watcher, progress);
}

// False if there was none.
absl::StatusOr<bool> CopyRecord(StateExport& from, StateImport& to,
                                WorkProgress& progress) {
  StateRecord record;
  TRIMARAN_ASSIGN_OR_RETURN(const bool more, from.Next(record));
  if (!more) return false;
  TRIMARAN_RETURN_IF_ERROR(to.Add(record));
  ++progress.done;
  progress.bytes += record.key.size() + record.value.size();
  return true;
}

}  // namespace

absl::Status CopyState(StateExport& from, StateImport& to,
                       const CopyWatch& watch) {
  WorkProgress progress{.step = watch.step, .total = watch.records};
  bool more = true;
  while (more) {
    TRIMARAN_RETURN_IF_ERROR(TellNowAndThen(watch.watcher, progress));
    TRIMARAN_ASSIGN_OR_RETURN(more, CopyRecord(from, to, progress));
  }
  return to.Finish(from.position());
}

}  // namespace trimaran::engine
