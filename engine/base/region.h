#ifndef TRIMARAN_ENGINE_BASE_REGION_H_
#define TRIMARAN_ENGINE_BASE_REGION_H_

#include <cstdint>
#include <ostream>

#include "engine/base/ids.h"

namespace trimaran {

// One data directory, for as long as it exists. Drawn at random when the
// directory is made, so that an emptied or copied one is told from the
// original.
using StoreId = StrongId<struct StoreIdTag>;

// Which shape of a group a request was made for. `conf_version` counts changes
// of membership, `version` changes of the key range. Both only grow.
//
// Thread: a value; any.
struct RegionEpoch {
  uint64_t conf_version = 0;
  uint64_t version = 0;

  friend constexpr bool operator==(const RegionEpoch&,
                                   const RegionEpoch&) = default;
  // Prints "conf_version.version".
  friend std::ostream& operator<<(std::ostream& out, const RegionEpoch& epoch) {
    return out << epoch.conf_version << '.' << epoch.version;
  }
};

}  // namespace trimaran

#endif  // TRIMARAN_ENGINE_BASE_REGION_H_
