#include <cstddef>
#include <cstdint>
#include <string_view>

#include "tests/fuzz/receive_machine.h"

// Snapshots as peers send them, truly or not. Aborts on a finding.
extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size);

extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size) {
  if (size > 1024) return -1;
  const std::string_view bytes(reinterpret_cast<const char*>(data), size);
  trimaran::ReceiveMachine(bytes).Run();
  return 0;
}
