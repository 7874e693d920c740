#ifndef TRIMARAN_ENGINE_FORMAT_REGION_STATE_H_
#define TRIMARAN_ENGINE_FORMAT_REGION_STATE_H_

#include <map>
#include <string>

#include "engine/base/conf_state.h"
#include "engine/base/ids.h"
#include "engine/base/region.h"

namespace trimaran::engine {

struct MemberRecord {
  // 0: not bound to a store yet.
  StoreId store;
  std::string name;
  std::string address;

  friend bool operator==(const MemberRecord&, const MemberRecord&) = default;
};

// Who forms the group, as of the applied index.
struct RegionState {
  RegionEpoch epoch;
  ConfState conf;
  std::map<ReplicaId, MemberRecord> members;

  friend bool operator==(const RegionState&, const RegionState&) = default;
};

}  // namespace trimaran::engine

#endif  // TRIMARAN_ENGINE_FORMAT_REGION_STATE_H_
