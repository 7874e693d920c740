#ifndef TRIMARAN_API_SRC_ENTROPY_H_
#define TRIMARAN_API_SRC_ENTROPY_H_

#include <cstdint>

#include "absl/status/statusor.h"

namespace trimaran {

// A number that the system has drawn at random and that is not 0: for names
// that must differ between machines, and as a seed. Errors: Unavailable.
//
// Thread: any.
absl::StatusOr<uint64_t> DrawEntropy();

}  // namespace trimaran

#endif  // TRIMARAN_API_SRC_ENTROPY_H_
