#ifndef TRIMARAN_ENGINE_KV_COPY_STATE_H_
#define TRIMARAN_ENGINE_KV_COPY_STATE_H_

#include <cstdint>
#include <string_view>

#include "absl/status/status.h"
#include "engine/base/work_progress.h"
#include "engine/kv/transfer.h"

namespace trimaran::engine {

struct CopyWatch {
  // WorkProgress::step.
  std::string_view step;
  // WorkProgress::total; 0 if nobody knows.
  uint64_t records = 0;
  WorkWatcher watcher;
};

// Takes all of a state, from where the export stands, over into an empty
// import, and makes it durable there (StateImport::Finish). The errors of both;
// Cancelled by the watcher.
//
// Thread: the owner of both.
absl::Status CopyState(StateExport& from, StateImport& to,
                       const CopyWatch& watch);

}  // namespace trimaran::engine

#endif  // TRIMARAN_ENGINE_KV_COPY_STATE_H_
