#ifndef TRIMARAN_ENGINE_FORMAT_APPLIED_STATE_H_
#define TRIMARAN_ENGINE_FORMAT_APPLIED_STATE_H_

#include "engine/base/log_types.h"
#include "engine/format/chain.h"

namespace trimaran::engine {

struct AppliedState {
  // The last entry that was applied, and the chain up to it.
  LogPosition applied;
  // The last entry that the log no longer admits to.
  EntryId truncated;

  friend bool operator==(const AppliedState&, const AppliedState&) = default;
};

}  // namespace trimaran::engine

#endif  // TRIMARAN_ENGINE_FORMAT_APPLIED_STATE_H_
