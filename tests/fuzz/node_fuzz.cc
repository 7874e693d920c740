#include <cstddef>
#include <cstdint>
#include <string_view>

#include "tests/fuzz/node_machine.h"

// Random messages and other events on one live node. Aborts on a finding.
extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size);

extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size) {
  if (size > 2048) return -1;
  const std::string_view bytes(reinterpret_cast<const char*>(data), size);
  trimaran::NodeMachine(bytes).Run();
  return 0;
}
