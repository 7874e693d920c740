#ifndef TRIMARAN_ENGINE_BASE_CLUSTER_ID_H_
#define TRIMARAN_ENGINE_BASE_CLUSTER_ID_H_

#include <cstdint>
#include <ostream>
#include <string>

#include "absl/strings/str_cat.h"

namespace trimaran {

// Which database this is. Drawn at random when a cluster is founded, or
// restored from a backup, so that two of them never talk to each other or take
// each other's files. Zero means "none".
//
// Thread: a value; any.
struct ClusterId {
  uint64_t high = 0;
  uint64_t low = 0;

  friend constexpr bool operator==(const ClusterId&,
                                   const ClusterId&) = default;
  // Prints 32 hexadecimal digits.
  friend std::ostream& operator<<(std::ostream& out, const ClusterId& id) {
    return out << id.ToString();
  }
  std::string ToString() const {
    return absl::StrCat(absl::Hex(high, absl::kZeroPad16),
                        absl::Hex(low, absl::kZeroPad16));
  }
};

}  // namespace trimaran

#endif  // TRIMARAN_ENGINE_BASE_CLUSTER_ID_H_
