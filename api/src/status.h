#ifndef TRIMARAN_API_SRC_STATUS_H_
#define TRIMARAN_API_SRC_STATUS_H_

#include "engine/base/clock.h"
#include "engine/store.h"
#include "replication/node/node_status.h"
#include "trimaran/status.h"

namespace trimaran {

// What a store and its node say about themselves, in a user's words. The node's
// part is as old as it was at `now`.
//
// Thread: any.
ReplicaStatus StatusOf(engine::Store& store, const NodeStatus& node,
                       MonotonicTime now);

}  // namespace trimaran

#endif  // TRIMARAN_API_SRC_STATUS_H_
