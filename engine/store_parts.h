#ifndef TRIMARAN_ENGINE_STORE_PARTS_H_
#define TRIMARAN_ENGINE_STORE_PARTS_H_

#include "engine/engine_options.h"
#include "engine/home/store_identity.h"
#include "engine/kv/wt_state_machine.h"
#include "engine/log/segment_log.h"

// How the options of a data directory become those of its parts: one place for
// whoever makes one and whoever opens it.

namespace trimaran::engine {

SegmentLogOptions LogOptions(const EngineOptions& options,
                             const StoreIdentity& identity);
WtStateMachineOptions MachineOptions(const EngineOptions& options,
                                     const StoreIdentity& identity);

}  // namespace trimaran::engine

#endif  // TRIMARAN_ENGINE_STORE_PARTS_H_
