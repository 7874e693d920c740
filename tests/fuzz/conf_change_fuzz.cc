#include <cstddef>
#include <cstdint>
#include <string_view>

#include "tests/fuzz/conf_change_round_trip.h"

// Whatever can be decoded is encoded back to the same bytes.
extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size);

extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size) {
  trimaran::raft::CheckConfChangeRoundTrip(
      std::string_view(reinterpret_cast<const char*>(data), size));
  return 0;
}
