#include <cstddef>
#include <cstdint>
#include <string_view>

#include "tests/fuzz/step_machine.h"

// Random operations on one core, with all invariants on. Aborts on a finding.
extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size);

extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size) {
  if (size > 4096) return -1;
  const std::string_view bytes(reinterpret_cast<const char*>(data), size);
  trimaran::raft::StepMachine(bytes).Run();
  return 0;
}
