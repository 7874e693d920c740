#include <cstddef>
#include <cstdint>
#include <string_view>

#include "tests/fuzz/wire_round_trip.h"

// Whatever comes in on a connection is refused, or means one thing only.
extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size);

extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size) {
  trimaran::wire::CheckWireInput(
      std::string_view(reinterpret_cast<const char*>(data), size));
  return 0;
}
