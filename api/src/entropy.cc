#include "api/src/entropy.h"

#include <errno.h>
#include <unistd.h>

#include "absl/status/status.h"

namespace trimaran {

absl::StatusOr<uint64_t> DrawEntropy() {
  uint64_t number = 0;
  while (number == 0) {
    if (getentropy(&number, sizeof number) != 0) {
      return absl::ErrnoToStatus(errno, "draw a random number");
    }
  }
  return number;
}

}  // namespace trimaran
