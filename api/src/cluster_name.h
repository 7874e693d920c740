#ifndef TRIMARAN_API_SRC_CLUSTER_NAME_H_
#define TRIMARAN_API_SRC_CLUSTER_NAME_H_

#include <string_view>

#include "engine/base/cluster_id.h"

namespace trimaran {

// The id that Options::cluster stands for: 32 hexadecimal digits are the id
// itself; any other text gives one that depends on all of its bytes, the same
// on every machine and in every version: it is on disk. Never 0. Not made to
// withstand somebody who looks for two names of one id.
//
// Thread: any.
ClusterId ClusterIdOf(std::string_view name);

}  // namespace trimaran

#endif  // TRIMARAN_API_SRC_CLUSTER_NAME_H_
