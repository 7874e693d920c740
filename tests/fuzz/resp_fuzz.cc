#include <cstddef>
#include <cstdint>
#include <string_view>

#include "tests/fuzz/resp_round_trip.h"

// Whatever a client sends is refused, or means one thing only.
extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size);

extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size) {
  trimaran::serve::CheckRespInput(
      std::string_view(reinterpret_cast<const char*>(data), size));
  return 0;
}
