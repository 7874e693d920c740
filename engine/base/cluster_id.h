#ifndef TRIMARAN_ENGINE_BASE_CLUSTER_ID_H_
#define TRIMARAN_ENGINE_BASE_CLUSTER_ID_H_

#include <cstdint>
#include <ostream>
#include <string>

#include "absl/strings/str_cat.h"

namespace trimaran {

// All stores that replicate the same groups, for as long as they exist. Drawn
// at random when a cluster is founded, so that data of one cluster is never
// taken for that of another. Zero means "none".
//
// Thread: a value; any.
struct ClusterId {
  uint64_t high = 0;
  uint64_t low = 0;

  constexpr bool empty() const { return high == 0 && low == 0; }

  friend constexpr bool operator==(const ClusterId&,
                                   const ClusterId&) = default;
  friend std::ostream& operator<<(std::ostream& out, const ClusterId& id) {
    return out << ToString(id);
  }

  // 32 hexadecimal digits.
  friend std::string ToString(const ClusterId& id) {
    return absl::StrCat(absl::Hex(id.high, absl::kZeroPad16),
                        absl::Hex(id.low, absl::kZeroPad16));
  }
};

}  // namespace trimaran

#endif  // TRIMARAN_ENGINE_BASE_CLUSTER_ID_H_
